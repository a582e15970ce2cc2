// Merges two values by their type as server-side apply does: maps by key, keyed lists by item, the rest as a whole.
import { fieldOf, isList, isObject, setField } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { propertySchema, type TypeSchema } from '../kube/schema/schema.ts'
import { findItem, isGranularList, isGranularMap, keysOfItem } from './typed-list.ts'

type Items = readonly JsonValue[]

/** `over` laid on `base` (structured-merge-diff v6 `typed/merge.go`). */
export function mergeTyped(base: JsonValue, over: JsonValue, schema: TypeSchema | undefined): JsonValue {
  if (isObject(base) && isObject(over) && isGranularMap(schema)) return mergeMaps(base, over, schema)
  if (isList(base) && isList(over) && isGranularList(schema)) return mergeLists(base, over, schema)
  return over
}

function mergeMaps(base: JsonObject, over: JsonObject, schema: TypeSchema | undefined): JsonObject {
  const merged: Record<string, JsonValue> = { ...base }
  for (const [name, value] of Object.entries(over)) {
    const held = fieldOf(base, name)
    setField(merged, name, held === undefined ? value : mergeTyped(held, value, propertySchema(schema, name)))
  }
  return merged
}

/** Items of `base` alone keep their place before the next common item; the others stand in the order of `over`. */
function mergeLists(base: Items, over: Items, schema: TypeSchema | undefined): Items {
  const places = base.map((item) => findItem(over, keysOfItem(item, schema), schema))
  const merged: JsonValue[] = []
  const taken = new Set<number>()
  let next = 0
  const takeOwn = (): void => {
    for (; next < base.length && ((places[next] ?? -1) < 0 || taken.has(places[next] ?? -1)); next++) {
      const item = base[next]
      if ((places[next] ?? -1) < 0 && item !== undefined) merged.push(item)
    }
  }
  for (const [index, item] of over.entries()) {
    takeOwn()
    const place = places.indexOf(index)
    const held = base[place]
    merged.push(held === undefined ? item : mergeTyped(held, item, schema?.items))
    taken.add(index)
  }
  takeOwn()
  return merged
}

/** `value` without nulls and what `model` lacks, looking only into what is merged part by part. */
export function keepPresent(value: JsonValue, model: JsonValue, schema: TypeSchema | undefined): JsonValue {
  if (isObject(value) && isObject(model) && isGranularMap(schema)) {
    const kept: Record<string, JsonValue> = {}
    for (const [name, held] of Object.entries(value)) {
      const other = fieldOf(model, name)
      if (held !== null && other !== undefined)
        setField(kept, name, keepPresent(held, other, propertySchema(schema, name)))
    }
    return kept
  }
  if (!isList(value) || !isList(model) || !isGranularList(schema)) return value
  return value.flatMap((item) => {
    const other = model[findItem(model, keysOfItem(item, schema), schema)]
    return other === undefined ? [] : [keepPresent(item, other, schema?.items)]
  })
}
