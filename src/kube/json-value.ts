// Plain JSON values: telling them apart, comparing them, reading and setting fields whose names come from outside.
import { CapstanError } from '../base/errors.ts'
import type { JsonObject, JsonValue } from './object.ts'

/** What a value is. Integers beyond 2^53 may stand as bigint where the reader kept them exact; they count as numbers. */
export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'list' | 'object'

/** Where recursion over outside values ends. encoding/json stops at 10,000; our stack at far less, real objects at some dozens. */
export const MAX_JSON_DEPTH = 512

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

export function kindOfJson(value: JsonValue): JsonKind {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'string':
      return 'string'
    case 'object':
      return Array.isArray(value) ? 'list' : 'object'
    default:
      return 'number'
  }
}

/** Equal as JSON, of plain values: the order of fields does not matter, that of items does; a field that is undefined is absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (!Array.isArray(a)) return !Array.isArray(b) && objectsEqual(a as Fields, b as Fields) // neither null nor a list
  return Array.isArray(b) && a.length === b.length && a.every((item, index) => deepEqual(item, b[index]))
}

type Fields = Readonly<Record<string, unknown>>

function objectsEqual(a: Fields, b: Fields): boolean {
  let count = 0
  for (const key in a) {
    if (a[key] === undefined) continue
    if (!Object.hasOwn(b, key) || !deepEqual(a[key], b[key])) return false
    count++
  }
  const names = Object.keys(b)
  return count === names.length || count === names.filter((name) => b[name] !== undefined).length
}

/** A field of an object; never one inherited from Object's prototype (`constructor`). */
export function fieldOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets a field whose name came from outside: `__proto__` becomes a field like any other. */
export function setField(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}

/** JSON text with the fields of every object sorted, as Go's encoding/json writes maps; a field that is undefined is absent. */
export function sortedJson(value: JsonValue): string {
  if (isList(value)) return `[${value.map(sortedJson).join(',')}]`
  if (!isObject(value)) return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  const fields = Object.keys(value).filter((key) => value[key] !== undefined)
  return `{${fields
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedJson(value[key] ?? null)}`)
    .join(',')}}`
}

/** Throws `limit` where a value is nested deeper than `MAX_JSON_DEPTH`. */
export function assertDepth(value: JsonValue, what: string): void {
  if (!fitsDepth(value, MAX_JSON_DEPTH)) {
    throw new CapstanError('limit', `${what} is nested deeper than ${MAX_JSON_DEPTH} levels`)
  }
}

function fitsDepth(value: JsonValue | undefined, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (left === 0) return false
  if (isList(value)) return value.every((item) => fitsDepth(item, left - 1))
  for (const key in value) if (!fitsDepth(value[key], left - 1)) return false
  return true
}
