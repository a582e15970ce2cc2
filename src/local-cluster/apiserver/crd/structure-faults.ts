// What makes a schema structural, and what its fields may say of themselves (apiextensions `validation.go` and `schema/validation.go`, v0.36.3).
import { messageOf } from '../../../base/errors.ts'
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { compileRegexp } from '../../../lang/go/regexp/regexp.ts'
import type { FieldFault } from '../../kinds/contract.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from '../../kinds/validation/faults.ts'
import { textOf } from '../json-text.ts'
import { ruleFormFaults } from './rule-form.ts'
import type { Schema } from './structural.ts'

/** Faults of a schema as it is written, before anything is done with it. */
export function structureFaults(schema: Schema, path: string): readonly FieldFault[] {
  const root: FieldFault[] = []
  const type = schema['type'] ?? ''
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (type === '' && !isOpen) root.push(requiredValue(`${path}.type`, 'must not be empty at the root'))
  else if (type !== '' && type !== 'object') root.push(invalidValue(`${path}.type`, type, 'must be object at the root'))
  return [...metadataFaults(schema, path), ...nodeFaults(schema, path, root)]
}

/** With a status of its own, a schema is an object at the root. */
export function rootFaults(schema: Schema, path: string): readonly FieldFault[] {
  const type = textOf(schema['type'])
  const text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
  return type === '' || type === 'object' ? [] : [invalidValue(`${path}.type`, type, text)]
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** Types that no value has. */
export function typeFaults(schema: Schema, path: string): readonly FieldFault[] {
  const inside = childrenOf(schema, path).flatMap(({ child, childPath }) => [...typeFaults(child, childPath)])
  const type = textOf(schema['type'])
  return type === '' || TYPES.includes(type) ? inside : [...inside, notSupported(`${path}.type`, type, TYPES)]
}

function metadataFaults(schema: Schema, path: string): readonly FieldFault[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const { metadata } = properties
  if (!isObject(metadata)) return []
  const { type: _type, properties: named, ...others } = metadata
  const names = isObject(named) ? Object.keys(named) : []
  const isPlain = Object.keys(others).length === 0 && names.every((name) => name === 'name' || name === 'generateName')
  const text = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
  return isPlain ? [] : [forbiddenValue(`${path}.properties[metadata]`, text)]
}

/** What is inside comes first, then what is wrong with the type here, then the rest. */
function nodeFaults(schema: Schema, path: string, ofType: readonly FieldFault[] = []): readonly FieldFault[] {
  return [
    ...childrenOf(schema, path).flatMap(({ child, childPath }) => [
      ...nodeFaults(child, childPath),
      ...untyped(child, childPath),
    ]),
    ...ofType,
    ...contentFaults(schema, path),
    ...listTypeFaults(schema, path),
    ...mapTypeFaults(schema, path),
    ...extensionFaults(schema, path),
    ...JUNCTORS.flatMap((junctor) => junctorFaults(schema[junctor], `${path}.${junctor}`)),
    ...ruleFormFaults(schema, path),
  ]
}

/** Structural schemas say the type of everything they name. */
function untyped(schema: Schema, path: string): readonly FieldFault[] {
  const isOpen =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if ((schema['type'] ?? '') !== '' || isOpen) return []
  const what = path.endsWith('.items') ? 'array items' : 'object fields'
  return [requiredValue(`${path}.type`, `must not be empty for specified ${what}`)]
}

function contentFaults(schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const { type, items, uniqueItems, additionalProperties, properties, pattern } = schema
  if (type === 'array' && items === undefined) faults.push(requiredValue(`${path}.items`, 'must be specified'))
  if (uniqueItems === true) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    faults.push(forbiddenValue(`${path}.uniqueItems`, text))
  }
  const isMap = isObject(additionalProperties) || additionalProperties === true
  if (isMap && isObject(properties) && Object.keys(properties).length > 0) {
    faults.push(
      forbiddenValue(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    )
  }
  if (typeof pattern === 'string') faults.push(...patternFaults(pattern, `${path}.pattern`))
  return faults
}

function patternFaults(pattern: string, field: string): readonly FieldFault[] {
  try {
    compileRegexp(pattern)
    return []
  } catch (error) {
    return [invalidValue(field, pattern, `must be a valid regular expression, but isn't: ${messageOf(error)}`)]
  }
}

function otherType({ type }: Schema, path: string, text: string): FieldFault {
  const field = `${path}.type`
  return (type ?? '') === '' ? requiredValue(field, text) : invalidValue(field, type, text)
}

function listTypeFaults(schema: Schema, path: string): readonly FieldFault[] {
  const kind = schema['x-kubernetes-list-type']
  if (kind === undefined) return []
  const faults: FieldFault[] = []
  const known = ['atomic', 'set', 'map']
  if (schema['type'] !== 'array') {
    faults.push(otherType(schema, path, 'must be array if x-kubernetes-list-type is specified'))
  }
  if (!known.some((one) => one === kind)) faults.push(notSupported(`${path}.x-kubernetes-list-type`, kind, known))
  const items = isObject(schema['items']) ? schema['items'] : {}
  if (kind === 'map') faults.push(...mapKeyFaults(schema, items, path))
  const isStruct = items['type'] === 'object' || items['type'] === 'array'
  const atomic = items['type'] === 'array' ? 'x-kubernetes-list-type' : 'x-kubernetes-map-type'
  if (kind === 'set' && isStruct && items[atomic] !== 'atomic') {
    const text = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    faults.push(invalidValue(`${path}.items.${atomic}`, items[atomic], text))
  }
  return faults
}

function mapKeyFaults(schema: Schema, items: JsonObject, path: string): readonly FieldFault[] {
  const keys = schema['x-kubernetes-list-map-keys']
  const field = `${path}.x-kubernetes-list-map-keys`
  if (!Array.isArray(keys) || keys.length === 0) {
    return [requiredValue(field, 'must not be empty if x-kubernetes-list-type is map')]
  }
  const properties = isObject(items['properties']) ? items['properties'] : {}
  const names = keys.map(String)
  if (names.some((name) => !Object.hasOwn(properties, name))) {
    return [invalidValue(field, keys as readonly JsonValue[], 'entries must all be names of item properties')]
  }
  const required = Array.isArray(items['required']) ? items['required'] : []
  return names.flatMap((name) => {
    const key = properties[name]
    if (required.includes(name) || (isObject(key) && key['default'] !== undefined)) return []
    const text = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
    return [requiredValue(`${path}.items.properties[${name}].default`, text)]
  })
}

function mapTypeFaults(schema: Schema, path: string): readonly FieldFault[] {
  const kind = schema['x-kubernetes-map-type']
  if (kind === undefined) return []
  const faults: FieldFault[] = []
  if (schema['type'] !== 'object') {
    faults.push(otherType(schema, path, 'must be object if x-kubernetes-map-type is specified'))
  }
  const known = ['atomic', 'granular']
  if (!known.some((one) => one === kind)) faults.push(notSupported(`${path}.x-kubernetes-map-type`, kind, known))
  return faults
}

function extensionFaults(schema: Schema, path: string): readonly FieldFault[] {
  const faults: FieldFault[] = []
  const preserves = schema['x-kubernetes-preserve-unknown-fields']
  if (preserves === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`
    faults.push(invalidValue(field, false, 'must be true or undefined'))
  }
  if (schema['x-kubernetes-embedded-resource'] !== true) return faults
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  if (preserves !== true && Object.keys(properties).length === 0) {
    const text =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    faults.push(requiredValue(`${path}.properties`, text))
  }
  if (schema['type'] !== 'object') {
    faults.push(
      invalidValue(`${path}.type`, schema['type'], 'must be object if x-kubernetes-embedded-resource is true'),
    )
  }
  return faults
}

const JUNCTORS = ['allOf', 'anyOf', 'oneOf', 'not'] as const

/** Inside a junctor only conditions stand; what is said of a field stands at the field. */
const OUTSIDE_ONLY = ['description', 'type', 'title', 'default', 'additionalProperties', 'nullable'] as const

function junctorFaults(value: JsonValue | undefined, path: string): readonly FieldFault[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: JsonValue, index) =>
      isObject(one) ? [...conditionFaults(one, `${path}[${index}]`)] : [],
    )
  }
  return isObject(value) ? conditionFaults(value, path) : []
}

function conditionFaults(schema: Schema, path: string): readonly FieldFault[] {
  const isNumberOrText = schema['x-kubernetes-int-or-string'] === true
  const here = OUTSIDE_ONLY.filter((key) => schema[key] !== undefined && !(key === 'type' && mayBeTyped(schema, path)))
  const faults = here.map((key) => forbiddenValue(`${path}.${key}`, 'must be empty to be structural'))
  if (isNumberOrText)
    faults.push(forbiddenValue(`${path}.x-kubernetes-int-or-string`, 'must be false to be structural'))
  const inside = childrenOf(schema, path).flatMap(({ child, childPath }) => [...conditionFaults(child, childPath)])
  return [...faults, ...inside, ...JUNCTORS.flatMap((one) => [...junctorFaults(schema[one], `${path}.${one}`)])]
}

/** The two forms of an int-or-string are told apart by their types alone. */
function mayBeTyped(schema: Schema, path: string): boolean {
  const isAlone = Object.keys(schema).length === 1
  return (
    isAlone &&
    /(?:anyOf|allOf\[0\]\.anyOf)\[[01]\]$/.test(path) &&
    ['integer', 'string'].includes(textOf(schema['type']))
  )
}

interface Child {
  readonly child: Schema
  readonly childPath: string
}

/** The schemas of fields and items, in the order of their names. */
export function childrenOf(schema: Schema, path: string): readonly Child[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const found: Child[] = []
  for (const key of Object.keys(properties).toSorted()) {
    const child = properties[key]
    if (isObject(child)) found.push({ child, childPath: `${path}.properties[${key}]` })
  }
  const { items, additionalProperties } = schema
  if (isObject(items)) found.push({ child: items, childPath: `${path}.items` })
  if (isObject(additionalProperties))
    found.push({ child: additionalProperties, childPath: `${path}.additionalProperties` })
  return found
}
