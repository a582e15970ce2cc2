// jq's arithmetic and comparison of two values.
import { JqError, JqLimitError } from './error.ts'
import { compareValues, isList, isMap, type Json, type JsonMap, preview, describe } from './values.ts'

/** The longest text and list that an operator may make. */
const MAX_TEXT = 10_000_000
const MAX_LIST = 1_000_000

/** Applies an operator; `and`, `or`, `//` and assignments are no matter of two values. */
export function operate(operator: string, left: Json, right: Json): Json {
  const compare = COMPARISONS[operator]
  if (compare !== undefined) return compare(compareValues(left, right))
  const compute = ARITHMETIC[operator]
  if (compute === undefined) throw new JqError(`unknown operator ${operator}`)
  const result = compute(left, right)
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

type Compute = (left: Json, right: Json) => Json | undefined

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
  if (typeof left === 'string' && typeof right === 'string') return limited(left.length + right.length) ?? left + right
  if (isList(left) && isList(right)) return joined(left, right)
  return isMap(left) && isMap(right) ? { ...left, ...right } : undefined
}

function joined(left: readonly Json[], right: readonly Json[]): Json {
  if (left.length + right.length > MAX_LIST) throw new JqLimitError(`jq list longer than ${MAX_LIST} items`)
  return [...left, ...right]
}

function subtract(left: Json, right: Json): Json | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (!isList(left) || !isList(right)) return undefined
  return left.filter((item) => !right.some((other) => compareValues(item, other) === 0))
}

function multiply(left: Json, right: Json): Json | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left * right
  if (typeof left === 'string' && typeof right === 'number') return repeat(left, right)
  if (typeof left === 'number' && typeof right === 'string') return repeat(right, left)
  return isMap(left) && isMap(right) ? merge(left, right) : undefined
}

function repeat(text: string, count: number): Json {
  if (!(count > 0)) return null
  const times = Math.max(1, Math.floor(count))
  return limited(text.length * times) ?? text.repeat(times)
}

function limited(length: number): undefined {
  if (length > MAX_TEXT) throw new JqLimitError(`jq text longer than ${MAX_TEXT} characters`)
}

/** Deep: maps on both sides are merged, else the right one counts. */
function merge(left: JsonMap, right: JsonMap): JsonMap {
  const merged: Record<string, Json> = { ...left }
  for (const [key, value] of Object.entries(right)) {
    const before = merged[key]
    merged[key] = before !== undefined && isMap(before) && isMap(value) ? merge(before, value) : value
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
