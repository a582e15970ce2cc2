// Every limit of charts is reached here, and ends in an error that says so.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { readChartTree } from './chart-tree.ts'
import * as limits from './limits.ts'
import { renderChart, renderChartText } from './render-chart.ts'
import type { ChartInput, RenderedChart } from './render-chart.ts'
import { TemplateCache } from './template-cache.ts'
import type { UserValues } from './user-values.ts'

const CHART_YAML = 'apiVersion: v2\nname: c\nversion: 1.0.0\n'

function inputOf(files: Readonly<Record<string, string>>, values: UserValues = {}): ChartInput {
  const named = Object.entries({ 'Chart.yaml': CHART_YAML, ...files })
  return {
    files: named.map(([name, text]) => ({ name, id: `${name} ${text}`, bytes: Buffer.from(text) })),
    values,
    releaseName: 'rel',
    namespace: 'ns',
    kubeVersion: '',
    apiVersions: [],
  }
}

function render(files: Readonly<Record<string, string>>, values?: UserValues): RenderedChart {
  return renderChart(inputOf(files, values))
}

function template(text: string): Record<string, string> {
  return { 'templates/a.yaml': text }
}

function nested(levels: number): string {
  return `a: ${'{a: '.repeat(levels)}1${'}'.repeat(levels)}\n`
}

describe('limits of files and values', () => {
  test('bytes of a values file', () => {
    const bytes = Buffer.alloc(limits.MAX_VALUES_BYTES + 1, '#')

    assert.throws(() => render({}, { files: [{ name: 'v.yaml', bytes }] }), {
      code: 'limit',
      message: `failed to parse v.yaml: v.yaml is larger than the maximum file size ${limits.MAX_VALUES_BYTES}`,
    })
  })

  test('tables in tables', () => {
    render({ 'values.yaml': nested(limits.MAX_VALUES_DEPTH - 2) })
    assert.throws(() => render({ 'values.yaml': nested(limits.MAX_VALUES_DEPTH) }), { code: 'limit' })
  })

  test('indexes and levels of --set', () => {
    const deep = (levels: number): string => `${'a.'.repeat(levels)}a=1`

    render({}, { set: [`a[${limits.MAX_LIST_INDEX}]=1`, deep(limits.MAX_NAME_LEVELS).replace('a', 'b')] })
    assert.throws(() => render({}, { set: [`a[${limits.MAX_LIST_INDEX + 1}]=1`] }), { code: 'limit' })
    assert.throws(() => render({}, { set: [deep(limits.MAX_NAME_LEVELS + 1)] }), { code: 'limit' })
  })

  test('charts in charts', () => {
    const path = (levels: number): string => `${'charts/s/'.repeat(levels)}Chart.yaml`
    const levels = Array.from(
      { length: limits.MAX_CHART_DEPTH + 1 },
      (_, index) => [path(index + 1), CHART_YAML] as const,
    )

    assert.throws(() => render(Object.fromEntries(levels)), { code: 'limit' })
  })

  test('files, their bytes and folders of a chart in a tree', async () => {
    const read = (files: Record<string, string | Uint8Array>): Promise<string[]> =>
      readChartTree(memoryTree({ 'Chart.yaml': CHART_YAML, ...files }, 'r'), '')

    await assert.rejects(read({ big: Buffer.alloc(limits.MAX_CHART_FILE_BYTES + 1) }), { code: 'limit' })
    await assert.rejects(read({ [`${'d/'.repeat(limits.MAX_FOLDER_DEPTH + 1)}x`]: '' }), { code: 'limit' })
    const names = Array.from({ length: limits.MAX_CHART_FILES + 1 }, (_, index) => [`f${index}`, ''] as const)
    await assert.rejects(read(Object.fromEntries(names)), { code: 'limit' })
  })
})

describe('limits of templates', () => {
  test('output of a file', () => {
    const text = `a: {{ repeat ${limits.MAX_FILE_OUTPUT_LENGTH} "x" }}`

    assert.throws(() => render(template(text)), { code: 'limit' })
  })

  test('include inside itself ends in an error, not in a crash', () => {
    const text = '{{ define "r" }}{{ include "r" . }}{{ end }}a: {{ include "r" . }}'

    assert.throws(() => render(template(text)), /nested reference name: r|nest too deep/)
  })

  test('tpl inside itself', () => {
    const values = { set: ['t={{ tpl .Values.t . }}'.replaceAll('{', '\\{')] }

    assert.throws(() => render(template('a: {{ tpl .Values.t . }}'), values), { code: 'limit' })
  })

  test('steps and output of all templates together', () => {
    const run = (budget: { steps: number; outputLength: number }): RenderedChart =>
      renderChart({
        ...inputOf(template('a: {{ range until 1000 }}{{ include "b" . }}{{ end }}{{ define "b" }}x{{ end }}')),
        budget,
      })

    run({ steps: 10_000, outputLength: 10_000 })
    assert.throws(() => run({ steps: 1000, outputLength: 10_000 }), { code: 'limit' })
    assert.throws(() => run({ steps: 10_000, outputLength: 1000 }), { code: 'limit' })
  })

  test('the cache of parsed templates is bounded', () => {
    const cache = new TemplateCache(2000)

    for (let index = 0; index < 20; index += 1) {
      assert.match(renderChartText({ ...inputOf(template(`a: ${index}`)), cache }), new RegExp(`a: ${index}`))
    }

    assert.ok(cache.count <= 4)
  })
})

describe('what a chart cannot reach', () => {
  test('keys like __proto__ are keys', () => {
    const text = 'a: {{ .Values | toJson | quote }} {{ (dict "__proto__" 1) | toJson }}'

    const [manifest] = render({
      ...template(text.replace(' {{ (', '\nb: {{ (')),
      'values.yaml': '__proto__: {x: 1}\n',
    }).manifests

    assert.match(manifest?.text ?? '', /__proto__.*x.*\nb: {"__proto__":1}/)
  })

  test('no environment, no names of hosts, no cluster', () => {
    const { manifests } = render(template('a: "{{ getHostByName "localhost" }}{{ lookup "v1" "Secret" "" "" }}"'))

    assert.equal(manifests[0]?.text, 'a: "map[]"')
    assert.throws(() => render(template('a: {{ env "PATH" }}')), /function "env" not defined/)
  })

  test('random values are told, but not forbidden', () => {
    assert.deepEqual(render(template('a: {{ randAlphaNum 5 }}')).changing, ['c/templates/a.yaml'])
    assert.deepEqual(render(template('a: 5')).changing, [])
  })
})
