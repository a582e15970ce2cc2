// What sources of one application are to each other: references, revisions of one repository, override files of each.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryTree, type MemoryFile } from '../../test/support/memory-tree.ts'
import type { ApplicationSource } from '../crds/application.ts'
import type { SourceProvider } from '../source/provider.ts'
import type { DesiredRequest } from './contract.ts'
import { createDesired } from './generate.ts'

const REPO = 'https://example.com/team/app'
const CHART: Readonly<Record<string, MemoryFile>> = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
  'chart/values.yaml': 'key: default\n',
  'chart/templates/a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  key: {{ .Values.key }}\n',
}

/** Trees by `URL@revision`; of a chart by `URL chart@version`. */
function provider(trees: Readonly<Record<string, Readonly<Record<string, MemoryFile>>>>): SourceProvider {
  return {
    open: async ({ repoURL, chart, targetRevision = 'HEAD' }) => {
      const name = `${repoURL}${chart === undefined ? '' : ` ${chart}`}@${targetRevision}`
      return { tree: memoryTree({ ...trees[name] }, name), revision: name }
    },
    revisionMetadata: async () => ({ author: '', date: '', message: '', tags: [] }),
    onRefsMoved: () => () => {},
    close: async () => {},
  }
}

async function render(
  trees: Parameters<typeof provider>[0],
  sources: readonly ApplicationSource[],
  instanceName?: string,
): Promise<readonly (readonly [string, string])[]> {
  const named = instanceName === undefined ? {} : { instanceName }
  const request: DesiredRequest = {
    application: { name: 'web', ...named, namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
    sources,
    freshness: 'latest',
    cluster: { kubeVersion: '1.36.3', apiVersions: ['v1'] },
  }
  const desired = createDesired({ sources: provider(trees) })
  const { manifests } = await desired.generate(request)
  return manifests.map((object) => [object.metadata.name ?? '', Object(Object(object)['data'])['key']])
}

test('sources of one repository are read at a revision each, and one with ref and path is rendered and lends', async () => {
  const plain = (key: string): Record<string, MemoryFile> => ({
    ...CHART,
    'plain/a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\ndata:\n  key: ${key}\n`,
    'values/prod.yaml': `key: of-${key}\n`,
  })
  const trees = { [`${REPO}@v1`]: plain('one'), [`${REPO}@v2`]: plain('two') }
  const chart = { repoURL: REPO, path: 'chart', helm: { valueFiles: ['$files/values/prod.yaml'] } }

  assert.deepEqual(
    await render(trees, [
      { ...chart, targetRevision: 'v1' },
      { repoURL: REPO, path: 'plain', targetRevision: 'v2', ref: 'files' },
    ]),
    [
      ['web', 'of-two'],
      ['plain', 'two'],
    ],
  )
})

test('a chart and an artifact are sources like others: they lend files, and bring override files', async () => {
  const oci = 'oci://registry.example.com/team/config'
  const trees = {
    [`${REPO} chart@1.0.0`]: Object.fromEntries(
      Object.entries({ ...CHART, 'chart/.argocd-source.yaml': 'helm: {parameters: [{name: key, value: over}]}\n' }).map(
        ([path, file]) => [path.replace('chart/', ''), file],
      ),
    ),
    [`${oci}@1.0`]: {
      'prod.yaml': 'key: of-artifact\n',
      'sub/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: artifact\ndata:\n  key: a\n',
      '.argocd-source-web.yaml': 'directory: {recurse: true, exclude: prod.yaml}\n',
    },
  }
  const chart = { repoURL: REPO, chart: 'chart', targetRevision: '1.0.0' }

  assert.deepEqual(await render(trees, [chart]), [['web', 'over']])
  assert.deepEqual(
    await render(trees, [
      { ...chart, helm: { valueFiles: ['$config/prod.yaml'], parameters: [] } },
      { repoURL: oci, targetRevision: '1.0', ref: 'config' },
    ]),
    [
      ['web', 'over'],
      ['artifact', 'a'],
    ],
  )
})

test('override files are those of each source; outside the control namespace their name begins with the namespace', async () => {
  const over = (value: string): string => `helm: {parameters: [{name: key, value: ${value}}]}\n`
  const trees = {
    [`${REPO}@HEAD`]: {
      ...CHART,
      'chart/.argocd-source.yaml': over('all'),
      'chart/.argocd-source-web.yaml': over('plain'),
      'chart/.argocd-source-team_web.yaml': over('team'),
    },
    [`${REPO}@v1`]: CHART,
  }
  const source = { repoURL: REPO, path: 'chart' }

  assert.deepEqual(await render(trees, [source, { ...source, targetRevision: 'v1' }]), [
    ['web', 'plain'],
    ['web', 'default'],
  ])
  assert.deepEqual(await render(trees, [source], 'team_web'), [['web', 'team']])
})

test('names of references are plain and unique', async () => {
  const source = { repoURL: REPO, path: 'chart' }
  const named = (ref: string): ApplicationSource => ({ repoURL: REPO, ref })

  await assert.rejects(render({}, [source, named('a/b')]), {
    code: 'bad-input',
    message: "failed to get ref sources: sources.ref a/b cannot contain any special characters except '_' and '-'",
  })
  await assert.rejects(render({}, [source, named('a'), named('a')]), /multiple sources had the same `ref` key/)
})
