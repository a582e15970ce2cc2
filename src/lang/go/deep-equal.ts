// reflect.DeepEqual.
import { limitError } from './error.ts'
import { elementsOf, GoComplex, GoStruct, GoTyped, isNil, mapOfValue, typeOf } from './values.ts'
import type { GoValue } from './values.ts'

const MAX_DEPTH = 1000

/** True for values of the same type with the same content: 1 and 1.0 differ, so do a nil list and an empty one. */
export function deepEqual(a: GoValue, b: GoValue, depth = 0): boolean {
  if (a === b) return typeof a !== 'number' || !Number.isNaN(a)
  if (!isObject(a) || !isObject(b)) return false
  if (depth > MAX_DEPTH) throw limitError(`values to compare are nested more than ${MAX_DEPTH} levels deep`)
  return typeOf(a)?.name === typeOf(b)?.name && isNil(a) === isNil(b) && equalContents(a, b, depth)
}

type GoObject = Exclude<GoValue, null | boolean | string | number | bigint>

function isObject(value: GoValue): value is GoObject {
  return value !== null && typeof value === 'object'
}

/** For two values of one type. */
function equalContents(a: GoValue, b: GoValue, depth: number): boolean {
  const mapA = mapOfValue(a)
  const mapB = mapOfValue(b)
  if (mapA !== undefined && mapB !== undefined) return equalMaps(mapA, mapB, depth)
  const listA = elementsOf(a)
  const listB = elementsOf(b)
  return listA !== undefined && listB !== undefined ? equalLists(listA, listB, depth) : equalScalars(a, b, depth)
}

function equalLists(a: readonly GoValue[], b: readonly GoValue[], depth: number): boolean {
  return a.length === b.length && a.every((item, index) => deepEqual(item, b[index] ?? null, depth + 1))
}

function equalMaps(a: ReadonlyMap<GoValue, GoValue>, b: ReadonlyMap<GoValue, GoValue>, depth: number): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (other === undefined || !deepEqual(value, other, depth + 1)) return false
  }
  return true
}

function equalScalars(a: GoValue, b: GoValue, depth: number): boolean {
  if (a instanceof GoComplex && b instanceof GoComplex) return a.real === b.real && a.imaginary === b.imaginary
  if (a instanceof GoStruct && b instanceof GoStruct) {
    return a.payload === b.payload && equalMaps(new Map(a.fields), new Map(b.fields), depth)
  }
  if (!(a instanceof GoTyped) || !(b instanceof GoTyped)) return false
  if (a.value instanceof Uint8Array || b.value instanceof Uint8Array) return false
  return deepEqual(a.value, b.value, depth + 1)
}
