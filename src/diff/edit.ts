// Small edits of JSON values that leave the original untouched and share what they do not change.
import { fieldOf, isList, isObject, setField } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'

/** An object as JSON: every KubeObject is a JSON object, though its interface does not say so. */
export function asJson(object: KubeObject): JsonObject {
  return object as unknown as JsonObject
}

/** The inverse of `asJson`, for a value that was made from an object without touching what makes it one. */
export function asObject(value: JsonValue): KubeObject {
  return value as unknown as KubeObject
}

/** A field removed by its path of keys and list positions; the value itself where there is no such field. */
export function removeAt(value: JsonValue, path: readonly string[]): JsonValue {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (isObject(value)) return removeKey(value, key, rest)
  if (!isList(value) || !/^(?:0|[1-9]\d*)$/.test(key)) return value
  const index = Number(key)
  const held = value[index]
  if (held === undefined) return value
  return rest.length === 0 ? value.toSpliced(index, 1) : value.with(index, removeAt(held, rest))
}

function removeKey(value: JsonObject, key: string, rest: readonly string[]): JsonObject {
  const held = fieldOf(value, key)
  if (held === undefined) return value
  if (rest.length === 0) return withoutKeys(value, [key])
  const left = removeAt(held, rest)
  return left === held ? value : withKey(value, key, left)
}

/** A copy without some fields; the object itself where it has none of them. */
export function withoutKeys(value: JsonObject, keys: readonly string[]): JsonObject {
  if (!keys.some((key) => Object.hasOwn(value, key))) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
}

/** A copy with one field set. */
export function withKey(value: JsonObject, key: string, field: JsonValue): JsonObject {
  const copy: Record<string, JsonValue> = { ...value }
  setField(copy, key, field)
  return copy
}

/** A copy without fields that are null, at every depth. */
export function dropNulls(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(dropNulls)
  if (!isObject(value)) return value
  const kept: Record<string, JsonValue> = {}
  for (const [key, held] of Object.entries(value)) if (held !== null) setField(kept, key, dropNulls(held))
  return kept
}

/**
 * Reduces `live` to the fields that `original` has, at every depth; items that the original list does not reach stay whole
 * (gitops-engine `pkg/utils/json`, argo-cd v3.5.1).
 */
export function restrictTo(original: JsonValue, live: JsonValue): JsonValue {
  if (isList(original) && isList(live)) {
    return live.map((item, index) => {
      const model = original[index]
      return model === undefined ? item : restrictTo(model, item)
    })
  }
  if (!isObject(original) || !isObject(live)) return live
  const kept: Record<string, JsonValue> = {}
  for (const [key, model] of Object.entries(original)) {
    const held = fieldOf(live, key)
    if (held !== undefined) setField(kept, key, restrictTo(model, held))
  }
  return kept
}
