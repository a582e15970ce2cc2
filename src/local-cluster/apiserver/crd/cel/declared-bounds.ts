// How large a schema lets its values be, which is what costs of rules are estimated by (apiserver `cel/common/schemas.go`, v0.36.3).
import { isObject } from '../../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { Schema } from '../structural.ts'
import { MAX_SCHEMA_DEPTH } from './limits.ts'
import { escapeName, RESOURCE_FIELDS } from './values.ts'

/** Of one value. */
export interface Bounds {
  /** Characters, items or entries at most; 0 for what has none. */
  readonly maxElements: number
  /** Bytes it takes in JSON at least. */
  readonly minSize: number
  /** Of items, or of a map's values. */
  readonly elements?: Bounds
  readonly keys?: Bounds
  /** By their names in expressions. */
  readonly fields?: ReadonlyMap<string, Bounds>
}

/** `celconfig.MaxRequestSizeBytes`. */
export const MAX_REQUEST_BYTES: number = 3 * 1024 * 1024
/** `""` and `{}` and `[]`. */
const MIN_PAIR = 2
/** A character may take four bytes. */
const BYTES_A_CHARACTER = 4

/** What JSON takes at least, and text at most, of the formats that are no text in expressions. */
const FORMATS: Readonly<Record<string, Bounds>> = {
  duration: { maxElements: 32, minSize: 3 },
  date: { maxElements: 12, minSize: 12 },
  'date-time': { maxElements: 32, minSize: 21 },
}
const KEYS: Bounds = { maxElements: 0, minSize: MIN_PAIR }
const BOOLEAN: Bounds = { maxElements: 0, minSize: 4 }
const NUMBER: Bounds = { maxElements: 0, minSize: 1 }

/** undefined for a schema that says no type: rules cannot see such values. */
export function boundsOf(schema: Schema, depth = 0): Bounds | undefined {
  if (depth > MAX_SCHEMA_DEPTH) return undefined
  if (schema['x-kubernetes-int-or-string'] === true) return { maxElements: textLength(schema), minSize: 1 }
  switch (schema['type']) {
    case 'array':
      return listBounds(schema, depth)
    case 'object':
      return isObject(schema['additionalProperties'])
        ? mapBounds(schema, schema['additionalProperties'], depth)
        : objectBounds(schema, depth)
    case 'string':
      return textBounds(schema)
    case 'boolean':
      return BOOLEAN
    case 'number':
    case 'integer':
      return NUMBER
    default:
      return undefined
  }
}

function listBounds(schema: Schema, depth: number): Bounds | undefined {
  const elements = isObject(schema['items']) ? boundsOf(schema['items'], depth + 1) : undefined
  if (elements === undefined) return undefined
  const fitting = Math.floor((MAX_REQUEST_BYTES - MIN_PAIR) / (elements.minSize + 1))
  return { maxElements: declared(schema['maxItems']) ?? fitting, minSize: MIN_PAIR, elements }
}

function mapBounds(schema: Schema, values: JsonObject, depth: number): Bounds | undefined {
  const elements = boundsOf(values, depth + 1)
  if (elements === undefined) return undefined
  // Two bytes of the key, its quotation marks, a colon and a comma.
  const fitting = Math.floor((MAX_REQUEST_BYTES - MIN_PAIR) / (elements.minSize + 6))
  return { maxElements: declared(schema['maxProperties']) ?? fitting, minSize: MIN_PAIR, elements, keys: KEYS }
}

function objectBounds(schema: Schema, depth: number): Bounds {
  const own = isObject(schema['properties']) ? schema['properties'] : {}
  const properties = schema['x-kubernetes-embedded-resource'] === true ? { ...own, ...RESOURCE_FIELDS } : own
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const fields = new Map<string, Bounds>()
  let minSize = MIN_PAIR
  for (const [name, child] of Object.entries(properties)) {
    const bounds = isObject(child) ? boundsOf(child, depth + 1) : undefined
    if (bounds === undefined || !isObject(child)) continue
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, bounds)
    // Defaults are filled in by the server.
    if (required.includes(name) && child['default'] === undefined) minSize += name.length + bounds.minSize + 4
  }
  return { maxElements: 0, minSize, fields }
}

function textBounds(schema: Schema): Bounds {
  const { format, maxLength } = schema
  const known = typeof format === 'string' ? FORMATS[format] : undefined
  if (known !== undefined) return known
  const length = format === 'byte' ? (declared(maxLength) ?? MAX_REQUEST_BYTES - MIN_PAIR) : textLength(schema)
  return { maxElements: length, minSize: MIN_PAIR }
}

function textLength(schema: Schema): number {
  const maxLength = declared(schema['maxLength'])
  if (maxLength !== undefined) return maxLength * BYTES_A_CHARACTER
  const values = Array.isArray(schema['enum']) && schema['x-kubernetes-int-or-string'] !== true ? schema['enum'] : []
  if (values.length === 0) return MAX_REQUEST_BYTES - MIN_PAIR
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)))
}

function declared(limit: JsonValue | undefined): number | undefined {
  return typeof limit === 'number' ? Math.max(0, limit) : undefined
}
