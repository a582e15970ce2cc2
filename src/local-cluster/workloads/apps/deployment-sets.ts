// The ReplicaSets of a Deployment: finding or making the one of its template, revisions, resizing, and throwing old ones away.
import { LAST_APPLIED_ANNOTATION } from '../../../kube/apply/last-applied.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { isStatus, refOf, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import { templateHash } from '../kit/hash.ts'
import type { Deployment, PodTemplate, ReplicaSet } from '../kit/model.ts'
import { controllerOf, controllerReference } from '../kit/ownership.ts'
import { DESIRED_REPLICAS, MAX_REPLICAS, replicasOf, rolloutBounds } from './rollout-arithmetic.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
const HASH_LABEL = 'pod-template-hash'

/** Of a Deployment, not copied to its ReplicaSets (deployment_util.go annotationsToSkip). */
const NOT_COPIED: ReadonlySet<string> = new Set([
  LAST_APPLIED_ANNOTATION,
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

export interface SetsRoom {
  readonly context: WorkloadContext
  readonly replicaSets: Informer<ReplicaSet>
  readonly events: EventRecorder
}

/** Whether a ReplicaSet has the Deployment's template; the hash label is its own. */
export function hasTemplate(set: ReplicaSet, deployment: Deployment): boolean {
  return deepEqual(withoutHash(set.spec.template), withoutHash(deployment.spec.template))
}

/** The oldest ReplicaSet with the Deployment's template. */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const oldestFirst = sets.toSorted((a, b) => createdAt(a).localeCompare(createdAt(b)))
  return oldestFirst.find((set) => hasTemplate(set, deployment))
}

/** The revision a ReplicaSet carries; 0 where it carries none. */
export function revisionOf(object: KubeObject): number {
  const revision = Number(object.metadata.annotations?.[REVISION] ?? 0)
  return Number.isInteger(revision) ? revision : 0
}

export function maxRevision(sets: readonly ReplicaSet[]): number {
  return Math.max(0, ...sets.map(revisionOf))
}

/** Gives an existing new ReplicaSet the next revision, the Deployment's annotations and its minReadySeconds. */
export async function refreshNewSet(
  room: SetsRoom,
  deployment: Deployment,
  facts: { set: ReplicaSet; old: readonly ReplicaSet[] },
): Promise<ReplicaSet> {
  const { set, old } = facts
  const revision = Math.max(maxRevision(old) + 1, revisionOf(set))
  const annotations = annotationsFor(deployment, set, revision)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  const same = deepEqual(annotations, set.metadata.annotations) && minReadySeconds === (set.spec.minReadySeconds ?? 0)
  if (same) return set
  return update(room, { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, minReadySeconds } })
}

export type NewSet = { readonly set: ReplicaSet; readonly created: boolean } | { readonly collided: true }

/** Makes the ReplicaSet of a template. A foreign object of the same name is a collision: the hash must change. */
export async function createNewSet(
  room: SetsRoom,
  deployment: Deployment,
  facts: {
    readonly old: readonly ReplicaSet[]
    readonly replicas: number
    readonly collisionCount: number | undefined
  },
): Promise<NewSet> {
  const { client } = room.context
  const hash = templateHash(deployment.spec.template, facts.collisionCount)
  const wanted = newSetObject(deployment, hash, facts)
  try {
    // The server answers with the object it was given.
    const set = (await client.create(room.replicaSets.type, wanted)) as ReplicaSet
    if (facts.replicas > 0)
      recordScaling(room, deployment, { name: set.metadata.name ?? '', from: 0, to: facts.replicas })
    return { set, created: true }
  } catch (error) {
    if (!isStatus(error, 409)) throw error
  }
  const found = (await client.get(refOf(room.replicaSets.type, wanted))) as ReplicaSet | undefined
  if (found !== undefined && controllerOf(found)?.uid === deployment.metadata.uid && hasTemplate(found, deployment)) {
    return { set: found, created: false }
  }
  return { collided: true }
}

function newSetObject(
  deployment: Deployment,
  hash: string,
  facts: { readonly old: readonly ReplicaSet[]; readonly replicas: number },
): ReplicaSet {
  const { template, selector, minReadySeconds = 0 } = deployment.spec
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  const annotations = {
    ...annotationsFor(deployment, undefined, maxRevision(facts.old) + 1),
    ...sizeAnnotations(deployment),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      ownerReferences: [controllerReference(deployment)],
      labels,
      annotations,
    },
    spec: {
      replicas: facts.replicas,
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

/** Resizes a ReplicaSet and keeps its size annotations; an event says so where the size changes. */
export async function resize(
  room: SetsRoom,
  deployment: Deployment,
  scaling: { replicaSet: ReplicaSet; replicas: number },
): Promise<ReplicaSet> {
  const { replicaSet, replicas } = scaling
  const annotations = { ...replicaSet.metadata.annotations, ...sizeAnnotations(deployment) }
  const from = replicasOf(replicaSet)
  if (from === replicas && deepEqual(annotations, replicaSet.metadata.annotations)) return replicaSet
  const resized = await update(room, {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations },
    spec: { ...replicaSet.spec, replicas },
  })
  if (from !== replicas) recordScaling(room, deployment, { name: replicaSet.metadata.name ?? '', from, to: replicas })
  return resized
}

/** Deletes the oldest empty ReplicaSets beyond the history limit. */
export async function removeHistory(room: SetsRoom, deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
  const { revisionHistoryLimit = 10 } = deployment.spec
  const kept = old.filter((set) => set.metadata.deletionTimestamp === undefined)
  const surplus = kept.length - revisionHistoryLimit
  if (surplus <= 0) return
  const oldestFirst = kept.toSorted((a, b) => revisionOf(a) - revisionOf(b))
  const empty = oldestFirst.slice(0, surplus).filter((set) => replicasOf(set) === 0 && isSettledAtZero(set))
  await Promise.all(empty.map((set) => room.context.client.delete(refOf(room.replicaSets.type, set))))
}

function isSettledAtZero(set: ReplicaSet): boolean {
  return (set.status?.replicas ?? 0) === 0 && (set.status?.observedGeneration ?? 0) >= (set.metadata.generation ?? 0)
}

function recordScaling(
  room: SetsRoom,
  deployment: Deployment,
  change: { name: string; from: number; to: number },
): void {
  const direction = change.to > change.from ? 'up' : 'down'
  const message = `Scaled ${direction} replica set ${change.name} from ${change.from} to ${change.to}`
  room.events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message })
}

async function update(room: SetsRoom, set: ReplicaSet): Promise<ReplicaSet> {
  // The server answers with the object it was given.
  return (await room.context.client.update(refOf(room.replicaSets.type, set), set)) as ReplicaSet
}

function sizeAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const wanted = deployment.spec.replicas ?? 1
  return { [DESIRED_REPLICAS]: String(wanted), [MAX_REPLICAS]: String(wanted + rolloutBounds(deployment).maxSurge) }
}

/** The set's own annotations, the Deployment's on top, and its revision; a revision it had before goes to its history. */
function annotationsFor(
  deployment: Deployment,
  set: ReplicaSet | undefined,
  revision: number,
): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = { ...set?.metadata.annotations }
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(name)) annotations[name] = value
  }
  const before = set === undefined ? 0 : revisionOf(set)
  annotations[REVISION] = String(revision)
  if (before > 0 && before !== revision) {
    const history = annotations[REVISION_HISTORY]
    annotations[REVISION_HISTORY] = history ? `${history},${before}` : String(before)
  }
  return annotations
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
  const { creationTimestamp: _time, ...metadata } = template.metadata ?? {}
  return { ...template, metadata: { ...metadata, labels } }
}

function createdAt(set: ReplicaSet): string {
  return `${set.metadata.creationTimestamp ?? ''}/${set.metadata.name ?? ''}`
}
