// What becomes of a volume whose claim is gone, by its reclaim policy (pv_controller.go reclaimVolume, v1.36.3).
import { isStatus, refOf } from '../kit/context.ts'
import { setVolumePhase, unbind, type BindingRoom } from './bind-volume.ts'
import { IN_TREE_PREFIX, PROVISIONED_BY, type PersistentVolume } from './volume-model.ts'

/** Plugins of kube-controller-manager that can delete, or empty, a volume somebody made by hand. */
const DELETABLE = 'hostPath'
const RECYCLABLE: readonly string[] = ['hostPath', 'nfs']
/** The only places on a node whose folders are deleted. */
const DELETABLE_PATHS = /^\/tmp\/.+/

/** Retained volumes keep their data and their promise; the others are deleted, or emptied and free again. */
export async function reclaim(room: BindingRoom, volume: PersistentVolume): Promise<void> {
  switch (volume.spec.persistentVolumeReclaimPolicy) {
    case 'Delete':
      return remove(room, volume)
    case 'Recycle':
      return recycle(room, volume)
    default:
      return undefined
  }
}

/** Who provisioned a volume deletes it; one made by hand goes where its kind can be deleted, else it has failed. */
async function remove(room: BindingRoom, volume: PersistentVolume): Promise<void> {
  const provisioner = volume.metadata.annotations?.[PROVISIONED_BY] ?? ''
  const isExternal = provisioner !== '' && !provisioner.startsWith(IN_TREE_PREFIX)
  if (isExternal || volume.spec['csi'] !== undefined) return
  const refusal = undeletable(volume, provisioner)
  if (refusal === undefined) await deleteVolume(room, volume)
  else await fail(room, volume, { reason: 'VolumeFailedDelete', message: refusal })
}

function undeletable(volume: PersistentVolume, provisioner: string): string | undefined {
  if (provisioner !== '') return `no volume plugin matched name: ${provisioner}`
  const { name = '' } = volume.metadata
  const source = volume.spec[DELETABLE] as { readonly path?: string } | undefined // HostPathVolumeSource
  if (source === undefined)
    return `error getting deleter volume plugin for volume ${JSON.stringify(name)}: no deletable volume plugin matched`
  return DELETABLE_PATHS.test(source.path ?? '')
    ? undefined
    : `host_path deleter only supports /tmp/.+ but received provided ${source.path ?? ''}`
}

/** Deletes the object, whether somebody else was quicker or not. */
export async function deleteVolume(
  { context, volumes }: Pick<BindingRoom, 'context' | 'volumes'>,
  volume: PersistentVolume,
): Promise<void> {
  if (volume.metadata.deletionTimestamp !== undefined) return
  try {
    await context.client.delete(refOf(volumes.type, volume), { preconditions: { uid: volume.metadata.uid ?? '' } })
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}

async function recycle(room: BindingRoom, volume: PersistentVolume): Promise<void> {
  if (!RECYCLABLE.some((source) => volume.spec[source] !== undefined)) {
    const message = 'No recycler plugin found for the volume!'
    return fail(room, volume, { reason: 'VolumeFailedRecycle', message })
  }
  const events = room.context.events('persistentvolume-controller')
  events.record(volume, { type: 'Normal', reason: 'VolumeRecycled', message: 'Volume recycled' })
  return unbind(room, volume)
}

async function fail(
  room: BindingRoom,
  volume: PersistentVolume,
  facts: { readonly reason: string; readonly message: string },
): Promise<void> {
  if (volume.status?.phase === 'Failed') return
  const { reason, message } = facts
  const failed = await setVolumePhase(room, volume, { phase: 'Failed', message })
  if (failed === undefined) return
  room.context.events('persistentvolume-controller').record(failed, { type: 'Warning', reason, message })
}
