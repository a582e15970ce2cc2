// Validation of custom resources against their schema, worded as kube-openapi and apiextensions (v0.36.3) word it.
import { jsonText } from '../../../kube/json-digits.ts'
import { deepEqual, isObject, kindOfJson } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { compileRegexp, matchesRegexp, type GoRegexp } from '../../../lang/go/regexp/regexp.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { textOf } from '../json-text.ts'
import { fault, invalidValue, notSupported, requiredValue } from '../../kinds/validation/faults.ts'
import { formatFault } from './formats.ts'
import type { Schema } from './structural.ts'

/** Objects and lists in which a schema found no fault. Neither ever changes, and versions of an object share most of them. */
const sound = new WeakMap<object, Schema>()

/** Faults of a value; `path` is empty at the top. */
export function validateValue(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] {
  if (typeof value !== 'object' || value === null) return faultsOf(value, schema, path)
  if (sound.get(value) === schema) return NONE
  const faults = faultsOf(value, schema, path)
  if (faults.length === 0) sound.set(value, schema)
  return faults
}

const NONE: readonly FieldFault[] = []

function faultsOf(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] {
  const wrongType = typeFault(value, schema, path)
  if (wrongType !== undefined) return wrongType
  return [...checkContent(value, schema, path), ...combined(value, schema, path)]
}

function checkContent(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] {
  if (value === null) return []
  const faults = [...enumFaults(value, schema, path)]
  if (typeof value === 'string') faults.push(...stringFaults(value, schema, path))
  else if (isNumber(value)) faults.push(...numberFaults(value, schema, path))
  else if (Array.isArray(value)) faults.push(...listFaults(value, schema, path))
  else if (isObject(value)) faults.push(...objectFaults(value, schema, path))
  return faults
}

function typeFault(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] | undefined {
  const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : textOf(schema['type'])
  if (value === null) {
    return schema['nullable'] === true || wanted === '' ? undefined : [wrongType('null', wanted, path)]
  }
  if (wanted === '' || fitsType(value, wanted)) return undefined
  const first = wrongType(wordOf(value), wanted, path)
  const isChecked = ['minimum', 'maximum', 'multipleOf'].some((bound) => schema[bound] !== undefined)
  if (wanted !== 'integer' || !isNumber(value) || !isChecked) return [first]
  return [first, invalidValue('<nil>', '', `Checked value must be of type integer (default format) in ${path}`)]
}

function wrongType(found: string, wanted: string, path: string): FieldFault {
  const text = `Invalid value: ${JSON.stringify(found)}: ${path === '' ? '<nil>' : path} in body must be of type ${wanted}: ${JSON.stringify(found)}`
  return fault('FieldValueTypeInvalid', path === '' ? '<nil>' : path, text)
}

function fitsType(value: JsonValue, wanted: string): boolean {
  switch (wanted) {
    case 'integer':
      return isInteger(value)
    case 'integer,string':
      return typeof value === 'string' || isInteger(value)
    case 'number':
      return isNumber(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return typeof value === wanted
  }
}

function wordOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  if (isNumber(value)) return isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Integers beyond 2^53 stand as bigint: compared with bounds they behave like numbers. */
function isNumber(value: JsonValue): value is number {
  return kindOfJson(value) === 'number'
}

function isInteger(value: JsonValue): boolean {
  return isNumber(value) && (typeof value !== 'number' || Number.isInteger(value))
}

function enumFaults(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] {
  const allowed = schema['enum']
  if (!Array.isArray(allowed) || allowed.some((one) => deepEqual(one as JsonValue, value))) return []
  return [
    notSupported(
      path,
      value,
      allowed.map((one) => (typeof one === 'string' ? one : jsonText(one))),
    ),
  ]
}

function stringFaults(value: string, schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const { maxLength, minLength, pattern, format } = schema
  if (typeof maxLength === 'number' && lengthOf(value) > maxLength) {
    faults.push(fault('FieldValueTooLong', path, `Too long: may not be more than ${maxLength} bytes`))
  }
  if (typeof minLength === 'number' && lengthOf(value) < minLength) {
    faults.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`))
  }
  if (typeof pattern === 'string' && !matchesPattern(value, pattern, schema)) {
    faults.push(invalidValue(path, value, `${path} in body should match '${pattern}'`))
  }
  if (typeof format === 'string' && formatFault(value, format)) {
    const text = `Invalid value: ${jsonText(value)}: ${path} in body must be of type ${format}: ${JSON.stringify(value)}`
    faults.push(fault('FieldValueTypeInvalid', path, text))
  }
  return faults
}

/** In characters as Go counts them. */
function lengthOf(text: string): number {
  let length = 0
  for (const _character of text) length++
  return length
}

/** Patterns by their schema, compiled when first needed; undefined for one that is no pattern of Go, which says nothing. */
const patterns = new WeakMap<Schema, GoRegexp | undefined>()

function matchesPattern(value: string, pattern: string, schema: Schema): boolean {
  if (!patterns.has(schema)) patterns.set(schema, compiled(pattern))
  const regexp = patterns.get(schema)
  return regexp === undefined || matchesRegexp(regexp, value)
}

function compiled(pattern: string): GoRegexp | undefined {
  try {
    return compileRegexp(pattern)
  } catch {
    return undefined // the definition was stored before its patterns were checked
  }
}

function isBound(value: JsonValue | undefined): value is number {
  return value !== undefined && isNumber(value)
}

function numberFaults(value: number, schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const { minimum, maximum, multipleOf } = schema
  if (isBound(maximum) && (schema['exclusiveMaximum'] === true ? value >= maximum : value > maximum)) {
    faults.push(
      invalidValue(
        path,
        value,
        `${path} in body should be less than ${schema['exclusiveMaximum'] === true ? '' : 'or equal to '}${maximum}`,
      ),
    )
  }
  if (isBound(minimum) && (schema['exclusiveMinimum'] === true ? value <= minimum : value < minimum)) {
    faults.push(
      invalidValue(
        path,
        value,
        `${path} in body should be greater than ${schema['exclusiveMinimum'] === true ? '' : 'or equal to '}${minimum}`,
      ),
    )
  }
  if (typeof multipleOf === 'number' && !Number.isInteger(Number(value) / multipleOf)) {
    faults.push(invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`))
  }
  return faults
}

function listFaults(list: readonly JsonValue[], schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const { items, maxItems, minItems } = schema
  if (isObject(items)) {
    for (const [index, item] of list.entries()) faults.push(...validateValue(item, items, `${path}[${index}]`))
  }
  if (typeof maxItems === 'number' && list.length > maxItems) {
    faults.push(fault('FieldValueTooMany', path, `Too many: ${list.length}: must have at most ${maxItems} items`))
  }
  if (typeof minItems === 'number' && list.length < minItems) {
    faults.push(invalidValue(path, list.length, `${path} in body should have at least ${minItems} items`))
  }
  return faults
}

function objectFaults(value: JsonObject, schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const { required, additionalProperties } = schema
  for (const [key, child] of Object.entries(value)) {
    const childSchema = Object.hasOwn(properties, key) ? properties[key] : additionalProperties
    if (isObject(childSchema)) faults.push(...validateValue(child, childSchema, join(path, key)))
  }
  for (const key of Array.isArray(required) ? required : []) {
    if (!Object.hasOwn(value, String(key))) faults.push(requiredValue(join(path, String(key))))
  }
  if (schema['x-kubernetes-embedded-resource'] === true) faults.push(...embeddedFaults(value, path))
  faults.push(...sizeFaults(Object.keys(value).length, schema, path))
  return faults
}

function sizeFaults(size: number, schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const { maxProperties, minProperties } = schema
  if (typeof maxProperties === 'number' && size > maxProperties) {
    faults.push(fault('FieldValueTooMany', path, `Too many: ${size}: must have at most ${maxProperties} items`))
  }
  if (typeof minProperties === 'number' && size < minProperties) {
    faults.push(invalidValue(path, size, `${path} in body should have at least ${minProperties} properties`))
  }
  return faults
}

function embeddedFaults(value: JsonObject, path: string): readonly FieldFault[] {
  return ['apiVersion', 'kind'].filter((key) => (value[key] ?? '') === '').map((key) => requiredValue(join(path, key)))
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** allOf, anyOf, oneOf and not. */
function combined(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const where = path === '' ? '<nil>' : path
  const valid = (one: JsonValue): boolean => isObject(one) && validateValue(value, one, path).length === 0
  const { allOf, anyOf, oneOf, not } = schema
  for (const one of Array.isArray(allOf) ? allOf : [])
    if (isObject(one)) faults.push(...validateValue(value, one, path))
  if (Array.isArray(anyOf) && !anyOf.some(valid)) {
    faults.push(invalidValue(where, shown(value), `${where} in body must validate at least one schema (anyOf)`))
  }
  if (Array.isArray(oneOf)) {
    const count = oneOf.filter(valid).length
    if (count !== 1) {
      const found = count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`
      faults.push(
        invalidValue(where, shown(value), `${where} in body must validate one and only one schema (oneOf). ${found}`),
      )
    }
  }
  if (isObject(not) && valid(not))
    faults.push(invalidValue(where, shown(value), `${where} in body must not validate the schema (not)`))
  return faults
}

function shown(value: JsonValue): JsonValue {
  return isObject(value) || Array.isArray(value) ? wordOf(value) : value
}

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
    return isObject(childSchema) ? [...validateListTypes(child, childSchema, join(path, key))] : []
  })
}

function duplicateFaults(list: readonly JsonValue[], schema: Schema, path: string): readonly FieldFault[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = Array.isArray(schema['x-kubernetes-list-map-keys'])
    ? schema['x-kubernetes-list-map-keys'].map(String)
    : []
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
