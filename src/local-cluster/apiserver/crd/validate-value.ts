// Validation of custom resources against their schema, worded as kube-openapi and apiextensions (v0.36.3) word it.
import { jsonText } from '../../../kube/json-digits.ts'
import { deepEqual, fieldOf, isObject, kindOfJson } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { compileRegexp, matchesRegexp, type GoRegexp } from '../../../lang/go/regexp/regexp.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { textOf } from '../json-text.ts'
import { fault, invalidValue, notSupported, requiredValue, tooMany } from '../../kinds/validation/faults.ts'
import { annotationFaults, labelFaults } from '../../kinds/validation/metadata.ts'
import { formatFault } from './formats.ts'
import { itemsBefore } from './list-types.ts'
import type { Schema } from './structural.ts'

/** Objects and lists in which a schema found no fault. Neither ever changes, and versions of an object share most of them. */
const sound = new WeakMap<object, Schema>()

/**
 * Faults of a value; `path` is empty at the top.
 * Of what is as it was in `old`, nothing is told: schemas become stricter, and who changes one field need not repair others (KEP-4008).
 */
export function validateValue(value: JsonValue, schema: Schema, path: string, old?: JsonValue): readonly FieldFault[] {
  if (typeof value === 'object' && value !== null && sound.get(value) === schema) return NONE
  if (old !== undefined && deepEqual(value, old)) return NONE
  const faults = faultsOf(value, schema, path, old)
  // With an old value there may be faults that were not told.
  if (faults.length === 0 && old === undefined && typeof value === 'object' && value !== null) sound.set(value, schema)
  return faults
}

const NONE: readonly FieldFault[] = []

function faultsOf(value: JsonValue, schema: Schema, path: string, old: JsonValue | undefined): readonly FieldFault[] {
  const content = typeFault(value, schema, path) ?? checkContent(value, schema, path, old)
  const junctors = junctorFaults(value, schema, path)
  return junctors.length === 0 ? content : [...content, ...junctors]
}

function checkContent(
  value: JsonValue,
  schema: Schema,
  path: string,
  old: JsonValue | undefined,
): readonly FieldFault[] {
  if (value === null) return []
  const faults = [...enumFaults(value, schema, path)]
  if (typeof value === 'string') faults.push(...stringFaults(value, schema, path))
  else if (isNumber(value)) faults.push(...numberFaults(value, schema, path))
  else if (Array.isArray(value)) faults.push(...listFaults(value, schema, path, old))
  else if (isObject(value)) faults.push(...objectFaults(value, schema, path, old))
  return faults
}

function typeFault(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] | undefined {
  const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : textOf(schema['type'])
  if (value === null) {
    return schema['nullable'] === true || wanted === '' ? undefined : [wrongType('null', wanted, path)]
  }
  if (wanted === '' || fitsType(value, wanted)) return rangeFault(value, schema, path)
  const first = wrongType(wordOf(value), wanted, path)
  const isChecked = ['minimum', 'maximum', 'multipleOf'].some((bound) => schema[bound] !== undefined)
  if (wanted !== 'integer' || !isNumber(value) || !isChecked) return [first]
  return [first, invalidValue('<nil>', '', `Checked value must be of type integer (default format) in ${path}`)]
}

/** Integers beyond their format. */
function rangeFault(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] | undefined {
  const { format } = schema
  if (schema['type'] !== 'integer' || format !== 'int32' || !isNumber(value)) return undefined
  if (value >= -(2 ** 31) && value < 2 ** 31) return undefined
  return [invalidValue('<nil>', '', `Checked value must be of type integer with format int32 in ${path}`)]
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
  const { format } = schema
  const faults = firstTextFault(value, schema, path)
  if (typeof format === 'string' && formatFault(value, format)) {
    const text = `Invalid value: ${jsonText(value)}: ${path} in body must be of type ${format}: ${JSON.stringify(value)}`
    faults.push(fault('FieldValueTypeInvalid', path, text))
  }
  return faults
}

/** Length and pattern: the first that does not fit is told (kube-openapi `stringValidator`). */
function firstTextFault(value: string, schema: Schema, path: string): FieldFault[] {
  const { maxLength, minLength, pattern } = schema
  if (typeof maxLength === 'number' && lengthOf(value) > maxLength) {
    return [fault('FieldValueTooLong', path, `Too long: may not be more than ${maxLength} bytes`)]
  }
  if (typeof minLength === 'number' && lengthOf(value) < minLength) {
    return [invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`)]
  }
  if (typeof pattern === 'string' && !matchesPattern(value, pattern, schema)) {
    return [invalidValue(path, value, `${path} in body should match '${pattern}'`)]
  }
  return []
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

function listFaults(
  list: readonly JsonValue[],
  schema: Schema,
  path: string,
  old: JsonValue | undefined,
): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const { items, maxItems, minItems } = schema
  if (isObject(items)) {
    const before = itemsBefore(schema, old)
    for (const [index, item] of list.entries()) {
      faults.push(...validateValue(item, items, `${path}[${index}]`, before(item)))
    }
  }
  if (typeof maxItems === 'number' && list.length > maxItems) {
    faults.push(tooMany(path, list.length, maxItems))
  }
  if (typeof minItems === 'number' && list.length < minItems) {
    faults.push(invalidValue(path, list.length, `${path} in body should have at least ${minItems} items`))
  }
  return faults
}

function objectFaults(
  value: JsonObject,
  schema: Schema,
  path: string,
  old: JsonValue | undefined,
): readonly FieldFault[] {
  const before = isObject(old) ? old : {}
  const faults: FieldFault[] = []
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const { required, additionalProperties } = schema
  for (const [key, child] of Object.entries(value)) {
    const childSchema = Object.hasOwn(properties, key) ? properties[key] : additionalProperties
    if (isObject(childSchema)) faults.push(...validateValue(child, childSchema, join(path, key), fieldOf(before, key)))
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
    faults.push(tooMany(path, size, maxProperties))
  }
  if (typeof minProperties === 'number' && size < minProperties) {
    faults.push(invalidValue(path, size, `${path} in body should have at least ${minProperties} properties`))
  }
  return faults
}

function embeddedFaults(value: JsonObject, path: string): readonly FieldFault[] {
  const missing = ['apiVersion', 'kind'].filter((key) => (value[key] ?? '') === '')
  const faults = missing.map((key) => requiredValue(join(path, key)))
  const apiVersion = textOf(value['apiVersion'])
  if (apiVersion.split('/').length > 2) {
    const field = join(path, 'apiVersion')
    faults.push(invalidValue(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  }
  const { metadata } = value
  if (!isObject(metadata)) return faults
  const where = join(path, 'metadata')
  return [...faults, ...labelFaults(metadata['labels'], `${where}.labels`), ...annotationFaults(metadata, where)]
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** allOf, anyOf, oneOf and not (kube-openapi `schemaPropsValidator`). */
function junctorFaults(value: JsonValue, schema: Schema, path: string): readonly FieldFault[] {
  const { allOf, anyOf, oneOf, not } = schema
  if (allOf === undefined && anyOf === undefined && oneOf === undefined && not === undefined) return NONE
  const checked = (junctor: JsonValue | undefined): readonly (readonly FieldFault[])[] =>
    Array.isArray(junctor)
      ? junctor.map((one: JsonValue) => (isObject(one) ? validateValue(value, one, path) : NONE))
      : []
  const faults = [...anyFaults(checked(anyOf), path), ...oneFaults(checked(oneOf), path)]
  const all = checked(allOf)
  faults.push(...all.flat())
  if (all.some((one) => one.length > 0)) faults.push(junctorFault(path, 'must validate all the schemas (allOf)'))
  if (isObject(not) && validateValue(value, not, path).length === 0)
    faults.push(junctorFault(path, 'must not validate the schema (not)'))
  return faults
}

type Alternatives = readonly (readonly FieldFault[])[]

function anyFaults(found: Alternatives, path: string): readonly FieldFault[] {
  if (found.length === 0 || found.some((one) => one.length === 0)) return NONE
  return [junctorFault(path, 'must validate at least one schema (anyOf)'), ...(found[0] ?? [])]
}

function oneFaults(found: Alternatives, path: string): readonly FieldFault[] {
  const count = found.filter((one) => one.length === 0).length
  if (found.length === 0 || count === 1) return NONE
  const text = 'must validate one and only one schema (oneOf).'
  if (count > 0) return [junctorFault(path, `${text} Found ${count} valid alternatives`)]
  return [junctorFault(path, `${text} Found none valid`), ...(found[0] ?? [])]
}

function junctorFault(path: string, text: string): FieldFault {
  return invalidValue('<nil>', '', `${JSON.stringify(path)} ${text}`)
}
