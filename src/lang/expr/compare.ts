// The operators that compare (expr 1.17 vm/runtime).
import { deepEqual } from '../go/deep-equal.ts'
import { compareText } from '../go/text.ts'
import { durationOf, timeOf } from '../go/time/moment.ts'
import { elementsOf, GoFunction, isNil, typeOf } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { numberOf } from './numbers.ts'
import { fault, step, typeName } from './run.ts'
import type { Run } from './run.ts'

/** `==`: numbers by their worth whatever their types, lists element by element, everything else as reflect.DeepEqual. */
export function equal(run: Run, a: GoValue, b: GoValue): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== undefined && y !== undefined) return typeof x === typeof y ? x === y : Number(x) === Number(y)
  const [listA, listB] = [elementsOf(a), elementsOf(b)]
  if (listA !== undefined && listB !== undefined && areOfOneKind(a, b)) return equalLists(run, listA, listB)
  return (isNil(a) && isNil(b)) || equalOthers(a, b)
}

function equalOthers(a: GoValue, b: GoValue): boolean {
  const [timeA, timeB] = [timeOf(a), timeOf(b)]
  if (timeA !== undefined && timeB !== undefined) return timeA.epochMs === timeB.epochMs
  return !(a instanceof GoFunction) && !(b instanceof GoFunction) && deepEqual(a, b)
}

/** A list of anything with one of numbers or texts, and lists of one type. */
function areOfOneKind(a: GoValue, b: GoValue): boolean {
  const [typeA, typeB] = [typeOf(a), typeOf(b)]
  if (typeA?.name === typeB?.name) return true
  const other = Array.isArray(a) ? typeB?.elem : typeA?.elem
  return (Array.isArray(a) || Array.isArray(b)) && other?.isNamed !== true && other?.kind !== 'struct'
}

function equalLists(run: Run, a: readonly GoValue[], b: readonly GoValue[]): boolean {
  step(run)
  return a.length === b.length && a.every((item, index) => equal(run, item, b[index] ?? null))
}

/** Negative, zero, positive; NaN for what has no order among itself; undefined where these two cannot be compared. */
function order(a: GoValue, b: GoValue): number | undefined {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== undefined && y !== undefined) return orderNumbers(x, y)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  const [timeA, timeB] = [timeOf(a), timeOf(b)]
  if (timeA !== undefined && timeB !== undefined) return timeA.epochMs - timeB.epochMs
  const [durationA, durationB] = [durationOf(a), durationOf(b)]
  if (durationA !== undefined && durationB !== undefined) return orderNumbers(durationA, durationB)
  return undefined
}

function orderNumbers(a: bigint | number, b: bigint | number): number {
  const [x, y] = typeof a === typeof b ? [a, b] : [Number(a), Number(b)]
  if (x < y) return -1
  if (x > y) return 1
  return x === y ? 0 : Number.NaN
}

const TESTS: ReadonlyMap<string, (difference: number) => boolean> = new Map([
  ['<', (difference: number) => difference < 0],
  ['>', (difference: number) => difference > 0],
  ['<=', (difference: number) => difference <= 0],
  ['>=', (difference: number) => difference >= 0],
])

/** `<`, `>`, `<=`, `>=`; throws for values that have no order. */
export function compare(run: Run, operator: string, a: GoValue, b: GoValue): boolean {
  const difference = order(a, b)
  if (difference === undefined) throw fault(run, `invalid operation: ${typeName(a)} ${operator} ${typeName(b)}`)
  return TESTS.get(operator)?.(difference) ?? false
}

/** For sorting: the lesser first. */
export function sortOrder(run: Run, a: GoValue, b: GoValue): number {
  step(run)
  const difference = order(a, b)
  if (difference === undefined) throw fault(run, `invalid operation: ${typeName(a)} < ${typeName(b)}`)
  return Number.isNaN(difference) ? 0 : difference
}
