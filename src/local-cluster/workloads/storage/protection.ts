// Claims in use and volumes that are bound are not taken away (pkg/controller/volume/{pvcprotection,pvprotection}, v1.36.3).
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import type { Request } from '../../../reconcile/request.ts'
import { isStatus, refOf, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Pod } from '../kit/model.ts'
import { isFinished } from '../kit/pod-state.ts'
import { claimIndex, claimKey, claimsOfPod, isMadeFor } from './pod-claims.ts'
import type { Claim, PersistentVolume } from './volume-model.ts'

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection'
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection'

interface Room {
  readonly context: WorkloadContext
  readonly claims: Informer<Claim>
  readonly volumes: Informer<PersistentVolume>
  readonly pods: Informer<Pod>
}

/** Adds the two finalizers where they are missing, and takes them off once nothing stands in the way of a deletion. */
export async function createStorageProtection(context: WorkloadContext): Promise<Controller> {
  const [claims, volumes, pods] = await Promise.all([
    context.informers.of<Claim>({ group: '', kind: 'PersistentVolumeClaim' }),
    context.informers.of<PersistentVolume>({ group: '', kind: 'PersistentVolume' }),
    context.informers.of<Pod>({ group: '', kind: 'Pod', indexes: { claim: claimIndex } }),
  ])
  const room: Room = { context, claims, volumes, pods }
  const controller = workloadController(context, {
    name: 'storage-protection',
    reconcile: (request) => (request.namespace === '' ? syncVolume(room, request) : syncClaim(room, request)),
  })
  enqueueOnChange(claims, controller)
  enqueueOnChange(volumes, controller)
  enqueueOnChange(pods, controller, ({ type, object }) => {
    if (type !== 'DELETED' && !isFinished(object)) return []
    const namespace = object.metadata.namespace ?? ''
    return claimsOfPod(object).map(({ name }) => ({ namespace, name }))
  })
  return controller
}

async function syncClaim(room: Room, { namespace, name }: Request): Promise<ReconcileResult> {
  const claim = room.claims.get(namespace, name)
  if (claim === undefined) return 'done'
  const isGoing = claim.metadata.deletionTimestamp !== undefined
  const isUsed = isGoing && [...room.pods.byIndex('claim', claimKey(claim))].some((pod) => uses(pod, claim))
  await protect(room, claim, { type: room.claims.type, finalizer: CLAIM_FINALIZER, isGoing, isUsed })
  return 'done'
}

/** The kubelet sees a pod once it is on a node; what is made for a pod goes when that has ended. */
function uses(pod: Pod, claim: Claim): boolean {
  if (!pod.spec.nodeName) return false
  const found = claimsOfPod(pod).filter(({ name }) => name === claim.metadata.name)
  return found.some(({ ephemeral }) => ephemeral === undefined || (!isFinished(pod) && isMadeFor(claim, pod)))
}

async function syncVolume(room: Room, { name }: Request): Promise<ReconcileResult> {
  const volume = room.volumes.get('', name)
  if (volume === undefined) return 'done'
  const isGoing = volume.metadata.deletionTimestamp !== undefined
  const isUsed = volume.status?.phase === 'Bound'
  await protect(room, volume, { type: room.volumes.type, finalizer: VOLUME_FINALIZER, isGoing, isUsed })
  return 'done'
}

interface Protection {
  readonly type: Informer['type']
  readonly finalizer: string
  readonly isGoing: boolean
  readonly isUsed: boolean
}

async function protect({ context }: Room, object: KubeObject, facts: Protection): Promise<void> {
  const { type, finalizer, isGoing, isUsed } = facts
  const finalizers = object.metadata.finalizers ?? []
  const has = finalizers.includes(finalizer)
  if (isGoing ? !has || isUsed : has) return
  const wanted = isGoing ? finalizers.filter((one) => one !== finalizer) : [...finalizers, finalizer]
  const next = { ...object, metadata: { ...object.metadata, finalizers: wanted } }
  try {
    await context.client.update(refOf(type, object), next)
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}
