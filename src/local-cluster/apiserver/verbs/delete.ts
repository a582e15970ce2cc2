// DELETE of an object: at once, or marked when finalizers, owners' dependents or a running pod hold it.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject, ObjectMeta } from '../../../kube/object.ts'
import type { StoredObject } from '../../storage/store.ts'
import type { Call } from '../call.ts'
import { CLEANUP_FINALIZER, withTerminating } from '../crd/custom-resources.ts'
import type { Definition } from '../crd/definition.ts'
import { checkDeletePreconditions, deleteOptions, type DeleteOptions } from '../delete-options.ts'
import { graceSeconds, isGraceful } from '../graceful-pods.ts'
import { keyOf, type Resource } from '../resource.ts'
import { objectAnswer, valueAnswer } from '../respond.ts'
import { notFound } from '../status.ts'
import { hasGeneration, isDefinition, timeText } from '../strategy.ts'
import { isFinished, readStored, removeStored, storeObject } from '../write-object.ts'

/** Resources whose delete answers with the object instead of a Status (`ReturnDeletedObject` in kubernetes v1.36.3). */
const RETURNS_OBJECT: ReadonlySet<string> = new Set([
  '/persistentvolumeclaims',
  '/persistentvolumes',
  '/pods',
  '/podtemplates',
  '/resourcequotas',
  '/serviceaccounts',
  '/services',
  'resource.k8s.io/deviceclasses',
  'resource.k8s.io/devicetaintrules',
  'resource.k8s.io/resourceclaims',
  'resource.k8s.io/resourceclaimtemplates',
  'resource.k8s.io/resourceslices',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/storageclasses',
  'storage.k8s.io/volumeattachments',
  'storage.k8s.io/volumeattributesclasses',
])

/** Resources whose dependents stay unless the client says otherwise (`DefaultGarbageCollectionPolicy`). */
const ORPHANS_BY_DEFAULT: ReadonlySet<string> = new Set(['/replicationcontrollers', 'batch/jobs'])

const JOB_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

/** What became of an object. */
export interface Deletion {
  readonly object: KubeObject
  readonly isGone: boolean
}

/** Deletes the object of the path. */
export async function deleteObject(call: Call): Promise<ApiResponse> {
  const options = deleteOptions(call)
  const { server, resource } = call
  const name = call.route.name ?? ''
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  const object = readStored(call, stored)
  if (isJobWithoutPolicy(resource, options)) call.warnings.push(JOB_WARNING)
  const deletion = await deleteStored(call, stored, object, options)
  return deletionAnswer(call, deletion)
}

function isJobWithoutPolicy(resource: Resource, options: DeleteOptions): boolean {
  return resource.group === 'batch' && resource.resource === 'jobs' && options.propagationPolicy === undefined
}

function deletionAnswer(call: Call, { object, isGone }: Deletion): ApiResponse {
  const { resource } = call
  if (!isGone || RETURNS_OBJECT.has(`${resource.group}/${resource.resource}`)) return objectAnswer(call, object)
  const details: JsonObject = {
    name: object.metadata.name ?? '',
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.resource,
    uid: object.metadata.uid ?? '',
  }
  return valueAnswer(call, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
}

/** Deletes one stored object, or marks it as being deleted. */
export async function deleteStored(
  call: Call,
  stored: StoredObject,
  object: KubeObject,
  options: DeleteOptions,
): Promise<Deletion> {
  const { server, resource } = call
  checkDeletePreconditions(call, options, object)
  server.admission.admit({ call, operation: 'DELETE', object, old: object, subresource: '' })
  const marked = markDeleted(call, object, options)
  if (marked === undefined) {
    return { object: options.dryRun ? object : await removeStored(call, stored, object), isGone: true }
  }
  if (isFinished(marked)) {
    return { object: options.dryRun ? marked : await removeStored(call, stored, marked), isGone: true }
  }
  if (marked === object || options.dryRun) return { object: marked, isGone: false }
  const key = keyOf(
    resource,
    call.namespace === '' ? (object.metadata.namespace ?? '') : call.namespace,
    object.metadata.name ?? '',
  )
  return { object: await storeObject(call, { key, object: marked, expected: stored.revision }), isGone: false }
}

/** The object with its deletion written into it; undefined where nothing holds it. */
function markDeleted(call: Call, object: KubeObject, options: DeleteOptions): KubeObject | undefined {
  const { resource, server } = call
  if (isDefinition(resource)) return markDefinition(object as Definition, timeText(server.clock.now()))
  const isNamespace = resource.group === '' && resource.resource === 'namespaces'
  const finalizers = finalizersFor(resource, object, options)
  const isPod = isGraceful(resource)
  const grace = isPod ? graceSeconds(object, options.gracePeriodSeconds) : 0
  if (finalizers.length === 0 && !isPod && !isNamespace && object.metadata.deletionTimestamp === undefined)
    return undefined
  const metadata = deletedMetadata(call, object, { finalizers, grace, isNamespace })
  if (metadata === object.metadata) return object
  const marked = { ...object, metadata }
  return isNamespace ? terminating(marked) : raised(marked, object, server.clock.now(), resource)
}

/** A definition waits until its objects are gone. */
function markDefinition(definition: Definition, time: string): KubeObject {
  const { metadata } = definition
  if (metadata.deletionTimestamp !== undefined) return definition
  const finalizers = [...(metadata.finalizers ?? []).filter((one) => one !== CLEANUP_FINALIZER), CLEANUP_FINALIZER]
  const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon'
  const status = withTerminating(definition, 'InstanceDeletionPending', message, time)
  return { ...definition, metadata: { ...metadata, deletionTimestamp: time, finalizers }, status } as KubeObject // status holds JSON only
}

interface Mark {
  readonly finalizers: readonly string[]
  readonly grace: number
  readonly isNamespace: boolean
}

function deletedMetadata(call: Call, object: KubeObject, mark: Mark): ObjectMeta {
  const { metadata } = object
  const known = metadata.finalizers ?? []
  const sameFinalizers = known.length === mark.finalizers.length && known.every((one) => mark.finalizers.includes(one))
  const { finalizers: _f, ...rest } = metadata
  const held = { ...rest, ...(mark.finalizers.length === 0 ? {} : { finalizers: mark.finalizers }) }
  if (metadata.deletionTimestamp !== undefined) {
    const shorter = mark.grace < (metadata.deletionGracePeriodSeconds ?? 0)
    if (!shorter && sameFinalizers) return metadata
    return shorter ? { ...held, deletionGracePeriodSeconds: mark.grace } : held
  }
  const deletionTimestamp = timeText(call.server.clock.now() + mark.grace * 1000)
  return { ...held, deletionTimestamp, ...(mark.isNamespace ? {} : { deletionGracePeriodSeconds: mark.grace }) }
}

function terminating(namespace: KubeObject): KubeObject {
  const { status } = namespace as KubeObject & { readonly status?: JsonObject }
  return { ...namespace, status: { ...status, phase: 'Terminating' } } as KubeObject // fields beyond KubeObject's own
}

function raised(marked: KubeObject, before: KubeObject, _nowMs: number, resource: Resource): KubeObject {
  if (!hasGeneration(resource) || before.metadata.deletionTimestamp !== undefined) return marked
  return { ...marked, metadata: { ...marked.metadata, generation: (before.metadata.generation ?? 0) + 1 } }
}

/** The object's finalizers with those of garbage collection as the propagation policy has them. */
function finalizersFor(resource: Resource, object: KubeObject, options: DeleteOptions): readonly string[] {
  const known = object.metadata.finalizers ?? []
  const policy = options.propagationPolicy ?? defaultPolicy(resource, known)
  const others = known.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion')
  if (policy === 'Orphan') return [...others, 'orphan']
  if (policy === 'Foreground') return [...others, 'foregroundDeletion']
  return others
}

function defaultPolicy(resource: Resource, finalizers: readonly string[]): DeleteOptions['propagationPolicy'] {
  if (finalizers.includes('orphan')) return 'Orphan'
  if (finalizers.includes('foregroundDeletion')) return 'Foreground'
  return ORPHANS_BY_DEFAULT.has(`${resource.group}/${resource.resource}`) ? 'Orphan' : 'Background'
}
