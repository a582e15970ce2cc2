// What a pod's claims ask of its node, and the volumes it waits for (pkg/scheduler/framework/plugins/volumebinding, v1.36.3).
import type { Informer } from '../../../kube/client/informer.ts'
import { isStatus, refOf, type WorkloadContext } from '../kit/context.ts'
import type { Node, Pod } from '../kit/model.ts'
import { promisedVolume } from '../storage/bind-volume.ts'
import { claimsOfPod } from '../storage/pod-claims.ts'
import {
  BIND_COMPLETED,
  classOf,
  hasAnnotation,
  isPromisedTo,
  matchingVolume,
  NO_PROVISIONER,
  reaches,
  SELECTED_NODE,
  type Claim,
  type PersistentVolume,
  type StorageClass,
} from '../storage/volume-model.ts'
import { refuse, type NodeFilter, type Refusal } from './filter.ts'

export interface VolumeRoom {
  readonly context: WorkloadContext
  readonly claims: Informer<Claim>
  readonly volumes: Informer<PersistentVolume>
  readonly classes: Informer<StorageClass>
}

export interface PodVolumes {
  readonly bound: readonly Claim[]
  /** Those that wait until a node is chosen. */
  readonly delayed: readonly Claim[]
}

/** The claims of a pod, or why no node will do: one that is missing, going or lost, or has no volume and does not wait for the pod. */
export function podVolumes(room: VolumeRoom, pod: Pod): PodVolumes | string {
  const found: Claim[] = []
  for (const { name, ephemeral } of claimsOfPod(pod)) {
    const claim = room.claims.get(pod.metadata.namespace, name)
    if (claim === undefined) return missing(name, ephemeral !== undefined)
    if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`
    found.push(claim)
  }
  const bound = found.filter(isBound)
  const unbound = found.filter((claim) => !isBound(claim))
  const isDelayed = (claim: Claim): boolean =>
    (claim.spec.volumeName ?? '') === '' &&
    room.classes.get('', classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer'
  if (!unbound.every(isDelayed)) return 'pod has unbound immediate PersistentVolumeClaims'
  return { bound, delayed: unbound }
}

function missing(name: string, isEphemeral: boolean): string {
  return isEphemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : `persistentvolumeclaim "${name}" not found`
}

function isBound(claim: Claim): boolean {
  return (claim.spec.volumeName ?? '') !== '' && hasAnnotation(claim, BIND_COMPLETED)
}

/** Nodes that may use the volumes there are, and for which the others can be found or made. */
export function volumeFilter(room: VolumeRoom, { bound, delayed }: PodVolumes): NodeFilter | undefined {
  if (bound.length + delayed.length === 0) return undefined
  return ({ node }) => refusalOfBound(room, bound, node) ?? refusalOfDelayed(room, delayed, node)
}

function refusalOfBound({ volumes }: VolumeRoom, bound: readonly Claim[], node: Node): Refusal | undefined {
  const found = bound.map(({ spec }) => volumes.get('', spec.volumeName ?? ''))
  if (found.includes(undefined))
    return refuse('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)', false)
  const isReached = found.every((volume) => volume === undefined || reaches(volume, node))
  return isReached ? undefined : refuse("node(s) didn't match PersistentVolume's node affinity", false)
}

function refusalOfDelayed(room: VolumeRoom, delayed: readonly Claim[], node: Node): Refusal | undefined {
  const decided = decide(room, delayed, node)
  const isHopeless = decided.some(({ claim, volume }) => volume === undefined && !canProvision(room, claim))
  return isHopeless ? refuse("node(s) didn't find available persistent volumes to bind", false) : undefined
}

interface Decision {
  readonly claim: Claim
  /** Undefined: one has to be made. */
  readonly volume: PersistentVolume | undefined
}

function decide({ volumes }: VolumeRoom, delayed: readonly Claim[], node: Node): readonly Decision[] {
  const excluded = new Set<string>()
  return delayed.map((claim) => {
    const volume = matchingVolume(claim, volumes.list(), { node, excluded })
    if (volume !== undefined) excluded.add(volume.metadata.name ?? '')
    return { claim, volume }
  })
}

function canProvision({ classes }: VolumeRoom, claim: Claim): boolean {
  const provisioner = classes.get('', classOf(claim))?.provisioner ?? ''
  return provisioner !== '' && provisioner !== NO_PROVISIONER
}

/** Promises volumes to the claims that waited, or has them made for the node; true where the pod has to wait for that. */
export async function bindVolumes(room: VolumeRoom, delayed: readonly Claim[], node: Node): Promise<boolean> {
  for (const { claim, volume } of decide(room, delayed, node)) {
    try {
      await (volume === undefined ? select(room, claim, node) : promise(room, claim, volume))
    } catch (error) {
      // It changed meanwhile: the change brings the pod back.
      if (!isStatus(error, 404) && !isStatus(error, 409)) throw error
    }
  }
  return delayed.length > 0
}

async function promise({ context, volumes }: VolumeRoom, claim: Claim, volume: PersistentVolume): Promise<void> {
  if (isPromisedTo(volume, claim) && (volume.spec.claimRef?.uid ?? '') !== '') return
  await context.client.update(refOf(volumes.type, volume), promisedVolume(volume, claim))
}

async function select({ context, claims }: VolumeRoom, claim: Claim, node: Node): Promise<void> {
  const { name = '' } = node.metadata
  if (claim.metadata.annotations?.[SELECTED_NODE] === name) return
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: name }
  await context.client.update(refOf(claims.type, claim), { ...claim, metadata: { ...claim.metadata, annotations } })
}
