// Brings a manifest of a built-in kind into the form in which the API server would give it back.
import { CapstanError } from '../base/errors.ts'
import { isList, isObject, setField } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { canonicalQuantity } from '../kube/quantity.ts'
import type { WireField } from '../kube/protobuf/wire-table.ts'
import { propertySchema, type TypeSchema } from '../kube/schema/schema.ts'
import { asJson, asObject } from './edit.ts'
import { goFields } from './go-fields.ts'
import { fillNullSpec } from './legacy.ts'
import { isOmittedZero, zeroOf, zeroStruct } from './zero-values.ts'

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity'

/** RFC 3339, as Go's decoder of times wants it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/**
 * Quantities get their canonical text; nulls, empty lists and maps, and zeros that Go's types leave out go away.
 * An object that does not fit its type, or has fields the type lacks, is returned as it is: people shall see it as they wrote it
 * (gitops-engine `pkg/diff/diff.go` `remarshal`, argo-cd v3.5.1).
 */
export function canonicalize(object: KubeObject, schema: TypeSchema | undefined): KubeObject {
  if (schema === undefined) return object
  const canonical = canonicalValue(asJson(fillNullSpec(object)), schema)
  return canonical === undefined ? object : asObject(canonical)
}

/** True where every known field has the type it should; the server would refuse the object otherwise, defaults and all. */
export function fitsType(object: KubeObject, schema: TypeSchema): boolean {
  return fits(asJson(object), schema)
}

function fits(value: JsonValue | undefined, schema: TypeSchema | undefined): boolean {
  if (schema === undefined || value === undefined || value === null) return true
  if (isObject(value) && schema.type === 'object') {
    for (const name in value) if (!fits(value[name], propertySchema(schema, name))) return false
    return true
  }
  if (isList(value) && schema.type === 'array') return value.every((item) => fits(item, schema.items))
  return canonicalValue(value, schema) !== undefined
}

/** Undefined where the value does not fit the type. */
function canonicalValue(value: JsonValue, schema: TypeSchema): JsonValue | undefined {
  if (schema.name === QUANTITY) return quantityText(value)
  if (schema.intOrString || schema.preserveUnknownFields) return value
  switch (schema.type) {
    case 'object':
      return isObject(value) ? canonicalObject(value, schema) : undefined
    case 'array':
      return isList(value) ? canonicalList(value, schema.items) : undefined
    case 'string':
      return isText(value, schema.format) ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'integer':
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
    case undefined:
      return value
  }
}

function isText(value: JsonValue, format: string | undefined): boolean {
  return typeof value === 'string' && (format !== 'date-time' || TIME.test(value))
}

function quantityText(value: JsonValue): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  try {
    return canonicalQuantity(value)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

function canonicalList(list: readonly JsonValue[], items: TypeSchema | undefined): readonly JsonValue[] | undefined {
  if (items === undefined) return list
  let result = list
  for (const [index, item] of list.entries()) {
    const canonical = item === null ? zeroItem(items) : canonicalValue(item, items)
    if (canonical === undefined) return undefined
    if (canonical !== item) result = result.with(index, canonical)
  }
  return result
}

/** What Go makes of a null among the items of a list or the entries of a map. */
function zeroItem(schema: TypeSchema): JsonValue {
  if (schema.name === QUANTITY) return '0'
  if (schema.type === 'string') return ''
  return schema.type === 'object' && schema.name !== undefined ? zeroStruct(schema.name) : null
}

function canonicalObject(value: JsonObject, schema: TypeSchema): JsonObject | undefined {
  if (schema.properties === undefined && schema.additionalProperties === undefined) return value
  let changed: Record<string, JsonValue> | undefined
  for (const [name, held] of Object.entries(value)) {
    const field = propertySchema(schema, name)
    if (field === undefined) {
      if (schema.additionalProperties === true) continue
      return undefined
    }
    const canonical = canonicalField(held, field, { name, parent: schema })
    if (canonical === undefined) return undefined
    if (canonical === held) continue
    changed ??= { ...value }
    if (canonical === OMITTED) delete changed[name]
    else setField(changed, name, canonical)
  }
  return changed ?? value
}

const OMITTED = Symbol('left out by Go')

interface Place {
  readonly name: string
  readonly parent: TypeSchema
}

function canonicalField(
  held: JsonValue,
  field: TypeSchema,
  { name, parent }: Place,
): JsonValue | typeof OMITTED | undefined {
  // A map's entries are values of their own: Go leaves out fields of structs only.
  if (parent.properties?.has(name) !== true) return held === null ? zeroItem(field) : canonicalValue(held, field)
  const known = goFields(parent.name ?? '')?.get(name)
  const isKept = known?.isKept ?? parent.required.includes(name)
  if (held === null) return canonicalNull(known, isKept)
  const canonical = canonicalValue(held, field)
  if (canonical === undefined || isKept) return canonical
  return isLeftOut(canonical, field, known) ? OMITTED : canonical
}

function isLeftOut(value: JsonValue, schema: TypeSchema, field: WireField | undefined): boolean {
  return isEmpty(value, schema) || isOmittedZero(value, field)
}

/** Go reads null as a zero: of a pointer nothing is left, of a struct what stands in it. */
function canonicalNull(field: WireField | undefined, isKept: boolean): JsonValue | typeof OMITTED {
  const zero = field === undefined ? undefined : zeroOf(field)
  if (zero !== undefined) return zero
  return isKept ? null : OMITTED
}

function isEmpty(value: JsonValue, schema: TypeSchema): boolean {
  if (isList(value)) return value.length === 0
  if (!isObject(value) || schema.properties !== undefined) return false
  return schema.additionalProperties !== undefined && Object.keys(value).length === 0
}
