// index, slice and len of the built-in functions.
import { capacityOf, partOf } from '../go/capacity.ts'
import { GoError } from '../go/error.ts'
import { byteLength, bytesOfText, sliceBytes } from '../go/text.ts'
import {
  bytesOf,
  elementsOf,
  GoTyped,
  integerOf,
  isIntegerKind,
  isNil,
  mapOfValue,
  stringOf,
  targetOf,
  typeOf,
  UINT8,
  zeroValue,
} from '../go/values.ts'
import type { GoMap, GoType, GoValue } from '../go/values.ts'
import { assignTyped } from './assign.ts'

/** `index x 1 "k"` is x[1]["k"]. */
export function indexValue(item: GoValue, keys: readonly GoValue[]): GoValue {
  if (item === null) throw new GoError('index of untyped nil')
  let value: GoValue = item
  for (const key of keys) value = indexOnce(value, key)
  return value
}

function indexOnce(item: GoValue, key: GoValue): GoValue {
  const value = targetOf(item) ?? item
  if (value === null || isNilPointer(value)) throw new GoError('index of nil pointer')
  const map = mapOfValue(value)
  if (map !== undefined) return entryOf(value, map, key)
  return elementOf(value, key)
}

function elementOf(value: GoValue, key: GoValue): GoValue {
  const type = typeOf(value)
  const text = stringOf(value)
  const bytes = text === undefined ? bytesOf(value) : bytesOfText(text)
  const kind = type?.kind ?? 'slice'
  if (bytes !== undefined) return new GoTyped(UINT8, BigInt(bytes[elementIndex(key, bytes.length, kind)] ?? 0))
  const elements = elementsOf(value)
  if (elements === undefined) throw new GoError(`can't index item of type ${type?.name}`)
  return elements[elementIndex(key, elements.length, kind)] ?? null
}

function isNilPointer(value: GoValue): boolean {
  return isNil(value) && typeOf(value)?.kind === 'ptr'
}

function entryOf(value: GoValue, map: GoMap, key: GoValue): GoValue {
  const type = typeOf(value)
  return map.get(mapKey(key, type?.key)) ?? (type?.elem === undefined ? null : zeroValue(type.elem))
}

function mapKey(key: GoValue, type: GoType | undefined): GoValue {
  if (type === undefined || type.kind === 'interface') return key
  if (key === null) throw new GoError(`value is nil; should be of type ${type.name}`)
  const assigned = assignTyped(key, type)
  if (assigned !== undefined) return scalarOf(assigned)
  const integer = integerOf(key)
  if (integer !== undefined && isIntegerKind(type.kind)) return integer
  throw new GoError(`value has type ${typeOf(key)?.name}; should be ${type.name}`)
}

/** Keys of maps such as map[int8]string are plain bigints, so that they can be found. */
function scalarOf(key: GoValue): GoValue {
  return integerOf(key) ?? stringOf(key) ?? key
}

/** One past the end passes Go's own check and fails in reflect, with another text. */
function elementIndex(key: GoValue, length: number, kind: string): number {
  const index = indexOf(key, length)
  if (index === length) throw new GoError(`reflect: ${kind} index out of range`)
  return index
}

function indexOf(key: GoValue, last: number): number {
  if (key === null) throw new GoError('cannot index slice/array with nil')
  const index = integerOf(key)
  if (index === undefined) throw new GoError(`cannot index slice/array with type ${typeOf(key)?.name}`)
  if (index < 0n || index > last) throw new GoError(`index out of range: ${index}`)
  return Number(index)
}

const MAX_SLICE_INDEXES = 3

/** `slice x 1 2` is x[1:2]; strings by bytes. */
export function sliceValue(item: GoValue, indexes: readonly GoValue[]): GoValue {
  if (item === null) throw new GoError('slice of untyped nil')
  if (indexes.length > MAX_SLICE_INDEXES) throw new GoError(`too many slice indexes: ${indexes.length}`)
  const value = targetOf(item) ?? item
  const text = stringOf(value)
  if (text !== undefined) {
    if (indexes.length === MAX_SLICE_INDEXES) throw new GoError('cannot 3-index slice a string')
    const [start, end] = boundsOf(indexes, byteLength(text))
    return sliceBytes(text, start, end)
  }
  const elements = elementsOf(value)
  if (elements === undefined) throw new GoError(`can't slice item of type ${typeOf(value)?.name}`)
  const [start, end, capacity] = boundsOf(indexes, elements.length, capacityOf(value))
  return partOf(value, { start, end, capacity })
}

function boundsOf(indexes: readonly GoValue[], length: number, room: number = length): [number, number, number] {
  const bounds = indexes.map((index) => indexOf(index, room))
  const [start = 0, end = length, capacity = room] = bounds
  if (start > end) throw new GoError(`invalid slice index: ${start} > ${end}`)
  if (end > capacity) throw new GoError(`invalid slice index: ${end} > ${capacity}`)
  return [start, end, capacity]
}

/** The number of elements, entries or bytes. */
export function lengthOf(item: GoValue): bigint {
  if (item === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value')
  const value = targetOf(item) ?? item
  if (isNilPointer(value)) throw new GoError('len of nil pointer')
  const text = stringOf(value)
  const length = text === undefined ? countOf(value) : byteLength(text)
  if (length === undefined) throw new GoError(`len of type ${typeOf(value)?.name}`)
  return BigInt(length)
}

function countOf(value: GoValue): number | undefined {
  return bytesOf(value)?.length ?? mapOfValue(value)?.size ?? elementsOf(value)?.length
}
