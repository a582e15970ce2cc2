// Making strategic merge patches: from two documents, and kubectl's three-way patch (rules of apimachinery v0.36.3 pkg/util/strategicpatch).
import { jsonText } from '../json-digits.ts'
import { assertDepth, deepEqual, fieldOf, isList, isObject, kindOfJson, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import type { TypeSchema } from '../schema/schema.ts'
import { PatchError } from './patch-error.ts'
import { mergeStrategicPatches } from './strategic-apply.ts'
import { haveConflicts } from './strategic-conflicts.ts'
import { deduplicate, sortByField, sortByOrder, sortScalars, type Items } from './strategic-lists.ts'
import {
  asObject,
  DELETE_FROM_LIST,
  DIRECTIVE,
  goText,
  itemKind,
  mergeKeyOf,
  planForList,
  planForObject,
  RETAIN_KEYS,
  SET_ORDER,
  type FieldPlan,
} from './strategic-schema.ts'

type Fields = Record<string, JsonValue>

interface DiffOptions {
  readonly additions: boolean
  readonly deletions: boolean
  readonly order: boolean
}

/** The patch that turns `original` into `modified`; empty where nothing differs. */
export function createTwoWayStrategicPatch(
  original: JsonObject,
  modified: JsonObject,
  schema: TypeSchema | undefined,
): JsonObject {
  assertDepth(original, 'the original document')
  assertDepth(modified, 'the modified document')
  return diffObjects(
    original,
    modified,
    { schema, retainKeys: false },
    { additions: true, deletions: true, order: true },
  )
}

/** The three documents of `kubectl apply`: last applied, wanted, live. */
export interface ThreeWay {
  readonly original: JsonObject
  readonly modified: JsonObject
  readonly current: JsonObject
}

/**
 * kubectl's patch: additions and changes against `current`, deletions against `original`.
 * Throws `conflict` where it would undo what others changed since `original`, unless `overwrite`.
 */
export function createThreeWayStrategicPatch(
  documents: ThreeWay,
  schema: TypeSchema | undefined,
  options: { readonly overwrite: boolean },
): JsonObject {
  const { original, modified, current } = documents
  for (const document of [original, modified, current]) assertDepth(document, 'the document')
  const scope = { schema, retainKeys: false }
  const changes = diffObjects(current, modified, scope, { additions: true, deletions: false, order: true })
  const deletions = diffObjects(original, modified, scope, { additions: false, deletions: true, order: true })
  const patch = mergeStrategicPatches(deletions, changes, schema)
  if (options.overwrite) return patch
  const changed = diffObjects(original, current, scope, { additions: true, deletions: true, order: false })
  if (haveConflicts(patch, changed, schema)) {
    const text = `patch:\n${jsonText(patch)}\nconflicts with changes made from original to current:\n${jsonText(changed)}\n`
    throw new PatchError('conflict', text)
  }
  return patch
}

interface Scope {
  readonly schema: TypeSchema | undefined
  readonly retainKeys: boolean
}

function diffObjects(original: JsonObject, modified: JsonObject, scope: Scope, options: DiffOptions): JsonObject {
  const patch: Fields = {}
  for (const [key, value] of Object.entries(modified))
    diffField(patch, { key, value, before: fieldOf(original, key) }, scope, options)
  if (options.deletions) {
    for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) setField(patch, key, null)
  }
  if (scope.retainKeys) addRetainKeys(patch, original, modified)
  return patch
}

function addRetainKeys(patch: Fields, original: JsonObject, modified: JsonObject): void {
  const names = Object.keys(modified).filter((key) => modified[key] !== null)
  const isShrinking = Object.keys(original).some((key) => original[key] !== null && !Object.hasOwn(modified, key))
  if (names.length > 0 && (Object.keys(patch).length > 0 || isShrinking)) patch[RETAIN_KEYS] = sortScalars(names)
}

interface ChangedField {
  readonly key: string
  readonly value: JsonValue
  readonly before: JsonValue | undefined
}

function diffField(patch: Fields, field: ChangedField, scope: Scope, options: DiffOptions): void {
  const { key, value, before } = field
  if (before !== undefined && key === DIRECTIVE) diffDirective(patch, before, value)
  else if (before === undefined || kindOfJson(before) !== kindOfJson(value)) {
    if (options.additions) setField(patch, key, value)
  } else if (isObject(before) && isObject(value)) diffInner(patch, { key, value, before }, scope, options)
  else if (isList(before) && isList(value)) diffList(patch, { key, value, before }, scope, options)
  else if (options.additions && !deepEqual(before, value)) setField(patch, key, value)
}

function diffDirective(patch: Fields, before: JsonValue, value: JsonValue): void {
  if (typeof before !== 'string' || typeof value !== 'string') {
    throw new PatchError('unclassified', `invalid value for special key: ${DIRECTIVE}`)
  }
  if (before !== value) patch[DIRECTIVE] = value
}

interface ObjectField {
  readonly key: string
  readonly value: JsonObject
  readonly before: JsonObject
}

function diffInner(patch: Fields, { key, value, before }: ObjectField, { schema }: Scope, options: DiffOptions): void {
  const plan = planUnlessEqual(() => planForObject(schema, key), before, value)
  if (plan === undefined) return
  if (plan.strategy === 'replace') {
    if (options.additions) setField(patch, key, value)
    return
  }
  const inner = diffObjects(before, value, plan, options)
  if (Object.keys(inner).length > 0) setField(patch, key, inner)
}

/** A field the type does not have is no error as long as it does not change. */
function planUnlessEqual(plan: () => FieldPlan, before: JsonValue, value: JsonValue): FieldPlan | undefined {
  try {
    return plan()
  } catch (error) {
    if (error instanceof PatchError && deepEqual(before, value)) return undefined
    throw error
  }
}

interface ListField {
  readonly key: string
  readonly value: Items
  readonly before: Items
}

function diffList(patch: Fields, { key, value, before }: ListField, { schema }: Scope, options: DiffOptions): void {
  const plan = planUnlessEqual(() => planForList(schema, key), before, value)
  if (plan === undefined) return
  if (plan.strategy !== 'merge') {
    if (options.additions && !deepEqual(before, value)) setField(patch, key, value)
    return
  }
  const difference = diffMergingList(before, value, plan, options)
  if (difference.items.length > 0) setField(patch, key, difference.items)
  if (difference.deleted.length > 0) setField(patch, `${DELETE_FROM_LIST}/${key}`, difference.deleted)
  if (difference.order.length > 0) setField(patch, `${SET_ORDER}/${key}`, difference.order)
}

interface ListDifference {
  readonly items: Items
  /** Scalars to remove; objects to remove stand among the items with a directive. */
  readonly deleted: Items
  readonly order: Items
}

function diffMergingList(original: Items, modified: Items, plan: FieldPlan, options: DiffOptions): ListDifference {
  if (original.length === 0) return { items: options.additions ? modified : [], deleted: [], order: [] }
  const kind = itemKind(original, modified)
  return kind === 'object'
    ? diffObjectList(original, modified, plan, options)
    : diffScalarList(original, modified, options)
}

function diffObjectList(original: Items, modified: Items, plan: FieldPlan, options: DiffOptions): ListDifference {
  const { mergeKey } = plan
  const { changed, deleted } = diffItems(original, modified, plan, options)
  const items = [...sortByOrder(changed, modified, { mergeKey, kind: 'object' }), ...deleted]
  const isSameOrder =
    original.length === modified.length &&
    modified.every((item, index) => mergeKeyOf(original[index], mergeKey) === mergeKeyOf(item, mergeKey))
  const needsOrder =
    (options.additions && (items.length > 0 || !isSameOrder)) || (options.deletions && items.length > 0)
  const order = options.order && needsOrder ? modified.map((item) => ({ [mergeKey]: mergeKeyOf(item, mergeKey) })) : []
  return { items, deleted: [], order }
}

/** Walks both lists sorted by the text of the merge key. */
function diffItems(
  original: Items,
  modified: Items,
  plan: FieldPlan,
  options: DiffOptions,
): { changed: Items; deleted: Items } {
  const { mergeKey } = plan
  const changed: JsonValue[] = []
  const deleted: JsonValue[] = []
  walkSorted(
    sortByField(original, mergeKey),
    sortByField(modified, mergeKey),
    (item) => goText(mergeKeyOf(item, mergeKey)),
    (before, after) => {
      if (before !== undefined && after !== undefined) {
        const inner = diffObjects(asObject(before), asObject(after), plan, options)
        if (Object.keys(inner).length > 0) changed.push({ ...inner, [mergeKey]: mergeKeyOf(after, mergeKey) })
      } else if (after !== undefined) {
        if (options.additions) changed.push(after)
      } else if (options.deletions) deleted.push({ [mergeKey]: mergeKeyOf(before, mergeKey), [DIRECTIVE]: 'delete' })
    },
  )
  return { changed, deleted }
}

function diffScalarList(original: Items, modified: Items, options: DiffOptions): ListDifference {
  const added: JsonValue[] = []
  const deleted: JsonValue[] = []
  walkSorted(sortScalars(original), sortScalars(modified), goText, (before, after) => {
    if (before === undefined && after !== undefined && options.additions) added.push(after)
    if (before !== undefined && after === undefined && options.deletions) deleted.push(before)
  })
  const items = sortByOrder(added, modified, { mergeKey: '', kind: 'scalar' })
  const needsOrder = (options.deletions && deleted.length > 0) || (options.additions && !deepEqual(original, modified))
  return { items, deleted: deduplicate(deleted), order: options.order && needsOrder ? modified : [] }
}

type Visit = (before: JsonValue | undefined, after: JsonValue | undefined) => void

/** Visits two sorted lists side by side: equal texts together, the others alone. */
function walkSorted(original: Items, modified: Items, textOf: (item: JsonValue) => string, visit: Visit): void {
  let left = 0
  let right = 0
  while (left < original.length || right < modified.length) {
    const before = original[left]
    const after = modified[right]
    const order = compareTexts(
      before === undefined ? undefined : textOf(before),
      after === undefined ? undefined : textOf(after),
    )
    visit(order <= 0 ? before : undefined, order >= 0 ? after : undefined)
    if (order <= 0) left++
    if (order >= 0) right++
  }
}

/** Absent stands behind everything. */
function compareTexts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1
  return a < b ? -1 : 1
}
