// Claims, volumes and classes as the controllers of storage read them, and what is said about a binding (component-helpers storage/volume, v0.36.3).
import { BETA_CLASS } from '../../apiserver/admission/storage-class.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { labelSelectorOf, matchesLabels, type LabelSelectorObject } from '../../../kube/selector.ts'
import { quantityOf, type Quantity } from '../../../kube/quantity.ts'
import { meetsTerm, type NodeSelectorTerm } from '../core/node-fit.ts'
import type { Node } from '../kit/model.ts'

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner'
export const BETA_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner'
export const IN_TREE_PREFIX = 'kubernetes.io/'
/** Names a class whose volumes somebody makes by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

export interface Claim extends KubeObject {
  readonly spec: {
    readonly volumeName?: string
    readonly storageClassName?: string
    readonly accessModes?: readonly string[]
    readonly volumeMode?: string
    readonly selector?: LabelSelectorObject
    readonly resources?: { readonly requests?: { readonly storage?: string } }
    readonly volumeAttributesClassName?: string
  }
  readonly status?: {
    readonly phase?: string
    readonly accessModes?: readonly string[]
    readonly capacity?: Readonly<Record<string, string>>
    readonly conditions?: readonly JsonObject[]
  }
}

export interface ClaimReference {
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
}

export interface PersistentVolume extends KubeObject {
  readonly spec: JsonObject & {
    readonly claimRef?: ClaimReference & JsonObject
    readonly persistentVolumeReclaimPolicy?: string
    readonly capacity?: Readonly<Record<string, string>>
    readonly accessModes?: readonly string[]
    readonly storageClassName?: string
    readonly volumeMode?: string
    readonly volumeAttributesClassName?: string
  }
  readonly status?: { readonly phase?: string; readonly message?: string }
}

export interface StorageClass extends KubeObject {
  readonly provisioner?: string
  readonly reclaimPolicy?: string
  readonly volumeBindingMode?: string
  readonly allowVolumeExpansion?: boolean
  readonly mountOptions?: readonly string[]
}

export function hasAnnotation(object: KubeObject, name: string): boolean {
  return Object.hasOwn(object.metadata.annotations ?? {}, name)
}

/** The class a claim asks for: empty for none. The annotation of old comes first. */
export function classOf(object: Claim | PersistentVolume): string {
  return object.metadata.annotations?.[BETA_CLASS] ?? object.spec.storageClassName ?? ''
}

/** Whether a claim says anything of a class, be it the empty one. */
export function hasClass(claim: Claim): boolean {
  return hasAnnotation(claim, BETA_CLASS) || claim.spec.storageClassName !== undefined
}

/** Whether a volume is promised to a claim: by name, and by uid where it knows one. */
export function isPromisedTo({ spec: { claimRef } }: PersistentVolume, { metadata }: Claim): boolean {
  if (claimRef === undefined || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace)
    return false
  return (claimRef.uid ?? '') === '' || claimRef.uid === metadata.uid
}

export function differsInMode(claim: Claim, volume: PersistentVolume): boolean {
  return (claim.spec.volumeMode ?? 'Filesystem') !== (volume.spec.volumeMode ?? 'Filesystem')
}

/** Whether a volume offers every way of access that is asked for. */
export function offersAccess(volume: PersistentVolume, claim: Claim): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => (volume.spec.accessModes ?? []).includes(mode))
}

export function isLargeEnough(volume: PersistentVolume, claim: Claim): boolean {
  return sizeOf(volume.spec.capacity?.['storage']) >= sizeOf(claim.spec.resources?.requests?.storage)
}

/** In billionths. */
export function sizeOf(text: string | undefined): bigint {
  const quantity: Quantity | undefined = text === undefined ? undefined : quantityOf(text)
  return quantity?.nano ?? 0n
}

function hasSameAttributes(claim: Claim, volume: PersistentVolume): boolean {
  return (claim.spec.volumeAttributesClassName ?? '') === (volume.spec.volumeAttributesClassName ?? '')
}

/** Why a volume that a claim names will not do; undefined where it will (checkVolumeSatisfyClaim). */
export function mismatch(volume: PersistentVolume, claim: Claim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`
  if (!isLargeEnough(volume, claim)) return 'requested PV is too small'
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if (!hasSameAttributes(claim, volume)) return 'volumeAttributesClassName does not match'
  if (differsInMode(claim, volume)) return 'incompatible volumeMode'
  return offersAccess(volume, claim) ? undefined : 'incompatible accessMode'
}

/** Whether a node may use a volume. */
export function reaches(volume: PersistentVolume, node: Node): boolean {
  const affinity = volume.spec['nodeAffinity'] as
    | { readonly required?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] } }
    | undefined // as the schema of core/v1 has it
  const terms = affinity?.required?.nodeSelectorTerms
  return terms === undefined || terms.some((term) => meetsTerm(term, node))
}

export interface MatchOptions {
  /** Only volumes this node may use. */
  readonly node?: Node
  /** The scheduler decides: only what is promised to the claim counts. */
  readonly isDelayed?: boolean
  /** Taken by other claims of the same pod. */
  readonly excluded?: ReadonlySet<string>
}

/** The volume promised to a claim, else the smallest available one that will do (FindMatchingVolume). */
export function matchingVolume(
  claim: Claim,
  volumes: Iterable<PersistentVolume>,
  options: MatchOptions = {},
): PersistentVolume | undefined {
  const { node, isDelayed = false, excluded } = options
  const candidates = [...volumes].filter((volume) => excluded?.has(volume.metadata.name ?? '') !== true)
  const usable = candidates.filter((volume) => isUsable(volume, claim))
  const promised = usable.find((volume) => isPromisedTo(volume, claim))
  if (promised !== undefined) return node === undefined || reaches(promised, node) ? promised : undefined
  if (isDelayed && node === undefined) return undefined
  const free = usable.filter((volume) => isFree(volume, claim) && (node === undefined || reaches(volume, node)))
  const bySize = free.toSorted((a, b) => compare(capacityOf(a), capacityOf(b)))
  return bySize[0]
}

function isUsable(volume: PersistentVolume, claim: Claim): boolean {
  const isTaken = volume.spec.claimRef !== undefined && !isPromisedTo(volume, claim)
  const isGoing = volume.metadata.deletionTimestamp !== undefined
  if (isTaken || isGoing || differsInMode(claim, volume)) return false
  return isLargeEnough(volume, claim) && hasSameAttributes(claim, volume)
}

function isFree(volume: PersistentVolume, claim: Claim): boolean {
  if (volume.status?.phase !== 'Available' || classOf(volume) !== classOf(claim)) return false
  const { selector } = claim.spec
  const isChosen = selector === undefined || matchesLabels(labelSelectorOf(selector), volume.metadata.labels)
  return isChosen && offersAccess(volume, claim)
}

function capacityOf(volume: PersistentVolume): bigint {
  return sizeOf(volume.spec.capacity?.['storage'])
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
