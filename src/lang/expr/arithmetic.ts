// The operators that calculate (expr 1.17 vm/runtime).
import { addDuration, duration, durationOf, timeBetween, timeOf, timeValue } from '../go/time/moment.ts'
import { truncateToInt64 } from '../go/numbers.ts'
import type { GoValue } from '../go/values.ts'
import { GoTyped } from '../go/values.ts'
import { numberOf, toFloat, wrap } from './numbers.ts'
import { fault, made, typeName } from './run.ts'
import type { Run } from './run.ts'

type Operation = (run: Run, a: GoValue, b: GoValue) => GoValue

export const ARITHMETIC: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['+', add],
  ['-', subtract],
  ['*', multiply],
  ['/', divide],
  ['%', modulo],
  ['**', power],
  ['^', power],
])

function invalid(run: Run, a: GoValue, operator: string, b: GoValue): Error {
  return fault(run, `invalid operation: ${typeName(a)} ${operator} ${typeName(b)}`)
}

/** Two integers stay one; with a float both become floats. */
function calculate(
  a: bigint | number | undefined,
  b: bigint | number | undefined,
  integers: (x: bigint, y: bigint) => bigint,
  floats: (x: number, y: number) => number,
): GoValue | undefined {
  if (a === undefined || b === undefined) return undefined
  if (typeof a === 'bigint' && typeof b === 'bigint') return wrap(integers(a, b))
  return floats(Number(a), Number(b))
}

/** Numbers, texts, times and durations. */
export function add(run: Run, a: GoValue, b: GoValue): GoValue {
  if (typeof a === 'string' && typeof b === 'string') return made(run, a + b)
  const sum = calculate(
    numberOf(a),
    numberOf(b),
    (x, y) => x + y,
    (x, y) => x + y,
  )
  return sum ?? addTimes(a, b) ?? failAs(invalid(run, a, '+', b))
}

function failAs(error: Error): never {
  throw error
}

function addTimes(a: GoValue, b: GoValue): GoValue | undefined {
  const [timeA, timeB, durationA, durationB] = [timeOf(a), timeOf(b), durationOf(a), durationOf(b)]
  if (timeA !== undefined && durationB !== undefined) return timeValue(addDuration(timeA, durationB))
  if (durationA === undefined) return undefined
  if (timeB !== undefined) return timeValue(addDuration(timeB, durationA))
  return durationB === undefined ? undefined : duration(durationA + durationB)
}

function subtract(run: Run, a: GoValue, b: GoValue): GoValue {
  const difference = calculate(
    numberOf(a),
    numberOf(b),
    (x, y) => x - y,
    (x, y) => x - y,
  )
  return difference ?? subtractTimes(a, b) ?? failAs(invalid(run, a, '-', b))
}

function subtractTimes(a: GoValue, b: GoValue): GoValue | undefined {
  const [timeA, timeB, durationA, durationB] = [timeOf(a), timeOf(b), durationOf(a), durationOf(b)]
  if (timeA !== undefined && timeB !== undefined) return timeBetween(timeA, timeB)
  if (durationB === undefined) return undefined
  if (timeA !== undefined) return timeValue(addDuration(timeA, -durationB))
  return durationA === undefined ? undefined : duration(durationA - durationB)
}

/** Numbers, and durations with numbers or each other. */
function multiply(run: Run, a: GoValue, b: GoValue): GoValue {
  const [numberA, numberB] = [numberOf(a), numberOf(b)]
  const product = calculate(
    numberA,
    numberB,
    (x, y) => x * y,
    (x, y) => x * y,
  )
  if (product !== undefined) return product
  const [factorA, factorB] = [numberA ?? durationOf(a), numberB ?? durationOf(b)]
  if (factorA === undefined || factorB === undefined) throw invalid(run, a, '*', b)
  if (typeof factorA === 'bigint' && typeof factorB === 'bigint') return duration(factorA * factorB)
  return duration(truncateToInt64(Number(factorA) * Number(factorB)))
}

/** Always a float. */
function divide(run: Run, a: GoValue, b: GoValue): GoValue {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x === undefined || y === undefined) throw invalid(run, a, '/', b)
  return Number(x) / Number(y)
}

/** Integers only; the sign is the first one's. */
function modulo(run: Run, a: GoValue, b: GoValue): GoValue {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (typeof x !== 'bigint' || typeof y !== 'bigint') throw invalid(run, a, '%', b)
  if (y === 0n) throw fault(run, 'runtime error: integer divide by zero')
  return wrap(x % y)
}

/** math.Pow: always a float. JavaScript differs for a base of 1 or -1. */
function power(run: Run, a: GoValue, b: GoValue): GoValue {
  const [base, exponent] = [toFloat(run, a), toFloat(run, b)]
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1
  return base ** exponent
}

/** Unary minus: the type stays. */
export function negate(run: Run, value: GoValue): GoValue {
  const number = numberOf(value)
  if (number === undefined) throw fault(run, `invalid operation: - ${typeName(value)}`)
  if (typeof number === 'number') return value instanceof GoTyped ? new GoTyped(value.type, -number) : -number
  if (!(value instanceof GoTyped)) return wrap(-number)
  const bits = Number(/\d+$/.exec(value.type.kind)?.[0] ?? 64)
  const isUnsigned = value.type.kind.startsWith('u')
  return new GoTyped(value.type, isUnsigned ? BigInt.asUintN(bits, -number) : BigInt.asIntN(bits, -number))
}
