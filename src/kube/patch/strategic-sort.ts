// Documents with their merging lists in one order, so that two can be compared.
import { isList, isObject, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import type { TypeSchema } from '../schema/schema.ts'
import { deduplicate, sortByField, sortScalars } from './strategic-lists.ts'
import {
  asList,
  asObject,
  DELETE_FROM_LIST,
  DIRECTIVE,
  itemKind,
  planForList,
  planForObject,
  RETAIN_KEYS,
  SET_ORDER,
} from './strategic-schema.ts'

/** Sorts the lists that merge (by merge key, or by value) at every depth; other lists keep their order. */
export function sortMergingLists(document: JsonObject, schema: TypeSchema | undefined): JsonObject {
  const sorted: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(document)) setField(sorted, key, sortField(key, value, schema))
  return sorted
}

function sortField(key: string, value: JsonValue, schema: TypeSchema | undefined): JsonValue {
  if (key === RETAIN_KEYS || key.startsWith(DELETE_FROM_LIST)) return sortScalars(asList(value))
  if (key === DIRECTIVE || key.startsWith(SET_ORDER)) return value
  if (isObject(value)) return sortMergingLists(value, planForObject(schema, key).schema)
  return isList(value) ? sortList(key, value, schema) : value
}

function sortList(key: string, list: readonly JsonValue[], schema: TypeSchema | undefined): JsonValue {
  const plan = planForList(schema, key)
  if (plan.strategy !== 'merge' || list.length === 0) return list
  if (itemKind(list) === 'scalar') return sortScalars(deduplicate(list))
  return sortByField(
    list.map((item) => sortMergingLists(asObject(item), plan.schema)),
    plan.mergeKey,
  )
}
