// The type of a value as structured merge sees it: scalar, list (atomic, set, map) or map (atomic or granular), or several of them.
import { kindOfJson } from '../json-value.ts'
import type { JsonValue } from '../object.ts'
import { definitionSchema, type TypeSchema } from '../schema/schema.ts'

export type ScalarType = 'string' | 'numeric' | 'boolean' | 'untyped'

export interface ListType {
  /** Granular lists merge item by item: by key where there are `keys`, else by value. */
  readonly isAtomic: boolean
  readonly keys: readonly string[]
  readonly element: ApplyType
}

export interface MapType {
  readonly isAtomic: boolean
  /** The declared field; undefined where there is none of that name. */
  readonly field: (name: string) => ApplyType | undefined
  /** Type of the values of fields that are not declared; undefined where there may be none. */
  readonly element: ApplyType | undefined
  /** Nothing is declared and anything goes: what managers own is never reconciled with such a type. */
  readonly isDeduced: boolean
  /** What stands for an absent field when it is part of a list's key. */
  readonly defaultOf: (name: string) => JsonValue | undefined
}

export interface ApplyType {
  readonly scalar?: ScalarType
  readonly list?: ListType
  readonly map?: MapType
}

export type Variant = 'map' | 'scalar' | 'list'

/** Which of the type's forms fits the value; where none does (null, absent, another kind) the first it has. */
export function variantOf(type: ApplyType, value: JsonValue | undefined): Variant {
  return fittingVariant(type, value) ?? firstVariant(type)
}

/** The form that fits the value; undefined where the type has no such form, and for null and absent values. */
export function fittingVariant(type: ApplyType, value: JsonValue | undefined): Variant | undefined {
  if (value === undefined || value === null) return undefined
  const kind = kindOfJson(value)
  const wanted = kind === 'object' ? 'map' : kind === 'list' ? 'list' : 'scalar'
  return type[wanted] === undefined ? undefined : wanted
}

function firstVariant(type: ApplyType): Variant {
  if (type.map !== undefined) return 'map'
  return type.scalar === undefined ? 'list' : 'scalar'
}

const NO_FIELD = (): undefined => undefined

/** Any value; lists and maps are owned as a whole. */
export const UNTYPED_ATOMIC: ApplyType = {
  scalar: 'untyped',
  get list() {
    return { isAtomic: true, keys: [], element: UNTYPED_ATOMIC }
  },
  get map() {
    return { isAtomic: true, field: NO_FIELD, element: UNTYPED_ATOMIC, isDeduced: false, defaultOf: NO_FIELD }
  },
}

/** Any value; maps are owned field by field, lists as a whole. What custom resources without a schema have. */
export const DEDUCED: ApplyType = {
  scalar: 'untyped',
  get list() {
    return { isAtomic: true, keys: [], element: UNTYPED_ATOMIC }
  },
  get map() {
    return { isAtomic: false, field: NO_FIELD, element: DEDUCED, isDeduced: true, defaultOf: NO_FIELD }
  },
}

/** Types made from schemas. Schemas never change, so neither do these; freed with them. */
const made = new WeakMap<TypeSchema, ApplyType>()

/** The type a schema describes (rules of kube-openapi `pkg/schemaconv`). An absent schema is `DEDUCED`. */
export function applyTypeOf(schema: TypeSchema | undefined): ApplyType {
  if (schema === undefined) return DEDUCED
  const known = made.get(schema)
  if (known !== undefined) return known
  const type = makeType(schema)
  made.set(schema, type)
  return type
}

function makeType(schema: TypeSchema): ApplyType {
  if (schema.intOrString) return { scalar: 'untyped' }
  switch (schema.type) {
    case 'object':
      // Whatever a field of any type holds belongs to one manager as a whole.
      return schema.name?.endsWith('.RawExtension') === true ? UNTYPED_ATOMIC : { map: makeMap(schema) }
    case 'array':
      return { list: makeList(schema) }
    case 'string':
      return { scalar: schema.format === undefined || schema.format === 'byte' ? stringType(schema) : 'untyped' }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    default:
      if (schema.preserveUnknownFields) return DEDUCED
      return schema.properties === undefined ? UNTYPED_ATOMIC : { map: makeMap(schema) }
  }
}

/** A Quantity may be written as a number. */
function stringType(schema: TypeSchema): ScalarType {
  return schema.name?.endsWith('.Quantity') === true ? 'untyped' : 'string'
}

function makeMap(schema: TypeSchema): MapType {
  const { properties } = schema
  const fields = new Map<string, ApplyType>()
  const open = properties === undefined && schema.additionalProperties === undefined
  return {
    isAtomic: schema.mapType === 'atomic',
    field(name) {
      const known = fields.get(name)
      if (known !== undefined) return known
      const property = name === 'metadata' && schema.embeddedResource ? undefined : properties?.get(name)
      const embedded = schema.embeddedResource ? objectField(name) : undefined
      const type = property === undefined ? embedded : applyTypeOf(property)
      if (type !== undefined) fields.set(name, type)
      return type
    },
    get element() {
      const rest = schema.additionalProperties
      if (typeof rest === 'object') return applyTypeOf(rest)
      return rest === true || schema.preserveUnknownFields || open ? DEDUCED : undefined
    },
    isDeduced: properties === undefined && (schema.preserveUnknownFields || open),
    defaultOf: (name) => properties?.get(name)?.default,
  }
}

/** What every Kubernetes object has, whether or not its schema says so. */
function objectField(name: string): ApplyType | undefined {
  if (name === 'apiVersion' || name === 'kind') return { scalar: 'string' }
  return name === 'metadata'
    ? applyTypeOf(definitionSchema('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'))
    : undefined
}

/** Types of whole objects made from schemas that do not describe apiVersion, kind and metadata. */
const madeObjects = new WeakMap<TypeSchema, ApplyType>()

/** The type of a whole object. Schemas of custom resources say nothing of apiVersion, kind and metadata; an absent one says nothing at all. */
export function objectTypeOf(schema: TypeSchema | undefined): ApplyType {
  if (schema === undefined) return asObjectType(DEDUCED)
  if (schema.name !== undefined) return applyTypeOf(schema)
  const known = madeObjects.get(schema)
  if (known !== undefined) return known
  const type = asObjectType(applyTypeOf(schema))
  madeObjects.set(schema, type)
  return type
}

function asObjectType(type: ApplyType): ApplyType {
  const map = type.map ?? DEDUCED.map
  if (map === undefined) return type
  return {
    map: {
      isAtomic: false,
      isDeduced: false,
      field: (name) => objectField(name) ?? map.field(name),
      get element() {
        return map.element
      },
      defaultOf: map.defaultOf,
    },
  }
}

function makeList(schema: TypeSchema): ListType {
  const strategy = schema.patchStrategy.includes('merge')
  const isAtomic = schema.listType === undefined ? !strategy : schema.listType === 'atomic'
  let element: ApplyType | undefined
  const legacyKeys = schema.patchMergeKey === undefined ? [] : [schema.patchMergeKey]
  return {
    isAtomic,
    keys: schema.listType === undefined ? legacyKeys : schema.listMapKeys,
    get element() {
      element ??= applyTypeOf(schema.items)
      return element
    },
  }
}
