// What Go's empty value of a built-in kind looks like in JSON: the structs that are always there, whoever writes the object.
import { fieldOf, isObject } from '../json-value.ts'
import type { GroupVersionKind, JsonObject, JsonValue } from '../object.ts'
import { joinApiVersion } from '../object.ts'
import { wireMessage, type WireField } from '../protobuf/wire-table.ts'
import { gvkTable } from '../schema/definitions.ts'

/** Types whose empty value is no object in JSON. */
const SPECIAL = /\.(?:Time|MicroTime|Quantity|IntOrString|RawExtension|FieldsV1|Duration|JSON|Verbs|ExtraValue)$/

/** Structs to Go, so `omitempty` does not leave them out: an unset time is null. */
const TIME = /\.(?:Time|MicroTime)$/

/** Structs nest some five levels where nothing is a pointer. */
const MAX_DEPTH = 16

/** Empty objects made so far. A cache of what is derived from constant data, so it does not tie processes together. */
const made = new Map<string, JsonObject>()

/**
 * The object every creation of a kind is compared with, so that structs Go always writes (`spec`, `template.spec`) are nobody's own.
 * Custom resources have none: only apiVersion and kind.
 */
export function emptyObject(gvk: GroupVersionKind): JsonObject {
  const key = `${gvk.group}/${gvk.version}/${gvk.kind}`
  const definition = gvkTable()[key]
  const base = { apiVersion: joinApiVersion(gvk.group, gvk.version), kind: gvk.kind }
  if (definition === undefined) return base
  const object = made.get(key) ?? { ...base, ...emptyFields(definition, 0) }
  made.set(key, object)
  return object
}

/** The object with the structs Go would have written for it; itself where none is missing. */
export function withEmptyStructs(object: JsonObject, empty: JsonObject): JsonObject {
  let filled: Record<string, JsonValue> | undefined
  for (const [name, struct] of Object.entries(empty)) {
    if (!isObject(struct)) continue
    const value = fieldOf(object, name)
    const wanted = isObject(value) ? withEmptyStructs(value, struct) : (value ?? struct)
    if (wanted === value) continue
    filled ??= { ...object }
    filled[name] = wanted
  }
  return filled ?? object
}

function emptyFields(message: string, depth: number): JsonObject {
  const fields: Record<string, JsonValue> = {}
  if (depth > MAX_DEPTH) return fields
  for (const field of wireMessage(message)?.byNumber.values() ?? []) {
    const value = emptyValue(field, depth)
    if (value === undefined) continue
    if (field.name !== undefined) fields[field.name] = value
    else if (typeof value === 'object') Object.assign(fields, value)
  }
  return fields
}

/** Undefined where Go leaves the field out. */
function emptyValue(field: WireField, depth: number): JsonValue | undefined {
  const isNull = field.isPointer || field.isRepeated || field.isMap || SPECIAL.test(field.type)
  if (isNull || field.isScalar) {
    const isTime = TIME.test(field.type) && !field.isPointer && !field.isRepeated && !field.isMap
    if (!field.isKept && !isTime) return undefined
    return isNull ? null : zeroOf(field.type)
  }
  return emptyFields(field.type, depth + 1)
}

function zeroOf(scalar: string): JsonValue {
  if (scalar === 'string' || scalar === 'bytes') return ''
  return scalar === 'bool' ? false : 0
}
