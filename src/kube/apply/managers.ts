// Who owns which fields, and what happens to it when someone applies or updates (structured-merge-diff v6 `merge/update.go`).
import { deepEqual } from '../json-value.ts'
import type { JsonValue } from '../object.ts'
import type { ApplyType } from './apply-type.ts'
import {
  difference,
  EMPTY_SET,
  intersection,
  pathsOf,
  recursiveDifference,
  union,
  type FieldPath,
  type FieldSet,
} from './field-set.ts'
import { compareTyped, excludeFrom, type Comparison } from './typed-compare.ts'
import { fieldSetOfValue, type NodeCache } from './typed-field-set.ts'
import { mergeTyped } from './typed-merge.ts'
import { reconcileFields, withNamedFields } from './typed-reconcile.ts'
import { removeFields } from './typed-remove.ts'

/** What a manager owns, in the API version it wrote. */
export interface VersionedSet {
  readonly fields: FieldSet
  readonly apiVersion: string
  /** By server-side apply; otherwise by any other write. */
  readonly isApplied: boolean
}

/** Manager identifier → what it owns. */
export type Managers = ReadonlyMap<string, VersionedSet>

/** An object in one API version with its type there. */
export interface Typed {
  readonly value: JsonValue | undefined
  readonly type: ApplyType
  readonly apiVersion: string
}

/** What the rules need to know about API versions. */
export interface Versions {
  /** The object in another version; undefined where that version is not known (its managers are dropped). */
  readonly convert: (typed: Typed, apiVersion: string) => Typed | undefined
  /** Fields that nobody owns through this endpoint, with all below them (`status` at the main one). */
  readonly ignored?: (apiVersion: string) => FieldSet | undefined
  /** A filter of owned fields other than by exclusion. */
  readonly filter?: (fields: FieldSet, apiVersion: string) => FieldSet
}

/** One path that another manager owns with another value. */
export interface FieldConflict {
  readonly manager: string
  readonly path: FieldPath
}

export type ApplyOutcome =
  | { readonly conflicts: readonly FieldConflict[] }
  | { readonly conflicts?: undefined; readonly value: Typed; readonly managers: Managers; readonly isNoop: boolean }

export interface ApplyRequest {
  readonly live: Typed
  readonly config: Typed
  readonly managers: Managers
  readonly manager: string
  readonly force: boolean
}

/** Merges what a manager wants over the live object, takes away what it no longer wants and nobody else owns, and finds conflicts. */
export function applyConfig(request: ApplyRequest, versions: Versions): ApplyOutcome {
  const { live, config, manager, force } = request
  const managers = reconcileManagers(live, request.managers, versions)
  const merged: Typed = { ...live, value: mergeTyped(live.value, config.value, live.type) }
  const last = managers.get(manager)
  const wanted = filterSet(fieldSetOfValue(config.value, config.type), config.apiVersion, versions)
  managers.set(manager, { fields: wanted, apiVersion: config.apiVersion, isApplied: true })
  const value = prune(merged, managers, { manager, last }, versions)
  const { conflicts } = settle({ before: live, after: value, managers, manager }, versions, force)
  if (conflicts.length > 0) return { conflicts }
  return { value, managers, isNoop: value.value === live.value || deepEqual(value.value, live.value) }
}

export interface UpdateRequest {
  readonly live: Typed
  readonly updated: Typed
  readonly managers: Managers
  readonly manager: string
}

/** Gives a manager what it changed by any other write, and takes it from the others. */
export function recordUpdate({ live, updated, managers: old, manager }: UpdateRequest, versions: Versions): Managers {
  const managers = reconcileManagers(live, old, versions)
  const { comparison } = settle({ before: live, after: updated, managers, manager }, versions, true)
  const before = managers.get(manager)?.fields ?? EMPTY_SET
  const changed = union(union(difference(before, comparison.removed), comparison.modified), comparison.added)
  const fields = filterSet(changed, updated.apiVersion, versions)
  if (fields.size === 0) managers.delete(manager)
  else managers.set(manager, { fields, apiVersion: updated.apiVersion, isApplied: false })
  return managers
}

function filterSet(fields: FieldSet, apiVersion: string, { ignored, filter }: Versions): FieldSet {
  const excluded = ignored?.(apiVersion)
  const kept = excluded === undefined ? fields : recursiveDifference(fields, excluded)
  return filter === undefined ? kept : filter(kept, apiVersion)
}

function filterComparison(comparison: Comparison, apiVersion: string, { ignored, filter }: Versions): Comparison {
  const excluded = ignored?.(apiVersion)
  const kept = excluded === undefined ? comparison : excludeFrom(comparison, excluded)
  if (filter === undefined) return kept
  const only = (fields: FieldSet): FieldSet => filter(fields, apiVersion)
  return { added: only(kept.added), modified: only(kept.modified), removed: only(kept.removed) }
}

/** A copy in which every set fits the type of its version; managers of unknown versions are dropped. */
function reconcileManagers(live: Typed, managers: Managers, versions: Versions): Map<string, VersionedSet> {
  const reconciled = new Map<string, VersionedSet>()
  for (const [manager, set] of managers) {
    const typed = set.apiVersion === live.apiVersion ? live : versions.convert(live, set.apiVersion)
    if (typed === undefined) continue
    const fields = reconcileFields(set.fields, typed.type)
    reconciled.set(manager, fields === set.fields ? set : { ...set, fields })
  }
  return reconciled
}

interface Change {
  readonly before: Typed
  readonly after: Typed
  readonly managers: Map<string, VersionedSet>
  readonly manager: string
}

interface Settled {
  readonly comparison: Comparison
  readonly conflicts: readonly FieldConflict[]
}

/** Takes changed and removed fields from all other managers; without force, what they would lose by a change is a conflict. */
function settle(change: Change, versions: Versions, force: boolean): Settled {
  const { before, after, managers, manager } = change
  const compared = compareTyped(before.value, after.value, after.type)
  const comparison = filterComparison(compared, after.apiVersion, versions)
  const losses = lossesOf(change, comparison, versions)
  const conflicts = force
    ? []
    : losses.flatMap(({ name, lost }) => [...pathsOf(lost)].map((path) => ({ manager: name, path })))
  if (conflicts.length > 0) return { comparison, conflicts }
  for (const { name, set, lost, removed } of losses) {
    const fields = difference(difference(set.fields, lost), removed)
    if (fields.size === 0) managers.delete(name)
    else if (fields !== set.fields) managers.set(name, { ...set, fields })
  }
  if (managers.get(manager)?.fields.size === 0) managers.delete(manager)
  return { comparison, conflicts }
}

interface Loss {
  readonly name: string
  readonly set: VersionedSet
  /** What the manager owns and the change sets to something else. */
  readonly lost: FieldSet
  readonly removed: FieldSet
}

/** What each other manager loses; those of unknown versions are dropped. */
function lossesOf(
  { before, after, managers, manager }: Change,
  comparison: Comparison,
  versions: Versions,
): readonly Loss[] {
  const byVersion = new Map([[after.apiVersion, comparison]])
  const losses: Loss[] = []
  for (const [name, set] of managers) {
    if (name === manager) continue
    const change = byVersion.get(set.apiVersion) ?? compareIn(set.apiVersion, before, after, versions)
    if (change === undefined) {
      managers.delete(name)
      continue
    }
    byVersion.set(set.apiVersion, change)
    losses.push({
      name,
      set,
      lost: intersection(set.fields, union(change.modified, change.added)),
      removed: change.removed,
    })
  }
  return losses
}

function compareIn(apiVersion: string, before: Typed, after: Typed, versions: Versions): Comparison | undefined {
  const old = versions.convert(before, apiVersion)
  const now = versions.convert(after, apiVersion)
  if (old === undefined || now === undefined) return undefined
  return filterComparison(compareTyped(old.value, now.value, now.type), apiVersion, versions)
}

interface Pruning {
  readonly manager: string
  /** What the manager owned before. */
  readonly last: VersionedSet | undefined
}

/** Removes what the manager owned, no longer names, and nobody else owns. */
function prune(merged: Typed, managers: Managers, { manager, last }: Pruning, versions: Versions): Typed {
  if (last === undefined || last.fields.size === 0) return merged
  const wanted = managers.get(manager)
  // Only what the manager gave up can go; mostly that is nothing, and then the merged object is the result.
  if (
    wanted !== undefined &&
    wanted.apiVersion === last.apiVersion &&
    difference(last.fields, wanted.fields).size === 0
  )
    return merged
  const converted = versions.convert(merged, last.apiVersion)
  if (converted === undefined) return merged
  const lastNamed = withNamedFields(last.fields, converted.type)
  const pruned: Typed = { ...converted, value: removeFields(converted.value, lastNamed, converted.type) }
  const namedFields = fieldReader()
  const owned = addBackOwned({ merged: converted, pruned, managers }, versions, namedFields)
  const dangling = addBackDangling({ merged: converted, pruned: owned, last, lastNamed }, versions, namedFields)
  return versions.convert(dangling, wanted?.apiVersion ?? merged.apiVersion) ?? dangling
}

type ReadFields = (typed: Typed) => FieldSet

/** Reads the fields of objects that share most of their parts: each part is looked at once a type. */
function fieldReader(): ReadFields {
  const caches = new Map<ApplyType, NodeCache>()
  return ({ value, type }) => {
    const cache: NodeCache = caches.get(type) ?? new WeakMap()
    caches.set(type, cache)
    return withNamedFields(fieldSetOfValue(value, type, cache), type)
  }
}

interface Owned {
  readonly merged: Typed
  readonly pruned: Typed
  readonly managers: Managers
}

/** Puts back what any manager owns, its own version first. */
function addBackOwned({ merged, pruned, managers }: Owned, versions: Versions, read: ReadFields): Typed {
  const byVersion = new Map<string, FieldSet>()
  for (const { apiVersion, fields } of managers.values()) {
    byVersion.set(apiVersion, union(byVersion.get(apiVersion) ?? EMPTY_SET, fields))
  }
  const first = byVersion.get(pruned.apiVersion)
  byVersion.delete(pruned.apiVersion)
  const ordered: [string, FieldSet][] =
    first === undefined ? [...byVersion] : [[pruned.apiVersion, first], ...byVersion]
  let whole = merged
  let left = pruned
  for (const [apiVersion, fields] of ordered) {
    const wholeThere = versions.convert(whole, apiVersion)
    const leftThere = wholeThere === undefined ? undefined : versions.convert(left, apiVersion)
    if (wholeThere === undefined || leftThere === undefined) continue
    const { type } = wholeThere
    const unwanted = difference(
      difference(read(wholeThere), read({ ...leftThere, type })),
      withNamedFields(fields, type),
    )
    whole = wholeThere
    left = { ...wholeThere, value: removeFields(wholeThere.value, unwanted, type) }
  }
  return left
}

interface LastOwned {
  readonly merged: Typed
  readonly pruned: Typed
  readonly last: VersionedSet
  readonly lastNamed: FieldSet
}

/** Puts back what went only because something above it went, though the manager never owned it. */
function addBackDangling({ merged, pruned, last, lastNamed }: LastOwned, versions: Versions, read: ReadFields): Typed {
  const converted = versions.convert(pruned, last.apiVersion)
  if (converted === undefined) return merged
  const gone = intersection(difference(read(merged), read({ ...converted, type: merged.type })), lastNamed)
  return { ...merged, value: removeFields(merged.value, gone, merged.type) }
}
