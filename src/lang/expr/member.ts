// Reaching into values: `a.b`, `a[b]`, `a[b:c]`, `a in b` (expr 1.17 vm/runtime).
import { byteLength, bytesOfText, sliceBytes } from '../go/text.ts'
import {
  elementsOf,
  GoFunction,
  GoStruct,
  GoTyped,
  mapOfValue,
  stringOf,
  targetOf,
  typeOf,
  UINT8,
  zeroValue,
} from '../go/values.ts'
import type { GoMap, GoType, GoValue } from '../go/values.ts'
import { equal } from './compare.ts'
import { toCount } from './numbers.ts'
import { fault, shown, typeName } from './run.ts'
import type { Run } from './run.ts'

/** `base[key]`, which is `base.key` too: a method, an element, an entry (nil where there is none) or a field. */
export function fetch(run: Run, base: GoValue, key: GoValue): GoValue {
  if (base instanceof Map && typeof key === 'string') return base.get(key) ?? null // by far the most
  const found = base === null ? undefined : (methodOf(base, key) ?? inside(run, behindPointers(base), key))
  if (found === undefined) throw fault(run, `cannot fetch ${shown(key)} from ${typeName(base)}`)
  return found
}

/** The same without an error where nothing is there: the built-in function `get`. */
export function getOrNil(run: Run, base: GoValue, key: GoValue): GoValue {
  if (base === null) return null
  const method = methodOf(base, key)
  if (method !== undefined) return method
  const map = mapOfValue(base)
  if (map !== undefined) return map.get(mapKey(run, typeOf(base), key)) ?? null
  const list = listLength(base)
  if (list === undefined) return inside(run, base, key) ?? null
  const index = place(run, key, list)
  return index < 0 || index >= list ? null : (elementAt(base, index) ?? null)
}

function methodOf(base: GoValue, key: GoValue): GoFunction | undefined {
  if (typeof key !== 'string' || base === null || typeof base !== 'object') return undefined
  const methods = typeOf(base)?.methods
  const method = methods !== undefined && Object.hasOwn(methods, key) ? methods[key] : undefined
  return method && new GoFunction(method.params, (args) => method.call(base, args), method.variadic)
}

function behindPointers(base: GoValue): GoValue {
  return targetOf(base) ?? base
}

function inside(run: Run, base: GoValue, key: GoValue): GoValue | undefined {
  const length = listLength(base)
  if (length !== undefined) {
    const index = place(run, key, length)
    if (index >= 0 && index < length) return elementAt(base, index)
    throw fault(run, `index out of range: ${index} (array length is ${length})`)
  }
  const map = mapOfValue(base)
  if (map !== undefined) return entryOf(run, map, typeOf(base), key)
  return base instanceof GoStruct && typeof key === 'string' ? base.fields.get(key) : undefined
}

/** Elements of a list, bytes of a text. */
function listLength(base: GoValue): number | undefined {
  const text = stringOf(base)
  return text === undefined ? elementsOf(base)?.length : byteLength(text)
}

/** Counted from the end where it is negative. */
function place(run: Run, key: GoValue, length: number): number {
  const index = toCount(run, key)
  return index < 0 ? length + index : index
}

function elementAt(base: GoValue, index: number): GoValue | undefined {
  const text = stringOf(base)
  if (text === undefined) return elementsOf(base)?.[index]
  return new GoTyped(UINT8, BigInt(bytesOfText(text)[index] ?? 0))
}

function entryOf(run: Run, map: GoMap, type: GoType | undefined, key: GoValue): GoValue {
  return map.get(mapKey(run, type, key)) ?? (type?.elem === undefined ? null : zeroValue(type.elem))
}

/** The key as the map's type wants it; another type is what reflect panics with. */
function mapKey(run: Run, type: GoType | undefined, key: GoValue): GoValue {
  const wanted = type?.key
  if (wanted === undefined || wanted.kind === 'interface') return key
  if (key === null) return zeroValue(wanted)
  if (typeOf(key)?.name === wanted.name) return key
  throw fault(run, `reflect.Value.MapIndex: value of type ${typeName(key)} is not assignable to type ${wanted.name}`)
}

/** `needle in collection`: an element of a list, a key of a map, a field of a struct. */
export function isIn(run: Run, needle: GoValue, collection: GoValue): boolean {
  if (collection === null) return false
  const value = behindPointers(collection)
  const elements = elementsOf(value)
  if (elements !== undefined) return elements.some((element) => equal(run, element, needle))
  const map = mapOfValue(value)
  if (map !== undefined) return map.has(mapKey(run, typeOf(value), needle))
  if (!(value instanceof GoStruct)) throw fault(run, `operator "in" not defined on ${typeName(collection)}`)
  if (typeof needle === 'string') return value.fields.has(needle)
  throw fault(run, `cannot use ${typeName(needle)} as field name of ${typeName(collection)}`)
}

/** What `len` counts for a slice without an end: bytes of a text. */
export function lengthOf(run: Run, value: GoValue): number {
  const length = listLength(value) ?? mapOfValue(value)?.size
  if (length === undefined) throw fault(run, `invalid argument for len (type ${typeName(value)})`)
  return length
}

/** `base[from:to]`; both ends are kept inside. */
export function slice(run: Run, base: GoValue, from: GoValue, to: GoValue): GoValue {
  const value = behindPointers(base)
  const length = listLength(value)
  if (length === undefined) throw fault(run, `cannot slice ${shown(from)}`)
  const inRange = (key: GoValue): number => Math.min(Math.max(place(run, key, length), 0), length)
  const end = inRange(to)
  const start = Math.min(inRange(from), end)
  const text = stringOf(value)
  if (text !== undefined) return sliceBytes(text, start, end)
  if (value instanceof GoTyped && value.value instanceof Uint8Array) {
    return new GoTyped(value.type, value.value.subarray(start, end))
  }
  const part = (elementsOf(value) ?? []).slice(start, end)
  return value instanceof GoTyped ? new GoTyped(value.type, part) : part
}
