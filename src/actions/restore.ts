// Undoes what a trip through Lua does to an object: empty maps that came back as empty lists, integers that lost digits.
import type { JsonObject, JsonValue } from '../kube/object.ts'

/** The changed value with what the original had where nothing was meant to change (argo-cd v3.5.1 `cleanReturnedObj`). */
export function restoreForms(changed: JsonValue, original: JsonValue): JsonValue {
  if (Array.isArray(changed)) return restoreList(changed, original)
  if (isMap(changed)) return isMap(original) ? restoreMap(changed, original) : changed
  // A whole number beyond a double's digits is a bigint, which JSON's types do not name.
  const exact: unknown = original
  return typeof exact === 'bigint' && Number(exact) === changed ? original : changed
}

function restoreList(changed: readonly JsonValue[], original: JsonValue): JsonValue {
  if (changed.length === 0 && isMap(original)) return original
  if (!Array.isArray(original)) return changed
  return changed.map((item, index) => restoreForms(item, original[index] ?? null))
}

function restoreMap(changed: JsonObject, original: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(changed).map(([key, value]) => [key, restoreForms(value, original[key] ?? null)]),
  )
}

function isMap(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
