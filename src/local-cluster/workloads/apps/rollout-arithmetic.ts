// How many replicas each ReplicaSet of a Deployment gets: pure arithmetic (deployment/util/deployment_util.go, v1.36).
import type { Deployment, IntOrString, ReplicaSet } from '../kit/model.ts'

export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'

/** A number, or a percentage of `total`. */
export function scaledValue(value: IntOrString | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const percent = /^(?<digits>\d{1,6})%$/.exec(value)?.groups?.['digits']
  if (percent === undefined) return Number.parseInt(value, 10) || 0
  const exact = (Number(percent) * total) / 100
  return roundUp ? Math.ceil(exact) : Math.floor(exact)
}

export interface Bounds {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

/** Surge rounds up, unavailable rounds down, and both are never 0: a rollout could not move (ResolveFenceposts). */
export function rolloutBounds(deployment: Deployment): Bounds {
  const { replicas = 1, strategy } = deployment.spec
  if (strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 }
  const maxSurge = scaledValue(strategy?.rollingUpdate?.maxSurge ?? '25%', replicas, true)
  const maxUnavailable = scaledValue(strategy?.rollingUpdate?.maxUnavailable ?? '25%', replicas, false)
  const unavailable = maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable
  return { maxSurge, maxUnavailable: Math.min(unavailable, replicas) }
}

export function replicasOf(replicaSet: ReplicaSet): number {
  return replicaSet.spec.replicas ?? 1
}

export function sumOf(
  sets: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas',
): number {
  let sum = 0
  for (const set of sets) sum += set.status?.[field] ?? 0
  return sum
}

export function sumOfWanted(sets: readonly ReplicaSet[]): number {
  let sum = 0
  for (const set of sets) sum += replicasOf(set)
  return sum
}

/** How large the new ReplicaSet may be now (NewRSNewReplicas). */
export function newSetSize(deployment: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet): number {
  const wanted = deployment.spec.replicas ?? 1
  if (deployment.spec.strategy?.type === 'Recreate') return wanted
  const { maxSurge } = rolloutBounds(deployment)
  const room = wanted + maxSurge - sumOfWanted(all)
  if (room <= 0) return replicasOf(newSet)
  return replicasOf(newSet) + Math.min(room, wanted - replicasOf(newSet))
}

export interface Scaling {
  readonly replicaSet: ReplicaSet
  readonly replicas: number
}

/** Which old ReplicaSets shrink now: unhealthy replicas first, then as many as availability allows (rolling.go). */
export function shrinkOldSets(
  deployment: Deployment,
  newSet: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const oldPods = sumOfWanted(old)
  if (oldPods === 0) return []
  const wanted = deployment.spec.replicas ?? 1
  const minAvailable = wanted - rolloutBounds(deployment).maxUnavailable
  const newUnavailable = replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0)
  const maxScaledDown = oldPods + replicasOf(newSet) - minAvailable - newUnavailable
  if (maxScaledDown <= 0) return []
  const sizes = new Map<ReplicaSet, number>(old.map((set) => [set, replicasOf(set)]))
  const oldestFirst = byAge(old)
  removeUnhealthy(oldestFirst, sizes, maxScaledDown)
  removeAvailable(oldestFirst, sizes, sumOf([...old, newSet], 'availableReplicas') - minAvailable)
  return [...sizes]
    .filter(([set, size]) => size !== replicasOf(set))
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }))
}

function removeUnhealthy(sets: readonly ReplicaSet[], sizes: Map<ReplicaSet, number>, most: number): void {
  let left = most
  for (const set of sets) {
    const size = sizes.get(set) ?? 0
    const unhealthy = size - (set.status?.availableReplicas ?? 0)
    const removed = Math.min(left, Math.max(0, unhealthy))
    sizes.set(set, size - removed)
    left -= removed
  }
}

function removeAvailable(sets: readonly ReplicaSet[], sizes: Map<ReplicaSet, number>, most: number): void {
  let left = Math.max(0, most)
  for (const set of sets) {
    const size = sizes.get(set) ?? 0
    const removed = Math.min(left, size)
    sizes.set(set, size - removed)
    left -= removed
  }
}

/** Spreads a change of the Deployment's size over its ReplicaSets in proportion to theirs (sync.go scale). */
export function proportionalSizes(deployment: Deployment, sets: readonly ReplicaSet[]): readonly Scaling[] {
  const wanted = deployment.spec.replicas ?? 1
  const allowed = wanted > 0 ? wanted + rolloutBounds(deployment).maxSurge : 0
  const active = sets.filter((set) => replicasOf(set) > 0)
  const toAdd = allowed - sumOfWanted(active)
  const order = toAdd >= 0 ? bySizeNewer(active) : bySizeOlder(active)
  let added = 0
  const sizes: Scaling[] = order.map((replicaSet) => {
    const share = toAdd === 0 ? 0 : proportion(replicaSet, { deployment, allowed, toAdd, added })
    added += share
    return { replicaSet, replicas: replicasOf(replicaSet) + share }
  })
  const [first, ...rest] = sizes
  if (first === undefined) return []
  // What rounding left over goes to the first.
  return [{ ...first, replicas: Math.max(0, first.replicas + toAdd - added) }, ...rest]
}

function proportion(
  set: ReplicaSet,
  facts: { readonly deployment: Deployment; readonly allowed: number; readonly toAdd: number; readonly added: number },
): number {
  const size = replicasOf(set)
  const fraction = shareOf(set, facts.deployment, facts.allowed)
  const left = facts.toAdd - facts.added
  if (size === 0 || left === 0) return 0
  return facts.toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left)
}

function shareOf(set: ReplicaSet, deployment: Deployment, allowed: number): number {
  const wanted = deployment.spec.replicas ?? 1
  if (wanted === 0) return -replicasOf(set)
  const annotated = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0)
  const before = annotated > 0 ? annotated : (deployment.status?.replicas ?? 0)
  if (before === 0) return 0
  return Math.round((replicasOf(set) * allowed) / before) - replicasOf(set)
}

function byAge(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.toSorted((a, b) => ageKey(a).localeCompare(ageKey(b)))
}

function bySizeNewer(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.toSorted((a, b) => replicasOf(b) - replicasOf(a) || ageKey(b).localeCompare(ageKey(a)))
}

function bySizeOlder(sets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return sets.toSorted((a, b) => replicasOf(b) - replicasOf(a) || ageKey(a).localeCompare(ageKey(b)))
}

function ageKey(set: ReplicaSet): string {
  return `${set.metadata.creationTimestamp ?? ''}/${set.metadata.name ?? ''}`
}

/** Every wanted replica is new, up, and no old one is left (DeploymentComplete). */
export function isComplete(deployment: Deployment, status: NonNullable<Deployment['status']>): boolean {
  const wanted = deployment.spec.replicas ?? 1
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

/** More new, fewer old, or more ready or available replicas than before (DeploymentProgressing). */
export function hasProgressed(deployment: Deployment, status: NonNullable<Deployment['status']>): boolean {
  const before = deployment.status ?? {}
  const oldReplicas = (one: NonNullable<Deployment['status']>): number =>
    (one.replicas ?? 0) - (one.updatedReplicas ?? 0)
  return (
    (status.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldReplicas(status) < oldReplicas(before) ||
    (status.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}
