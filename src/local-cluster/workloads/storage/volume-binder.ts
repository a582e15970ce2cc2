// Claims and volumes find each other (pkg/controller/volume/persistentvolume, v1.36.3): by name, by size and class, now or once a pod is scheduled.
import { defaultClass } from '../../apiserver/admission/storage-class.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { refOf, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Pod } from '../kit/model.ts'
import { isFinished } from '../kit/pod-state.ts'
import { bind, setClaimPhase, setVolumePhase, unbind, type BindingRoom } from './bind-volume.ts'
import { claimIndex, claimKey } from './pod-claims.ts'
import { reclaim } from './reclaim-volume.ts'
import {
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  classOf,
  differsInMode,
  hasAnnotation,
  hasClass,
  IN_TREE_PREFIX,
  isPromisedTo,
  matchingVolume,
  mismatch,
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  type Claim,
  type PersistentVolume,
  type StorageClass,
} from './volume-model.ts'

interface Room extends BindingRoom {
  readonly context: WorkloadContext
  readonly claims: Informer<Claim>
  readonly volumes: Informer<PersistentVolume>
  readonly classes: Informer<StorageClass>
  readonly pods: Informer<Pod>
  readonly events: EventRecorder
}

/** The controller that binds claims to volumes, asks for new ones, and reclaims those whose claim is gone. */
export async function createVolumeBinder(context: WorkloadContext): Promise<Controller> {
  const [claims, volumes, classes, pods] = await Promise.all([
    context.informers.of<Claim>({ group: '', kind: 'PersistentVolumeClaim' }),
    context.informers.of<PersistentVolume>({ group: '', kind: 'PersistentVolume' }),
    context.informers.of<StorageClass>({ group: 'storage.k8s.io', kind: 'StorageClass' }),
    context.informers.of<Pod>({ group: '', kind: 'Pod', indexes: { claim: claimIndex } }),
  ])
  const events = context.events('persistentvolume-controller')
  const room: Room = { context, claims, volumes, classes, pods, events }
  const controller = workloadController(context, {
    name: 'persistentvolume-binder',
    reconcile: (request) => (request.namespace === '' ? syncVolume(room, request) : syncClaim(room, request)),
    // One at a time: two claims must not both take the volume the cache shows as free.
    workers: 1,
  })
  enqueueOnChange(claims, controller, ({ object }) => [requestFor(object), ...volumesOf(volumes, object)])
  enqueueOnChange(volumes, controller, ({ object }) => [requestFor(object), ...claimsFor(claims, object)])
  classes.onChange(() => {
    for (const claim of claims.list()) if (!hasAnnotation(claim, BIND_COMPLETED)) controller.enqueue(requestFor(claim))
  })
  return controller
}

function volumesOf(volumes: Informer<PersistentVolume>, claim: Claim): readonly Request[] {
  const { namespace, name } = claim.metadata
  const isFor = ({ spec: { claimRef } }: PersistentVolume): boolean =>
    claimRef?.name === name && claimRef?.namespace === namespace
  return [...volumes.list()].filter(isFor).map(requestFor)
}

/** The claim a volume is promised to or that names it; of a free one all that wait. */
function claimsFor(claims: Informer<Claim>, { metadata, spec }: PersistentVolume): readonly Request[] {
  const { claimRef } = spec
  const isConcerned = (claim: Claim): boolean => {
    if (claim.spec.volumeName === metadata.name) return true
    return claimRef === undefined && !hasAnnotation(claim, BIND_COMPLETED)
  }
  const promised = claimRef === undefined ? [] : [{ namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' }]
  return [...promised, ...[...claims.list()].filter(isConcerned).map(requestFor)]
}

async function syncClaim(room: Room, { namespace, name }: Request): Promise<ReconcileResult> {
  const claim = room.claims.get(namespace, name)
  if (claim === undefined) return 'done'
  await (hasAnnotation(claim, BIND_COMPLETED) ? syncBound(room, claim) : syncUnbound(room, claim))
  return 'done'
}

async function syncUnbound(room: Room, given: Claim): Promise<void> {
  const claim = await withDefaultClass(room, given)
  const { volumeName = '' } = claim.spec
  if (volumeName !== '') return takeNamed(room, claim, volumeName)
  const isDelayed = isDelayedClaim(room, claim)
  const volume = matchingVolume(claim, room.volumes.list(), { isDelayed })
  if (volume !== undefined) return bind(room, volume, claim)
  if (isDelayed && !hasAnnotation(claim, SELECTED_NODE)) tellWaiting(room, claim)
  else if (classOf(claim) !== '') await askForVolume(room, claim)
  else tell(room, claim, 'Normal', ['FailedBinding', 'no persistent volumes available for this claim and no storage class is set']) // prettier-ignore
  return setClaimPhase(room, claim, { phase: 'Pending' })
}

/** A claim from before there was a default class gets it now. */
async function withDefaultClass({ context, claims, classes }: Room, claim: Claim): Promise<Claim> {
  const name = hasClass(claim) ? undefined : defaultClass(classes.list())?.metadata.name
  if (name === undefined) return claim
  const spec = { ...claim.spec, storageClassName: name }
  return (await context.client.update(refOf(claims.type, claim), { ...claim, spec } as KubeObject)) as Claim
}

function isDelayedClaim({ classes }: Room, claim: Claim): boolean {
  return classes.get('', classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer'
}

async function takeNamed(room: Room, claim: Claim, name: string): Promise<void> {
  const volume = room.volumes.get('', name)
  if (volume === undefined) return setClaimPhase(room, claim, { phase: 'Pending' })
  if (isPromisedTo(volume, claim)) return bind(room, volume, claim)
  if (volume.spec.claimRef !== undefined) {
    tell(room, claim, 'Warning', [
      'FailedBinding',
      `volume ${JSON.stringify(name)} already bound to a different claim.`,
    ])
    return setClaimPhase(room, claim, { phase: 'Pending' })
  }
  const why = mismatch(volume, claim)
  if (why === undefined) return bind(room, volume, claim)
  tell(room, claim, 'Warning', ['VolumeMismatch', `Cannot bind to requested volume ${JSON.stringify(name)}: ${why}`])
  return setClaimPhase(room, claim, { phase: 'Pending' })
}

function tell(
  { events }: Room,
  object: KubeObject,
  type: 'Normal' | 'Warning',
  [reason, message]: readonly [string, string],
): void {
  events.record(object, { type, reason, message })
}

/** emitEventForUnboundDelayBindingClaim. */
function tellWaiting(room: Room, claim: Claim): void {
  const pods = [...room.pods.byIndex('claim', claimKey(claim))].filter((pod) => !isFinished(pod) && !pod.spec.nodeName)
  const names = pods.map(({ metadata }) => metadata.name ?? '').join(',')
  if (pods.length === 0)
    tell(room, claim, 'Normal', ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding'])
  else
    tell(room, claim, 'Normal', ['WaitForPodScheduled', `waiting for pod${pods.length > 1 ? 's' : ''} ${names} to be scheduled`]) // prettier-ignore
}

/** None of our controllers makes volumes inside the binder: every provisioner is an external one, told by annotations. */
async function askForVolume(room: Room, claim: Claim): Promise<void> {
  const { context, classes, claims } = room
  const name = classOf(claim)
  const { provisioner } = classes.get('', name) ?? {}
  const missing =
    provisioner === undefined
      ? `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`
      : unknownPlugin(provisioner)
  if (missing !== undefined || provisioner === undefined) {
    tell(room, claim, 'Warning', ['ProvisioningFailed', missing ?? ''])
    return
  }
  const wanted = { [BETA_STORAGE_PROVISIONER]: provisioner, [STORAGE_PROVISIONER]: provisioner }
  if (claim.metadata.annotations?.[STORAGE_PROVISIONER] !== provisioner) {
    const annotations = { ...claim.metadata.annotations, ...wanted }
    await context.client.update(refOf(claims.type, claim), { ...claim, metadata: { ...claim.metadata, annotations } })
  }
  const waiting = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  tell(room, claim, 'Normal', ['ExternalProvisioning', waiting])
}

function unknownPlugin(provisioner: string): string | undefined {
  return provisioner.startsWith(IN_TREE_PREFIX) ? `no volume plugin matched name: ${provisioner}` : undefined
}

async function syncBound(room: Room, claim: Claim): Promise<void> {
  const { volumeName = '' } = claim.spec
  const volume = volumeName === '' ? undefined : room.volumes.get('', volumeName)
  const loss = lossOf(claim, volume)
  if (loss === undefined && volume !== undefined) return bind(room, volume, claim)
  if (loss === undefined || claim.status?.phase === 'Lost') return undefined
  await setClaimPhase(room, claim, { phase: 'Lost' })
  tell(room, claim, 'Warning', loss)
  return undefined
}

function lossOf(claim: Claim, volume: PersistentVolume | undefined): readonly [string, string] | undefined {
  if ((claim.spec.volumeName ?? '') === '')
    return ['ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!']
  if (volume === undefined)
    return ['ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!']
  const { claimRef } = volume.spec
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) return undefined
  return ['ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly']
}

async function syncVolume(room: Room, { name }: Request): Promise<ReconcileResult> {
  const volume = room.volumes.get('', name)
  if (volume === undefined) return 'done'
  const { claimRef } = volume.spec
  if (claimRef === undefined || (claimRef.uid ?? '') === '') {
    await setVolumePhase(room, volume, { phase: 'Available' })
    return 'done'
  }
  const claim = await claimBehind(room, volume)
  if (claim === undefined) await release(room, volume)
  else await syncClaimed(room, volume, claim)
  return 'done'
}

/** The claim a volume is promised to, as the server has it where the cache does not: a mistake would cost the data. */
async function claimBehind({ context, claims }: Room, { spec }: PersistentVolume): Promise<Claim | undefined> {
  const { namespace = '', name = '', uid } = spec.claimRef ?? {}
  const cached = claims.get(namespace, name)
  if (cached?.metadata.uid === uid) return cached
  const found = (await context.client.get({ type: claims.type, namespace, name })) as Claim | undefined
  return found?.metadata.uid === uid ? found : undefined
}

async function release(room: Room, volume: PersistentVolume): Promise<void> {
  const { phase } = volume.status ?? {}
  const isTold = phase === 'Released' || phase === 'Failed'
  const released = isTold ? volume : await setVolumePhase(room, volume, { phase: 'Released' })
  if (released !== undefined) await reclaim(room, released)
}

async function syncClaimed(room: Room, volume: PersistentVolume, claim: Claim): Promise<void> {
  const { volumeName = '' } = claim.spec
  const { name = '' } = volume.metadata
  if (volumeName === '') {
    if (differsInMode(claim, volume)) tellModes(room, volume, claim)
    return // the claim is looked at with every change of its volume
  }
  if (volumeName === name) await setVolumePhase(room, volume, { phase: 'Bound' })
  else if (hasAnnotation(volume, PROVISIONED_BY) && volume.spec.persistentVolumeReclaimPolicy === 'Delete')
    await release(room, volume)
  else await unbind(room, volume)
}

function tellModes(room: Room, volume: PersistentVolume, claim: Claim): void {
  const why = 'due to incompatible volumeMode.'
  const [volumeName, claimName] = [volume, claim].map(({ metadata }) => JSON.stringify(metadata.name))
  tell(room, volume, 'Warning', ['VolumeMismatch', `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${claimName} ${why}`]) // prettier-ignore
  tell(room, claim, 'Warning', ['VolumeMismatch', `Cannot bind PersistentVolume ${volumeName} to requested PersistentVolumeClaim ${why}`]) // prettier-ignore
}
