// Which items of two lists are the same one, as server-side apply sees it.
import { deepEqual, isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import type { TypeSchema } from '../kube/schema/schema.ts'
import { parseJson } from '../kube/json-digits.ts'

/** Lists without a kind are atomic: replaced as a whole. */
export function isGranularList(schema: TypeSchema | undefined): boolean {
  return schema?.listType === 'map' || schema?.listType === 'set'
}

export function isGranularMap(schema: TypeSchema | undefined): boolean {
  return schema?.mapType !== 'atomic'
}

/** The values that name an item; a key that is absent counts with its default (`protocol` of a port is `TCP`). */
export function keysOfItem(item: JsonValue, schema: TypeSchema | undefined): JsonValue {
  if (schema?.listType !== 'map' || !isObject(item)) return item
  const keys: Record<string, JsonValue> = {}
  for (const name of schema.listMapKeys) {
    const value = item[name] ?? schema.items?.properties?.get(name)?.default
    if (value !== undefined) keys[name] = value
  }
  return keys
}

/** The position of the item with these keys, or -1. */
export function findItem(list: readonly JsonValue[], keys: JsonValue, schema: TypeSchema | undefined): number {
  return list.findIndex((item) => deepEqual(keysOfItem(item, schema), keys))
}

/** The position of what an element of a FieldsV1 list (`k:{…}`, `v:…`, `i:…`) names, or -1. */
export function findElement(list: readonly JsonValue[], element: string, schema: TypeSchema | undefined): number {
  const text = element.slice(2)
  if (element.startsWith('i:')) return Number(text) < list.length ? Number(text) : -1
  const wanted = parseElement(text)
  if (wanted === undefined) return -1
  if (element.startsWith('v:') || !isObject(wanted)) return list.findIndex((item) => deepEqual(item, wanted))
  return list.findIndex((item) => isObject(item) && hasKeys(item, wanted, schema))
}

function hasKeys(item: JsonObject, wanted: JsonObject, schema: TypeSchema | undefined): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    return deepEqual(item[name] ?? schema?.items?.properties?.get(name)?.default, value)
  })
}

function parseElement(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined // an element nobody can read names nothing
  }
}
