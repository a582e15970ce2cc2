// Replays what helm made of single expressions in a small chart; the chart's files and contexts are stood in for here.
import { test } from 'node:test'
import { randomBytes } from 'node:crypto'
import { messageOf } from '../../src/base/errors.ts'
import { goValueOf } from '../../src/lang/go/json.ts'
import { bytesOfText } from '../../src/lang/go/text.ts'
import { ANY_MAP, GoTyped } from '../../src/lang/go/values.ts'
import type { GoMap, GoType, GoValue } from '../../src/lang/go/values.ts'
import { builtinOf } from '../../src/lang/go-template/builtins.ts'
import { executeTemplate } from '../../src/lang/go-template/execute.ts'
import { createTemplateSet, parseInto } from '../../src/lang/go-template/template-set.ts'
import { helmFunctions } from '../../src/lang/sprig/functions.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'
import type { CaseResult } from '../support/corpus.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = 'render/helm-probes'
const FILE = 'probe/templates/x.yaml'
/** These need what only a chart has: its files, its capabilities, its own error layout for include, tpl and required. */
const NEEDS_CHART =
  /\.Files|\.Capabilities|\.Subcharts|\.Chart|\.Template|lookup|\bkeys \. |include|\btpl\b|required|fail\b|getHostByName|template "nm"|template \\"nm/

interface ExpressionCase {
  readonly template: string
  readonly output?: string
  readonly output_base64?: string
  readonly error?: string
}

test('expressions give what helm gives, but those that need a chart', (t) => {
  const folder = corpusFolder()
  if (folder === undefined) return t.skip(CORPUS_ABSENT)
  const chart = JSON.parse(readFileSync(join(folder, FOLDER, 'expressions-chart.json'), 'utf8')) as Record<
    string,
    string
  >
  const results: CaseResult[] = []
  const skipped: number[] = []
  for (const [index, item] of [...readCases<ExpressionCase>(FOLDER, 'expressions.jsonl')].entries()) {
    if (NEEDS_CHART.test(item.template)) skipped.push(index + 1)
    else results.push({ id: `expression-${index + 1}`, failure: differenceOf(item, chart['values.yaml'] ?? '') })
  }
  t.diagnostic(`${results.length} expressions run, ${skipped.length} need a chart: ${skipped.join(' ')}`)
  compareWithKnownFailures('helm-expressions', results)
})

function differenceOf(item: ExpressionCase, valuesText: string): string | undefined {
  const wanted =
    item.output_base64 === undefined ? item.output : Buffer.from(item.output_base64, 'base64').toString('latin1')
  const actual = run(item.template, valuesText)
  const output =
    item.output_base64 === undefined ? actual.output : actual.output && bytesOfText(actual.output).toString('latin1')
  if (item.error === undefined) {
    return output === wanted
      ? undefined
      : `${item.template} gave ${JSON.stringify(actual.error ?? output)}, not ${JSON.stringify(wanted)}`
  }
  if (actual.error !== undefined && isSameError(actual.error, item.error)) return undefined
  return `${item.template} gave ${JSON.stringify(actual.error ?? output)}, not ${JSON.stringify(item.error)}`
}

/** helm lays errors out anew: place, node and message must agree. */
function isSameError(actual: string, wanted: string): boolean {
  if (actual === wanted) return true
  const parse = /^parse error at \((?<file>.*):(?<line>\d+)\): (?<reason>[^]*)$/.exec(wanted)?.groups
  if (parse !== undefined)
    return actual.startsWith(`template: ${parse['file']}:${parse['line']}:`) && actual.endsWith(parse['reason'] ?? '')
  const parts = /^(?<place>\S+)\n {2}(?<context>executing .*):\n {4}(?<reason>[^]*)$/.exec(wanted)?.groups
  if (parts === undefined) return false
  return actual === `template: ${parts['place']}: ${parts['context']}: ${parts['reason']}`
}

interface Outcome {
  readonly output?: string
  readonly error?: string
}

function run(template: string, valuesText: string): Outcome {
  const functions = helmFunctions({ random: (count) => randomBytes(count), nowMs: () => 0, timeZone: 'UTC' })
  const hasFunction = (name: string): boolean => functions.has(name) || builtinOf(name) !== undefined
  const set = createTemplateSet({ hasFunction })
  try {
    parseInto(set, FILE, `"": |2\n  S${template}E\n`)
    const output = executeTemplate(set, FILE, { data: dotOf(valuesText), functions, options: { missingKey: 'zero' } })
    return { output: output.replaceAll('<no value>', '').slice('"": |2\n  S'.length, -'E\n'.length) }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

const VALUES: GoType = { ...ANY_MAP, name: 'common.Values', isNamed: true }

function dotOf(valuesText: string): GoMap {
  const values = goValueOf(parseYaml(valuesText))
  const release = { Name: 'rel', Namespace: 'ns', IsInstall: true, IsUpgrade: false, Service: 'Helm' }
  const releaseMap = goValueOf(release)
  if (releaseMap instanceof Map) releaseMap.set('Revision', 1n)
  return new Map<GoValue, GoValue>([
    ['Values', new GoTyped(VALUES, withoutNulls(values))],
    ['Release', releaseMap],
  ])
}

/** helm 4.2 drops nulls from the chart's own values. */
function withoutNulls(value: GoValue): GoValue {
  if (!(value instanceof Map)) return value
  return new Map([...value].filter(([, item]) => item !== null).map(([key, item]) => [key, withoutNulls(item)]))
}
