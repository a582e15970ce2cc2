// Claims get volumes: the default StorageClass `standard`, and a volume for every claim (persistentvolume controller, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { quantityOf } from '../../../kube/quantity.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { enqueueOnChange } from '../../../reconcile/manager.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import type { Request } from '../../../reconcile/request.ts'
import { isStatus, refOf, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'

const DEFAULT_CLASS = 'standard'
const PROVISIONER = 'capstan.dev/simulated'
const DEFAULT_CLASS_ANNOTATION = 'storageclass.kubernetes.io/is-default-class'

interface Claim extends KubeObject {
  readonly spec: {
    readonly volumeName?: string
    readonly storageClassName?: string
    readonly accessModes?: readonly string[]
    readonly volumeMode?: string
    readonly resources?: { readonly requests?: { readonly storage?: string } }
  }
  readonly status?: { readonly phase?: string }
}

interface Volume extends KubeObject {
  readonly spec: {
    readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string }
    readonly persistentVolumeReclaimPolicy?: string
    readonly capacity?: Readonly<Record<string, string>>
    readonly accessModes?: readonly string[]
    readonly storageClassName?: string
  }
  readonly status?: { readonly phase?: string }
}

interface Room {
  readonly context: WorkloadContext
  readonly claims: Informer<Claim>
  readonly volumes: Informer<Volume>
  readonly classes: Informer
}

/** Provisions and binds volumes, and removes those whose claim is gone. */
export async function createVolumeClaimController(context: WorkloadContext): Promise<Controller> {
  const [claims, volumes, classes] = await Promise.all([
    context.informers.of<Claim>({ group: '', kind: 'PersistentVolumeClaim' }),
    context.informers.of<Volume>({ group: '', kind: 'PersistentVolume' }),
    context.informers.of({ group: 'storage.k8s.io', kind: 'StorageClass' }),
  ])
  const room: Room = { context, claims, volumes, classes }
  await ensureDefaultClass(room)
  const controller = workloadController(context, {
    name: 'volume-claims',
    reconcile: (request) =>
      request.namespace === '' ? reconcileVolume(room, request.name) : reconcileClaim(room, request),
  })
  enqueueOnChange(claims, controller)
  enqueueOnChange(volumes, controller, ({ object }) => {
    const { namespace = '', name } = object.spec.claimRef ?? {}
    return name === undefined ? requestsForFree(room, object) : [{ namespace, name }]
  })
  classes.onChange(() => {
    for (const claim of claims.list()) {
      controller.enqueue({ namespace: claim.metadata.namespace ?? '', name: claim.metadata.name ?? '' })
    }
  })
  return controller
}

/** A volume without a claim is looked at itself, and so are the claims that may take it. */
function requestsForFree({ claims }: Room, volume: Volume): readonly Request[] {
  const waiting = [...claims.list()].filter(
    ({ spec, status }) => status?.phase !== 'Bound' && spec.storageClassName === (volume.spec.storageClassName ?? ''),
  )
  return [
    { namespace: '', name: volume.metadata.name ?? '' },
    ...waiting.map(({ metadata: { namespace = '', name = '' } }) => ({ namespace, name })),
  ]
}

/** What nobody claims is Available. */
async function reconcileVolume({ context, volumes }: Room, name: string): Promise<ReconcileResult> {
  const volume = volumes.get('', name)
  if (volume === undefined || volume.spec.claimRef !== undefined || volume.status?.phase === 'Available') return 'done'
  const { resourceVersion = '' } = volume.metadata
  const patch = { metadata: { resourceVersion }, status: { phase: 'Available' } }
  try {
    await context.client.patch(refOf(volumes.type, volume, 'status'), 'merge', patch)
  } catch (error) {
    // A claim has taken it meanwhile, or it is gone; either brings it back here.
    if (!isStatus(error, 409) && !isStatus(error, 404)) throw error
  }
  return 'done'
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
  }
  try {
    await context.client.create(classes.type, storageClass)
  } catch (error) {
    // Another process was quicker.
    if (!isStatus(error, 409)) throw error
  }
}

async function reconcileClaim(room: Room, request: Request): Promise<ReconcileResult> {
  const claim = room.claims.get(request.namespace, request.name)
  if (claim === undefined) return releaseVolumes(room, request)
  if (claim.metadata.deletionTimestamp !== undefined) return releaseProtection(room, claim)
  if (claim.status?.phase === 'Bound') return 'done'
  const className = claim.spec.storageClassName ?? defaultClass(room)
  if (className === undefined || (className !== '' && !isOurs(room, className))) return 'done'
  const volume =
    findVolume(room, claim, className) ?? (className === '' ? undefined : await provision(room, claim, className))
  if (volume !== undefined) await bind(room, { claim, volume, className })
  return 'done'
}

function defaultClass({ classes }: Room): string | undefined {
  return [...classes.list()].find((one) => one.metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true')?.metadata
    .name
}

function isOurs({ classes }: Room, name: string): boolean {
  const storageClass = classes.get('', name) as (KubeObject & { readonly provisioner?: string }) | undefined
  return storageClass?.provisioner === PROVISIONER || storageClass?.provisioner === 'kubernetes.io/no-provisioner'
}

/** One that was bound to it already, or a free one that somebody made for this class. */
function findVolume({ volumes }: Room, claim: Claim, className: string): Volume | undefined {
  const all = [...volumes.list()]
  return all.find((volume) => isReservedFor(volume, claim)) ?? all.find((volume) => isFreeFor(volume, claim, className))
}

function isReservedFor({ spec: { claimRef } }: Volume, { metadata }: Claim): boolean {
  if (claimRef === undefined || claimRef.namespace !== metadata.namespace || claimRef.name !== metadata.name)
    return false
  return claimRef.uid === undefined || claimRef.uid === metadata.uid
}

function isFreeFor(volume: Volume, claim: Claim, className: string): boolean {
  if (volume.spec.claimRef !== undefined || volume.metadata.deletionTimestamp !== undefined) return false
  const isNamed = claim.spec.volumeName === undefined || claim.spec.volumeName === volume.metadata.name
  return isNamed && (volume.spec.storageClassName ?? '') === className && isEnoughFor(volume, claim)
}

/** A volume offers every access mode that is asked for, and as much room. */
function isEnoughFor({ spec: { accessModes = [], capacity } }: Volume, { spec }: Claim): boolean {
  const [offered, asked] = [capacity?.['storage'], spec.resources?.requests?.storage].map((text) =>
    quantityOf(text ?? '0'),
  )
  const isLarge = offered !== undefined && asked !== undefined && offered.nano >= asked.nano
  return isLarge && (spec.accessModes ?? []).every((mode) => accessModes.includes(mode))
}

async function provision(room: Room, claim: Claim, className: string): Promise<Volume | undefined> {
  const { context, volumes } = room
  const { accessModes = ['ReadWriteOnce'], volumeMode = 'Filesystem', resources } = claim.spec
  const name = `pvc-${claim.metadata.uid}`
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER } },
    spec: {
      capacity: { storage: resources?.requests?.storage ?? '1Gi' },
      accessModes,
      volumeMode,
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: className,
      claimRef: claimReference(claim),
      hostPath: { path: `/simulated/${name}`, type: '' },
    },
  }
  try {
    const created = await context.client.create(volumes.type, volume)
    const message = `Successfully provisioned volume ${name}`
    context.events(PROVISIONER).record(claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message })
    return created as Volume
  } catch (error) {
    if (!isStatus(error, 409)) throw error
    return (await context.client.get({ type: volumes.type, name })) as Volume | undefined
  }
}

function claimReference(claim: Claim): Readonly<Record<string, string>> {
  const { namespace = '', name = '', uid = '', resourceVersion = '' } = claim.metadata
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion }
}

async function bind(
  room: Room,
  facts: { readonly claim: Claim; readonly volume: Volume; readonly className: string },
): Promise<void> {
  const { claim, volume, className } = facts
  const { client } = room.context
  const { claims, volumes } = room
  const reserved =
    volume.spec.claimRef?.uid === undefined
      ? await client.patch(refOf(volumes.type, volume), 'merge', { spec: { claimRef: claimReference(claim) } })
      : volume
  await updateStatus(room.context, volumes.type, reserved, { phase: 'Bound' })
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' }
  const spec = { volumeName: volume.metadata.name ?? '', storageClassName: className }
  const bound = await client.patch(refOf(claims.type, claim), 'merge', { metadata: { annotations }, spec })
  const { accessModes = [], capacity = {} } = volume.spec
  await updateStatus(room.context, claims.type, bound, { phase: 'Bound', accessModes, capacity })
}

/** The real cluster protects claims that pods use; here a claim may go as soon as it is asked to. */
async function releaseProtection(room: Room, claim: Claim): Promise<ReconcileResult> {
  const { finalizers = [] } = claim.metadata
  const kept = finalizers.filter((one) => one !== 'kubernetes.io/pvc-protection')
  if (kept.length !== finalizers.length) {
    await room.context.client.patch(refOf(room.claims.type, claim), 'merge', { metadata: { finalizers: kept } })
  }
  return 'done'
}

/** The volume of a claim that is gone goes too, or stays as Released, as its reclaim policy says. */
async function releaseVolumes(room: Room, request: Request): Promise<ReconcileResult> {
  const { client } = room.context
  for (const volume of room.volumes.list()) {
    const { claimRef, persistentVolumeReclaimPolicy } = volume.spec
    if (claimRef?.namespace !== request.namespace || claimRef.name !== request.name || claimRef.uid === undefined)
      continue
    if (persistentVolumeReclaimPolicy === 'Delete') await client.delete(refOf(room.volumes.type, volume))
    else if (volume.status?.phase !== 'Released')
      await updateStatus(room.context, room.volumes.type, volume, { phase: 'Released' })
  }
  return 'done'
}
