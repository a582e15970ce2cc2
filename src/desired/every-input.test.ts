// Every kind of input of a rendering: moving it renders anew, moving none does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256Hex } from '../base/digest.ts'
import { Secret } from '../base/secret.ts'
import type { ApplicationSource } from '../crds/application.ts'
import type { RemoteFiles, SourceType } from '../render/contract.ts'
import type { MemoryFile } from '../../test/support/memory-tree.ts'
import { memoryTree } from '../../test/support/memory-tree.ts'
import type { OverSource } from '../render/plugin/plugins.ts'
import type { RenderOptions } from '../render/renderer.ts'
import type { KeyRing } from '../render/secrets/sops/data-key.ts'
import type { ChartQuery, FetchedChart, SourceProvider } from '../source/provider.ts'
import { gzipSync } from 'node:zlib'
import type { DesiredRequest } from './contract.ts'
import { createDesired } from './generate.ts'

/** All that may move, changed in place by the cases. */
interface World {
  files: Record<string, MemoryFile>
  other: Record<string, MemoryFile>
  commit: string
  otherCommit: string
  /** Version of the chart that its range allows now. */
  chartVersion: string
  /** What stands at a URL. */
  remote: string
  disabled: SourceType[]
  options: Omit<RenderOptions, 'helmVersion'>
  /** Keys of encrypted files. */
  ring: KeyRing
  pluginNames: string[]
  request: DesiredRequest
}

const REPO = 'https://git.example.com/app'
const OTHER = 'https://git.example.com/base.git'

const configMap = (name: string, data = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${data}`

const LIBRARY = "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }"

const FILES: Readonly<Record<string, MemoryFile>> = {
  'plain/a.yaml': configMap('a'),
  'program/a.jsonnet': "local l = import 'lib.libsonnet'; l { data: { n: std.extVar('n') } }",
  'program/lib.libsonnet': LIBRARY,
  'overlay/kustomization.yaml': `resources: [../base, "${OTHER}//web?ref=main"]\nconfigMapGenerator: [{name: g, files: [f.txt]}]\n`,
  'overlay/f.txt': 'content',
  'base/kustomization.yaml': 'resources: [a.yaml]\n',
  'base/a.yaml': configMap('a'),
  'inflated/kustomization.yaml': 'helmCharts: [{name: web, repo: "https://charts.example", version: 1.x}]\n',
  'chart/Chart.yaml':
    'apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: web, version: 1.x, repository: "https://charts.example"}]\n',
  'chart/values.yaml': 'v: 1\n',
  'chart/templates/a.yaml': configMap('a', 'data: {v: {{ .Values.v | quote }}}\n'),
}

function newWorld(source: Partial<ApplicationSource>, extra: readonly ApplicationSource[] = []): World {
  return {
    files: { ...FILES },
    other: { 'web/kustomization.yaml': 'resources: [b.yaml]\n', 'web/b.yaml': configMap('b'), 'values.yaml': 'v: 2\n' },
    commit: 'c1',
    otherCommit: 'o1',
    chartVersion: '1.0.0',
    remote: 'v: 3\n',
    disabled: [],
    ring: { identities: [], pgpKeys: [new Secret('one key')] },
    pluginNames: ['cue'],
    options: { kustomizeBuildOptions: '--enable-helm' },
    request: {
      application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
      sources: [{ repoURL: REPO, targetRevision: 'main', ...source }, ...extra],
      freshness: 'latest',
      cluster: { kubeVersion: '1.36.3', apiVersions: ['v1'] },
    },
  }
}

function sourcesOf(world: World): SourceProvider {
  return {
    open: ({ repoURL }) => {
      const isOther = repoURL === OTHER
      const revision = isOther ? world.otherCommit : world.commit
      return Promise.resolve({ revision, tree: memoryTree(isOther ? world.other : world.files, revision) })
    },
    fetchChart: (query) => Promise.resolve(chartArchive(query, world.chartVersion)),
    revisionMetadata: () => Promise.reject(new Error('not asked for')),
    onRefsMoved: () => () => {},
    close: () => Promise.resolve(),
  }
}

function chartArchive({ chart }: ChartQuery, version: string): FetchedChart {
  const tar = Buffer.concat([
    tarEntry(`${chart}/Chart.yaml`, `apiVersion: v2\nname: ${chart}\nversion: ${version}\n`),
    tarEntry(`${chart}/values.yaml`, '{}\n'),
    tarEntry(`${chart}/templates/w.yaml`, configMap(`w-${version.replaceAll('.', '-')}`)),
    Buffer.alloc(1024),
  ])
  const bytes = gzipSync(tar)
  return { version, digest: sha256Hex(bytes), bytes }
}

function tarEntry(name: string, text: string): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write('0000644\0', 100)
  header.write(`${Buffer.byteLength(text).toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write('0', 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512)
  body.write(text)
  return Buffer.concat([header, body])
}

interface Case {
  readonly name: string
  readonly source: Partial<ApplicationSource>
  readonly extra?: readonly ApplicationSource[]
  readonly move: (world: World) => void
}

const application = (world: World, change: Partial<DesiredRequest['application']>): void => {
  world.request = { ...world.request, application: { ...world.request.application, ...change } }
}
const cluster = (world: World, change: Partial<DesiredRequest['cluster']>): void => {
  world.request = { ...world.request, cluster: { ...world.request.cluster, ...change } }
}
const place = (world: World, change: Partial<ApplicationSource>): void => {
  world.request = { ...world.request, sources: [{ repoURL: REPO, path: 'plain', ...change }] }
}
const write = (path: string, text: string) => (world: World) => {
  world.files[path] = text
}
const directory: Partial<ApplicationSource> = { path: 'plain' }
const overlay: Partial<ApplicationSource> = { path: 'overlay' }
const chart: Partial<ApplicationSource> = { path: 'chart' }
const program: Partial<ApplicationSource> = {
  path: 'program',
  directory: { jsonnet: { extVars: [{ name: 'n', value: '1' }] } },
}
const values: Partial<ApplicationSource> = {
  path: 'chart',
  helm: { valueFiles: ['https://values.example/v.yaml', '$values/values.yaml'] },
}
const lender: ApplicationSource = { repoURL: OTHER, ref: 'values' }

/** A plug-in that wants nothing and is asked nothing. */
const NO_PLUGIN: OverSource = {
  wasAsked: false,
  discovers: () => Promise.resolve(false),
  generate: () => Promise.resolve([]),
  announce: () => Promise.resolve([]),
}

const MOVED: readonly Case[] = [
  { name: 'a file of a directory', source: directory, move: write('plain/a.yaml', configMap('b')) },
  { name: 'a file that was not there', source: directory, move: write('plain/b.yaml', configMap('b')) },
  { name: 'a folder that appears beside the files', source: directory, move: write('plain/deep/b.yaml', 'x') },
  { name: 'a file that tells another type', source: directory, move: write('plain/kustomization.yaml', 'x') },
  {
    name: 'an override file',
    source: directory,
    move: write('plain/.argocd-source.yaml', 'directory: {recurse: true}'),
  },
  {
    name: "an application's own override file",
    source: overlay,
    move: write('overlay/.argocd-source-web.yaml', 'x: 1'),
  },
  { name: 'a program', source: program, move: write('program/a.jsonnet', '[]') },
  {
    name: 'what a program imports',
    source: program,
    move: write('program/lib.libsonnet', `${LIBRARY} // x`),
  },
  { name: 'a base', source: overlay, move: write('base/a.yaml', configMap('c')) },
  { name: 'a file of a generator', source: overlay, move: write('overlay/f.txt', 'other') },
  { name: 'a kustomization under another name', source: overlay, move: write('base/Kustomization', 'x') },
  { name: 'the commit of a remote base', source: overlay, move: (world) => (world.otherCommit = 'o2') },
  { name: 'a template of a chart', source: chart, move: write('chart/templates/a.yaml', configMap('z')) },
  { name: 'a chart that a chart depends on', source: chart, move: (world) => (world.chartVersion = '1.1.0') },
  {
    name: 'a chart that a kustomization inflates',
    source: { path: 'inflated' },
    move: (world) => (world.chartVersion = '1.1.0'),
  },
  { name: 'values by URL', source: values, extra: [lender], move: (world) => (world.remote = 'v: 4\n') },
  {
    name: 'values of another source',
    source: values,
    extra: [lender],
    move: (world) => (world.other['values.yaml'] = 'v: 5\n'),
  },
  {
    name: 'a revision that is substituted',
    source: { path: 'chart', helm: { parameters: [{ name: 'v', value: '$ARGOCD_APP_REVISION' }] } },
    move: (world) => (world.commit = 'c2'),
  },
  { name: 'the version of the cluster', source: directory, move: (world) => cluster(world, { kubeVersion: '1.37.0' }) },
  {
    name: 'the kinds of the cluster',
    source: directory,
    move: (world) => cluster(world, { apiVersions: ['v1', 'x/v1'] }),
  },
  {
    name: 'the name of the application',
    source: directory,
    move: (world) => application(world, { destinationNamespace: 'x' }),
  },
  { name: 'its project', source: directory, move: (world) => application(world, { project: 'other' }) },
  { name: 'the rules of helm', source: chart, move: (world) => application(world, { helmVersion: '3' }) },
  {
    name: 'a key of encrypted files',
    source: directory,
    move: (world) => (world.ring = { identities: [], pgpKeys: [new Secret('another key')] }),
  },
  {
    name: 'a plug-in that may want the source',
    source: directory,
    move: (world) => (world.pluginNames = ['cue', 'b']),
  },
  {
    name: 'the place of the repository',
    source: directory,
    move: (world) => place(world, { repoURL: OTHER, path: 'web' }),
  },
  { name: 'the path', source: directory, move: (world) => place(world, { path: 'base' }) },
  { name: 'options of kustomize', source: overlay, move: (world) => (world.options = { kustomizeBuildOptions: '' }) },
  { name: 'a tool that is switched off', source: chart, move: (world) => (world.disabled = ['Kustomize']) },
  {
    name: 'parameters',
    source: chart,
    move: (world) =>
      (world.request = { ...world.request, sources: [{ repoURL: REPO, path: 'chart', helm: { releaseName: 'x' } }] }),
  },
]

for (const { name, source, extra, move } of MOVED) {
  test(`rendered anew when it moves, and not before: ${name}`, async () => {
    const world = newWorld(source, extra)
    const remoteFiles: RemoteFiles = {
      schemes: new Set(['https']),
      fetch: () => Promise.resolve(Buffer.from(world.remote)),
    }
    const desired = createDesired({
      sources: sourcesOf(world),
      remoteFiles: () => remoteFiles,
      remoteRules: { isRegistered: () => true, isPermitted: () => true },
      disabledTypes: () => new Set(world.disabled),
      renderOptions: () => world.options,
      secrets: { keys: () => Promise.resolve(world.ring), vault: () => undefined },
      plugins: { names: () => Promise.resolve(world.pluginNames), over: () => NO_PLUGIN },
    })
    const isUnchanged = async (): Promise<boolean> => {
      const { unchanged } = await desired.generate(world.request)
      return unchanged
    }
    await isUnchanged()
    // A commit elsewhere in the repository, and nothing else.
    if (!name.includes('revision')) world.commit = 'c1b'
    world.files['elsewhere/x.yaml'] = 'x'

    const before = await isUnchanged()
    move(world)
    // What moves may no longer render: that is no answer from before either.
    const after = await isUnchanged().catch(() => false)
    await desired.close()

    assert.deepEqual([before, after], [true, false])
  })
}
