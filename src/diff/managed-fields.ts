// Who owns which field, read from metadata.managedFields.
import { deepEqual, fieldOf, isList, isObject, setField } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { propertySchema, type TypeSchema } from '../kube/schema/schema.ts'
import { asJson, asObject, removeAt } from './edit.ts'
import { findElement, isGranularList, keysOfItem } from './typed-list.ts'

/** A tree in the form of FieldsV1: `f:name`, `k:{…}`, `v:…`, `i:…`; `.` is the thing itself. */
export type OwnedFields = JsonObject

/** The fields of all entries that `belongs` picks, as one tree. */
export function ownedFields(object: KubeObject, belongs: (entry: JsonObject) => boolean): OwnedFields {
  let owned: OwnedFields = {}
  for (const entry of object.metadata.managedFields ?? []) {
    const fields = entry['fieldsV1']
    if (isObject(fields) && belongs(entry)) owned = union(owned, fields)
  }
  return owned
}

function union(a: OwnedFields, b: OwnedFields): OwnedFields {
  const all: Record<string, JsonValue> = { ...a }
  for (const [element, fields] of Object.entries(b)) {
    const held = fieldOf(a, element)
    setField(all, element, isObject(held) && isObject(fields) ? union(held, fields) : fields)
  }
  return all
}

/** One step down an owned tree: what it names in a value, and the schema of that. */
export interface Step {
  readonly key: string
  readonly value: JsonValue | undefined
  readonly schema: TypeSchema | undefined
}

/** Follows one element of an owned tree into a value; undefined for `.` and for what does not fit the value. */
export function follow(
  value: JsonValue | undefined,
  element: string,
  schema: TypeSchema | undefined,
): Step | undefined {
  if (isObject(value) && element.startsWith('f:')) {
    const key = element.slice(2)
    return { key, value: fieldOf(value, key), schema: propertySchema(schema, key) }
  }
  if (!isList(value) || !/^[kvi]:/.test(element)) return undefined
  const index = findElement(value, element, schema)
  return index < 0 ? undefined : { key: String(index), value: value[index], schema: schema?.items }
}

/** The sub-tree of owned fields under an element; empty where the element is owned as a whole. */
export function ownedUnder(owned: OwnedFields, element: string): OwnedFields {
  const inner = fieldOf(owned, element)
  return isObject(inner) ? inner : {}
}

/** True where nothing inside is named: the value is owned as a whole. */
export function isLeaf(owned: OwnedFields): boolean {
  return Object.keys(owned).every((element) => element === '.')
}

/** What of a value an owned tree names, with the keys that say which item of a list it is. */
export function extractOwned(value: JsonValue, owned: OwnedFields, schema: TypeSchema | undefined): JsonValue {
  if (isObject(value)) {
    const inner = Object.entries(owned).filter(([element]) => element.startsWith('f:'))
    if (inner.length === 0) return value
    const kept: Record<string, JsonValue> = {}
    for (const [element] of inner) {
      const step = follow(value, element, schema)
      if (step?.value === undefined) continue
      setField(kept, step.key, extractOwned(step.value, ownedUnder(owned, element), step.schema))
    }
    return kept
  }
  if (!isList(value) || isLeaf(owned) || !isGranularList(schema)) return value
  const places = new Map<string, OwnedFields>()
  for (const element of Object.keys(owned)) {
    const step = follow(value, element, schema)
    if (step !== undefined) places.set(step.key, ownedUnder(owned, element))
  }
  return value.flatMap((item, index) => {
    const inner = places.get(String(index))
    return inner === undefined ? [] : [withItemKeys(extractOwned(item, inner, schema?.items), item, schema)]
  })
}

function withItemKeys(kept: JsonValue, item: JsonValue, schema: TypeSchema | undefined): JsonValue {
  const keys = keysOfItem(item, schema)
  return schema?.listType === 'map' && isObject(kept) && isObject(keys) ? { ...keys, ...kept } : kept
}

/**
 * Drops, on both sides, the fields that a trusted manager owns on the live object and that the wanted one has otherwise
 * or not at all (argo-cd v3.5.1 `util/argo/managedfields`).
 */
export function removeTrusted(
  pair: { readonly wanted: KubeObject; readonly live: KubeObject },
  managers: ReadonlySet<string>,
  schema: TypeSchema | undefined,
): { readonly wanted: KubeObject; readonly live: KubeObject } {
  const owned = ownedFields(pair.live, ({ manager }) => typeof manager === 'string' && managers.has(manager))
  const paths = differingPaths({ wanted: asJson(pair.wanted), live: asJson(pair.live) }, owned, schema)
  let [wanted, live]: JsonValue[] = [asJson(pair.wanted), asJson(pair.live)]
  // From the last to the first, so that positions in lists still hold.
  for (const path of paths.toReversed()) {
    live = removeAt(live ?? null, path.live)
    if (path.wanted !== undefined) wanted = removeAt(wanted ?? null, path.wanted)
  }
  return { wanted: asObject(wanted ?? null), live: asObject(live ?? null) }
}

interface Sides {
  readonly wanted: JsonValue | undefined
  readonly live: JsonValue | undefined
}

interface PathPair {
  readonly live: readonly string[]
  readonly wanted: readonly string[] | undefined
}

function differingPaths(sides: Sides, owned: OwnedFields, schema: TypeSchema | undefined): readonly PathPair[] {
  const found: PathPair[] = []
  for (const element of Object.keys(owned).filter((name) => name !== '.')) {
    const live = follow(sides.live, element, schema)
    const wanted = follow(sides.wanted, element, schema)
    if (live?.value === undefined || deepEqual(live.value, wanted?.value)) continue
    const inner = ownedUnder(owned, element)
    if (isLeaf(inner) || wanted?.value === undefined) {
      found.push({ live: [live.key], wanted: wanted && [wanted.key] })
      continue
    }
    const below = differingPaths({ wanted: wanted.value, live: live.value }, inner, live.schema)
    for (const path of below) {
      found.push({ live: [live.key, ...path.live], wanted: path.wanted && [wanted.key, ...path.wanted] })
    }
  }
  return found
}
