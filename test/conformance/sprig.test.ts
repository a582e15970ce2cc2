// Replays upstream's tests of Sprig; random functions are compared by their shape.
import { test } from 'node:test'
import { randomBytes } from 'node:crypto'
import { messageOf } from '../../src/base/errors.ts'
import { builtinOf } from '../../src/lang/go-template/builtins.ts'
import { executeTemplate } from '../../src/lang/go-template/execute.ts'
import { parseTemplate } from '../../src/lang/go-template/template-set.ts'
import { parseTime } from '../../src/lang/go/time/layout.ts'
import { GoFunction, GoStruct, GoTyped, int64, STRING } from '../../src/lang/go/values.ts'
import type { GoMap, GoType, GoValue } from '../../src/lang/go/values.ts'
import { timeValue } from '../../src/lang/go/time/moment.ts'
import { textOf } from '../../src/lang/sprig/define.ts'
import { sprigFunctions } from '../../src/lang/sprig/functions.ts'
import { compareWithKnownFailures, CORPUS_ABSENT, corpusFolder, readCases } from '../support/corpus.ts'
import type { CaseResult } from '../support/corpus.ts'

interface SprigCase {
  readonly test: string
  readonly template: string
  readonly vars: unknown
  readonly output?: string
  readonly error?: string
  readonly sample?: string
}

/** When the recording was made, which `ago` counts from. */
const RECORDED_MS = Date.parse('2026-11-21T06:09:48.73Z')
/** These show the form of a random value; their sample is one of many. */
const RANDOM = /bcrypt|htpasswd|genPrivateKey|uuidv4|gen\w*Cert|genCA|rand|buildCustomCert/
const FIXTURE: GoType = { name: '*sprig.fixtureTO', kind: 'struct' }

test('functions answer as in Sprig', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)
  const results: CaseResult[] = []
  for (const [index, item] of [...readCases<SprigCase>('render/sprig', 'cases.jsonl')].entries()) {
    results.push({ id: `sprig-${index + 1}`, failure: differenceOf(item) })
  }
  compareWithKnownFailures('sprig', results)
})

function differenceOf(item: SprigCase): string | undefined {
  const actual = run(item)
  const wanted = item.error ?? item.output ?? item.sample ?? ''
  const isSame = item.sample !== undefined && RANDOM.test(item.template) ? hasShape(actual, wanted) : actual === wanted
  return isSame ? undefined : `${item.template} gave ${actual}, not ${wanted}`
}

/** The same words at the start, and roughly the same length. */
function hasShape(actual: string, sample: string): boolean {
  const heads = [actual, sample].map((text) => text.trimStart().slice(0, /^\s*-----BEGIN/.test(text) ? 25 : 0))
  return heads[0] === heads[1] && Math.abs(actual.length - sample.length) <= Math.max(8, sample.length * 0.1)
}

function run(item: SprigCase): string {
  const functions = sprigFunctions({ random: (count) => randomBytes(count), nowMs: () => RECORDED_MS, timeZone: 'UTC' })
  functions.set('env', new GoFunction([STRING], () => 'bar'))
  functions.set('expandenv', new GoFunction([STRING], ([text]) => textOf(text ?? null).replace('$FOO', 'bar')))
  try {
    const hasFunction = (name: string): boolean => functions.has(name) || builtinOf(name) !== undefined
    const set = parseTemplate('test', item.template, { hasFunction })
    return executeTemplate(set, 'test', { data: dotOf(item), functions })
  } catch (error) {
    return messageOf(error)
  }
}

function dotOf(item: SprigCase): GoValue {
  if (item.test.startsWith('TestTypeIs') || item.test === 'TestTypeOf' || item.test === 'TestKindOf')
    return typedDot(item)
  return valueOf(item.vars, '', item)
}

function typedDot(item: SprigCase): GoValue {
  if (item.vars === null) return new GoTyped({ name: '*sprig.fixtureTO', kind: 'ptr' }, null)
  if (Array.isArray(item.vars) || typeof item.vars === 'string') return valueOf(item.vars, '', item)
  return new GoStruct(FIXTURE, new Map())
}

function valueOf(json: unknown, name: string, item: SprigCase): GoValue {
  if (typeof json === 'string' && name === 'Time' && json.includes('T')) return recordedTime(json, item)
  if (typeof json === 'number') return recordedNumber(json, name)
  if (typeof json === 'boolean' || typeof json === 'string') return json
  if (typeof json !== 'object' || json === null) return null
  if (Array.isArray(json)) return json.map((entry) => valueOf(entry, name, item))
  const map: GoMap = new Map()
  for (const [key, value] of Object.entries(json)) map.set(key, valueOf(value, key, item))
  return map
}

function recordedTime(text: string, item: SprigCase): GoValue {
  const zone = item.test === 'TestDateModify' ? 'GMT' : 'UTC'
  return timeValue({ ...parseTime('2006-01-02T15:04:05Z07:00', text, 'UTC'), zone })
}

/** Whole numbers are Go ints in these tests, not float64. */
function recordedNumber(value: number, name: string): GoValue {
  if (!Number.isInteger(value)) return value
  return name === 'Time' ? int64(BigInt(value)) : BigInt(value)
}
