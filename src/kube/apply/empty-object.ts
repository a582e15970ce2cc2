// What Go's empty value of a built-in kind looks like in JSON: the structs that are always there, whoever writes the object.
import type { GroupVersionKind, JsonObject, JsonValue } from '../object.ts'
import { joinApiVersion } from '../object.ts'
import { wireMessage, type WireField } from '../protobuf/wire-table.ts'
import { gvkTable } from '../schema/definitions.ts'

/** Types whose empty value is no object in JSON. */
const SPECIAL = /\.(?:Time|MicroTime|Quantity|IntOrString|RawExtension|FieldsV1|Duration|JSON|Verbs|ExtraValue)$/

/** Structs nest some five levels where nothing is a pointer. */
const MAX_DEPTH = 16

/**
 * The object every creation of a kind is compared with, so that structs Go always writes (`spec`, `template.spec`) are nobody's own.
 * Custom resources have none: only apiVersion and kind.
 */
export function emptyObject(gvk: GroupVersionKind): JsonObject {
  const definition = gvkTable()[`${gvk.group}/${gvk.version}/${gvk.kind}`]
  const fields = definition === undefined ? {} : emptyFields(definition, 0)
  return { apiVersion: joinApiVersion(gvk.group, gvk.version), kind: gvk.kind, ...fields }
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

function emptyValue(field: WireField, depth: number): JsonValue | undefined {
  if (field.isPointer || SPECIAL.test(field.type)) return undefined
  if (field.isRepeated || field.isMap) return field.isKept ? null : undefined
  return field.isScalar ? undefined : emptyFields(field.type, depth + 1)
}
