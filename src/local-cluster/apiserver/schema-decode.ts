// Reads a JSON value as Go decodes it into a typed object: unknown fields and nulls fall away, wrong types are an error.
import type { JsonObject, JsonValue } from '../../kube/object.ts'
import type { TypeSchema } from '../../kube/schema/schema.ts'
import { MAX_DEPTH } from './limits.ts'

/** Receives what strict decoding complains about. */
export type ReportUnknown = (path: string) => void

/** A value whose type is not the schema's, worded as Go's JSON decoder words it. */
export class TypeMismatchError extends Error {
  override readonly name = 'TypeMismatchError'
}

/** The value with only what the schema knows. The same value comes back where nothing had to go. */
export function decodeBySchema(value: JsonValue, schema: TypeSchema | undefined, report: ReportUnknown): JsonValue {
  return decode(value, { schema, path: '', owner: '', depth: 0, report })
}

interface Place {
  readonly schema: TypeSchema | undefined
  readonly path: string
  /** Go name of the struct that holds the field. */
  readonly owner: string
  readonly depth: number
  readonly report: ReportUnknown
}

function decode(value: JsonValue, place: Place): JsonValue {
  const { schema } = place
  if (place.depth > MAX_DEPTH) throw new TypeMismatchError('exceeded max depth')
  if (schema === undefined || value === null || isFree(schema)) return value
  if (schema.type === 'array') return decodeList(value, place)
  if (schema.properties !== undefined) return decodeStruct(value, place)
  if (typeof schema.additionalProperties === 'object') return decodeMap(value, place)
  checkScalar(value, place)
  return value
}

function isFree(schema: TypeSchema): boolean {
  return (
    schema.preserveUnknownFields ||
    schema.intOrString ||
    (schema.name !== undefined && FREE_TYPES.has(lastName(schema.name)))
  )
}

/** Types with a JSON form of their own. */
const FREE_TYPES: ReadonlySet<string> = new Set([
  'Quantity',
  'IntOrString',
  'RawExtension',
  'FieldsV1',
  'JSON',
  'JSONSchemaProps',
  'JSONSchemaPropsOrBool',
  'JSONSchemaPropsOrArray',
  'JSONSchemaPropsOrStringArray',
  'Time',
  'MicroTime',
])

function decodeStruct(value: JsonValue, place: Place): JsonValue {
  const properties = place.schema?.properties
  if (!isObject(value)) throw mismatch(value, place)
  const owner = place.schema?.name === undefined ? place.owner : lastName(place.schema.name)
  let copy: Record<string, JsonValue> | undefined
  for (const [key, child] of Object.entries(value)) {
    const path = place.path === '' ? key : `${place.path}.${key}`
    const schema = properties?.get(key)
    if (schema === undefined) place.report(path)
    const decoded =
      schema === undefined ? null : decode(child, { schema, path, owner, depth: place.depth + 1, report: place.report })
    if (decoded !== child || isEmptyField(decoded, schema, key, place.schema)) {
      copy ??= { ...value }
      if (isEmptyField(decoded, schema, key, place.schema)) delete copy[key]
      else copy[key] = decoded
    }
  }
  return copy ?? value
}

/** Maps and lists without entries are not written (omitempty), nor is null; required ones stay. */
function isEmptyField(
  value: JsonValue,
  schema: TypeSchema | undefined,
  key: string,
  parent: TypeSchema | undefined,
): boolean {
  if (schema === undefined || value === null) return true
  if (schema.preserveUnknownFields || parent?.required.includes(key) === true) return false
  if (Array.isArray(value)) return value.length === 0
  const isMap = schema.properties === undefined && typeof schema.additionalProperties === 'object'
  return isMap && isObject(value) && Object.keys(value).length === 0
}

function decodeMap(value: JsonValue, place: Place): JsonValue {
  const rest = place.schema?.additionalProperties
  if (!isObject(value)) throw mismatch(value, place)
  let copy: Record<string, JsonValue> | undefined
  for (const [key, child] of Object.entries(value)) {
    const path = `${place.path}.${key}`
    const schema = typeof rest === 'object' ? rest : undefined
    // A map's value has no field of its own: Go names the field that holds the map.
    const decoded = decode(child, {
      ...place,
      schema,
      path: schema?.properties === undefined ? place.path : path,
      depth: place.depth + 1,
    })
    const kept = decoded === null && schema?.type === 'string' ? '' : decoded
    if (kept === child) continue
    copy ??= { ...value }
    copy[key] = kept
  }
  return copy ?? value
}

function decodeList(value: JsonValue, place: Place): JsonValue {
  if (!Array.isArray(value)) throw mismatch(value, place)
  let copy: JsonValue[] | undefined
  for (const [index, child] of value.entries()) {
    const decoded = decode(child, {
      ...place,
      schema: place.schema?.items,
      path: `${place.path}[${index}]`,
      depth: place.depth + 1,
    })
    if (decoded === child) continue
    copy ??= [...value]
    copy[index] = decoded
  }
  return copy ?? value
}

function checkScalar(value: JsonValue, place: Place): void {
  switch (place.schema?.type) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, place)
      return
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(value, place)
      return
    case 'integer':
      if (typeof value !== 'number' || !Number.isInteger(value)) throw mismatch(value, place)
      return
    case 'number':
      if (typeof value !== 'number') throw mismatch(value, place)
      return
    default:
  }
}

function mismatch(value: JsonValue, place: Place): TypeMismatchError {
  const found = typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : jsonWord(value)
  const field = `${place.owner}.${place.path.replaceAll(/\[\d+\]/g, '')}`
  return new TypeMismatchError(
    `json: cannot unmarshal ${found} into Go struct field ${field} of type ${goType(place.schema)}`,
  )
}

function jsonWord(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}

function goType(schema: TypeSchema | undefined): string {
  if (schema === undefined) return 'interface {}'
  if (schema.type === 'array') return `[]${goType(schema.items)}`
  if (schema.properties !== undefined) return goStructName(schema.name ?? '')
  if (typeof schema.additionalProperties === 'object') return `map[string]${goType(schema.additionalProperties)}`
  if (schema.type === 'boolean') return 'bool'
  if (schema.type === 'integer') return schema.format === 'int64' ? 'int64' : 'int32'
  if (schema.type === 'number') return 'float64'
  return 'string'
}

/** `io.k8s.api.core.v1.PodSpec` → `v1.PodSpec`. */
function goStructName(name: string): string {
  return name.split('.').slice(-2).join('.')
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
