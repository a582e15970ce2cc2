// Writes a part of an object as Go writes one of Kubernetes' own types: unknown fields gone, quantities and durations in their form.
import { CapstanError } from '../base/errors.ts'
import { fieldOf, isList, isObject, setField } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import type { WireField } from '../kube/protobuf/wire-table.ts'
import { canonicalQuantity } from '../kube/quantity.ts'
import { formatDuration, parseDuration } from '../lang/go/time/duration.ts'
import { goFields, isPlainValue, SPECIAL } from './go-fields.ts'
import { isOmittedZero, zeroOf } from './zero-values.ts'

/**
 * The value as Go's JSON would give it back from the type named by its OpenAPI definition (`io.k8s.api.core.v1.PodSpec`).
 * Throws `bad-input` for a value that does not fit the type.
 */
export function asGoValue(value: JsonValue, definition: string): JsonValue {
  switch (definition) {
    case SPECIAL.quantity:
      return quantityText(value)
    case SPECIAL.duration:
      return durationText(value)
    case SPECIAL.intOrString:
      return typeof value === 'string' || isNumber(value) ? value : misfit(value, 'number or string')
    case SPECIAL.time:
    case SPECIAL.microTime:
      return typeof value === 'string' ? value : misfit(value, 'time')
    default:
      return isObject(value) ? asGoStruct(value, definition) : misfit(value, 'object')
  }
}

function asGoStruct(value: JsonObject, definition: string): JsonObject {
  const fields = goFields(definition)
  if (fields === undefined) return value
  const written: Record<string, JsonValue> = {}
  for (const [name, field] of fields) {
    const held = fieldOf(value, name)
    const result = held === undefined || held === null ? zeroOf(field) : asGoField(held, field)
    if (result !== undefined) written[name] = result
  }
  return written
}

/** Undefined where Go leaves the field out. */
function asGoField(value: JsonValue, field: WireField): JsonValue | undefined {
  if (field.isRepeated) {
    if (!isList(value)) return misfit(value, 'list')
    return value.length === 0 && !field.isKept ? undefined : value.map((item) => asGoItem(item, field))
  }
  if (field.isMap) {
    if (!isObject(value)) return misfit(value, 'object')
    const entries = Object.entries(value)
    return entries.length === 0 && !field.isKept ? undefined : mapOf(entries, field)
  }
  const result = asGoItem(value, field)
  return isPlainValue(field) && isOmittedZero(result, field) ? undefined : result
}

function mapOf(entries: readonly (readonly [string, JsonValue])[], field: WireField): JsonObject {
  const written: Record<string, JsonValue> = {}
  for (const [key, item] of entries) setField(written, key, asGoItem(item, field))
  return written
}

/** A null among items is the item's zero. */
function asGoItem(value: JsonValue, field: WireField): JsonValue {
  if (value === null)
    return zeroOf({ ...field, isPointer: false, isRepeated: false, isMap: false, isKept: true }) ?? null
  return field.isScalar ? asGoScalar(value, field.type) : asGoValue(value, field.type)
}

function asGoScalar(value: JsonValue, type: string): JsonValue {
  switch (type) {
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? value : misfit(value, 'string')
    case 'bool':
      return typeof value === 'boolean' ? value : misfit(value, 'boolean')
    default:
      return isNumber(value) ? value : misfit(value, 'number')
  }
}

function isNumber(value: JsonValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

function quantityText(value: JsonValue): string {
  return typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(value) : misfit(value, 'quantity')
}

function durationText(value: JsonValue): string {
  return typeof value === 'string' ? formatDuration(parseDuration(value)) : misfit(value, 'duration')
}

function misfit(value: JsonValue, wanted: string): never {
  throw new CapstanError('bad-input', `${JSON.stringify(value)?.slice(0, MAX_SHOWN)} is no ${wanted}`)
}

/** How much of a wrong value a message repeats, in characters. */
const MAX_SHOWN = 80
