// Replays what helm 4.2.1 printed for whole charts.
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import { readChartTree } from '../../src/render/helm/chart-tree.ts'
import { renderChartText } from '../../src/render/helm/render-chart.ts'
import type { HelmVersion } from '../../src/render/renderer.ts'
import { chartInput } from '../support/chart-flags.ts'
import type { CorpusChart } from '../support/chart-flags.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'
import type { CaseResult } from '../support/corpus.ts'
import { memoryTree } from '../support/memory-tree.ts'

interface ChartCase {
  readonly title: string
  readonly files: CorpusChart
  readonly args: readonly string[]
  readonly output?: string
  readonly error?: string
  /** What helm 3 gives where it differs. */
  readonly helm3?: { readonly output?: string; readonly error?: string }
}

test('charts give the bytes that helm template gives', async (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const cases = [...readCases<ChartCase>('render/helm-probes', 'charts.jsonl')]
  const results: CaseResult[] = []
  for (const [index, item] of cases.entries()) {
    const failure = differenceOf(item, (await unreadable(item)) ?? run(item, '4.2'))
    results.push({ id: `chart-${index + 1}`, failure })
  }
  compareWithKnownFailures('helm-charts', results)
})

test('charts give the bytes that helm 3 gives where it is asked for', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const cases = [...readCases<ChartCase>('render/helm-probes', 'charts.jsonl')]
  const results = cases.map(({ helm3, ...item }, index) => ({
    id: `chart-${index + 1}`,
    failure: helm3Difference(
      helm3 === undefined ? item : { title: item.title, files: item.files, args: item.args, ...helm3 },
    ),
  }))
  compareWithKnownFailures('helm3-charts', results)
})

function helm3Difference(item: ChartCase): string | undefined {
  return differenceOf(item, run(item, '3'))
}

interface Outcome {
  readonly output?: string
  readonly error?: string
}

/** What a folder that is no chart gives before anything of it is rendered. */
async function unreadable({ files }: ChartCase): Promise<Outcome | undefined> {
  if (Object.hasOwn(files, 'Chart.yaml')) return undefined
  const texts = Object.entries(files).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  try {
    await readChartTree(memoryTree(Object.fromEntries(texts), ''), '')
    return undefined
  } catch (error) {
    return { error: messageOf(error).replaceAll('<path to cached source>', '<dir>') }
  }
}

function differenceOf(item: ChartCase, outcome: Outcome): string | undefined {
  if (item.output !== undefined && outcome.output === item.output) return undefined
  const wanted = item.error === undefined ? undefined : normalError(item.error)
  if (wanted !== undefined && outcome.error !== undefined && normalError(outcome.error) === wanted) return undefined
  return `${item.title}: ${JSON.stringify(outcome.error ?? outcome.output)} is not ${JSON.stringify(wanted ?? item.output)}`
}

function run(item: ChartCase, version: HelmVersion): Outcome {
  try {
    return { output: renderChartText(chartInput(item.files, item.args, version)) }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

/** The order of schema messages is random in the original; some errors are logged before they are printed. */
function normalError(text: string): string {
  const printed = text.replace(/^level=ERROR .*\nError: /, '')
  return printed.includes('\n- at ') ? printed.split('\n').toSorted().join('\n') : printed
}
