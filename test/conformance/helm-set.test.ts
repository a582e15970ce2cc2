// Replays what helm 4.2.1 makes of values files and of --set and its sisters.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../src/base/errors.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { renderChart } from '../../src/render/helm/render-chart.ts'
import type { HelmVersion } from '../../src/render/renderer.ts'
import { chartInput } from '../support/chart-flags.ts'
import type { CorpusChart } from '../support/chart-flags.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'

interface SetCase {
  readonly chart?: CorpusChart
  readonly args: readonly string[]
  readonly values?: unknown
  readonly error?: string
  /** What helm 3 gives where it differs. */
  readonly helm3?: { readonly values?: unknown; readonly error?: string }
}

test('flags give the values that helm gives', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const [first, ...cases] = [...readCases<SetCase>('render/helm-probes', 'set.jsonl')]
  const chart = first?.chart
  assert.ok(chart !== undefined, 'the first line is the chart')
  const results = cases.map((item, index) => ({ id: `set-${index + 1}`, failure: differenceOf(chart, item, '4.2') }))
  compareWithKnownFailures('helm-set', results)
})

test('flags give the values that helm 3 gives where it is asked for', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const [first, ...cases] = [...readCases<SetCase>('render/helm-probes', 'set.jsonl')]
  const chart = first?.chart
  assert.ok(chart !== undefined, 'the first line is the chart')
  const results = cases.map(({ helm3, ...item }, index) => ({
    id: `set-${index + 1}`,
    failure: differenceOf(chart, helm3 === undefined ? item : { args: item.args, ...helm3 }, '3'),
  }))
  compareWithKnownFailures('helm3-set', results)
})

function differenceOf(chart: CorpusChart, item: SetCase, version: HelmVersion): string | undefined {
  const actual = run(chart, item, version)
  const isSame = item.error === undefined ? isDeepStrictEqual(actual.values, item.values) : actual.error === item.error
  return isSame ? undefined : `${item.args.join(' ')}: ${JSON.stringify(actual)} is not ${JSON.stringify(item)}`
}

function run(
  chart: CorpusChart,
  item: SetCase,
  version: HelmVersion,
): { readonly values?: unknown; readonly error?: string } {
  try {
    const [manifest] = renderChart(chartInput(chart, item.args, version)).manifests
    const document = parseYaml(manifest?.text ?? '') as { readonly v: string } // the chart's only template
    return { values: JSON.parse(document.v) as unknown }
  } catch (error) {
    return { error: messageOf(error) }
  }
}
