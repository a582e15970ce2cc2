// Structural schemas at work: unknown fields pruned, nulls dropped, defaults filled in.
import { fieldOf, isObject, setField } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'

/** The openAPIV3Schema of a version, as stored. */
export type Schema = JsonObject

/** Fields that ObjectMeta has; others are unknown whatever a schema says. */
const METADATA_FIELDS: ReadonlySet<string> = new Set([
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'name',
  'namespace',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
])

/** The object with what its schema knows, and the schema's defaults. `unknown` receives what was dropped. */
export function decodeStructural(object: KubeObject, schema: Schema | undefined, unknown: string[] = []): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = object as KubeObject & JsonObject
  const meta = pruneMetadata(metadata as JsonObject, unknown)
  if (schema === undefined)
    return { apiVersion, kind, metadata: meta, ...(rest as JsonObject) } as unknown as KubeObject
  const pruned = pruneObject(rest as JsonObject, schema, { path: '', unknown })
  const filled = fillDefaults(pruned, schema)
  return { apiVersion, kind, metadata: meta, ...(filled as JsonObject) } as unknown as KubeObject
}

interface PruneState {
  readonly path: string
  readonly unknown: string[]
}

function pruneMetadata(metadata: JsonObject, unknown: string[]): JsonObject {
  const kept: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(metadata)) {
    if (!METADATA_FIELDS.has(key)) unknown.push(`metadata.${key}`)
    else if (!isEmptyMeta(value)) kept[key] = value
  }
  return kept
}

function isEmptyMeta(value: JsonValue): boolean {
  if (value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

function prune(value: JsonValue, schema: Schema, state: PruneState): JsonValue {
  if (Array.isArray(value)) return pruneList(value, schema, state)
  return isObject(value) ? pruneObject(value, schema, state) : value
}

function pruneList(list: readonly JsonValue[], schema: Schema, state: PruneState): JsonValue {
  const items = schema['items']
  if (!isObject(items)) return list
  return list.map((item, index) => prune(item, items, { ...state, path: `${state.path}[${index}]` }))
}

function pruneObject(value: JsonObject, schema: Schema, state: PruneState): JsonObject {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const kept: Record<string, JsonValue> = {}
  for (const [key, child] of Object.entries(value)) {
    const path = state.path === '' ? key : `${state.path}.${key}`
    const childSchema = fieldSchema(schema, key)
    if (isEmbedded && EMBEDDED_FIELDS.has(key)) setField(kept, key, pruneEmbedded(key, child, { ...state, path }))
    else if (childSchema !== undefined) setField(kept, key, prune(child, childSchema, { ...state, path }))
    else if (keepsUnknown(schema)) setField(kept, key, child)
    else state.unknown.push(path)
  }
  return kept
}

/** What every resource has, embedded ones too. */
const EMBEDDED_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

function pruneEmbedded(key: string, value: JsonValue, state: PruneState): JsonValue {
  if (key !== 'metadata' || !isObject(value)) return value
  const dropped: string[] = []
  const kept = pruneMetadata(value, dropped)
  state.unknown.push(...dropped.map((path) => path.replace(/^metadata/, state.path)))
  return kept
}

/** The schema of a field, named or additional; undefined where nothing is said of it. */
function fieldSchema(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema
  const named = isObject(properties) ? fieldOf(properties, key) : undefined
  const found = named ?? additionalProperties
  return isObject(found) ? found : undefined
}

function keepsUnknown(schema: Schema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['additionalProperties'] === true ||
    isUntyped(schema)
  )
}

/** int-or-string and the like: nothing is said about fields. */
function isUntyped(schema: Schema): boolean {
  return schema['x-kubernetes-int-or-string'] === true
}

function fillDefaults(value: JsonValue, schema: Schema): JsonValue {
  if (Array.isArray(value)) {
    const items = schema['items']
    return isObject(items) ? value.map((item) => fillDefaults(item, items)) : value
  }
  if (!isObject(value)) return value
  const filled = withoutNulls(value, schema)
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  for (const [key, child] of Object.entries(properties)) {
    if (isObject(child) && child['default'] !== undefined && !Object.hasOwn(filled, key))
      setField(filled, key, child['default'])
  }
  for (const [key, child] of Object.entries(filled)) {
    const childSchema = fieldSchema(schema, key)
    if (childSchema !== undefined) setField(filled, key, fillDefaults(child, childSchema))
  }
  return filled
}

/** null stands only where the schema allows it; elsewhere it means "not given". */
function withoutNulls(value: JsonObject, schema: Schema): Record<string, JsonValue> {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const kept: Record<string, JsonValue> = {}
  for (const [key, child] of Object.entries(value)) {
    const childSchema = properties[key]
    const isDropped = child === null && isObject(childSchema) && childSchema['nullable'] !== true
    if (!isDropped) kept[key] = child
  }
  return kept
}
