// Small steps for changing JSON objects without touching the one that came in; what needs no change comes back as it was.
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../kube/object.ts'

const NOTHING: JsonObject = Object.freeze({})
const NONE: readonly JsonValue[] = Object.freeze([])

/** The value as an object; empty where it is none. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : NOTHING
}

/** The value as a list; empty where it is none. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : NONE
}

/** A list's items as objects. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  // Items that are no objects cannot be there after decoding; where they are, they read as empty.
  return listOf(value).map(objectOf)
}

/** The value as text; empty where it is none. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** The value as a number; 0 where it is none. */
export function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0
}

/** Absent, as a Go pointer is nil. */
export function isAbsent(value: JsonValue | undefined): value is undefined | null {
  return value === undefined || value === null
}

/** Sets each key of `defaults` that the object lacks. */
export function fill(object: JsonObject, defaults: JsonObject): JsonObject {
  let changed: Record<string, JsonValue> | undefined
  for (const key in defaults) {
    if (isAbsent(object[key])) (changed ??= { ...object })[key] = defaults[key] ?? null
  }
  return changed ?? object
}

/** Sets one key. */
export function put(object: JsonObject, key: string, value: JsonValue): JsonObject {
  return object[key] === value ? object : { ...object, [key]: value }
}

/** Leaves keys out. */
export function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  if (!keys.some((key) => key in object)) return object
  const changed: Record<string, JsonValue> = { ...object }
  for (const key of keys) delete changed[key]
  return changed
}

/** Changes the object under a key, where there is one. */
export function change(object: JsonObject, key: string, edit: (value: JsonObject) => JsonObject): JsonObject {
  const value = object[key]
  return isObject(value) ? put(object, key, edit(value)) : object
}

/** Changes the object under a path of keys, where there is one. */
export function changeAt(
  object: JsonObject,
  path: readonly string[],
  edit: (value: JsonObject) => JsonObject,
): JsonObject {
  const [key, ...rest] = path
  if (key === undefined) return edit(object)
  return change(object, key, (value) => changeAt(value, rest, edit))
}

/** Changes each object of the list under a key. */
export function changeEach(object: JsonObject, key: string, edit: (item: JsonObject) => JsonObject): JsonObject {
  const items = object[key]
  if (!Array.isArray(items)) return object
  let changed: JsonValue[] | undefined
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index]
    const edited = isObject(item) ? edit(item) : item
    if (edited !== item) (changed ??= [...items])[index] = edited
  }
  return changed === undefined ? object : put(object, key, changed)
}
