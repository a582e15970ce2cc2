// Applying a strategic merge patch to a document (rules of apimachinery v0.36.3 pkg/util/strategicpatch).
import { assertDepth, deepEqual, fieldOf, isList, isObject, kindOfJson, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import type { TypeSchema } from '../schema/schema.ts'
import { PatchError } from './patch-error.ts'
import { deduplicate, orderItems, type Items } from './strategic-lists.ts'
import {
  asList,
  badFormat,
  DELETE_FROM_LIST,
  DIRECTIVE,
  goText,
  itemKind,
  mergeKeyOf,
  parallelListOf,
  planForList,
  planForObject,
  RETAIN_KEYS,
  SET_ORDER,
  type FieldPlan,
} from './strategic-schema.ts'

type Fields = Record<string, JsonValue>

interface MergeOptions {
  /** Directives act on the document; otherwise two patches become one and directives are kept. */
  readonly actOnDirectives: boolean
}

/**
 * The document with the patch applied. Parts the patch does not touch are shared, nothing is changed in place.
 * @param schema type of the document (`builtinSchema`); undefined makes every list and map of unknown type a plain one.
 */
export function applyStrategicPatch(
  document: JsonObject,
  patch: JsonObject,
  schema: TypeSchema | undefined,
): JsonObject {
  assertDepth(patch, 'the strategic merge patch')
  return mergeObjects(document, patch, schema, { actOnDirectives: true })
}

/** Two patches as one; the directives of both stay. Throws where they contradict each other. */
export function mergeStrategicPatches(
  first: JsonObject,
  second: JsonObject,
  schema: TypeSchema | undefined,
): JsonObject {
  return mergeObjects(first, second, schema, { actOnDirectives: false })
}

function mergeObjects(
  original: JsonObject,
  patch: JsonObject,
  schema: TypeSchema | undefined,
  options: MergeOptions,
): JsonObject {
  if (Object.hasOwn(patch, DIRECTIVE)) return followDirective(patch)
  const result: Fields = { ...original }
  const rest: Fields = { ...patch }
  retainKeys(result, rest, options)
  for (const key of Object.keys(patch)) {
    const list = parallelListOf(key, SET_ORDER)
    if (list !== undefined) mergeOrdered(result, rest, { key, list, schema }, options)
  }
  for (const [key, value] of Object.entries(rest)) mergeField(result, [key, value], schema, options)
  return result
}

function followDirective(patch: JsonObject): JsonObject {
  const { [DIRECTIVE]: directive, ...rest } = patch
  if (directive === 'replace') return rest
  if (directive === 'delete') return {}
  throw new PatchError('unclassified', `unknown patch type: ${goText(directive)} in map: ${goText(patch)}`)
}

/** Removes what `$retainKeys` does not name; the patch itself may set nothing else. */
function retainKeys(result: Fields, rest: Fields, options: MergeOptions): void {
  const wanted = fieldOf(rest, RETAIN_KEYS)
  if (wanted === undefined) return
  delete rest[RETAIN_KEYS]
  if (!options.actOnDirectives) {
    combineRetainKeys(result, wanted)
    return
  }
  if (!isList(wanted)) throw badFormat('retainKeys')
  const names = new Set(wanted)
  if (Object.keys(rest).some((key) => setsField(rest, key) && !names.has(key))) throw badFormat('retainKeys')
  for (const key of Object.keys(result)) if (!names.has(key)) delete result[key]
}

function combineRetainKeys(result: Fields, wanted: JsonValue): void {
  const known = fieldOf(result, RETAIN_KEYS)
  if (known !== undefined && !deepEqual(known, wanted)) {
    const both = `${goText(known)} and ${goText(wanted)}`
    throw new PatchError(
      'unclassified',
      `${both} are not deep equal: this may happen when calculating the 3-way diff patch`,
    )
  }
  result[RETAIN_KEYS] = wanted
}

function setsField(patch: Fields, key: string): boolean {
  return patch[key] !== null && !key.startsWith(DELETE_FROM_LIST) && !key.startsWith(SET_ORDER)
}

interface OrderedList {
  /** `$setElementOrder/<list>`. */
  readonly key: string
  readonly list: string
  readonly schema: TypeSchema | undefined
}

/** Merges a list for which the patch names the order, and takes it out of what is left of the patch. */
function mergeOrdered(result: Fields, rest: Fields, { key, list, schema }: OrderedList, options: MergeOptions): void {
  const wanted = fieldOf(rest, key) ?? null
  if (!options.actOnDirectives) keepOrder(result, key, wanted)
  delete rest[key]
  const order = asList(wanted)
  const before = fieldOf(result, list)
  const patched = fieldOf(rest, list)
  const original = before === undefined ? [] : asList(before)
  const patch = patched === undefined ? [] : asList(patched)
  const plan = planForList(schema, list)
  checkOrder(patch, order, plan.mergeKey)
  if (before === undefined && patched === undefined) return
  delete rest[list]
  const merged =
    before === undefined ? asList(withoutDirectives(patch) ?? []) : mergeLists(original, patched, plan, options)
  const kind = itemKind(original, patch)
  if (kind === undefined) throw new PatchError('unclassified', 'no elements in any of the given slices')
  const [named, serverOnly] = partition(merged, order, plan.mergeKey)
  const server = serverOrder(original, patch, plan)
  setField(result, list, orderItems(named, serverOnly, { patch: order, server }, { mergeKey: plan.mergeKey, kind }))
}

/**
 * The server's order as upstream sees it: its deletions shift the list in place, and items which the patch adds take the places
 * that came free. So an item of the server stands before an added one where something was deleted, and behind it otherwise.
 */
function serverOrder(original: Items, patch: Items, { strategy, mergeKey }: FieldPlan): Items {
  if (strategy !== 'merge' || mergeKey === '' || itemKind(original) !== 'object') return original
  const { kept, additions, isReplaced } = followItemDirectives(original, patch, mergeKey)
  if (isReplaced || kept.length === original.length) return original
  const [, added] = partition(additions, kept, mergeKey)
  return [...kept, ...added.slice(0, original.length - kept.length)]
}

function keepOrder(result: Fields, key: string, wanted: JsonValue): void {
  const known = fieldOf(result, key)
  if (known !== undefined && !deepEqual(known, wanted)) throw badFormat('setElementOrder list')
  setField(result, key, wanted)
}

/** The items of the patch must stand in the order it names. */
function checkOrder(patch: Items, order: Items, mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return
  const identity = (item: JsonValue): JsonValue => (mergeKey === '' ? item : mergeKeyOf(item, mergeKey))
  const named = patch.filter((item) => !isObject(item) || !Object.hasOwn(item, DIRECTIVE))
  let next = 0
  for (const item of order) {
    const wanted = named[next]
    if (wanted !== undefined && identity(wanted) === identity(item)) next++
  }
  if (next < named.length) {
    const text = `The order in patch list:\n${goText(patch)}\n doesn't match ${SET_ORDER} list:\n${goText(order)}\n`
    throw new PatchError('unclassified', text)
  }
}

/** Items whose identity stands in `by`, and the others. */
function partition(items: Items, by: Items, mergeKey: string): [JsonValue[], JsonValue[]] {
  const identity = (item: JsonValue): JsonValue => (mergeKey === '' ? item : mergeKeyOf(item, mergeKey))
  const names = new Set(by.map(identity))
  const inside: JsonValue[] = []
  const outside: JsonValue[] = []
  for (const item of items) (names.has(identity(item)) ? inside : outside).push(item)
  return [inside, outside]
}

function mergeField(
  result: Fields,
  [name, value]: readonly [string, JsonValue],
  schema: TypeSchema | undefined,
  options: MergeOptions,
): void {
  const deletion = parallelListOf(name, DELETE_FROM_LIST)
  if (deletion !== undefined && !options.actOnDirectives) {
    setField(result, name, value)
    return
  }
  const key = deletion ?? name
  if (value === null) {
    delete result[key]
    if (options.actOnDirectives) return
  }
  const before = fieldOf(result, key)
  if (before === undefined || kindOfJson(before) !== kindOfJson(value)) {
    if (deletion === undefined) replaceField(result, key, value, options)
  } else if (deletion !== undefined) {
    setField(result, key, removeItems(asList(before), asList(value)))
  } else mergeSameKind(result, [key, value], schema, options)
}

function removeItems(items: Items, unwanted: Items): JsonValue[] {
  const names = new Set(unwanted)
  return items.filter((item) => !names.has(item))
}

function replaceField(result: Fields, key: string, value: JsonValue, options: MergeOptions): void {
  const clean = withoutDirectives(options.actOnDirectives ? withoutNulls(value) : value)
  if (clean === undefined) delete result[key]
  else setField(result, key, clean)
}

function mergeSameKind(
  result: Fields,
  [key, value]: readonly [string, JsonValue],
  schema: TypeSchema | undefined,
  options: MergeOptions,
): void {
  const before = fieldOf(result, key)
  if (isObject(before) && isObject(value)) {
    const plan = planForObject(schema, key)
    setField(result, key, plan.strategy === 'replace' ? value : mergeObjects(before, value, plan.schema, options))
  } else if (isList(before) && isList(value)) {
    setField(result, key, mergeLists(before, value, planForList(schema, key), options))
  } else setField(result, key, value)
}

function mergeLists(original: Items, patch: JsonValue | undefined, plan: FieldPlan, options: MergeOptions): Items {
  if (patch === undefined) return original
  const items = asList(patch)
  if (plan.strategy !== 'merge') return items
  const kind = itemKind(original, items)
  if (kind === undefined) return original
  const { mergeKey } = plan
  if (kind === 'scalar') {
    const [named, serverOnly] = partition(deduplicate([...original, ...items]), items, '')
    return orderItems(named, serverOnly, { patch: items, server: original }, { mergeKey: '', kind })
  }
  if (mergeKey === '')
    throw new PatchError('unclassified', `cannot merge lists without merge key for ${plan.schema?.name ?? 'struct'}`)
  const { kept, additions } = followItemDirectives(original, items, mergeKey)
  const merged = mergeItems(kept, additions, plan, options)
  const [named, serverOnly] = partition(merged, additions, mergeKey)
  return orderItems(named, serverOnly, { patch: additions, server: kept }, { mergeKey, kind })
}

interface FollowedItems {
  readonly kept: Items
  /** The items of the patch without a directive. */
  readonly additions: Items
  readonly isReplaced: boolean
}

/** Deletes and replaces as the items with `$patch` say. */
function followItemDirectives(original: Items, patch: Items, mergeKey: string): FollowedItems {
  const additions: JsonValue[] = []
  const deleted = new Set<JsonValue>()
  let isReplaced = false
  for (const item of patch) {
    const directive = isObject(item) ? fieldOf(item, DIRECTIVE) : undefined
    if (directive === undefined) additions.push(item)
    else if (directive === 'delete') deleted.add(mergeKeyOf(item, mergeKey))
    else if (directive === 'replace') isReplaced = true
    else if (directive === 'merge')
      throw new PatchError('unclassified', 'merging lists cannot yet be specified in the patch')
    else throw new PatchError('unclassified', `unknown patch type: ${goText(directive)} in map: ${goText(item)}`)
  }
  if (isReplaced) return { kept: additions, additions: [], isReplaced }
  const kept = original.filter((item) => !isObject(item) || !deleted.has(fieldOf(item, mergeKey) ?? null))
  return { kept, additions, isReplaced }
}

function mergeItems(original: Items, patch: Items, plan: FieldPlan, options: MergeOptions): JsonValue[] {
  const merged = [...original]
  const places = new Map<JsonValue, number>()
  merged.forEach((item, index) => {
    const identity = isObject(item) ? fieldOf(item, plan.mergeKey) : undefined
    if (identity !== undefined && !places.has(identity)) places.set(identity, index)
  })
  for (const item of patch) {
    const identity = mergeKeyOf(item, plan.mergeKey)
    const place = places.get(identity)
    const before = place === undefined ? undefined : merged[place]
    if (place === undefined) places.set(identity, merged.push(item) - 1)
    else if (isObject(before) && isObject(item)) merged[place] = mergeObjects(before, item, plan.schema, options)
  }
  return merged
}

/** Fields that are null say "remove"; in something new there is nothing to remove. */
function withoutNulls(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const kept: Fields = {}
  for (const [key, field] of Object.entries(value)) if (field !== null) setField(kept, key, withoutNulls(field))
  return kept
}

/** Drops objects which carry `$patch`, at every depth; undefined where the value itself does. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (isList(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, DIRECTIVE)) return undefined
  const kept: Fields = {}
  for (const [key, field] of Object.entries(value)) {
    const clean = withoutDirectives(field)
    if (clean !== undefined) setField(kept, key, clean)
  }
  return kept
}
