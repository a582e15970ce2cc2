// Reading, writing and deleting at a path inside a value.
import type { Budget } from './budget.ts'
import { JqError, JqLimitError } from './error.ts'
import { compareValues } from './value-order.ts'
import { describe } from './value-text.ts'
import { charactersOf, fieldOf, isList, isMap, type Json, type JsonMap } from './values.ts'

/** Keys, positions, and slices as `{"start": 1, "end": 3}`. */
export type Path = readonly Json[]

/** The longest list that setting a far position may make. */
const MAX_LIST = 1_000_000

/** `.[key]`; null where a map or list lacks it. Throws gojq's texts for a value that has no such parts. */
export function valueAt(value: Json, key: Json, budget: Budget): Json {
  if (typeof key === 'string') {
    if (isMap(value)) return fieldOf(value, key)
    if (value === null) return null
    throw new JqError(`expected an object but got: ${describe(value)}`)
  }
  if (typeof key === 'number') {
    if (isList(value)) return value[positionIn(value, key)] ?? null
    if (value === null) return null
    throw new JqError(`expected an array but got: ${describe(value)}`)
  }
  if (isMap(key)) return sliceOf(value, key)
  if (isList(key)) return isList(value) ? positionsOf(value, key, budget) : valueAtWrong(value)
  throw new JqError(`expected a string for object key but got: ${describe(key)}`)
}

function valueAtWrong(value: Json): Json {
  if (value === null) return null
  throw new JqError(`expected an array but got: ${describe(value)}`)
}

/** Where a list occurs inside another. */
function positionsOf(list: readonly Json[], part: readonly Json[], budget: Budget): Json {
  if (part.length === 0) return null
  const starts = [...list.keys()].filter((at) =>
    part.every(
      (item, offset) => at + offset < list.length && compareValues(list[at + offset] ?? null, item, budget) === 0,
    ),
  )
  return starts
}

function positionIn(list: readonly Json[], key: number): number {
  const at = Math.floor(key)
  return at < 0 ? list.length + at : at
}

export interface Bounds {
  readonly start: number
  readonly end: number
}

/** Where a slice lies in something of a length. */
export function boundsOf(slice: JsonMap, length: number): Bounds {
  const start = boundAt(fieldOf(slice, 'start'), 0, length, Math.floor)
  const end = boundAt(fieldOf(slice, 'end'), length, length, Math.ceil)
  return { start, end: Math.max(start, end) }
}

function boundAt(bound: Json, absent: number, length: number, round: (value: number) => number): number {
  if (bound === null) return absent
  if (typeof bound !== 'number') throw new JqError(`expected a number for slicing an array but got: ${describe(bound)}`)
  const at = round(bound)
  return Math.min(length, Math.max(0, at < 0 ? length + at : at))
}

function sliceOf(value: Json, slice: JsonMap): Json {
  if (value === null) return null
  if (isList(value)) {
    const { start, end } = boundsOf(slice, value.length)
    return value.slice(start, end)
  }
  if (typeof value !== 'string') throw new JqError(`expected an array but got: ${describe(value)}`)
  const characters = charactersOf(value)
  const { start, end } = boundsOf(slice, characters.length)
  return characters.slice(start, end).join('')
}

/** The value with another at the path. */
export function withValueAt(value: Json, path: Path, next: Json, budget: Budget): Json {
  const [key, ...rest] = path
  if (key === undefined) return next
  const child = withValueAt(valueAt(value, key, budget), rest, next, budget)
  if (typeof key === 'string') return { ...(isMap(value) ? value : {}), [key]: child }
  const list = isList(value) ? value : []
  if (typeof key === 'number') return withItem(list, key, child)
  if (!isMap(key) || !isList(child)) throw new JqError(`expected an array but got: ${describe(child)}`)
  const { start, end } = boundsOf(key, list.length)
  return [...list.slice(0, start), ...child, ...list.slice(end)]
}

function withItem(list: readonly Json[], key: number, child: Json): Json {
  const at = positionIn(list, key)
  if (at < 0) throw new JqError(`array index should not be negative: ${key}`)
  if (at > MAX_LIST) throw new JqLimitError(`array index too large: ${key}`)
  const next = [...list]
  while (next.length < at) next.push(null)
  next[at] = child
  return next
}

/** The value without what stands at the paths; one that is not there is no error. */
export function withoutPaths(value: Json, paths: readonly Path[], budget: Budget): Json {
  // From the last to the first: removing an item moves those after it.
  return paths
    .toSorted((a, b) => compareValues(b, a, budget))
    .reduce((left, path) => withoutPath(left, path, budget), value)
}

function withoutPath(value: Json, path: Path, budget: Budget): Json {
  const [key, ...rest] = path
  if (key === undefined || value === null) return null
  if (rest.length > 0) {
    const child = valueAt(value, key, budget)
    if (child === null) return value
    const next = withoutPath(child, rest, budget)
    return next === child ? value : withValueAt(value, [key], next, budget)
  }
  if (typeof key === 'string' && isMap(value)) return withoutField(value, key)
  if (typeof key === 'number' && isList(value)) return value.toSpliced(...splice(value, key))
  if (isMap(key) && isList(value)) {
    const { start, end } = boundsOf(key, value.length)
    return value.toSpliced(start, end - start)
  }
  throw new JqError(`cannot delete ${describe(key)} of: ${describe(value)}`)
}

function splice(list: readonly Json[], key: number): [number, number] {
  const at = positionIn(list, key)
  return at < 0 || at >= list.length ? [0, 0] : [at, 1]
}

function withoutField(map: JsonMap, key: string): JsonMap {
  if (!Object.hasOwn(map, key)) return map
  const { [key]: _removed, ...rest } = map
  return rest
}
