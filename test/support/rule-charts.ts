// Charts of our own, one for each rule of rendering: read from one file, rendered by us or by the real helm.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf } from '../../src/base/errors.ts'
import { renderChartText } from '../../src/render/helm/render-chart.ts'
import type { HelmVersion } from '../../src/render/renderer.ts'
import { chartInput } from './chart-flags.ts'

export interface RuleChart {
  readonly name: string
  /** The flags of each run of `helm template`. */
  readonly runs: readonly (readonly string[])[]
  /** Text of each file of the chart, and of those that flags name, by path. */
  readonly files: Readonly<Record<string, string>>
}

/** `testdata/rules`: `NAME.txt` is a chart, `NAME.golden` what the real helms made of it. */
export const RULES_FOLDER: string = join(import.meta.dirname, '../../src/render/helm/testdata/rules')
export const HELM_VERSIONS: readonly HelmVersion[] = ['4.2', '3']
const PROGRAMS: Readonly<Record<HelmVersion, string>> = { '4.2': 'helm', '3': 'helm3' }
const FILE_START = /^-- (?<path>\S+) --\n/gm

/** All charts of the folder, by name. */
export function readRuleCharts(): RuleChart[] {
  return readdirSync(RULES_FOLDER)
    .filter((file) => file.endsWith('.txt'))
    .toSorted()
    .map((file) => parseRuleChart(file.slice(0, -'.txt'.length), readFileSync(join(RULES_FOLDER, file), 'utf8')))
}

/** A line `$ FLAGS` for each run, then the files, each behind a line `-- PATH --`. */
function parseRuleChart(name: string, text: string): RuleChart {
  const starts = [...text.matchAll(FILE_START)]
  const head = text.slice(0, starts[0]?.index ?? text.length)
  const runs = [...head.matchAll(/^\$(?<flags>.*)$/gm)].map(({ groups }) => wordsOf(groups?.['flags'] ?? ''))
  const files = starts.map(({ index, 0: line, groups }, position) => {
    const end = starts[position + 1]?.index ?? text.length
    return [groups?.['path'] ?? '', text.slice(index + line.length, end)] as const
  })
  return { name, runs, files: Object.fromEntries(files) }
}

/** Words parted by blanks; quotes hold a word together. */
function wordsOf(flags: string): string[] {
  return [...flags.matchAll(/'(?<quoted>[^']*)'|(?<plain>\S+)/g)].map(
    ({ groups }) => groups?.['quoted'] ?? groups?.['plain'] ?? '',
  )
}

/** What every run gives, by us. */
export function renderRuleChart({ runs, files }: RuleChart, version: HelmVersion): string {
  return runs.map((flags) => section(version, flags, () => renderChartText(chartInput(files, flags, version)))).join('')
}

/** What every run gives, by the real helm below `programs`. */
export function runRealHelm({ runs, files }: RuleChart, version: HelmVersion, programs: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'rule-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const helm = join(programs, PROGRAMS[version])
    return runs.map((flags) => section(version, flags, () => runHelm(helm, folder, flags))).join('')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function runHelm(helm: string, folder: string, flags: readonly string[]): string {
  const fixed = ['template', '.', '--name-template', 'rel', '--namespace', 'ns', '--kube-version', '1.34.0']
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: '/dev/null', TZ: 'UTC' }
  try {
    return execFileSync(helm, [...fixed, ...flags], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : messageOf(error)
    throw new Error(stderr, { cause: error })
  }
}

function section(version: HelmVersion, flags: readonly string[], run: () => string): string {
  const title = `== helm ${version} ${flags.join(' ')}`.trimEnd()
  try {
    return `${title}\n${run()}`
  } catch (error) {
    return `${title}\nError: ${normalError(messageOf(error))}\n`
  }
}

/** Without helm's log lines and its advice; lines of schema errors, whose order is random, sorted. */
function normalError(text: string): string {
  const lines = text.split('\n').filter((line) => !/^(?:level=|time=|WARNING:|walk\.go|Use --debug flag)/.test(line))
  const message = lines
    .join('\n')
    .replace(/^Error: /, '')
    .trimEnd()
  return message.includes('\n- at ') ? message.split('\n').toSorted().join('\n') : message
}
