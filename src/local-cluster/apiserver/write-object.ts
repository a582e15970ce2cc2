// Creating and changing objects: the steps every kind goes through between a decoded body and the store.
import { jsonText } from '../../kube/json-digits.ts'
import { deepEqual } from '../../kube/json-value.ts'
import type { KubeObject } from '../../kube/object.ts'
import { PreparationError, type FieldFault } from '../kinds/contract.ts'
import { asStored } from '../kinds/emptied.ts'
import { metadataFaults, metadataTypeFault, metadataUpdateFaults } from '../kinds/validation/metadata.ts'
import { RevisionConflictError, type StoredObject } from '../storage/store.ts'
import { chargesFor, type Charge } from './admission/quota/charge.ts'
import type { AdmissionRequest, Call, WriteResult } from './call.ts'
import { convertBuiltin } from './conversion.ts'
import { trackUpdate } from './managed-fields.ts'
import { MAX_OBJECT_BYTES } from './limits.ts'
import { withRevision } from './objects.ts'
import { apiVersionOf, gvkOf, keyOf, type Resource } from './resource.ts'
import {
  ApiError,
  alreadyExists,
  badRequest,
  conflict,
  generateNameConflict,
  internalError,
  invalid,
  notFound,
  unknownError,
} from './status.ts'
import { fillIdentity, generatedName, isSameObject, keepOnUpdate, withGeneration } from './strategy.ts'
import type { WriteOptions } from './options.ts'
import { warnOf } from './warnings.ts'

/** How often a generated name is drawn anew after a collision (`maxNameGenerationCreateAttempts`). */
const NAME_ATTEMPTS = 8

/** Stores a new object. Throws 404 or 403 for its namespace, 409 where the name is taken, 422 for faults. */
export async function createObject(call: Call, decoded: KubeObject, options: WriteOptions): Promise<KubeObject> {
  const { server, resource } = call
  checkMetadataTypes(call, decoded)
  checkNamespace(call, decoded)
  const object = withDefaults(resource, decoded)
  const tracked = trackUpdate({
    live: undefined,
    object,
    manager: options.fieldManager,
    subresource: '',
    resource,
    nowMs: server.clock.now(),
  })
  return createTracked(call, tracked, options)
}

/** Stores a new object whose managedFields are settled already. */
export async function createTracked(call: Call, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
  // Admission sees the object before a name is drawn, as its refusals show: pods "web-" is forbidden.
  const admitted = call.server.admission.admit({ call, operation: 'CREATE', object, old: undefined, subresource: '' })
  const isGenerated = (object.metadata.name ?? '') === '' && (object.metadata.generateName ?? '') !== ''
  for (let attempt = 1; ; attempt++) {
    const named = isGenerated ? withGeneratedName(call, admitted) : admitted
    try {
      return await createNamed(call, named, options)
    } catch (error) {
      if (!(error instanceof RevisionConflictError)) throw error
      const name = named.metadata.name ?? ''
      if (!isGenerated) {
        // What is wrong with the object is said before it is seen that there is one.
        warnOf(call, named)
        throw alreadyExists(call.resource, name)
      }
      if (attempt === NAME_ATTEMPTS) throw generateNameConflict(call.resource, name)
    }
  }
}

async function createNamed(call: Call, object: KubeObject, options: WriteOptions): Promise<KubeObject> {
  const { server, resource } = call
  const identity = { uid: server.newUid(), nowMs: server.clock.now(), namespace: call.namespace }
  const filled = fillIdentity(object, resource, identity)
  const prepared = prepare(resource, filled, () => resource.rules?.prepareForCreate?.(filled, server.context()))
  validate(call, prepared, undefined)
  if ((prepared.metadata.resourceVersion ?? '') !== '') {
    throw unknownError('resourceVersion should not be set on objects to be created')
  }
  const stored = asStored(prepared)
  const key = keyOf(resource, call.namespace, stored.metadata.name ?? '')
  const charges = chargesFor({ call, operation: 'CREATE', object: stored, old: undefined, subresource: '' })
  if (options.dryRun) return createDry(call, key, stored)
  return storeCharged(call, { key, object: stored, expected: 0 }, charges)
}

function createDry(call: Call, key: string, object: KubeObject): KubeObject {
  const current = call.server.store.get(key)
  if (current !== undefined) throw new RevisionConflictError(key, current)
  return object
}

function withGeneratedName(call: Call, object: KubeObject): KubeObject {
  const name = generatedName(object.metadata.generateName ?? '', call.server.context())
  return { ...object, metadata: { ...object.metadata, name } }
}

export interface UpdateRequest {
  readonly name: string
  readonly options: WriteOptions
  /** Empty, or `status` …; also what managedFields record. */
  readonly subresource: string
  /** Makes the wanted object from the present one; decoded and, for built-in kinds, not yet defaulted. */
  readonly transform: (old: KubeObject) => KubeObject
  /** Keeps what this write may not touch; default: what a write of the whole object may not. */
  readonly keep?: (object: KubeObject, old: KubeObject) => KubeObject
  /** true where `transform` settled managedFields itself (apply). */
  readonly tracked?: boolean
  /** Whether a write without resourceVersion may overwrite whatever is there. Default true. */
  readonly unconditional?: boolean
}

/** Changes an object that exists. Everything between read and write happens in one turn, so nothing can come between. */
export async function updateObject(call: Call, update: UpdateRequest): Promise<WriteResult> {
  const { server, resource } = call
  const key = keyOf(resource, call.namespace, update.name)
  const stored = server.store.get(key)
  if (stored === undefined) throw notFound(resource, update.name)
  const old = readStored(call, stored)
  const next = nextState(call, update, old)
  if (isSameObject(next, old)) return { object: old, created: false }
  if (isFinished(next)) return { object: await finishDeletion(call, stored, next, update.options), created: false }
  const change: AdmissionRequest = { call, operation: 'UPDATE', object: next, old, subresource: update.subresource }
  const charges = chargesFor(change)
  if (update.options.dryRun) return { object: withRevision(next, stored.revision), created: false }
  const object = await storeCharged(call, { key, object: next, expected: stored.revision }, charges)
  return { object, created: false }
}

/** Writes after which the whole object is checked; what other subresources may change, they check themselves. */
const WHOLE_WRITES: ReadonlySet<string> = new Set(['', 'scale', 'approval', 'finalize'])

function nextState(call: Call, update: UpdateRequest, old: KubeObject): KubeObject {
  const { server, resource } = call
  const wanted = withDefaults(resource, update.transform(old))
  checkMetadataTypes(call, wanted)
  checkPreconditions(call, update, wanted, old)
  const tracked =
    update.tracked === true
      ? wanted
      : trackUpdate({
          live: old,
          object: wanted,
          manager: update.options.fieldManager,
          subresource: update.subresource,
          resource,
          nowMs: server.clock.now(),
        })
  const admitted = server.admission.admit({
    call,
    operation: 'UPDATE',
    object: tracked,
    old,
    subresource: update.subresource,
  })
  const kept = (update.keep ?? ((object, before) => keepOnUpdate(object, before, resource)))(admitted, old)
  const prepared =
    update.subresource === ''
      ? prepare(resource, kept, () => resource.rules?.prepareForUpdate?.(kept, old, server.context()))
      : kept
  // A binding and a status are no change of what is wanted.
  const isDesired = update.subresource !== 'status' && update.subresource !== 'binding'
  const next = isDesired ? withGeneration(prepared, old, resource) : prepared
  if (update.subresource === 'status') validateStatus(call, next, old)
  else if (WHOLE_WRITES.has(update.subresource)) validate(call, next, old)
  return withoutTouchedTimes(asStored(next), old)
}

/** An object that changed in nothing but the times of its managers did not change. */
function withoutTouchedTimes(next: KubeObject, old: KubeObject): KubeObject {
  const { managedFields: mine, resourceVersion: _m, ...metadata } = next.metadata
  const { managedFields: theirs, resourceVersion: _o, ...before } = old.metadata
  const [a, b] = [mine ?? [], theirs ?? []]
  if (a.length !== b.length) return next
  const strip = (entry: object): object => ({ ...entry, time: '' })
  const isSame = deepEqual(a.map(strip), b.map(strip)) && deepEqual({ ...next, metadata }, { ...old, metadata: before })
  return isSame ? old : next
}

function checkPreconditions(call: Call, update: UpdateRequest, wanted: KubeObject, old: KubeObject): void {
  const { resource } = call
  const { uid, resourceVersion } = wanted.metadata
  if (uid !== undefined && uid !== '' && uid !== old.metadata.uid) {
    throw conflict(
      resource,
      update.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`,
    )
  }
  const version = resourceVersion ?? ''
  if ((version === '' || version === '0') && update.unconditional === false) {
    const text = 'Invalid value: 0: must be specified for an update'
    const faults = [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message: text } as const]
    throw invalid({ group: resource.group, kind: resource.resource }, update.name, faults)
  }
  if (version !== '' && version !== '0' && version !== old.metadata.resourceVersion)
    throw conflict(resource, update.name)
}

/** Whether an object that is being deleted has nothing left that holds it. */
export function isFinished(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata
  if (deletionTimestamp === undefined || finalizers.length > 0 || deletionGracePeriodSeconds > 0) return false
  return object.kind !== 'Namespace' || object.apiVersion !== 'v1' || namespaceFinalizers(object).length === 0
}

/** What still has to happen in a namespace before it may go. */
export function namespaceFinalizers(namespace: KubeObject): readonly unknown[] {
  const spec = (namespace as KubeObject & { readonly spec?: { readonly finalizers?: readonly unknown[] } }).spec
  return spec?.finalizers ?? []
}

async function finishDeletion(
  call: Call,
  stored: StoredObject,
  object: KubeObject,
  options: Pick<WriteOptions, 'dryRun'>,
): Promise<KubeObject> {
  if (options.dryRun) return object
  await removeStored(call, stored, object)
  // What was removed is answered as it was last stored, with the change that let it go.
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(stored.revision) } }
}

/** Deletes what is stored; watchers see `object` as its last state, which comes back under the version of the delete. */
export async function removeStored(call: Call, stored: StoredObject, object: KubeObject): Promise<KubeObject> {
  const { store, codec } = call.server
  const removed = await writeChecked(call, object.metadata.name ?? '', () =>
    store.write({
      key: stored.key,
      expected: stored.revision,
      delete: true,
      encode: (revision) => jsonText(withRevision(object, revision)),
    }),
  )
  codec.forget(stored.key)
  return withRevision(object, removed.revision)
}

/** A stored object in the version of the call. */
export function readStored(call: Call, stored: StoredObject): KubeObject {
  return inVersion(call.resource, call.server.codec.parse(stored))
}

/** An object in the version of a resource; versions of custom resources differ in nothing but their name (conversion strategy None). */
export function inVersion(resource: Resource, object: KubeObject): KubeObject {
  return resource.custom?.read(object) ?? convertBuiltin(object, apiVersionOf(resource))
}

/** Defaults of a built-in kind; custom resources got theirs when they were decoded. */
export function withDefaults(resource: Resource, object: KubeObject): KubeObject {
  return resource.rules?.setDefaults?.(object) ?? object
}

interface NewState {
  readonly key: string
  readonly object: KubeObject
  readonly expected: number
}

/** Writes an object together with the quotas that count it: all in one turn, so that no other write comes between. */
async function storeCharged(call: Call, state: NewState, charges: readonly Charge[]): Promise<KubeObject> {
  if (charges.length === 0) return storeObject(call, state)
  const current = call.server.store.get(state.key)
  // A write that is going to be refused must charge nothing.
  if ((current?.revision ?? 0) !== state.expected) throw new RevisionConflictError(state.key, current)
  encodeText(state.object)
  const charging = charges.map((charge) => storeCharge(call, charge))
  const [written] = await Promise.all([storeObject(call, state), ...charging])
  return written
}

async function storeCharge(call: Call, { key, revision, object }: Charge): Promise<void> {
  const { store, codec } = call.server
  let written = object
  const stored = await store.write({
    key,
    expected: revision,
    encode: (next) => {
      written = withRevision(object, next)
      return encodeText(written)
    },
  })
  codec.remember(stored, written)
}

/** Writes an object and gives it back with its resourceVersion. */
export async function storeObject(call: Call, state: NewState): Promise<KubeObject> {
  const { store, codec } = call.server
  const object = inStorageVersion(call.resource, state.object)
  let written = object
  const stored = await writeChecked(call, state.expected === 0 ? undefined : (object.metadata.name ?? ''), () =>
    store.write({
      key: state.key,
      expected: state.expected,
      encode: (revision) => {
        written = withRevision(object, revision)
        return encodeText(written)
      },
    }),
  )
  codec.remember(stored, written)
  // What is stored in the version of the call went through its schema before.
  return object.apiVersion === apiVersionOf(call.resource) ? written : inVersion(call.resource, written)
}

function inStorageVersion(resource: Resource, object: KubeObject): KubeObject {
  const version = resource.custom?.storageVersion
  return version === undefined || version === resource.version
    ? object
    : { ...object, apiVersion: `${resource.group}/${version}` }
}

function encodeText(object: KubeObject): string {
  const text = jsonText(object)
  if (text.length > MAX_OBJECT_BYTES) {
    throw unknownError('etcdserver: request is too large')
  }
  return text
}

/** Turns what the store says into answers; a name means that a changed object is a conflict. */
async function writeChecked(
  call: Call,
  name: string | undefined,
  write: () => Promise<StoredObject>,
): Promise<StoredObject> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof RevisionConflictError && name !== undefined) throw conflict(call.resource, name)
    if (error instanceof RevisionConflictError || error instanceof ApiError) throw error
    throw internalError(error instanceof Error ? error.message : String(error))
  }
}

function checkNamespace(call: Call, object: KubeObject): void {
  const given = object.metadata.namespace ?? ''
  if (!call.resource.namespaced || given === '' || given === call.namespace) return
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

function checkMetadataTypes(call: Call, object: KubeObject): void {
  const field = metadataTypeFault(object.metadata as never) // ObjectMeta is JSON
  if (field === undefined) return
  const { kind } = call.resource
  throw badRequest(
    `${kind} in version ${JSON.stringify(call.resource.version)} cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${field}`,
  )
}

/** The prepared object, or the one that came in where its kind prepares nothing. A preparation that cannot go on is a fault like others. */
function prepare(resource: Resource, object: KubeObject, run: () => KubeObject | undefined): KubeObject {
  try {
    return run() ?? object
  } catch (error) {
    if (!(error instanceof PreparationError)) throw error
    throw invalid(gvkOf(resource), object.metadata.name ?? '', error.faults)
  }
}

function validate(call: Call, object: KubeObject, old: KubeObject | undefined): void {
  const { resource } = call
  refuseFaults(resource, object, [
    ...ruleFaults(resource, object, old),
    ...(resource.rules?.validate?.(object, old) ?? []),
    ...customFaults(call, object, old),
  ])
}

/** After a write through /status: the rest of a built-in object is as it was stored. */
function validateStatus(call: Call, object: KubeObject, old: KubeObject): void {
  const { resource } = call
  refuseFaults(resource, object, [
    ...ruleFaults(resource, object, old),
    ...(resource.rules?.validateStatus?.(object, old) ?? []),
    ...customFaults(call, object, old),
  ])
}

function customFaults(
  { resource, warnings }: Call,
  object: KubeObject,
  old: KubeObject | undefined,
): readonly FieldFault[] {
  const warn = (text: string): void => {
    if (!warnings.includes(text)) warnings.push(text)
  }
  return resource.custom?.validate(object, old, warn) ?? []
}

function ruleFaults(resource: Resource, object: KubeObject, old: KubeObject | undefined): readonly FieldFault[] {
  const isCustom = resource.custom !== undefined
  return old === undefined ? metadataFaults(object, isCustom) : metadataUpdateFaults(object, old, isCustom)
}

function refuseFaults(resource: Resource, object: KubeObject, faults: readonly FieldFault[]): void {
  if (faults.length === 0) return
  const { group, kind } = gvkOf(resource)
  // Events of both groups are told as those of the core one, which they are stored as.
  throw invalid({ group: group === 'events.k8s.io' ? '' : group, kind }, object.metadata.name ?? '', faults)
}
