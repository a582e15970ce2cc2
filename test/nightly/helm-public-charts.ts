// Renders public charts with this renderer and with the real helm, and tells where the two differ.
// CAPSTAN_CHARTS names a folder of checkouts (`owner+name`); `-- PATTERN` takes only charts whose id holds it. CAPSTAN_RANDOM_VALUES and
// CAPSTAN_SEED say how many sets of values are made at random, and from what.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareOutputs } from '../support/compare-manifests.ts'
import type { Outcome } from '../support/compare-manifests.ts'
import { renderFolder } from '../support/chart-folder.ts'
import { corpusFolder } from '../support/corpus.ts'
import { findChartCases } from '../support/public-charts.ts'
import type { ChartCase } from '../support/public-charts.ts'
import { randomValueCases } from '../support/random-values.ts'

const ROOT = join(import.meta.dirname, '../..')
/** `3` compares the rules of helm 3 with the real helm 3. */
const HELM_VERSION = process.env['CAPSTAN_HELM_VERSION'] === '3' ? '3' : '4.2'
const HELM = join(ROOT, '.peers/bin', HELM_VERSION === '3' ? 'helm3' : 'helm')
const NAMESPACE = 'app-ns'
const RELEASE = 'rel'
const KUBE_VERSION = '1.34.0'
/** Two processes at once leave no processor idle and none waiting on a small machine. */
const PARALLEL = 2
const HELM_TIMEOUT_MS = 60_000
const MAX_OUTPUT = 256 * 1024 * 1024

/** Sets of values made at random, each for a chart drawn at random: others every day. */
const RANDOM_VALUES = 300
const DAY_MS = 86_400_000

/** What issue 5 asks for: of charts that render, and of those whose output is the same each time. */
const MIN_EQUAL_OBJECTS = 0.99
const MIN_EQUAL_BYTES = 0.97

interface Run {
  readonly output?: string
  readonly error?: string
}

interface Result {
  readonly id: string
  readonly outcome: Outcome
  readonly detail: string
}

process.exitCode = await main()

async function main(): Promise<number> {
  const folder = process.env['CAPSTAN_CHARTS']
  if (folder === undefined || !existsSync(folder)) {
    print('public charts were not compared: CAPSTAN_CHARTS names no folder of checkouts')
    return 0
  }
  if (!existsSync(HELM)) {
    print('public charts were not compared: the real helm is not built (npm run peers -- helm)')
    return 0
  }
  const corpus = corpusFolder()
  const list = corpus === undefined ? undefined : join(corpus, 'render/public-charts.tsv')
  const { cases, temporary } = findChartCases(folder, list)
  try {
    const pattern = process.argv[2] ?? ''
    const seed = Number(process.env['CAPSTAN_SEED'] ?? Math.floor(Date.now() / DAY_MS))
    const count = Number(process.env['CAPSTAN_RANDOM_VALUES'] ?? RANDOM_VALUES)
    const random = randomValueCases(cases, { seed, count, folder: temporary })
    print(`random values: ${count} sets, CAPSTAN_SEED=${seed}`)
    return report(await compareAll([...cases, ...random].filter(({ id }) => id.includes(pattern))))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

async function compareAll(cases: readonly ChartCase[]): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = cases[next++]; item !== undefined; item = cases[next++]) results.push(await compareCase(item))
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  return results.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

async function compareCase(item: ChartCase): Promise<Result> {
  const real = await runHelm(item)
  const ours = await runOurs(item)
  const first = compareRuns(real, ours)
  if (first.outcome === 'same bytes' || first.outcome === 'both fail' || real.output === undefined) {
    return { id: item.id, ...first }
  }
  const again = await runHelm(item)
  if (again.output === real.output || ours.output === undefined) return { id: item.id, ...first }
  const masked = compareOutputs(real.output, ours.output, again.output)
  keep(item, real, ours)
  return { id: item.id, ...masked }

  function compareRuns(one: Run, other: Run): { outcome: Outcome; detail: string } {
    if (one.output === undefined && other.output === undefined) {
      return { outcome: 'both fail', detail: `${one.error}\n    ours: ${other.error}` }
    }
    if (one.output === undefined) return { outcome: 'only helm fails', detail: one.error ?? '' }
    if (other.output === undefined) return { outcome: 'only we fail', detail: other.error ?? '' }
    const found = compareOutputs(one.output, other.output)
    if (found.outcome !== 'same bytes') keep(item, one, other)
    return found
  }
}

/** Differences are kept where CAPSTAN_CHARTS_OUT names a folder, to be looked at. */
function keep(item: ChartCase, real: Run, ours: Run): void {
  const folder = process.env['CAPSTAN_CHARTS_OUT']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const name = join(folder, item.id.replaceAll(/[^\w.-]+/g, '_'))
  writeFileSync(`${name}.helm.yaml`, real.output ?? '')
  writeFileSync(`${name}.ours.yaml`, ours.output ?? '')
}

function runHelm({ folder, values }: ChartCase): Promise<Run> {
  const flags = ['--name-template', RELEASE, '--namespace', NAMESPACE, '--kube-version', KUBE_VERSION, '--include-crds']
  const args = ['template', folder, ...flags, ...(values === undefined ? [] : ['--values', values])]
  const options = {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: '/dev/null', TZ: 'UTC' },
    maxBuffer: MAX_OUTPUT,
    timeout: HELM_TIMEOUT_MS,
  }
  return new Promise((resolve) => {
    execFile(HELM, args, options, (error, stdout, stderr) => {
      resolve(error === null ? { output: stdout } : { error: stderr.trim() })
    })
  })
}

async function runOurs({ folder, values }: ChartCase): Promise<Run> {
  try {
    const output = await renderFolder(folder, {
      releaseName: RELEASE,
      namespace: NAMESPACE,
      kubeVersion: KUBE_VERSION,
      helmVersion: HELM_VERSION,
      valueFiles: values === undefined ? [] : [values],
    })
    return { output }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function report(results: readonly Result[]): number {
  const count = (...outcomes: Outcome[]): number => results.filter(({ outcome }) => outcomes.includes(outcome)).length
  for (const { id, outcome, detail } of results) {
    if (outcome !== 'same bytes' && outcome !== 'same but for random values' && outcome !== 'both fail') {
      print(`${outcome}: ${id}\n    ${detail}`)
    }
  }
  const rendered = count('same bytes', 'same objects', 'same but for random values', 'different', 'only we fail')
  const fixed = rendered - count('same but for random values')
  const objects = count('same bytes', 'same objects', 'same but for random values') / rendered
  const bytes = count('same bytes') / fixed
  print(`${results.length} charts with values; ${rendered} render, ${count('both fail')} fail on both sides`)
  print(`only helm fails: ${count('only helm fails')}; only we fail: ${count('only we fail')}`)
  print(`equal objects: ${percent(objects)} of those that render`)
  print(`equal bytes: ${percent(bytes)} of those that render the same each time (${fixed})`)
  const isGood = objects >= MIN_EQUAL_OBJECTS && bytes >= MIN_EQUAL_BYTES && count('only helm fails') === 0
  return isGood && rendered > 0 ? 0 : 1
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
