// A claim and a volume are bound in four writes, each of which may have happened already (pv_controller.go bind, v1.36.3).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { ResourceType } from '../../../kube/client/client.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import { refOf, updateStatus, type WorkloadContext } from '../kit/context.ts'
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  hasAnnotation,
  isPromisedTo,
  type Claim,
  type PersistentVolume,
} from './volume-model.ts'

/** What the binder writes with. */
export interface BindingRoom {
  readonly context: WorkloadContext
  readonly claims: { readonly type: ResourceType }
  readonly volumes: { readonly type: ResourceType }
}

/** Brings both sides, and both their states, to bound. */
export async function bind(room: BindingRoom, volume: PersistentVolume, claim: Claim): Promise<void> {
  const promised = await promise(room, volume, claim)
  const bound = await setVolumePhase(room, promised, { phase: 'Bound' })
  if (bound === undefined) return
  const taken = await take(room, claim, bound)
  await setClaimPhase(room, taken, { phase: 'Bound', volume: bound })
}

/** The volume with its promise to a claim; a promise of ours can be taken back. */
export function promisedVolume(volume: PersistentVolume, claim: Claim): PersistentVolume {
  const { claimRef } = volume.spec
  const { namespace, name, uid } = claim.metadata
  const isSame = claimRef?.name === name && claimRef?.namespace === namespace && claimRef?.uid === uid
  const byUs = !isPromisedTo(volume, claim)
  if (isSame) return volume
  const annotations = byUs ? withAnnotation(volume, BOUND_BY_CONTROLLER) : volume.metadata
  return { ...volume, metadata: annotations, spec: { ...volume.spec, claimRef: claimReference(claim) } }
}

async function promise(room: BindingRoom, volume: PersistentVolume, claim: Claim): Promise<PersistentVolume> {
  const promised = promisedVolume(volume, claim)
  if (promised === volume) return volume
  // The server answers with the object it was given.
  return (await room.context.client.update(refOf(room.volumes.type, volume), promised)) as PersistentVolume
}

async function take({ context, claims }: BindingRoom, claim: Claim, volume: PersistentVolume): Promise<Claim> {
  const { name = '' } = volume.metadata
  const isNew = claim.spec.volumeName !== name
  if (!isNew && hasAnnotation(claim, BIND_COMPLETED)) return claim
  const annotations = {
    ...claim.metadata.annotations,
    [BIND_COMPLETED]: 'yes',
    ...(isNew ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}),
  }
  const taken = { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: name } }
  return (await context.client.update(refOf(claims.type, claim), taken)) as Claim
}

function withAnnotation(object: KubeObject, name: string): KubeObject['metadata'] {
  return { ...object.metadata, annotations: { ...object.metadata.annotations, [name]: 'yes' } }
}

export function claimReference({ metadata }: Claim): JsonObject {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata
  return { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion }
}

/** Undefined where the volume is gone meanwhile. */
export async function setVolumePhase(
  { context, volumes }: BindingRoom,
  volume: PersistentVolume,
  wanted: { readonly phase: string; readonly message?: string },
): Promise<PersistentVolume | undefined> {
  const { phase, message } = wanted
  if (volume.status?.phase === phase) return volume
  const { message: _old, ...rest } = volume.status ?? {}
  const status = { ...rest, phase, ...(message === undefined ? {} : { message }) }
  return (await updateStatus(context, volumes.type, volume, status)) as PersistentVolume | undefined
}

/** A claim without a volume shows no size; one that has just got its volume shows that of the volume. */
export async function setClaimPhase(
  { context, claims }: BindingRoom,
  claim: Claim,
  wanted: { readonly phase: string; readonly volume?: PersistentVolume },
): Promise<void> {
  const { phase, volume } = wanted
  const { accessModes: _modes, capacity: _capacity, ...rest } = claim.status ?? {}
  const status = { ...rest, phase, ...(volume === undefined ? {} : shownOf(claim, phase, volume)) }
  if (!deepEqual(status, claim.status ?? {})) await updateStatus(context, claims.type, claim, status)
}

function shownOf(claim: Claim, phase: string, volume: PersistentVolume): NonNullable<Claim['status']> {
  const { accessModes, capacity } = volume.spec
  // What a file system is grown to may lag behind the volume.
  const shown = claim.status?.phase === phase ? claim.status.capacity : capacity
  return {
    ...(accessModes === undefined ? {} : { accessModes }),
    ...(shown === undefined ? {} : { capacity: shown }),
  }
}

/** Takes a promise back: altogether where we gave it, else only the uid of the claim that is gone (unbindVolume). */
export async function unbind(room: BindingRoom, volume: PersistentVolume): Promise<void> {
  const { claimRef, ...spec } = volume.spec
  const { [BOUND_BY_CONTROLLER]: _mark, ...others } = volume.metadata.annotations ?? {}
  const { annotations: _annotations, ...metadata } = volume.metadata
  const { uid: _uid, ...reference } = claimRef ?? {}
  const isOurs = hasAnnotation(volume, BOUND_BY_CONTROLLER)
  const free = isOurs
    ? { ...volume, metadata: { ...metadata, ...(Object.keys(others).length > 0 ? { annotations: others } : {}) }, spec }
    : { ...volume, spec: { ...spec, claimRef: reference } }
  const written = await room.context.client.update(refOf(room.volumes.type, volume), free as KubeObject)
  await setVolumePhase(room, written as PersistentVolume, { phase: 'Available' })
}
