// Server-side apply and the book-keeping of every other write on whole objects (apimachinery v0.36.3 pkg/util/managedfields).
import { CapstanError, messageOf } from '../../base/errors.ts'
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import { deepEqual, isList } from '../json-value.ts'
import {
  kindOf,
  splitApiVersion,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../object.ts'
import { PatchError } from '../patch/patch-error.ts'
import type { TypeSchema } from '../schema/schema.ts'
import { objectTypeOf } from './apply-type.ts'
import { ApplyConflictError } from './apply-conflict.ts'
import { emptyObject, withEmptyStructs } from './empty-object.ts'
import { areTopLevel, difference, fieldSetOf, hasPath, setsEqual, union, type FieldSet } from './field-set.ts'
import { allowedByLastApplied, withLastApplied } from './last-applied.ts'
import {
  capUpdates,
  decodeManaged,
  encodeManaged,
  entryOf,
  identifierOf,
  nameOf,
  NOTHING_MANAGED,
  type Managed,
  type ManagerName,
} from './managed-fields.ts'
import { applyConfig, recordUpdate, type ApplyOutcome, type Typed, type Versions } from './managers.ts'
import { newObjectFields } from './new-fields.ts'
import { TypedError } from './typed-error.ts'
import { validateTyped } from './typed-validate.ts'

/** What both kinds of write need to know. */
export interface WriteOptions {
  /** Field manager; empty counts as `unknown`. */
  readonly manager: string
  /** Type of the object in `apiVersion`; undefined for a custom resource without a schema. */
  readonly schema: TypeSchema | undefined
  /** Version the request came in. */
  readonly apiVersion: string
  readonly nowMs: number
  /** `status`, `scale`, or absent for the main endpoint. */
  readonly subresource?: string
  /** Fields nobody owns through this endpoint: `status` at the main one of kinds that have the subresource (`GetResetFields`). */
  readonly resetFields?: FieldSet
  /** The object in another served version, with that version's schema; undefined where it is not served. Absent: all versions are alike. */
  readonly convert?: (
    object: JsonObject,
    apiVersion: string,
  ) => { readonly object: JsonObject; readonly schema: TypeSchema | undefined } | undefined
}

export interface ApplyOptions extends WriteOptions {
  /** Take over what others own instead of a conflict. */
  readonly force: boolean
}

export interface ApplyResult {
  /** The new object with its managedFields; nothing is defaulted yet. */
  readonly object: KubeObject
  /** Nothing but ownership may have changed: times stay. */
  readonly isNoop: boolean
}

/** Fields of every object which nobody owns (`stripMeta`). */
const UNOWNED: FieldSet = fieldSetOf([
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => ['f:metadata', `f:${name}`]),
])

/** Set of the paths of top-level fields, for `resetFields`. */
export function topLevelFields(...names: readonly string[]): FieldSet {
  return fieldSetOf(names.map((name) => [`f:${name}`]))
}

/**
 * Server-side apply of a configuration to the live object (undefined: it is being created).
 * Throws `ApplyConflictError` (409); `PatchError` bad-request (400) for a wrong version or kind; `TypedError` where the
 * configuration does not fit its type (500, as upstream).
 */
export function applyPatch(live: KubeObject | undefined, patch: KubeObject, options: ApplyOptions): ApplyResult {
  checkPatch(live, patch, options)
  const config = typedOf(patch, options)
  validateConfig(patch, config)
  const name = managerName(options, 'Apply')
  const before = liveOf(live, kindOf(patch))
  const managed = managedBefore(live, before, options)
  const request = {
    live: typedOf(before, options),
    config,
    managers: managed.managers,
    manager: identifierOf(name),
    force: options.force,
  }
  const outcome = settleConflicts(applyConfig(request, versionsOf(options)), { before, options }, () =>
    applyConfig({ ...request, force: true }, versionsOf(options)),
  )
  return finishApply(outcome, { before, live, patch, managed, name, options })
}

function checkPatch(live: KubeObject | undefined, patch: KubeObject, { apiVersion }: ApplyOptions): void {
  const { group, version } = splitApiVersion(apiVersion)
  if (live !== undefined && patch.kind !== live.kind) {
    throw new PatchError('bad-request', `invalid object type: ${gvkText(kindOf(patch))}`)
  }
  if (patch.apiVersion !== apiVersion) {
    const expected = group === '' ? version : `${group}/${version}`
    const text = `Incorrect version specified in apply patch. Specified patch version: ${patch.apiVersion}, expected: ${expected}`
    throw new PatchError('bad-request', text)
  }
  if (isList(patch.metadata.managedFields)) throw new PatchError('bad-request', 'metadata.managedFields must be nil')
}

function gvkText({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`
}

function validateConfig(patch: KubeObject, config: Typed): void {
  try {
    validateTyped(config.value, config.type, { allowDuplicates: false })
  } catch (error) {
    if (!(error instanceof TypedError)) throw error
    const { namespace = '', name = '' } = patch.metadata
    const text = `failed to create typed patch object (${namespace}/${name}; ${gvkText(kindOf(patch))}): ${messageOf(error)}`
    throw new PatchError('unclassified', text)
  }
}

/** An object as JSON without its managedFields. */
function plain(object: KubeObject): JsonObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata
  // Kubernetes objects are JSON objects; the interface names only what all have.
  return { ...object, metadata } as unknown as JsonObject
}

function liveOf(live: KubeObject | undefined, { group, version, kind }: GroupVersionKind): JsonObject {
  if (live !== undefined) return plain(live)
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata: {} }
}

function typedOf(object: JsonObject | KubeObject, { schema, apiVersion }: WriteOptions): Typed {
  // Kubernetes objects are JSON objects; the interface names only what all have.
  return { value: object as unknown as JsonValue, type: objectTypeOf(schema), apiVersion }
}

function versionsOf({ convert, resetFields }: WriteOptions): Versions {
  return {
    convert(typed, apiVersion) {
      if (typed.apiVersion === apiVersion) return typed
      if (convert === undefined) return { ...typed, apiVersion }
      // Only whole objects are converted.
      const converted = convert((typed.value ?? {}) as JsonObject, apiVersion)
      return converted === undefined
        ? undefined
        : { value: converted.object, type: objectTypeOf(converted.schema), apiVersion }
    },
    ...(resetFields === undefined ? {} : { ignored: () => resetFields }),
  }
}

function managerName(
  { manager, apiVersion, subresource = '' }: WriteOptions,
  operation: 'Apply' | 'Update',
): ManagerName {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion: operation === 'Apply' ? '' : apiVersion,
    subresource,
  }
}

/** Who owns what before an apply; what an object without any entry holds belongs to `before-first-apply`. */
function managedBefore(live: KubeObject | undefined, before: JsonObject, options: ApplyOptions): Managed {
  const managed = decodeManaged(live === undefined ? undefined : live.metadata.managedFields)
  if (managed.managers.size > 0 || live === undefined) return managed
  const start = emptyObject(kindOf(live))
  return capUpdates(recordChange(start, before, managed, { ...options, manager: 'before-first-apply' }))
}

/** Adds what changed between two objects to the entry of a manager of writes other than apply. */
function recordChange(before: JsonObject, after: JsonObject, managed: Managed, options: WriteOptions): Managed {
  const current = 'current-operation'
  const request = {
    live: typedOf(before, options),
    updated: typedOf(after, options),
    managers: managed.managers,
    manager: current,
  }
  const managers = new Map(recordUpdate(request, versionsOf(options)))
  const change = managers.get(current)
  managers.delete(current)
  const fields = change === undefined ? undefined : difference(change.fields, UNOWNED)
  if (change === undefined || fields === undefined || fields.size === 0) return { ...managed, managers }
  const identifier = identifierOf(managerName(options, 'Update'))
  const previous = managers.get(identifier)
  managers.set(identifier, { ...change, fields: previous === undefined ? fields : union(previous.fields, fields) })
  const times = new Map(managed.times).set(identifier, rfc3339Seconds(options.nowMs))
  return { managers, times, texts: managed.texts }
}

interface ConflictScope {
  readonly before: JsonObject
  readonly options: ApplyOptions
}

type Applied = Exclude<ApplyOutcome, { readonly conflicts: readonly unknown[] }>

/** kubectl may take over what its own client-side apply set: what the last-applied annotation still says is no conflict. */
function settleConflicts(
  outcome: ApplyOutcome,
  { before, options }: ConflictScope,
  force: () => ApplyOutcome,
): Applied {
  if (outcome.conflicts === undefined) return outcome
  const allowed = options.manager === 'kubectl' ? allowedByLastApplied(before, typedOf(before, options)) : undefined
  const conflicts =
    allowed === undefined ? outcome.conflicts : outcome.conflicts.filter(({ path }) => !hasPath(allowed, path))
  if (conflicts.length > 0) throw new ApplyConflictError(conflicts)
  const forced = force()
  if (forced.conflicts !== undefined) throw new CapstanError('internal', 'a forced apply has conflicts')
  return forced
}

interface ApplyScope {
  readonly before: JsonObject
  readonly live: KubeObject | undefined
  readonly patch: KubeObject
  readonly managed: Managed
  readonly name: ManagerName
  readonly options: ApplyOptions
}

function finishApply(outcome: Applied, { before, live, patch, managed, name, options }: ApplyScope): ApplyResult {
  const identifier = identifierOf(name)
  const managers = new Map(outcome.managers)
  const own = managers.get(identifier)
  const fields = own === undefined ? undefined : difference(own.fields, UNOWNED)
  if (own === undefined || fields === undefined || fields.size === 0) managers.delete(identifier)
  else managers.set(identifier, { ...own, fields: reuse(fields, managed.managers.get(identifier)?.fields) })
  const isNoop = outcome.isNoop && live !== undefined
  const times = isNoop ? managed.times : new Map(managed.times).set(identifier, rfc3339Seconds(options.nowMs))
  // Merging an object with an object gives one.
  const merged = isNoop ? before : ((outcome.value.value ?? before) as JsonObject)
  const stamped = options.manager === 'kubectl' ? withLastApplied(merged, plain(patch)) : merged
  const object = withManaged(stamped, { managers, times, texts: managed.texts })
  return { object, isNoop: isNoop && stamped === merged }
}

/** The set as it was read, where it is the same: its JSON need not be written anew. */
function reuse(fields: FieldSet, before: FieldSet | undefined): FieldSet {
  return before !== undefined && setsEqual(fields, before) ? before : fields
}

/** The object with its entries; without the field where there are none. */
function withManaged(object: JsonObject, managed: Managed): KubeObject {
  const managedFields = encodeManaged(managed)
  // Objects come in as KubeObject and keep what makes them one.
  const { metadata } = object as unknown as KubeObject
  const { managedFields: _old, ...rest } = metadata
  return { ...object, metadata: managedFields === undefined ? rest : { ...rest, managedFields } } as KubeObject
}

/**
 * The object of a write other than apply (create: `live` undefined) with its writer's entry brought up to date.
 * Entries in the request count where they are sound; an empty list, or a list of one empty entry, resets them. An existing object
 * that has none gets none. Where an object does not fit its type nobody owns anything, as upstream (`UpdateNoErrors`).
 */
export function updateManagedFields(
  live: KubeObject | undefined,
  object: KubeObject,
  options: WriteOptions,
): KubeObject {
  const managed = requestedManaged(live, object, options.subresource ?? '')
  const after = plain(object)
  if (managed.managers.size === 0 && live !== undefined) return withManaged(after, NOTHING_MANAGED)
  const empty = emptyObject(kindOf(object))
  const before = live === undefined ? empty : withEmptyStructs(plain(live), empty)
  const isFirst = live === undefined && managed.managers.size === 0
  try {
    if (isFirst && areTopLevel(options.resetFields)) return withCreator(after, empty, options)
    return withManaged(after, capUpdates(recordChange(before, withEmptyStructs(after, empty), managed, options)))
  } catch (error) {
    if (error instanceof TypedError) return withManaged(after, NOTHING_MANAGED)
    throw error
  }
}

/** A new object with the entry of its creator, who is the only one. */
function withCreator(object: JsonObject, empty: JsonObject, options: WriteOptions): KubeObject {
  const { type } = typedOf(object, options)
  const fields = newObjectFields({ object, empty, type }, { unowned: UNOWNED, ignored: options.resetFields })
  if (fields === undefined) return object as unknown as KubeObject // it came in as one
  const entry = entryOf(managerName(options, 'Update'), { fields, time: rfc3339Seconds(options.nowMs) })
  return {
    ...object,
    metadata: { ...(object['metadata'] as JsonObject), managedFields: [entry] },
  } as unknown as KubeObject
}

function requestedManaged(live: KubeObject | undefined, object: KubeObject, subresource: string): Managed {
  const requested = subresource === '' ? object.metadata.managedFields : undefined
  if (requested !== undefined && isReset(requested)) return NOTHING_MANAGED
  const own = decodeOrNothing(requested)
  return own.managers.size > 0 ? own : decodeOrNothing(live?.metadata.managedFields)
}

function isReset(entries: readonly JsonObject[]): boolean {
  return entries.length === 0 || (entries.length === 1 && deepEqual(entries[0], {}))
}

/** Malformed entries count as none, as upstream. */
function decodeOrNothing(entries: readonly JsonValue[] | undefined): Managed {
  try {
    return decodeManaged(entries)
  } catch (error) {
    if (error instanceof CapstanError) return NOTHING_MANAGED
    throw error
  }
}

/** The managers of an object by entry, for people. */
export function managersOf(object: KubeObject): readonly ManagerName[] {
  return [...decodeOrNothing(object.metadata.managedFields).managers.keys()].map(nameOf)
}
