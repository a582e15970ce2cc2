// The built-in functions on lists and maps.
import { sortedKeys } from '../go/order.ts'
import { runesOf } from '../go/text.ts'
import { ANY, ANY_SLICE, elementsOf, GoTyped, mapOf, mapOfValue, stringOf, typeOf } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'
import type { Builtin } from './builtins-numbers.ts'
import { equal, sortOrder } from './compare.ts'
import { ExprError } from './error.ts'
import { MAX_NESTING } from './limits.ts'
import { fetch, getOrNil } from './member.ts'
import { toCount } from './numbers.ts'
import { fault, grow, shown, step, typeName } from './run.ts'
import type { Run } from './run.ts'

export const LIST_BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['len', (run, [value = null]) => BigInt(length(run, value))],
  ['first', (run, [value = null]) => elementOrNil(run, value, 0n)],
  ['last', (run, [value = null]) => elementOrNil(run, value, -1n)],
  ['get', (run, [base = null, key = null]) => getOrNil(run, base, key)],
  ['take', take],
  ['keys', (run, args) => keysOf(run, args, 'cannot get keys from')],
  ['values', valuesOf],
  ['toPairs', toPairs],
  ['fromPairs', fromPairs],
  ['reverse', (run, args) => grown(run, listAt(run, args, 'cannot reverse').toReversed())],
  ['uniq', uniq],
  [
    'concat',
    (run, args) =>
      grown(
        run,
        args.flatMap((_value, index) => listAt(run, args.slice(index), 'cannot concat')),
      ),
  ],
  ['flatten', (run, args) => grown(run, flatten(run, listAt(run, args, 'cannot flatten'), 0))],
  ['sort', sort],
])

function grown(run: Run, list: GoValue[]): GoValue[] {
  grow(run, list.length)
  return list
}

/** What stands at an index, nil where that fails: upstream drops the error. */
function elementOrNil(run: Run, value: GoValue, index: bigint): GoValue {
  try {
    return fetch(run, value, index)
  } catch (error) {
    if (error instanceof ExprError) return null
    throw error
  }
}

/** reflect's name of a value's kind. */
function kindOf(value: GoValue): string {
  return typeOf(value)?.kind ?? 'invalid'
}

/** The elements of the first argument; `reason KIND` where it is no list. */
function listAt(run: Run, args: readonly GoValue[], reason: string): readonly GoValue[] {
  const value = args[0] ?? null
  const elements = elementsOf(value)
  if (elements === undefined) throw fault(run, `${reason} ${kindOf(value)}`)
  return elements
}

function mapAt(run: Run, args: readonly GoValue[], reason: string, tail = ''): GoMap {
  const value = args[0] ?? null
  const map = mapOfValue(value)
  if (map === undefined) throw fault(run, `${reason} ${kindOf(value)}${tail}`)
  return map
}

function length(run: Run, value: GoValue): number {
  const text = stringOf(value)
  const size = text === undefined ? (elementsOf(value)?.length ?? mapOfValue(value)?.size) : runesOf(text).length
  if (size === undefined) throw fault(run, `invalid argument for len (type ${typeName(value)})`)
  return size
}

function take(run: Run, args: readonly GoValue[]): GoValue {
  const list = listAt(run, args, 'cannot take from')
  const wanted = args[1] ?? null
  const kind = kindOf(wanted)
  if (!kind.startsWith('int') || kind === 'interface') throw fault(run, `cannot take ${kind} elements`)
  const count = toCount(run, wanted)
  if (count < 0) throw fault(run, 'reflect.Value.Slice: slice index out of bounds')
  const part = list.slice(0, count)
  const from = args[0] ?? null
  return from instanceof GoTyped ? new GoTyped(from.type, part) : part
}

/** Go's order is by chance; ours is sorted. */
function keysOf(run: Run, args: readonly GoValue[], reason: string): GoValue[] {
  return grown(run, sortedKeys(mapAt(run, args, reason)))
}

function valuesOf(run: Run, args: readonly GoValue[]): GoValue {
  const map = mapAt(run, args, 'cannot get values from')
  return grown(
    run,
    sortedKeys(map).map((key) => map.get(key) ?? null),
  )
}

function toPairs(run: Run, args: readonly GoValue[]): GoValue {
  const map = mapAt(run, args, 'cannot transform', ' to pairs')
  return grown(
    run,
    sortedKeys(map).map((key) => [key, map.get(key) ?? null]),
  )
}

function fromPairs(run: Run, args: readonly GoValue[]): GoValue {
  const value = args[0] ?? null
  const list = elementsOf(value)
  if (list === undefined) throw fault(run, `cannot transform ${shown(value)} from pairs`)
  grow(run, list.length)
  const map: GoMap = new Map()
  for (const entry of list) {
    const pair = elementsOf(entry)
    if (pair === undefined) throw fault(run, `invalid pair ${shown(entry)}`)
    if (pair.length !== 2) throw fault(run, `invalid pair length ${shown(entry)}`)
    map.set(pair[0] ?? null, pair[1] ?? null)
  }
  return new GoTyped(mapOf(ANY, ANY), map)
}

function uniq(run: Run, args: readonly GoValue[]): GoValue {
  const kept: GoValue[] = []
  for (const value of listAt(run, args, 'cannot uniq')) {
    const isKnown = kept.some((other) => {
      step(run)
      return equal(run, value, other)
    })
    if (!isKnown) kept.push(value)
  }
  return grown(run, kept)
}

function flatten(run: Run, list: readonly GoValue[], depth: number): GoValue[] {
  if (depth > MAX_NESTING) throw fault(run, 'recursion depth exceeded')
  return list.flatMap((value) => {
    const inner = elementsOf(value)
    return inner === undefined ? [value] : flatten(run, inner, depth + 1)
  })
}

const SORTABLE: ReadonlySet<string> = new Set(['interface {}', 'int', 'float64', 'string'])

/** Upstream sorts lists of these alone; of anything else nothing is left. */
function sortable(value: GoValue): readonly GoValue[] | undefined {
  const elem = typeOf(value)?.elem?.name
  return elem !== undefined && SORTABLE.has(elem) ? elementsOf(value) : undefined
}

function sort(run: Run, args: readonly GoValue[]): GoValue {
  const order = args.length > 1 ? (args[1] ?? null) : 'asc'
  if (typeof order !== 'string') throw fault(run, `sort order argument must be a string (got ${typeName(order)})`)
  if (order !== 'asc' && order !== 'desc') throw fault(run, `invalid order ${order}, expected asc or desc`)
  const direction = order === 'asc' ? 1 : -1
  const list = sortable(args[0] ?? null)
  if (list === undefined) return new GoTyped(ANY_SLICE, null)
  return grown(
    run,
    list.toSorted((a, b) => direction * sortOrder(run, a, b)),
  )
}
