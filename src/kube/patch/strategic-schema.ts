// What a schema says to strategic merge patch: how one field is merged, by which key, and the names of the directives.
import { CapstanError } from '../../base/errors.ts'
import { isList, isObject } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { propertySchema, type TypeSchema } from '../schema/schema.ts'
import { PatchError } from './patch-error.ts'

export const DIRECTIVE = '$patch'
export const RETAIN_KEYS = '$retainKeys'
export const DELETE_FROM_LIST = '$deleteFromPrimitiveList'
export const SET_ORDER = '$setElementOrder'

/** How one field is merged. */
export interface FieldPlan {
  /** Type of the field's value, or of its items where it is a list; undefined where anything is allowed. */
  readonly schema: TypeSchema | undefined
  readonly strategy: string
  readonly mergeKey: string
  readonly retainKeys: boolean
}

/** The plan for a field that holds an object. Throws where the type has no such field. */
export function planForObject(schema: TypeSchema | undefined, key: string): FieldPlan {
  return planOf(lookUp(schema, key))
}

/** The plan for a field that holds a list. Throws where the type has no such field. */
export function planForList(schema: TypeSchema | undefined, key: string): FieldPlan {
  const field = lookUp(schema, key)
  // A list may be declared as one item (a pointer to it), as the OpenAPI readers of strategicpatch allow.
  return { ...planOf(field), schema: field?.items ?? field }
}

function lookUp(schema: TypeSchema | undefined, key: string): TypeSchema | undefined {
  const field = propertySchema(schema, key)
  if (field !== undefined || isOpen(schema)) return field
  const type = schema?.name?.split('.').at(-1) ?? 'object'
  throw new PatchError(
    'unclassified',
    `unable to find api field in struct ${type} for the json field ${JSON.stringify(key)}`,
  )
}

/** A type without properties (RawExtension, JSON), or one that keeps unknown fields, allows any. */
function isOpen(schema: TypeSchema | undefined): boolean {
  if (schema === undefined || schema.preserveUnknownFields || schema.additionalProperties === true) return true
  return schema.properties === undefined && (schema.type === undefined || schema.type === 'object')
}

function planOf(field: TypeSchema | undefined): FieldPlan {
  const strategies = field?.patchStrategy ?? []
  const others = strategies.filter((strategy) => strategy !== 'retainKeys')
  if (others.length > 1) throw new CapstanError('internal', `unexpected patch strategy: [${strategies.join(' ')}]`)
  return {
    schema: field,
    strategy: others[0] ?? '',
    mergeKey: field?.patchMergeKey ?? '',
    retainKeys: others.length < strategies.length,
  }
}

/** `$setElementOrder/ports` → `ports`; undefined where the name has another prefix. */
export function parallelListOf(key: string, prefix: string): string | undefined {
  if (!key.startsWith(prefix)) return undefined
  if (key.startsWith(`${prefix}/`)) return key.slice(prefix.length + 1)
  throw badFormat(prefix === SET_ORDER ? 'setElementOrder list' : 'primitive list')
}

export function badFormat(what: 'primitive list' | 'retainKeys' | 'setElementOrder list'): PatchError {
  return new PatchError('bad-request', `invalid patch format of ${what}`)
}

/** The value of the merge key of a list's item. */
export function mergeKeyOf(item: JsonValue | undefined, mergeKey: string): JsonValue {
  const object = asObject(item)
  const value = Object.hasOwn(object, mergeKey) ? object[mergeKey] : undefined
  if (value === undefined) {
    throw new PatchError('unclassified', `map: ${goText(object)} does not contain declared merge key: ${mergeKey}`)
  }
  return value
}

export function asObject(value: JsonValue | undefined): JsonObject {
  if (isObject(value)) return value
  throw new PatchError('unclassified', `expected a map[string]interface {}, but received a ${goType(value)}`)
}

export function asList(value: JsonValue | undefined): readonly JsonValue[] {
  if (isList(value)) return value
  throw new PatchError('unclassified', `expected a []interface {}, but received a ${goType(value)}`)
}

/** Whether the items are objects or scalars; all must be of one type. Undefined where there are none. */
export function itemKind(...lists: readonly (readonly JsonValue[])[]): 'object' | 'scalar' | undefined {
  let first: string | undefined
  for (const list of lists) {
    for (const item of list) {
      const type = goType(item).replace(/^int64$/, 'float64')
      if (type === '[]interface {}') throw new PatchError('unprocessable', 'lists of lists are not supported')
      if (first !== undefined && first !== type) {
        throw new PatchError('unclassified', `list element types are not identical: [${lists.map(goText).join(' ')}]`)
      }
      first = type
    }
  }
  if (first === undefined) return undefined
  return first.startsWith('map') ? 'object' : 'scalar'
}

function goType(value: JsonValue | undefined): string {
  if (isList(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  return typeof value === 'number' && !Number.isInteger(value) ? 'float64' : 'int64'
}

/** A value as Go's `%v` prints it; lists are sorted by this text. */
export function goText(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return '<nil>'
  if (isList(value)) return `[${value.map(goText).join(' ')}]`
  if (!isObject(value)) return String(value)
  const fields = Object.keys(value).sort()
  return `map[${fields.map((field) => `${field}:${goText(value[field])}`).join(' ')}]`
}
