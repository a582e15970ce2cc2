// Sprig's functions on maps.
import { GoError } from '../go/error.ts'
import { sortedKeys } from '../go/order.ts'
import { ANY, ANY_MAP, GoTyped, mapOfValue, stringOf, STRING, strings, typeOf } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'
import { fixed, mapAt, textAt, textOf, valueAt, variadic } from './define.ts'
import type { FunctionTable } from './define.ts'
import { isEmpty } from './lists.ts'

/** How deep values may nest when they are copied or merged. */
export const MAX_COPY_DEPTH = 1000

const merge = variadic([ANY_MAP, ANY_MAP], (args) => mergeAll(args, false))
const mergeOverwrite = variadic([ANY_MAP, ANY_MAP], (args) => mergeAll(args, true))
const copy = fixed([ANY], (args) => {
  if (args[0] === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value')
  return deepCopy(valueAt(args, 0))
})

export const MAP_FUNCTIONS: FunctionTable = {
  dict: variadic([ANY], makeDict),
  get: fixed([ANY_MAP, STRING], (args) => {
    const found = mapAt(args, 0).get(textAt(args, 1))
    return found === undefined ? '' : found
  }),
  set: fixed([ANY_MAP, STRING, ANY], (args) => {
    writableAt(args).set(textAt(args, 1), valueAt(args, 2))
    return valueAt(args, 0)
  }),
  unset: fixed([ANY_MAP, STRING], (args) => {
    mapAt(args, 0).delete(textAt(args, 1))
    return args[0] ?? new GoTyped(ANY_MAP, null)
  }),
  hasKey: fixed([ANY_MAP, STRING], (args) => mapAt(args, 0).has(textAt(args, 1))),
  pluck: variadic([STRING, ANY_MAP], pluck),
  // Go walks maps in random order here: any order is right, a steady one is better
  keys: variadic([ANY_MAP], (args) => strings(args.flatMap((map) => textKeys(map)))),
  values: fixed([ANY_MAP], (args) => sortedKeys(mapAt(args, 0)).map((key) => mapAt(args, 0).get(key) ?? null)),
  pick: variadic([ANY_MAP, STRING], (args) => {
    const wanted = new Set(args.slice(1))
    return new Map([...mapAt(args, 0)].filter(([key]) => wanted.has(key)))
  }),
  omit: variadic([ANY_MAP, STRING], (args) => {
    const omitted = new Set(args.slice(1))
    return new Map([...mapAt(args, 0)].filter(([key]) => !omitted.has(key)))
  }),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  deepCopy: copy,
  mustDeepCopy: copy,
  dig: variadic([ANY], dig),
}

function makeDict(args: readonly GoValue[]): GoValue {
  const map: GoMap = new Map()
  for (let index = 0; index < args.length; index += 2) {
    map.set(textOf(args[index] ?? null), index + 1 < args.length ? (args[index + 1] ?? null) : '')
  }
  return map
}

function writableAt(args: readonly GoValue[]): GoMap {
  const map = args[0]
  if (!(map instanceof Map)) throw new GoError('assignment to entry in nil map')
  return map
}

function pluck(args: readonly GoValue[]): GoValue {
  const found: GoValue[] = []
  for (const map of args.slice(1)) {
    const value = mapOfValue(map)?.get(textAt(args, 0))
    if (value !== undefined) found.push(value)
  }
  return found
}

function textKeys(map: GoValue): string[] {
  return sortedKeys(mapOfValue(map) ?? new Map<GoValue, GoValue>()).map((key) => stringOf(key) ?? '')
}

/** mergo.Merge: the first map is changed; tables of the others are shared with it, not copied. */
function mergeAll(args: readonly GoValue[], overwrites: boolean): GoValue {
  const target = args[0] instanceof Map ? args[0] : new Map<GoValue, GoValue>()
  for (const source of args.slice(1))
    mergeInto(target, mapOfValue(source) ?? new Map<GoValue, GoValue>(), overwrites, 0)
  return target
}

function mergeInto(target: GoMap, source: GoMap, overwrites: boolean, depth: number): void {
  if (target === source) return
  requireDepth(depth)
  for (const [key, value] of source) {
    const own = target.get(key)
    const ownMap = own === undefined ? undefined : mapOfValue(own)
    const map = mapOfValue(value)
    if (ownMap !== undefined && map !== undefined) {
      mergeInto(ownMap, map, overwrites, depth + 1)
    } else if (overwrites || (value !== null && (own === undefined || isEmpty(own)))) {
      target.set(key, value)
    }
  }
}

function requireDepth(depth: number): void {
  if (depth > MAX_COPY_DEPTH)
    throw new GoError(`value is nested more than ${MAX_COPY_DEPTH} levels deep`, { code: 'limit' })
}

/** A copy that shares no list or map with the value. */
export function deepCopy(value: GoValue, depth = 0): GoValue {
  requireDepth(depth)
  if (Array.isArray(value)) return value.map((item) => deepCopy(item, depth + 1))
  if (value instanceof Map) return copyMap(value, depth)
  if (!(value instanceof GoTyped) || value.value instanceof Uint8Array) return value
  const inner = value.value
  return Array.isArray(inner) || inner instanceof Map ? new GoTyped(value.type, deepCopy(inner, depth)) : value
}

function copyMap(map: GoMap, depth: number): GoMap {
  const copied: GoMap = new Map()
  for (const [key, value] of map) copied.set(key, deepCopy(value, depth + 1))
  return copied
}

const MIN_DIG_ARGUMENTS = 3

function dig(args: readonly GoValue[]): GoValue {
  if (args.length < MIN_DIG_ARGUMENTS) throw new GoError('dig needs at least three arguments')
  let value = requireMap(args.at(-1) ?? null)
  const keys = args.slice(0, -2).map((key) => {
    if (typeof key === 'string') return key
    throw new GoError(`interface conversion: interface {} is ${typeName(key)}, not string`)
  })
  for (const [index, key] of keys.entries()) {
    const found = value.get(key)
    if (found === undefined) return args.at(-2) ?? null
    if (index === keys.length - 1) return found
    value = requireMap(found)
  }
  return null
}

/** Only a plain map will do: Go's type assertion knows no named ones. */
function requireMap(value: GoValue): GoMap {
  if (value instanceof Map) return value
  throw new GoError(`interface conversion: interface {} is ${typeName(value)}, not map[string]interface {}`)
}

function typeName(value: GoValue): string {
  return typeOf(value)?.name ?? 'nil'
}
