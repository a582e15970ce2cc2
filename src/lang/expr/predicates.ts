// The built-in functions that take a predicate: all, filter, map, groupBy … (expr 1.17 compiler).
import { byteLength, bytesOfText } from '../go/text.ts'
import {
  ANY,
  ANY_SLICE,
  elementsOf,
  GoTyped,
  mapOf,
  mapOfValue,
  stringOf,
  targetOf,
  typeOf,
  UINT8,
} from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'
import { add } from './arithmetic.ts'
import { sortOrder } from './compare.ts'
import type { BuiltinNode, Node } from './nodes.ts'
import { booleanOf, fault, grow, typeName } from './run.ts'
import type { Evaluate, Run, Scope } from './run.ts'

interface Loop {
  readonly run: Run
  readonly node: BuiltinNode
  readonly scope: Scope
  readonly evaluate: Evaluate
}

const LOOPS: ReadonlyMap<string, (loop: Loop) => GoValue> = new Map<string, (loop: Loop) => GoValue>([
  ['all', (loop) => indexWhere(loop, false) < 0],
  ['none', (loop) => indexWhere(loop, true) < 0],
  ['any', (loop) => indexWhere(loop, true) >= 0],
  ['one', (loop) => countWhere(loop) === 1],
  ['count', (loop) => BigInt(countWhere(loop))],
  ['filter', filter],
  ['map', map],
  ['find', (loop) => itemOrNil(loop, indexWhere(loop, true))],
  ['findIndex', (loop) => indexOrNil(indexWhere(loop, true))],
  ['findLast', (loop) => itemOrNil(loop, lastIndexWhere(loop))],
  ['findLastIndex', (loop) => indexOrNil(lastIndexWhere(loop))],
  ['sum', sum],
  ['groupBy', groupBy],
  ['sortBy', sortBy],
  ['reduce', reduce],
])

const NIL: Node = { kind: 'nil', at: 0 }

/** The value of a call with a predicate. */
export function runPredicate(run: Run, node: BuiltinNode, evaluate: Evaluate): GoValue {
  const collection = evaluate(run, node.args[0] ?? NIL)
  const outer = run.scope
  run.at = node.at
  const scope = openScope(run, collection)
  run.scope = scope
  const value = LOOPS.get(node.name)?.({ run, node, scope, evaluate }) ?? null
  run.scope = outer
  return value
}

function openScope(run: Run, collection: GoValue): Scope {
  const value = targetOf(collection) ?? collection
  const state = { outer: run.scope, index: 0, accumulator: null }
  const elements = elementsOf(value)
  if (elements !== undefined) return { ...state, length: elements.length, itemAt: (index) => elements[index] ?? null }
  const text = stringOf(value)
  if (text !== undefined) {
    const bytes = bytesOfText(text)
    const itemAt = (index: number): GoValue => new GoTyped(UINT8, BigInt(bytes[index] ?? 0))
    return { ...state, length: byteLength(text), itemAt }
  }
  const size = mapOfValue(value)?.size
  const noItem = (): never => {
    throw fault(run, 'reflect: call of reflect.Value.Index on map Value')
  }
  if (size !== undefined) return { ...state, length: size, itemAt: noItem }
  const kind = value === null ? 'zero' : (typeOf(value)?.kind ?? 'zero')
  throw fault(run, `reflect: call of reflect.Value.Len on ${kind} Value`)
}

function item({ scope }: Loop): GoValue {
  return scope.itemAt(scope.index)
}

/** What the predicate, or else the element itself, is worth here. */
function valueHere(loop: Loop): GoValue {
  const predicate = loop.node.args[1]
  if (predicate === undefined) return item(loop)
  const value = loop.evaluate(loop.run, predicate)
  loop.run.at = loop.node.at
  return value
}

function holdsHere(loop: Loop): boolean {
  return booleanOf(loop.run, valueHere(loop))
}

function indexWhere(loop: Loop, wanted: boolean): number {
  for (; loop.scope.index < loop.scope.length; loop.scope.index += 1) {
    if (holdsHere(loop) === wanted) return loop.scope.index
  }
  return -1
}

function lastIndexWhere(loop: Loop): number {
  for (loop.scope.index = loop.scope.length - 1; loop.scope.index >= 0; loop.scope.index -= 1) {
    if (holdsHere(loop)) return loop.scope.index
  }
  return -1
}

function countWhere(loop: Loop): number {
  let count = 0
  for (; loop.scope.index < loop.scope.length; loop.scope.index += 1) if (holdsHere(loop)) count += 1
  return count
}

function itemOrNil({ scope }: Loop, index: number): GoValue {
  return index < 0 ? null : scope.itemAt(index)
}

function indexOrNil(index: number): GoValue {
  return index < 0 ? null : BigInt(index)
}

function filter(loop: Loop): GoValue {
  const kept: GoValue[] = []
  for (; loop.scope.index < loop.scope.length; loop.scope.index += 1) if (holdsHere(loop)) kept.push(item(loop))
  grow(loop.run, kept.length)
  return kept
}

function map(loop: Loop): GoValue {
  const values: GoValue[] = []
  for (; loop.scope.index < loop.scope.length; loop.scope.index += 1) values.push(valueHere(loop))
  grow(loop.run, values.length)
  return values
}

function sum(loop: Loop): GoValue {
  let total: GoValue = 0n
  for (; loop.scope.index < loop.scope.length; loop.scope.index += 1) total = add(loop.run, valueHere(loop), total)
  return total
}

function groupBy(loop: Loop): GoValue {
  const groups: GoMap = new Map()
  for (; loop.scope.index < loop.scope.length; loop.scope.index += 1) {
    const key = valueHere(loop)
    if (elementsOf(key) !== undefined || mapOfValue(key) !== undefined) {
      throw fault(loop.run, `hash of unhashable type: ${typeName(key)}`)
    }
    const group = groups.get(key)
    if (Array.isArray(group)) group.push(item(loop))
    else groups.set(key, [item(loop)])
  }
  grow(loop.run, loop.scope.length)
  return new GoTyped(mapOf(ANY, ANY_SLICE), groups)
}

function sortBy(loop: Loop): GoValue {
  const direction = directionOf(loop)
  const entries: { readonly value: GoValue; readonly own: GoValue }[] = []
  for (; loop.scope.index < loop.scope.length; loop.scope.index += 1) {
    entries.push({ value: valueHere(loop), own: item(loop) })
  }
  entries.sort((a, b) => direction * sortOrder(loop.run, a.value, b.value))
  grow(loop.run, entries.length)
  return entries.map(({ own }) => own)
}

function directionOf(loop: Loop): 1 | -1 {
  const written = loop.node.args[2]
  const order = written === undefined ? 'asc' : outside(loop, written)
  if (typeof order !== 'string') throw fault(loop.run, 'sortBy order argument must be a string')
  if (order !== 'asc' && order !== 'desc') throw fault(loop.run, 'unknown order, use asc or desc')
  return order === 'asc' ? 1 : -1
}

/** An argument that is no predicate. */
function outside(loop: Loop, node: Node): GoValue {
  const value = loop.evaluate(loop.run, node)
  loop.run.at = loop.node.at
  return value
}

function reduce(loop: Loop): GoValue {
  const { run, node, scope } = loop
  const initial = node.args[2]
  if (initial === undefined && scope.length === 0) throw fault(run, 'reduce of empty array with no initial value')
  scope.accumulator = initial === undefined ? scope.itemAt(0) : outside(loop, initial)
  if (initial === undefined) scope.index = 1
  for (; scope.index < scope.length; scope.index += 1) scope.accumulator = valueHere(loop)
  return scope.accumulator
}
