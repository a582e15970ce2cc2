// Schemas as CEL types, and JSON as values of them (apiserver `cel/common/schemas.go`, v0.36.3).
import { type Environment } from '@marcbachmann/cel-js'
import { Duration } from '@marcbachmann/cel-js/evaluator'
import { deepEqual, isObject } from '../../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import { textOf } from '../../json-text.ts'
import type { Schema } from '../structural.ts'

/** A type and how JSON becomes a value of it. */
export interface CelType {
  /** As declarations name it. */
  readonly name: string
  readonly convert: (value: JsonValue) => unknown
}

/** Declares the types of a schema in an environment, under names made from `name`. undefined where a schema says no type: such fields cannot be read. */
export function declareType(environment: Environment, schema: Schema, name: string): CelType | undefined {
  const type = declareBare(environment, schema, name)
  if (type === undefined || schema['nullable'] !== true) return type
  return { name: 'dyn', convert: (value) => (value === null ? null : type.convert(value)) }
}

function declareBare(environment: Environment, schema: Schema, name: string): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return { name: 'dyn', convert: dynamicValue }
  switch (schema['type']) {
    case 'object':
      return declareObject(environment, schema, name)
    case 'array':
      return declareList(environment, schema, name)
    case 'string':
      return stringType(schema['format'])
    case 'boolean':
      return { name: 'bool', convert: (value) => value }
    case 'integer':
      return { name: 'int', convert: integerValue }
    case 'number':
      return { name: 'double', convert: Number }
    default:
      return undefined
  }
}

function declareList(environment: Environment, schema: Schema, name: string): CelType | undefined {
  const items = isObject(schema['items']) ? declareType(environment, schema['items'], `${name}.items`) : undefined
  if (items === undefined) return undefined
  return { name: `list<${items.name}>`, convert: (value) => (Array.isArray(value) ? value.map(items.convert) : value) }
}

function declareObject(environment: Environment, schema: Schema, name: string): CelType | undefined {
  const { properties, additionalProperties } = schema
  if (isObject(additionalProperties)) return declareMap(environment, additionalProperties, name)
  const embedded = schema['x-kubernetes-embedded-resource'] === true ? RESOURCE_FIELDS : {}
  const all: JsonObject = { ...(isObject(properties) ? properties : {}), ...embedded }
  const fields = new Map<string, CelType & { readonly escaped: string }>()
  for (const [field, child] of Object.entries(all)) {
    const escaped = escapeName(field)
    const type = isObject(child) && escaped !== undefined ? declareType(environment, child, `${name}.${escaped}`) : undefined // prettier-ignore
    if (type !== undefined && escaped !== undefined) fields.set(field, { ...type, escaped })
  }
  return declareFields(environment, name, fields)
}

/** What every resource has, whatever its schema says. */
export const RESOURCE_FIELDS: JsonObject = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
}

function declareFields(
  environment: Environment,
  name: string,
  fields: ReadonlyMap<string, CelType & { readonly escaped: string }>,
): CelType {
  // Fields live in a map: one called `constructor` is a field like others.
  class Instance extends Map<string, unknown> {
    readonly json: JsonValue

    constructor(json: JsonValue) {
      super()
      this.json = json
    }
  }
  const types = Object.fromEntries([...fields.values()].map((type) => [type.escaped, type.name]))
  environment.registerType(name, { ctor: Instance, fields: types })
  const isEqual = (a: Instance, b: Instance): boolean => deepEqual(a.json, b.json)
  environment.registerOperator(`${name} == ${name}`, isEqual)
  const convert = (value: JsonValue): unknown => {
    if (!isObject(value)) return value
    const instance = new Instance(value)
    for (const [field, child] of Object.entries(value)) {
      const type = fields.get(field)
      if (type !== undefined) instance.set(type.escaped, type.convert(child))
    }
    return instance
  }
  return { name, convert }
}

function declareMap(environment: Environment, schema: Schema, name: string): CelType | undefined {
  const values = declareType(environment, schema, `${name}.values`)
  if (values === undefined) return undefined
  const convert = (value: JsonValue): unknown =>
    isObject(value) ? new Map(Object.entries(value).map(([key, child]) => [key, values.convert(child)])) : value
  return { name: `map<string, ${values.name}>`, convert }
}

function stringType(format: JsonValue | undefined): CelType {
  switch (format) {
    case 'byte':
      return { name: 'bytes', convert: (value) => Buffer.from(textOf(value), 'base64') }
    case 'date':
    case 'date-time':
      return { name: 'google.protobuf.Timestamp', convert: (value) => new Date(textOf(value)) }
    case 'duration':
      return { name: 'google.protobuf.Duration', convert: durationValue }
    default:
      return { name: 'string', convert: (value) => value }
  }
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 }
const DURATION_PART = /(?<amount>\d+(?:\.\d*)?|\.\d+)(?<unit>h|ms|us|µs|ns|m|s)/g

/** Formats are checked by the schema before. */
function durationValue(value: JsonValue): Duration {
  const text = textOf(value)
  let seconds = 0
  for (const { groups } of text.matchAll(DURATION_PART)) {
    seconds += Number(groups?.['amount']) * (SECONDS[groups?.['unit'] ?? ''] ?? 0)
  }
  const signed = text.startsWith('-') ? -seconds : seconds
  const whole = Math.trunc(signed)
  return new Duration(BigInt(whole), Math.round((signed - whole) * 1e9))
}

function integerValue(value: JsonValue): unknown {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value
}

/** Without a type to go by, whole numbers are integers. */
function dynamicValue(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(dynamicValue)
  if (isObject(value)) return new Map(Object.entries(value).map(([key, child]) => [key, dynamicValue(child)]))
  return integerValue(value)
}

const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '), // prettier-ignore
)
const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
}

/** A field's name as expressions write it; undefined for one they cannot (`cel.Escape`). */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_.\-/][\w.\-/]*$/.test(name)) return undefined
  if (RESERVED.has(name)) return `__${name}__`
  return name.replace(/__|[.\-/]/g, (found) => ESCAPES[found] ?? found)
}
