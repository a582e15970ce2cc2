// Sprig's functions on lists.
import { deepEqual } from '../go/deep-equal.ts'
import { appended, capacityOf, partOf, withCapacity } from '../go/capacity.ts'
import { GoError } from '../go/error.ts'
import { isTrue } from '../go/truth.ts'
import { ANY, ANY_SLICE, elementsOf, GoStruct, GoTyped, INT, sliceOf, typeOf } from '../go/values.ts'
import type { GoFunction, GoValue } from '../go/values.ts'
import { toInteger } from './cast.ts'
import {
  countAt,
  fixed,
  listAt,
  MAX_ELEMENTS,
  nilPointer,
  nilSlice,
  requireLength,
  valueAt,
  variadic,
} from './define.ts'
import type { FunctionTable } from './define.ts'

const append = fixed([ANY, ANY], (args) => {
  const items = listAt(args, 0, 'push on')
  return appended([...items, valueAt(args, 1)], items.length)
})
const prepend = fixed([ANY, ANY], (args) => appended([valueAt(args, 1), ...listAt(args, 0, 'prepend on')], 1))
const first = fixed([ANY], (args) => listAt(args, 0, 'find first on')[0] ?? null)
const last = fixed([ANY], (args) => listAt(args, 0, 'find last on').at(-1) ?? null)
const rest = fixed([ANY], (args) => orNil(listAt(args, 0, 'find rest on'), (list) => withCapacity(list.slice(1))))
const initial = fixed([ANY], (args) =>
  orNil(listAt(args, 0, 'find initial on'), (list) => withCapacity(list.slice(0, -1))),
)
const reverse = fixed([ANY], (args) => withCapacity(listAt(args, 0, 'find reverse on').toReversed()))
const compact = fixed([ANY], (args) => listAt(args, 0, 'compact on').filter((value) => !isEmpty(value)))
const uniq = fixed([ANY], (args) => unique(listAt(args, 0, 'find uniq on')))
const without = variadic([ANY, ANY], (args) => {
  const omitted = new Finder(args.slice(1))
  return listAt(args, 0, 'find without on').filter((value) => !omitted.has(value))
})
const has = fixed([ANY, ANY], (args) => {
  return valueAt(args, 1) !== null && new Finder(listAt(args, 1, 'find has on')).has(valueAt(args, 0))
})
const slice = variadic([ANY, ANY], (args) => sliceList(args))
const chunk = fixed([INT, ANY], (args) => chunkList(countAt(args, 0), listAt(args, 1, 'chunk')))
const list = variadic([ANY], (args) => withCapacity([...args]))

export const LIST_FUNCTIONS: FunctionTable = {
  list,
  tuple: list,
  append,
  push: append,
  mustAppend: append,
  mustPush: append,
  ...withMust({ prepend, first, last, rest, initial, reverse, compact, uniq, without, has, slice, chunk }),
  concat: variadic([ANY], (args) => args.flatMap(concatenated)),
}

function withMust(functions: FunctionTable): FunctionTable {
  const all: Record<string, GoFunction> = { ...functions }
  for (const [name, target] of Object.entries(functions)) {
    all[`must${name[0]?.toUpperCase()}${name.slice(1)}`] = target
  }
  return all
}

/** Sprig's empty: nil, false, zero, and what has no elements. */
export function isEmpty(value: GoValue): boolean {
  return !(value instanceof GoStruct) && !isTrue(value)
}

function orNil(items: readonly GoValue[], part: (items: readonly GoValue[]) => GoValue[]): GoValue {
  return items.length === 0 ? nilSlice(ANY_SLICE) : part(items)
}

/** Finds values among others: scalars by a set, so that long lists cost no more than their length. */
class Finder {
  readonly #scalars = new Set<GoValue>()
  readonly #others: GoValue[] = []

  constructor(values: readonly GoValue[]) {
    for (const value of values) this.add(value)
  }

  add(value: GoValue): void {
    if (typeof value === 'object' && value !== null) this.#others.push(value)
    else this.#scalars.add(value)
  }

  has(value: GoValue): boolean {
    if (typeof value !== 'object' || value === null) return this.#scalars.has(value)
    return this.#others.some((other) => deepEqual(other, value))
  }
}

function unique(items: readonly GoValue[]): GoValue[] {
  const seen = new Finder([])
  const kept: GoValue[] = []
  for (const item of items) {
    if (seen.has(item)) continue
    seen.add(item)
    kept.push(item)
  }
  return kept
}

function sliceList(args: readonly GoValue[]): GoValue {
  const value = valueAt(args, 0)
  if (value === null) throw nilPointer()
  const items = elementsOf(value)
  if (items === undefined) throw new GoError(`list should be type of slice or array but ${typeOf(value)?.kind}`)
  if (items.length === 0) return null
  const start = args.length > 1 ? indexAt(args, 1) : 0
  const end = args.length > 2 ? indexAt(args, 2) : items.length
  const capacity = capacityOf(value)
  if (start < 0 || start > end || end > capacity) throw new GoError('reflect.Value.Slice: slice index out of bounds')
  return partOf(value, { start, end, capacity })
}

function indexAt(args: readonly GoValue[], index: number): number {
  return Number(toInteger(valueAt(args, index)))
}

function chunkList(size: number, items: readonly GoValue[]): GoValue {
  if (size <= 0)
    throw new GoError(size === 0 ? 'runtime error: makeslice: len out of range' : 'runtime error: index out of range')
  const chunks: GoValue[] = []
  for (let start = 0; start < items.length; start += size) {
    chunks.push(withCapacity(items.slice(start, start + size)))
  }
  return new GoTyped(sliceOf(ANY_SLICE), chunks)
}

function concatenated(value: GoValue): readonly GoValue[] {
  if (value === null) throw nilPointer()
  const items = elementsOf(value)
  if (items === undefined) throw new GoError(`Cannot concat type ${typeOf(value)?.kind} as list`)
  requireLength(items.length, MAX_ELEMENTS, 'concat')
  return items
}
