// The provisioner of class `standard`: makes, grows and deletes volumes that are objects only, as a CSI driver's helpers would (external-provisioner, external-resizer).
import type { Informer } from '../../../kube/client/informer.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { isStatus, refOf, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { claimReference } from './bind-volume.ts'
import { deleteVolume } from './reclaim-volume.ts'
import {
  classOf,
  PROVISIONED_BY,
  sizeOf,
  STORAGE_PROVISIONER,
  type Claim,
  type PersistentVolume,
  type StorageClass,
} from './volume-model.ts'

const DEFAULT_CLASS = 'standard'
/** Any class that names it gets simulated volumes. */
export const PROVISIONER = 'capstan.dev/simulated'
const DEFAULT_CLASS_ANNOTATION = 'storageclass.kubernetes.io/is-default-class'

interface Room {
  readonly context: WorkloadContext
  readonly claims: Informer<Claim>
  readonly volumes: Informer<PersistentVolume>
  readonly classes: Informer<StorageClass>
  readonly events: EventRecorder
}

/** Makes the class `standard` where there is no class at all, and serves the claims of every class of this provisioner. */
export async function createSimulatedProvisioner(context: WorkloadContext): Promise<Controller> {
  const [claims, volumes, classes] = await Promise.all([
    context.informers.of<Claim>({ group: '', kind: 'PersistentVolumeClaim' }),
    context.informers.of<PersistentVolume>({ group: '', kind: 'PersistentVolume' }),
    context.informers.of<StorageClass>({ group: 'storage.k8s.io', kind: 'StorageClass' }),
  ])
  const room: Room = { context, claims, volumes, classes, events: context.events(PROVISIONER) }
  await ensureDefaultClass(room)
  const controller = workloadController(context, {
    name: 'simulated-provisioner',
    reconcile: (request) => (request.namespace === '' ? syncVolume(room, request) : syncClaim(room, request)),
  })
  enqueueOnChange(claims, controller)
  enqueueOnChange(volumes, controller)
  classes.onChange(() => {
    for (const claim of claims.list()) controller.enqueue(requestFor(claim))
  })
  return controller
}

/** A cluster that already has classes keeps its own. */
async function ensureDefaultClass({ context, classes }: Room): Promise<void> {
  const found = await context.client.list(classes.type)
  if (found.items.length > 0) return
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: DEFAULT_CLASS, annotations: { [DEFAULT_CLASS_ANNOTATION]: 'true' } },
    provisioner: PROVISIONER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  }
  try {
    await context.client.create(classes.type, storageClass)
  } catch (error) {
    // Another process was quicker.
    if (!isStatus(error, 409)) throw error
  }
}

async function syncClaim(room: Room, { namespace, name }: Request): Promise<ReconcileResult> {
  const claim = room.claims.get(namespace, name)
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return 'done'
  const { volumeName = '' } = claim.spec
  if (claim.metadata.annotations?.[STORAGE_PROVISIONER] !== PROVISIONER) return 'done'
  if (volumeName === '') await provision(room, claim)
  else await expand(room, claim, volumeName)
  return 'done'
}

async function provision({ context, volumes, classes, events }: Room, claim: Claim): Promise<void> {
  const storageClass = classes.get('', classOf(claim))
  const name = `pvc-${claim.metadata.uid}`
  if (storageClass?.provisioner !== PROVISIONER || volumes.get('', name) !== undefined) return
  const { namespace, name: claimName } = claim.metadata
  const message = `External provisioner is provisioning volume for claim "${namespace}/${claimName}"`
  events.record(claim, { type: 'Normal', reason: 'Provisioning', message })
  try {
    await context.client.create(volumes.type, volumeObject(name, claim, storageClass))
  } catch (error) {
    // The cache has not caught up with what was made before.
    if (isStatus(error, 409)) return
    throw error
  }
  events.record(claim, {
    type: 'Normal',
    reason: 'ProvisioningSucceeded',
    message: `Successfully provisioned volume ${name}`,
  })
}

function volumeObject(name: string, claim: Claim, storageClass: StorageClass): KubeObject {
  const { accessModes = ['ReadWriteOnce'], volumeMode = 'Filesystem', resources } = claim.spec
  const { mountOptions = [], reclaimPolicy = 'Delete' } = storageClass
  const spec: JsonObject = {
    capacity: { storage: resources?.requests?.storage ?? '1Gi' },
    accessModes,
    volumeMode,
    persistentVolumeReclaimPolicy: reclaimPolicy,
    storageClassName: storageClass.metadata.name ?? '',
    claimRef: claimReference(claim),
    hostPath: { path: `/simulated/${name}`, type: '' },
    ...(mountOptions.length === 0 ? {} : { mountOptions }),
  }
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { [PROVISIONED_BY]: PROVISIONER } },
    spec,
  }
  return volume
}

/** Grows volume and claim to what is asked for; that a class allows it was checked when it was asked. */
async function expand(room: Room, claim: Claim, volumeName: string): Promise<void> {
  const { context, volumes, claims, events } = room
  const volume = volumes.get('', volumeName)
  const storage = claim.spec.resources?.requests?.storage ?? '0'
  if (volume === undefined || volume.spec.claimRef?.uid !== claim.metadata.uid || !hasToGrow(claim, storage)) return
  events.record(claim, { type: 'Normal', reason: 'Resizing', message: `External resizer is resizing volume ${volumeName}` }) // prettier-ignore
  if (sizeOf(volume.spec.capacity?.['storage']) < sizeOf(storage)) {
    const spec = { ...volume.spec, capacity: { ...volume.spec.capacity, storage } }
    await context.client.update(refOf(volumes.type, volume), { ...volume, spec } as KubeObject)
  }
  const capacity = { ...claim.status?.capacity, storage }
  await updateStatus(context, claims.type, claim, { ...claim.status, capacity })
  events.record(claim, { type: 'Normal', reason: 'VolumeResizeSuccessful', message: 'Resize volume succeeded' })
}

function hasToGrow({ status }: Claim, wanted: string): boolean {
  return status?.phase === 'Bound' && sizeOf(wanted) > sizeOf(status.capacity?.['storage'])
}

/** Its own volumes are deleted once the binder has released them. */
async function syncVolume(room: Room, { name }: Request): Promise<ReconcileResult> {
  const volume = room.volumes.get('', name)
  if (volume === undefined || volume.metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER) return 'done'
  const isOver = volume.status?.phase === 'Released' && volume.spec.persistentVolumeReclaimPolicy === 'Delete'
  if (isOver) await deleteVolume(room, volume)
  return 'done'
}
