// jq's arithmetic and comparison of two values.
import { type Budget, checkTextLength } from './budget.ts'
import { JqError, JqLimitError } from './error.ts'
import { compareValues } from './value-order.ts'
import { preview, describe } from './value-text.ts'
import { isList, isMap, type Json, type JsonMap } from './values.ts'

/** The longest list that an operator may make. */
const MAX_LIST = 1_000_000

/** Applies an operator; `and`, `or`, `//` and assignments are no matter of two values. */
export function operate(operator: string, left: Json, right: Json, budget: Budget): Json {
  const compare = COMPARISONS[operator]
  if (compare !== undefined) return compare(compareValues(left, right, budget))
  const compute = ARITHMETIC[operator]
  if (compute === undefined) throw new JqError(`unknown operator ${operator}`)
  const result = compute(left, right, budget)
  if (result === undefined)
    throw new JqError(`cannot ${VERBS[operator] ?? operator}: ${describe(left)} and ${describe(right)}`)
  return result
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

type Compute = (left: Json, right: Json, budget: Budget) => Json | undefined

const ARITHMETIC: Readonly<Record<string, Compute>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': modulo,
}

const VERBS: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
}

function add(left: Json, right: Json): Json | undefined {
  if (left === null) return right
  if (right === null) return left
  if (typeof left === 'number' && typeof right === 'number') return left + right
  if (typeof left === 'string' && typeof right === 'string') {
    checkTextLength(left.length + right.length)
    return left + right
  }
  if (isList(left) && isList(right)) return joined(left, right)
  return isMap(left) && isMap(right) ? { ...left, ...right } : undefined
}

function joined(left: readonly Json[], right: readonly Json[]): Json {
  if (left.length + right.length > MAX_LIST) throw new JqLimitError(`jq list longer than ${MAX_LIST} items`)
  return [...left, ...right]
}

function subtract(left: Json, right: Json, budget: Budget): Json | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (!isList(left) || !isList(right)) return undefined
  return left.filter((item) => !right.some((other) => compareValues(item, other, budget) === 0))
}

function multiply(left: Json, right: Json, budget: Budget): Json | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left * right
  if (typeof left === 'string' && typeof right === 'number') return repeat(left, right)
  if (typeof left === 'number' && typeof right === 'string') return repeat(right, left)
  return isMap(left) && isMap(right) ? merge(left, right, budget) : undefined
}

function repeat(text: string, count: number): Json {
  if (!(count > 0)) return null
  const times = Math.max(1, Math.floor(count))
  checkTextLength(text.length * times)
  return text.repeat(times)
}

/** Deep: maps on both sides are merged, else the right one counts. */
function merge(left: JsonMap, right: JsonMap, budget: Budget): JsonMap {
  const merged: Record<string, Json> = { ...left }
  for (const [key, value] of Object.entries(right)) {
    budget.spend(1)
    const before = merged[key]
    merged[key] = before !== undefined && isMap(before) && isMap(value) ? merge(before, value, budget) : value
  }
  return merged
}

function divide(left: Json, right: Json): Json | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    if (right === 0) throw new JqError(`cannot divide ${preview(left)} by: ${describe(right)}`)
    return left / right
  }
  if (typeof left !== 'string' || typeof right !== 'string') return undefined
  return left === '' ? [] : left.split(right)
}

function modulo(left: Json, right: Json): Json | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined
  const divisor = Math.trunc(right)
  if (divisor === 0) throw new JqError(`cannot modulo ${preview(left)} by: ${describe(right)}`)
  // Adding zero turns -0 into 0.
  return (Math.trunc(left) % divisor) + 0
}
