// The built-in functions on numbers: conversions, rounding, extremes, bits.
import { parseFloat64, parseInteger, truncateToInt64 } from '../go/numbers.ts'
import { elementsOf, GoTyped, integerOf, isIntegerKind } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { negate } from './arithmetic.ts'
import { compare } from './compare.ts'
import { MAX_NESTING } from './limits.ts'
import { numberOf, wrap } from './numbers.ts'
import { fault, typeName } from './run.ts'
import type { Run } from './run.ts'

export type Builtin = (run: Run, args: readonly GoValue[]) => GoValue

export const NUMBER_BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['abs', (run, [value = null]) => absolute(run, value)],
  ['ceil', rounding('ceil', Math.ceil)],
  ['floor', rounding('floor', Math.floor)],
  ['round', rounding('round', awayFromZero)],
  ['int', (run, [value = null]) => toInteger(run, value)],
  ['float', (run, [value = null]) => toFloatingPoint(run, value)],
  ['max', (run, args) => extreme({ run, name: 'max', operator: '<' }, args, 0)],
  ['min', (run, args) => extreme({ run, name: 'min', operator: '>' }, args, 0)],
  ['mean', (run, args) => mean(collect(run, 'mean', args))],
  ['median', (run, args) => median(collect(run, 'median', args))],
  ['bitand', bits('bitand', (x, y) => x & y)],
  ['bitor', bits('bitor', (x, y) => x | y)],
  ['bitxor', bits('bitxor', (x, y) => x ^ y)],
  ['bitnand', bits('bitnand', (x, y) => x & ~y)],
  ['bitshl', shift('bitshl', (x, y) => (y >= 64n ? 0n : x << y))],
  ['bitshr', shift('bitshr', (x, y) => x >> y)],
  ['bitushr', shift('bitushr', (x, y) => BigInt.asUintN(64, x) >> y)],
  ['bitnot', (run, [value = null]) => ~bitsOf(run, 'bitnot', value)],
])

function absolute(run: Run, value: GoValue): GoValue {
  const number = numberOf(value)
  if (number === undefined) throw fault(run, `invalid argument for abs (type ${typeName(value)})`)
  return number < 0 ? negate(run, value) : value
}

function rounding(name: string, round: (value: number) => number): Builtin {
  return (run, [value = null]) => {
    const number = numberOf(value)
    if (number === undefined) throw fault(run, `invalid argument for ${name} (type ${typeName(value)})`)
    return typeof number === 'bigint' ? Number(number) : round(number)
  }
}

/** math.Round: halves away from zero. */
function awayFromZero(value: number): number {
  const cut = Math.trunc(value)
  return Math.abs(value - cut) >= 0.5 ? cut + Math.sign(value) : cut
}

function toInteger(run: Run, value: GoValue): GoValue {
  const number = numberOf(value)
  if (number !== undefined) return typeof number === 'bigint' ? wrap(number) : truncateToInt64(number)
  if (typeof value === 'string') {
    const parsed = parseInteger(value, 10)
    if (typeof parsed === 'bigint') return parsed
    throw fault(run, `invalid operation: int(${value})`)
  }
  if (value instanceof GoTyped && isIntegerKind(value.type.kind)) return integerOf(value) ?? 0n // time.Duration
  throw fault(run, `invalid operation: int(${typeName(value)})`)
}

function toFloatingPoint(run: Run, value: GoValue): GoValue {
  const number = numberOf(value)
  if (number !== undefined) return Number(number)
  if (typeof value !== 'string') throw fault(run, `invalid operation: float(${typeName(value)})`)
  const parsed = parseFloat64(value)
  if (typeof parsed === 'number') return parsed
  throw fault(run, `invalid operation: float(${value})`)
}

interface Extreme {
  readonly run: Run
  readonly name: 'max' | 'min'
  /** The best so far goes where it stands in this relation to the next. */
  readonly operator: '<' | '>'
}

/** The greatest or least number in the arguments and in lists in them; a single thing that is no number stays itself. */
function extreme(search: Extreme, values: readonly GoValue[], depth: number): GoValue {
  const { run, name, operator } = search
  if (depth > MAX_NESTING) throw fault(run, 'recursion depth exceeded')
  let best: GoValue = null
  for (const value of values) {
    const inner = elementsOf(value)
    if (inner === undefined && numberOf(value) === undefined) {
      if (depth === 0 && values.length === 1) return value
      throw fault(run, `invalid argument for ${name} (type ${typeName(value)})`)
    }
    const candidate = inner === undefined ? value : extreme(search, inner, depth + 1)
    if (candidate !== null && (best === null || compare(run, operator, best, candidate))) best = candidate
  }
  return best
}

/** All numbers in the arguments and in lists in them. */
function collect(run: Run, name: string, values: readonly GoValue[], depth = 0): number[] {
  if (depth > MAX_NESTING) throw fault(run, 'recursion depth exceeded')
  return values.flatMap((value) => {
    const number = numberOf(value)
    if (number !== undefined) return [Number(number)]
    const inner = elementsOf(value)
    if (inner !== undefined) return collect(run, name, inner, depth + 1)
    throw fault(run, `invalid argument for ${name} (type ${typeName(value)})`)
  })
}

function mean(numbers: readonly number[]): number {
  let total = 0
  for (const number of numbers) total += number
  return numbers.length === 0 ? 0 : total / numbers.length
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

function bitsOf(run: Run, name: string, value: GoValue): bigint {
  const number = numberOf(value)
  if (typeof number === 'bigint') return wrap(number)
  throw fault(run, `cannot use ${typeName(value)} as argument (type int) to call ${name}`)
}

function bits(name: string, calculate: (x: bigint, y: bigint) => bigint): Builtin {
  return (run, [x = null, y = null]) => wrap(calculate(bitsOf(run, name, x), bitsOf(run, name, y)))
}

function shift(name: string, calculate: (x: bigint, y: bigint) => bigint): Builtin {
  return (run, [x = null, y = null]) => {
    const [value, by] = [bitsOf(run, name, x), bitsOf(run, name, y)]
    if (by < 0n) throw fault(run, `invalid operation: negative shift count ${by} (type int)`)
    return wrap(calculate(value, by))
  }
}
