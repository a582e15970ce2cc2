// Helm sources end to end: golden files of the real helm, and what Argo CD's helm block adds.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ApplicationSource } from '../../crds/application.ts'
import { parseYamlDocuments } from '../../lang/yaml/read.ts'
import { diskTree } from '../../source/disk-tree.ts'
import type { FileTree } from '../../source/file-tree.ts'
import type { Rendered } from '../contract.ts'
import type { MemoryFile } from '../../../test/support/memory-tree.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { evaluateSource, loadSource } from '../render-source.ts'
import type { RenderRequest } from '../renderer.ts'
import { chartBytes, readChartTree } from './chart-tree.ts'
import { renderChartText } from './render-chart.ts'

type Helm = NonNullable<ApplicationSource['helm']>

const EXAMPLE = join(import.meta.dirname, '../../../examples/api-tester')

function requestFor(path: string, helm?: Helm): RenderRequest {
  return {
    application: { name: 'api-tester', namespace: 'argocd', project: 'default', destinationNamespace: 'api' },
    source: { repoURL: 'https://git.example.com/repo', path, ...(helm === undefined ? {} : { helm }) },
    revision: '0123456789abcdef',
    cluster: { kubeVersion: 'v1.36.3+vendor', apiVersions: [] },
  }
}

/** Renders as a worker does: what was loaded is cloned on its way. */
async function renderTree(
  tree: FileTree,
  request: RenderRequest,
  references = new Map<string, FileTree>(),
): Promise<Rendered> {
  const loaded = await loadSource('Helm', request, { tree, references })
  return evaluateSource('Helm', request, structuredClone(loaded))
}

async function golden(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, 'testdata', `api-tester-${name}.yaml`), 'utf8')
}

describe('[002-03] the example chart renders as with the real helm', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['default', []],
    ['dev', ['values-dev.yaml']],
    ['prod', ['values-prod.yaml']],
  ]
  for (const [name, valueFiles] of cases) {
    test(`${name}: the same objects in the same order`, async () => {
      const rendered = await renderTree(await diskTree(EXAMPLE), requestFor('.', { valueFiles: [...valueFiles] }))

      const wanted = parseYamlDocuments(await golden(name)).map(({ value }) => value)
      assert.deepEqual(JSON.parse(JSON.stringify(rendered.manifests)), wanted)
    })

    test(`${name}: the same bytes`, async () => {
      const tree = await diskTree(EXAMPLE)
      const read = async (path: string): Promise<{ name: string; id: string; bytes: Uint8Array }> => {
        const file = await tree.readFile(path)
        assert.ok(file !== undefined)
        return { name: path, id: file.id, bytes: chartBytes(file.bytes) }
      }
      const text = renderChartText({
        files: await Promise.all((await readChartTree(tree, '')).map(read)),
        values: { files: await Promise.all(valueFiles.map(read)) },
        releaseName: 'api-tester',
        namespace: 'api',
        kubeVersion: '1.36.3',
        apiVersions: [],
      })

      assert.equal(text, await golden(name))
    })
  }
})

const CHART: Readonly<Record<string, MemoryFile>> = {
  'app/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n',
  'app/values.yaml': 'a: chart\nb: chart\n',
  'app/values-1.yaml': 'a: one\n',
  'app/env/x.yaml': 'b: x\n',
  'app/env/y.yaml': 'b: why\n',
  'shared/s.yaml': 'a: shared\n',
  'app/data.txt': 'line, with comma\n',
  'app/templates/v.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\n' +
    'data: {v: {{ toJson .Values | quote }}, k: {{ .Capabilities.KubeVersion }}, count: "{{ len .Capabilities.APIVersions }}"}\n',
  'app/templates/hook.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n---\n' +
    'kind: List\napiVersion: v1\nitems: [{apiVersion: v1, kind: Secret, metadata: {name: inlist}}]\n',
  'app/templates/NOTES.txt': 'notes',
  'app/crds/c.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: crd}\n---\n',
}

interface ShownConfigMap {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly data: { readonly v: string; readonly k: string; readonly count: string }
}

async function configMapOf(helm?: Helm, references?: Map<string, FileTree>): Promise<ShownConfigMap> {
  const { manifests } = await renderTree(memoryTree(CHART, 'abc'), requestFor('app', helm), references)
  const found: unknown = manifests.find(({ kind }) => kind === 'ConfigMap')
  return found as ShownConfigMap // the chart's only config map
}

describe("values of an application's helm block", () => {
  const cases: readonly (readonly [string, Helm, Record<string, unknown>])[] = [
    ['the chart has its own', {}, { a: 'chart', b: 'chart' }],
    [
      'files lie over them, the later over the earlier',
      { valueFiles: ['values-1.yaml', '/shared/s.yaml'] },
      { a: 'shared', b: 'chart' },
    ],
    ['globs expand in order', { valueFiles: ['env/*.yaml'] }, { a: 'chart', b: 'why' }],
    ['a file that is named keeps its place', { valueFiles: ['**/[xy].yaml', 'env/x.yaml'] }, { a: 'chart', b: 'x' }],
    [
      'missing files may be ignored',
      { valueFiles: ['no.yaml', 'no/*.yaml'], ignoreMissingValueFiles: true },
      { a: 'chart', b: 'chart' },
    ],
    ['variables stand in the names', { valueFiles: ['values-${NOPE}1.yaml'] }, { a: 'one', b: 'chart' }],
    ['text lies over files', { valueFiles: ['values-1.yaml'], values: 'a: text' }, { a: 'text', b: 'chart' }],
    ['an object wins over text', { values: 'a: text', valuesObject: { b: [1] } }, { a: 'chart', b: [1] }],
    [
      'parameters lie over all, commas stay in them',
      {
        valuesObject: { a: 5 },
        parameters: [
          { name: 'a', value: 'x,y' },
          { name: 'b', value: '{1,2}' },
        ],
      },
      { a: 'x,y', b: [1, 2] },
    ],
    [
      'a parameter may be forced to be text, and the later of two counts',
      {
        parameters: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2', forceString: true },
          { name: 'b', value: '1' },
          { name: 'b', value: '2' },
        ],
      },
      { a: '2', b: 2 },
    ],
    [
      'variables stand in parameters',
      {
        parameters: [
          { name: 'a', value: '$ARGOCD_APP_REVISION_SHORT' },
          { name: 'b', value: '$$x' },
        ],
      },
      { a: '0123456', b: '$x' },
    ],
    [
      'parameters may come from files',
      { fileParameters: [{ name: 'a', path: 'data.txt' }] },
      { a: 'line, with comma\n', b: 'chart' },
    ],
  ]
  for (const [title, helm, wanted] of cases) {
    test(title, async () => assert.deepEqual(JSON.parse((await configMapOf(helm)).data.v), wanted))
  }

  test('a file may stand in another source', async () => {
    const references = new Map([['vals', memoryTree({ 'env/p.yaml': 'a: other\n' }, 'def')]])

    const shown = await configMapOf({ valueFiles: ['$vals/env/p.yaml'] }, references)

    assert.deepEqual(JSON.parse(shown.data.v), { a: 'other', b: 'chart' })
  })
})

describe('the rest of a helm block', () => {
  test('names, versions and API versions come from the application and the cluster', async () => {
    const plain = await configMapOf()
    const chosen = await configMapOf({
      releaseName: 'rel',
      namespace: 'other',
      kubeVersion: '1.30',
      apiVersions: ['x/v1'],
    })

    assert.deepEqual(
      [plain.metadata, plain.data.k, plain.data.count],
      [{ name: 'api-tester', namespace: 'api' }, 'v1.36.3', '55'],
    )
    assert.deepEqual(
      [chosen.metadata, chosen.data.k, chosen.data.count],
      [{ name: 'rel', namespace: 'other' }, 'v1.30', '56'],
    )
  })

  test('CRDs come first, hooks last, lists are opened, notes left out', async () => {
    const kinds = async (helm: Helm): Promise<string[]> =>
      (await renderTree(memoryTree(CHART, 'abc'), requestFor('app', helm))).manifests.map(({ kind }) => kind)

    assert.deepEqual(await kinds({}), ['CustomResourceDefinition', 'ConfigMap', 'Secret', 'Pod'])
    assert.deepEqual(await kinds({ skipCrds: true, skipTests: true }), ['ConfigMap', 'Secret'])
  })
})

describe('errors of helm sources', () => {
  const cases: readonly (readonly [string, Record<string, MemoryFile>, Helm, RegExp])[] = [
    [
      'a values file that is not there',
      {},
      { valueFiles: ['no.yaml'] },
      /open <path to cached source>\/app\/no.yaml: no such file or directory$/,
    ],
    [
      'a values file outside the repository',
      {},
      { valueFiles: ['../../x'] },
      /value file '..\/..\/x' resolved to outside repository root$/,
    ],
    [
      'a values file by a scheme that is not allowed',
      {},
      { valueFiles: ['file:///x'] },
      /the URL scheme 'file' is not allowed$/,
    ],
    [
      'a glob that finds nothing',
      {},
      { valueFiles: ['no/*.yaml'] },
      /values file glob "app\/no\/\*.yaml" matched no files$/,
    ],
    [
      'a template that fails is named',
      { 'app/templates/x.yaml': 'a:\n  b: {{ .Values.no.deep }}' },
      {},
      /c\/templates\/x.yaml:2:15\n {2}executing "c\/templates\/x.yaml" at <.Values.no.deep>:\n {4}nil pointer evaluating interface {}.deep$/,
    ],
    [
      'a file that renders to no YAML is named',
      { 'app/templates/x.yaml': 'a: [' },
      {},
      /YAML parse error on c\/templates\/x.yaml: error converting YAML to JSON: yaml: line 1: did not find/,
    ],
    [
      'an object without kind',
      { 'app/templates/x.yaml': 'a: b' },
      {},
      /Object 'Kind' is missing \(c\/templates\/x.yaml\)$/,
    ],
    [
      'a chart that is needed and not there',
      { 'app/Chart.yaml': 'name: c\nversion: 1.0.0\ndependencies: [{name: s, version: 1}]' },
      {},
      /found in Chart.yaml, but missing in charts\/ directory: s$/,
    ],
    [
      'a folder that is no chart',
      { 'app/Chart.yaml': { link: 'nowhere' } },
      {},
      /unable to detect chart at <path to cached source>\/app\/Chart.yaml: open/,
    ],
  ]
  for (const [title, files, helm, message] of cases) {
    test(title, async () => {
      const tree = memoryTree({ ...CHART, ...files }, 'abc')

      await assert.rejects(renderTree(tree, requestFor('app', helm)), (error: Error) => {
        assert.match(error.message, /^failed to execute helm template command: /)
        assert.match(error.message, message)
        return true
      })
    })
  }
})
