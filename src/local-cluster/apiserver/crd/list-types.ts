// Lists of type set and map: what names their items, and that each stands there once.
import { jsonText } from '../../../kube/json-digits.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { fault } from '../../kinds/validation/faults.ts'
import type { Schema } from './structural.ts'

/** Lists of type set and map hold each item, or each key, once. */
export function validateListTypes(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] {
  if (Array.isArray(value)) {
    const items = schema['items']
    const inside = isObject(items)
      ? value.flatMap((item, index) => [...validateListTypes(item, items, `${path}[${index}]`)])
      : []
    return [...duplicateFaults(value, schema, path), ...inside]
  }
  if (!isObject(value)) return []
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  return Object.entries(value).flatMap(([key, child]) => {
    const childSchema = Object.hasOwn(properties, key) ? properties[key] : schema['additionalProperties']
    return isObject(childSchema) ? [...validateListTypes(child, childSchema, path === '' ? key : `${path}.${key}`)] : []
  })
}

function duplicateFaults(list: readonly JsonValue[], schema: Schema, path: string): readonly FieldFault[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = keysOf(schema)
  const identity = (item: JsonValue): JsonValue => (type === 'set' ? item : keyOf(item, keys))
  const seen = new Set<string>()
  const faults: FieldFault[] = []
  for (const [index, item] of list.entries()) {
    const text = jsonText(identity(item))
    if (seen.has(text)) faults.push(fault('FieldValueDuplicate', `${path}[${index}]`, `Duplicate value: ${text}`))
    seen.add(text)
  }
  return faults
}

function keyOf(item: JsonValue, keys: readonly string[]): JsonValue {
  const found: Record<string, JsonValue> = {}
  if (isObject(item)) for (const key of keys.toSorted()) if (item[key] !== undefined) found[key] = item[key]
  return found
}

function keysOf(schema: Schema): readonly string[] {
  const keys = schema['x-kubernetes-list-map-keys']
  return Array.isArray(keys) ? keys.map(String) : []
}

/** Finds the item an item was before, in lists of type map; in others nothing tells. */
export function itemsBefore(schema: Schema, old: JsonValue | undefined): (item: JsonValue) => JsonValue | undefined {
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map') return () => undefined
  const keys = keysOf(schema)
  const known = new Map<string, JsonValue>(old.map((item: JsonValue) => [jsonText(keyOf(item, keys)), item]))
  return (item) => known.get(jsonText(keyOf(item, keys)))
}
