// Reads fields below the typed part of an object: a path in, the JSON value or undefined out.
import type { JsonObject, JsonValue, KubeObject } from './object.ts'

/** The value at a path of keys; undefined where any step is no object or lacks the key. */
export function fieldAt(value: KubeObject | JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  // A KubeObject is a JSON object by construction; the interface only names the fields every object has.
  let current = value as JsonValue | undefined
  for (const key of path) {
    if (!isJsonObject(current)) return undefined
    current = current[key]
  }
  return current
}

export function objectAt(
  value: KubeObject | JsonValue | undefined,
  ...path: readonly string[]
): JsonObject | undefined {
  const found = fieldAt(value, ...path)
  return isJsonObject(found) ? found : undefined
}

/** The list at a path, empty where there is none. */
export function listAt(value: KubeObject | JsonValue | undefined, ...path: readonly string[]): readonly JsonValue[] {
  const found = fieldAt(value, ...path)
  return isJsonList(found) ? found : []
}

/** The text at a path, empty where there is none. */
export function textAt(value: KubeObject | JsonValue | undefined, ...path: readonly string[]): string {
  const found = fieldAt(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The number at a path, 0 where there is none. */
export function numberAt(value: KubeObject | JsonValue | undefined, ...path: readonly string[]): number {
  const found = fieldAt(value, ...path)
  return typeof found === 'number' ? found : 0
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isJsonList(value)
}

function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
