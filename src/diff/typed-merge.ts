// Merges two values by their type as server-side apply does, and cuts one down to what another has.
import { objectTypeOf } from '../kube/apply/apply-type.ts'
import { mergeTyped as merge } from '../kube/apply/typed-merge.ts'
import { fieldOf, isList, isObject, setField } from '../kube/json-value.ts'
import type { JsonValue } from '../kube/object.ts'
import { propertySchema, type TypeSchema } from '../kube/schema/schema.ts'
import { findItem, isGranularList, isGranularMap, keysOfItem } from './typed-list.ts'

/** `over` laid on `base`, both whole objects of the type. */
export function mergeTyped(base: JsonValue, over: JsonValue, schema: TypeSchema | undefined): JsonValue {
  return merge(base, over, objectTypeOf(schema)) ?? over
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
