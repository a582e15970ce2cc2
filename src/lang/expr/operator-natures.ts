// What operators take and give, as far as it is known before an expression runs (expr 1.17 checker).
import {
  areBoth,
  areComparable,
  ARRAY,
  BOOL,
  DURATION,
  FLOAT,
  INTEGER,
  merged,
  promoted,
  STRING,
  TIME,
} from './natures.ts'
import { isNumber, UNKNOWN } from './natures.ts'
import type { Nature } from './natures.ts'

type Rule = (a: Nature, b: Nature) => Nature | undefined

function giving(result: Nature, ...kinds: readonly Nature['kind'][]): Rule {
  return (a, b) => (areBoth(a, b, kinds) ? result : undefined)
}

const LOGICAL = giving(BOOL, 'bool')
const ORDER = giving(BOOL, 'int', 'float', 'string', 'time', 'duration')
const EQUALITY: Rule = (a, b) => (areComparable(a, b) ? BOOL : undefined)
const TEXT = giving(BOOL, 'string')
const POWER = giving(FLOAT, 'int', 'float')

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['==', EQUALITY],
  ['!=', EQUALITY],
  ['or', LOGICAL],
  ['||', LOGICAL],
  ['and', LOGICAL],
  ['&&', LOGICAL],
  ['<', ORDER],
  ['>', ORDER],
  ['<=', ORDER],
  ['>=', ORDER],
  ['+', sum],
  ['-', difference],
  ['*', product],
  ['/', POWER],
  ['**', POWER],
  ['^', POWER],
  ['%', giving(INTEGER, 'int')],
  ['..', giving(ARRAY, 'int')],
  ['matches', (a, b) => (a.kind === 'bytes' && b.kind === 'string' ? BOOL : TEXT(a, b))],
  ['contains', TEXT],
  ['startsWith', TEXT],
  ['endsWith', TEXT],
  ['in', membership],
  ['??', merged],
])

/** What the operator gives; undefined where it does not take these. */
export function operatorNature(operator: string, a: Nature, b: Nature): Nature | undefined {
  return RULES.get(operator)?.(a, b)
}

function pair(a: Nature, b: Nature): string {
  return `${a.kind} ${b.kind}`
}

function sum(a: Nature, b: Nature): Nature | undefined {
  if (isNumber(a) && isNumber(b)) return promoted(a, b)
  if (a.kind === 'string' && b.kind === 'string') return STRING
  if (pair(a, b) === 'time duration' || pair(a, b) === 'duration time') return TIME
  if (pair(a, b) === 'duration duration') return DURATION
  const isOpen = a.kind === 'unknown' || b.kind === 'unknown'
  return isOpen && areBoth(a, b, ['int', 'float', 'string', 'time', 'duration']) ? UNKNOWN : undefined
}

function difference(a: Nature, b: Nature): Nature | undefined {
  if (isNumber(a) && isNumber(b)) return promoted(a, b)
  if (pair(a, b) === 'time time' || pair(a, b) === 'duration duration') return DURATION
  if (pair(a, b) === 'time duration') return TIME
  const isOpen = a.kind === 'unknown' || b.kind === 'unknown'
  return isOpen && areBoth(a, b, ['int', 'float', 'time', 'duration']) ? UNKNOWN : undefined
}

function product(a: Nature, b: Nature): Nature | undefined {
  if (isNumber(a) && isNumber(b)) return promoted(a, b)
  const kinds = new Set([a.kind, b.kind])
  const isOpen = kinds.has('unknown')
  if (!isOpen && kinds.has('duration') && [a, b].every((one) => isNumber(one) || one.kind === 'duration'))
    return DURATION
  return isOpen && areBoth(a, b, ['int', 'float', 'duration']) ? UNKNOWN : undefined
}

function membership(a: Nature, b: Nature): Nature | undefined {
  if (b.kind === 'unknown' || b.kind === 'map' || b.kind === 'array') return BOOL
  return a.kind === 'unknown' && b.kind === 'string' ? BOOL : undefined
}
