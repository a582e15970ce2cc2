// Tests helmCharts: values, namespaces and places of charts; the whole kustomization's output is kustomize 5.8.1's with helm 4.2.1.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ChartFetcher, Rendered } from '../contract.ts'
import type { MemoryFile } from '../../../test/support/memory-tree.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { evaluateSource, loadSource } from '../render-source.ts'
import type { RenderOptions, RenderRequest } from '../renderer.ts'

type Files = Readonly<Record<string, MemoryFile>>

const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  values: {{ omit .Values "global" | toJson | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  has: {{ .Capabilities.APIVersions.Has "foo/v1" | quote }}
`

const CHART: Files = {
  'app/charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.3\n',
  'app/charts/web/values.yaml': 'tag: "0"\nlist: [z]\ngone: chart\n',
  'app/charts/web/templates/a.yaml': TEMPLATE,
  'app/my.yaml': 'tag: "1"\nlist: [a, b]\nkept: mine\n',
}

async function render(
  files: Files,
  options: RenderOptions = { kustomizeBuildOptions: '--enable-helm' },
  charts?: ChartFetcher,
): Promise<Rendered> {
  const request: RenderRequest = {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'web' },
    source: { repoURL: 'https://git.example.com/a', path: 'app', kustomize: { apiVersions: ['foo/v1'] } },
    revision: 'abc',
    cluster: { kubeVersion: '1.33.0', apiVersions: [] },
    options,
  }
  const fetchers = charts === undefined ? {} : { charts }
  const loaded = await loadSource('Kustomize', request, {
    tree: memoryTree(files, 'abc'),
    references: new Map(),
    ...fetchers,
  })
  return evaluateSource('Kustomize', request, { ...loaded, extra: structuredClone(loaded.extra) })
}

interface Shown {
  readonly metadata: { readonly name?: string; readonly namespace?: string }
  readonly data: { readonly values: string; readonly kube: string; readonly has: string }
}

async function chartOf(fields: string): Promise<Shown> {
  const kustomization = `namePrefix: p-\nnamespace: shop\nhelmCharts: [{name: web, ${fields}}]\n`
  const { manifests } = await render({ ...CHART, 'app/kustomization.yaml': kustomization })
  return manifests[0] as unknown as Shown // the one ConfigMap of the template
}

describe('charts of kustomizations', () => {
  const cases: readonly (readonly [string, string, object])[] = [
    ['the chart has its own values', 'releaseName: rel', { tag: '0', list: ['z'], gone: 'chart' }],
    [
      'a values file lies over them',
      'valuesFile: my.yaml',
      { tag: '1', list: ['a', 'b'], kept: 'mine', gone: 'chart' },
    ],
    [
      'inline values override the file, lists whole, null takes away',
      'valuesFile: my.yaml, valuesInline: {tag: "2", list: [c], kept: null}',
      { tag: '2', list: ['c'], gone: 'chart' },
    ],
    [
      'merge: the file wins over inline values',
      'valuesFile: my.yaml, valuesMerge: merge, valuesInline: {tag: "2", extra: 1}',
      { tag: '1', list: ['a', 'b'], kept: 'mine', extra: 1, gone: 'chart' },
    ],
    [
      'replace: the file does not count',
      'valuesFile: my.yaml, valuesMerge: replace, valuesInline: {tag: "2"}',
      { tag: '2', list: ['z'], gone: 'chart' },
    ],
  ]
  for (const [name, fields, values] of cases) {
    test(name, async () => {
      assert.deepEqual(JSON.parse((await chartOf(fields)).data.values), values)
    })
  }

  test('the release is in the namespace of the kustomization, which does not move its objects again', async () => {
    const inShop = await chartOf('releaseName: rel')
    const inOwn = await chartOf('releaseName: rel, namespace: own')

    assert.deepEqual([inShop.metadata.name, inShop.metadata.namespace], ['p-rel', 'shop'])
    assert.equal(inOwn.metadata.namespace, 'own')
  })

  test("charts see the cluster, the Application's own versions, or what they name themselves", async () => {
    const { data } = await chartOf('releaseName: rel')
    const own = await chartOf('kubeVersion: "1.30.1", apiVersions: [bar/v1]')

    assert.deepEqual([data.kube, data.has], ['v1.33.0', 'true'])
    assert.deepEqual([own.data.kube, own.data.has], ['v1.30.1', 'false'])
  })

  test('a generator may be a chart, and the fields of old kustomizations still count', async () => {
    const generator =
      'generators:\n- |-\n  apiVersion: builtin\n  kind: HelmChartInflationGenerator\n  metadata: {name: g}\n  name: web\n  releaseName: rel\n'
    const old = 'helmChartInflationGenerator: [{chartName: web, releaseName: rel, valuesLocal: {tag: "7"}}]\n'
    for (const text of [generator, old]) {
      const { manifests } = await render({ ...CHART, 'app/kustomization.yaml': text })
      assert.equal(manifests[0]?.metadata.name, 'rel', text)
    }
  })

  test('without --enable-helm, without the chart, and with a wrong merge the field is named', async () => {
    const files = (chart: string): Files => ({ ...CHART, 'app/kustomization.yaml': `helmCharts: [${chart}]\n` })

    await assert.rejects(render(files('{name: web}'), {}), /must specify --enable-helm .*helmCharts\[0\]/)
    await assert.rejects(
      render(files('{name: nope}')),
      /no repo specified for pull, no chart found at '\/app\/charts\/nope'/,
    )
    await assert.rejects(render(files('{name: web, valuesMerge: x}')), /valuesMerge must be one of/)
    await assert.rejects(render(files('{name: web, valuesFile: ../../x}')), /helmCharts\[0\]/)
    await assert.rejects(
      render(files('{name: web, releaseName: a, nameTemplate: b}')),
      /cannot set --name-template and also specify a name/,
    )
  })

  test('a chart that is not beside the kustomization is pulled, and is an input with its version', async () => {
    const asked: unknown[] = []
    const charts: ChartFetcher = {
      addressOf: () => undefined,
      isPermitted: (repository) => repository.includes('good'),
      fetch: (query) => {
        asked.push(query)
        return Promise.reject(new Error('seen'))
      },
    }
    const files = (repo: string): Files => ({
      'app/kustomization.yaml': `helmCharts: [{name: web, version: 1.x, repo: "${repo}"}]\n`,
    })

    await assert.rejects(render(files('https://good.example'), undefined, charts), /seen/)
    await assert.rejects(render(files('https://bad.example'), undefined, charts), /bad\.example are not permitted/)
    assert.deepEqual(asked, [{ repository: 'https://good.example', name: 'web', version: '1.x' }])
  })
})
