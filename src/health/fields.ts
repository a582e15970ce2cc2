// Reads fields of objects whose form nobody has checked: a field of another type counts as absent.
import type { JsonObject, JsonValue } from '../kube/object.ts'

const NOTHING: JsonObject = Object.freeze({})

/** The object under a path of keys; an empty one where there is none. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  let held: unknown = value
  for (const key of path) held = isObject(held) ? held[key] : undefined
  return isObject(held) ? held : NOTHING
}

/** The objects in the list under a key. */
export function objectsIn(parent: JsonObject, key: string): readonly JsonObject[] {
  const list = parent[key]
  return Array.isArray(list) ? list.filter(isObject) : []
}

/** A number, 0 where absent as in Go. */
export function numberIn(parent: JsonObject, key: string): number {
  return optionalNumberIn(parent, key) ?? 0
}

/** A number, or undefined where Go has a nil pointer. */
export function optionalNumberIn(parent: JsonObject, key: string): number | undefined {
  const value = parent[key]
  return typeof value === 'number' ? value : undefined
}

/** A string, empty where absent as in Go. */
export function textIn(parent: JsonObject, key: string): string {
  const value = parent[key]
  return typeof value === 'string' ? value : ''
}

/** The first condition of a type in `status.conditions`. */
export function conditionOf(object: unknown, type: string): JsonObject | undefined {
  return objectsIn(objectAt(object, 'status'), 'conditions').find((condition) => condition['type'] === type)
}

export function isObject(value: unknown): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
