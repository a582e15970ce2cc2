// Replays all expressions of the corpus in the chart they were recorded in, errors in helm's layout included.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import { renderWithLargeStack } from '../../src/main/render-deep.ts'
import { bytesOfText } from '../../src/lang/go/text.ts'
import { renderChart } from '../../src/render/helm/render-chart.ts'
import type { HelmVersion } from '../../src/render/renderer.ts'
import { chartInput } from '../support/chart-flags.ts'
import type { CorpusChart } from '../support/chart-flags.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases, type CaseResult } from '../support/corpus.ts'

const FOLDER = 'render/helm-probes'
const BEFORE = '"": |2\n  S'
const AFTER = 'E\n'

interface ExpressionCase {
  readonly template: string
  readonly output?: string
  readonly output_base64?: string
  readonly error?: string
  /** What helm 3 gives where it differs. */
  readonly helm3?: Omit<ExpressionCase, 'template'>
}

test('expressions in a chart give what helm gives', async (t) => {
  const root = corpusFolder()
  if (root === undefined) return t.skip(CORPUS_ABSENT)
  const chart = JSON.parse(readFileSync(join(root, FOLDER, 'expressions-chart.json'), 'utf8')) as CorpusChart // README
  const cases = [...readCases<ExpressionCase>(FOLDER, 'expressions.jsonl')]
  const place: Place = { chart, version: '4.2' }
  const results: CaseResult[] = []
  for (const [index, item] of cases.entries()) {
    const failure = differenceOf(place, item)
    const isDeep = failure?.includes('templates nest too deep') === true
    results.push({ id: `expression-${index + 1}`, failure: isDeep ? await deepDifferenceOf(place, item) : failure })
  }
  compareWithKnownFailures('helm-chart-expressions', results)
})

test('expressions in a chart give what helm 3 gives where it is asked for', (t) => {
  const root = corpusFolder()
  if (root === undefined) return t.skip(CORPUS_ABSENT)
  const chart = JSON.parse(readFileSync(join(root, FOLDER, 'expressions-chart.json'), 'utf8')) as CorpusChart // README
  const cases = [...readCases<ExpressionCase>(FOLDER, 'expressions.jsonl')]
  // Where nothing is recorded of helm 3 the two are alike, and the test above has run them.
  const results = cases.flatMap(({ helm3, template }, index) => {
    if (helm3 === undefined) return []
    return [{ id: `expression-${index + 1}`, failure: differenceOf({ chart, version: '3' }, { template, ...helm3 }) }]
  })
  compareWithKnownFailures('helm3-chart-expressions', results)
})

interface Place {
  readonly chart: CorpusChart
  readonly version: HelmVersion
}

function differenceOf(place: Place, item: ExpressionCase): string | undefined {
  const actual = run(place, item)
  const wanted = item.output_base64 ?? item.output ?? item.error
  return actual === wanted ? undefined : `${item.template}: ${JSON.stringify(actual)} is not ${JSON.stringify(wanted)}`
}

/** As in the product, where a thread with a larger stack renders what needs it: such cases end in an error. */
async function deepDifferenceOf({ chart, version }: Place, item: ExpressionCase): Promise<string | undefined> {
  const input = chartInput({ ...chart, 'templates/x.yaml': BEFORE + item.template + AFTER }, [], version)
  const actual = await renderWithLargeStack(input).catch((error: unknown) => messageOf(error))
  return actual === item.error ? undefined : `${item.template}: ${JSON.stringify(actual)}`
}

/** The text between the marks; where that would be no YAML, it is encoded in the chart, as it was when recorded. */
function run({ chart, version }: Place, item: ExpressionCase): string {
  const plain = attempt({ ...chart, 'templates/x.yaml': BEFORE + item.template + AFTER }, version)
  if (plain.error === undefined) {
    const text = plain.output.slice(BEFORE.length, plain.output.lastIndexOf(AFTER.trimEnd()))
    return item.output_base64 === undefined ? text : bytesOfText(text).toString('base64')
  }
  if (!plain.error.startsWith('YAML parse error')) return plain.error
  const encoded = `{{ define "p" }}${item.template}{{ end }}\na: {{ include "p" . | b64enc }}\n`
  const { output, error } = attempt({ ...chart, 'templates/x.yaml': encoded }, version)
  const base64 = /^a: (?<base64>.*)$/m.exec(output)?.groups?.['base64'] ?? ''
  if (error !== undefined) return error
  return item.output_base64 === undefined ? Buffer.from(base64, 'base64').toString('utf8') : base64
}

function attempt(chart: CorpusChart, version: HelmVersion): { readonly output: string; readonly error?: string } {
  try {
    return { output: renderChart(chartInput(chart, [], version)).manifests[0]?.text ?? '' }
  } catch (error) {
    return { output: '', error: messageOf(error) }
  }
}
