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

/** The object with what its schema knows, and the schema's defaults: itself where nothing is to change. `unknown` receives what was dropped. */
export function decodeStructural(object: KubeObject, schema: Schema | undefined, unknown: string[] = []): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = object as KubeObject & JsonObject
  const meta = pruneMetadata(metadata as JsonObject, unknown)
  const fields = rest as JsonObject
  const filled =
    schema === undefined
      ? fields
      : (fillDefaults(pruneObject(fields, schema, { path: [], unknown }), schema) as JsonObject) // made of an object
  if (meta === (metadata as JsonObject) && filled === fields) return object
  return { apiVersion, kind, metadata: meta, ...filled } as unknown as KubeObject
}

/** The object with what its schema knows, no defaults: what a conversion leaves. */
export function pruneStructural(object: KubeObject, schema: Schema | undefined): KubeObject {
  if (schema === undefined) return object
  const { apiVersion, kind, metadata, ...rest } = object as KubeObject & JsonObject
  const pruned = pruneObject(rest as JsonObject, schema, { path: [], unknown: [] })
  return pruned === rest ? object : ({ apiVersion, kind, metadata, ...pruned } as unknown as KubeObject)
}

interface PruneState {
  /** Steps from the root to here; pushed and popped on the way. */
  readonly path: (string | number)[]
  readonly unknown: string[]
}

function pruneMetadata(metadata: JsonObject, unknown: string[]): JsonObject {
  let kept: Record<string, JsonValue> | undefined
  for (const key in metadata) {
    const isKnown = METADATA_FIELDS.has(key)
    if (!isKnown) unknown.push(`metadata.${key}`)
    if (isKnown && !isEmptyMeta(metadata[key] ?? null)) continue
    kept ??= { ...metadata }
    delete kept[key]
  }
  return kept ?? metadata
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
  const { items } = schema
  if (!isObject(items)) return list
  return changedItems(list, (item, index) => {
    state.path.push(index)
    const pruned = prune(item, items, state)
    state.path.pop()
    return pruned
  })
}

/** The list with its items changed; itself where none is. */
function changedItems(
  list: readonly JsonValue[],
  change: (item: JsonValue, index: number) => JsonValue,
): readonly JsonValue[] {
  let changed: JsonValue[] | undefined
  for (let index = 0; index < list.length; index++) {
    const item = list[index] ?? null
    const next = change(item, index)
    if (next !== item) (changed ??= [...list])[index] = next
  }
  return changed ?? list
}

function pruneObject(value: JsonObject, schema: Schema, state: PruneState): JsonObject {
  let kept: Record<string, JsonValue> | undefined
  for (const key in value) {
    const child = value[key] ?? null
    state.path.push(key)
    const pruned = pruneField(key, child, schema, state)
    state.path.pop()
    if (pruned === child) continue
    kept ??= { ...value }
    if (pruned === undefined) delete kept[key]
    else setField(kept, key, pruned)
  }
  return kept ?? value
}

/** What stays of a field; undefined where nothing does. */
function pruneField(key: string, child: JsonValue, schema: Schema, state: PruneState): JsonValue | undefined {
  if (schema['x-kubernetes-embedded-resource'] === true && EMBEDDED_FIELDS.has(key)) {
    return pruneEmbedded(key, child, state)
  }
  const childSchema = fieldSchema(schema, key)
  if (childSchema !== undefined) return prune(child, childSchema, state)
  if (keepsUnknown(schema)) return child
  state.unknown.push(pathText(state.path))
  return undefined
}

/** `spec.parts[0].name` */
function pathText(path: readonly (string | number)[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? step : `.${step}`
  }
  return text
}

/** What every resource has, embedded ones too. */
const EMBEDDED_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

function pruneEmbedded(key: string, value: JsonValue, state: PruneState): JsonValue {
  if (key !== 'metadata' || !isObject(value)) return value
  const dropped: string[] = []
  const kept = pruneMetadata(value, dropped)
  const place = pathText(state.path)
  state.unknown.push(...dropped.map((path) => `${place}${path.slice('metadata'.length)}`))
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
    const { items } = schema
    return isObject(items) ? changedItems(value, (item) => fillDefaults(item, items)) : value
  }
  return isObject(value) ? fillFields(value, schema) : value
}

function fillFields(value: JsonObject, schema: Schema): JsonObject {
  const before = ownDefaults(value, isObject(schema['properties']) ? schema['properties'] : {})
  let filled: Record<string, JsonValue> | undefined
  for (const key in before) {
    const childSchema = fieldSchema(schema, key)
    const child = before[key] ?? null
    const next = childSchema === undefined ? child : fillDefaults(child, childSchema)
    if (next !== child) setField((filled ??= { ...before }), key, next)
  }
  return filled ?? before
}

/** The object with the defaults of its own fields, not of those below. */
function ownDefaults(value: JsonObject, properties: JsonObject): JsonObject {
  let filled: Record<string, JsonValue> | undefined
  for (const key in value) {
    // null stands only where the schema allows it; elsewhere it means "not given".
    if (value[key] === null && isNullDropped(fieldOf(properties, key))) delete (filled ??= { ...value })[key]
  }
  for (const key in properties) {
    const child = properties[key]
    if (!isObject(child) || child['default'] === undefined || Object.hasOwn(filled ?? value, key)) continue
    setField((filled ??= { ...value }), key, child['default'])
  }
  return filled ?? value
}

function isNullDropped(schema: JsonValue | undefined): boolean {
  return isObject(schema) && schema['nullable'] !== true
}
