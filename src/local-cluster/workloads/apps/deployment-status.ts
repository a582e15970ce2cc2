// A Deployment's status and conditions, with upstream's reasons and messages (deployment/progress.go and sync.go, v1.36).
import type { Condition, Deployment, ReplicaSet } from '../kit/model.ts'
import { conditionOf, timestamp, withoutCondition } from '../kit/pod-state.ts'
import { hasProgressed, isComplete, rolloutBounds, sumOf } from './rollout-arithmetic.ts'

type Status = NonNullable<Deployment['status']>

/** A deadline of this many seconds means none (math.MaxInt32). */
const NO_DEADLINE = 2_147_483_647

export interface RolloutView {
  readonly deployment: Deployment
  readonly newSet: ReplicaSet | undefined
  /** All ReplicaSets, the new one too. */
  readonly all: readonly ReplicaSet[]
  /** Conditions on top of those in the status that this reconcile has found so far. */
  readonly conditions: readonly Condition[]
  readonly collisionCount: number | undefined
  readonly nowMs: number
}

/** Counts of all ReplicaSets plus the Available condition. */
export function countedStatus(view: RolloutView): Status {
  const { deployment, newSet, all, collisionCount } = view
  const wanted = deployment.spec.replicas ?? 1
  const replicas = sumOf(all, 'replicas')
  const available = sumOf(all, 'availableReplicas')
  const counts = {
    replicas,
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sumOf(all, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumOfSizes(all) - available),
  }
  const enough = available >= wanted - rolloutBounds(deployment).maxUnavailable
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    terminatingReplicas: sumOf(all, 'terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: putCondition(view.conditions, enough ? AVAILABLE : NOT_AVAILABLE, view.nowMs),
  }
}

/** The status of a rolling Deployment: counts, and how far the rollout is. */
export function rolloutStatus(view: RolloutView): Status {
  const status = countedStatus(view)
  const conditions = withReplicaFailure(view, progressConditions(view, status))
  return { ...status, conditions }
}

/** Undefined where the Deployment has no deadline; else when, in ms, the deadline has to be looked at again. */
export function deadlineMs(deployment: Deployment, status: Status, nowMs: number): number | undefined {
  const progressing = conditionOf(status.conditions, 'Progressing')
  if (!hasDeadline(deployment) || progressing === undefined || isComplete(deployment, status)) return undefined
  if (progressing.reason === 'ProgressDeadlineExceeded' || progressing.reason === 'NewReplicaSetAvailable')
    return undefined
  const sinceMs = Date.parse(progressing.lastUpdateTime ?? '')
  const leftMs = sinceMs + (deployment.spec.progressDeadlineSeconds ?? 600) * 1000 - nowMs
  return Math.max(0, leftMs) + 1000
}

/** A condition put in its place: unchanged where status and reason are the same (SetDeploymentCondition). */
export function putCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
  nowMs: number,
): readonly Condition[] {
  const old = conditionOf(conditions, condition.type)
  if (old?.status === condition.status && old.reason === condition.reason) return conditions ?? []
  const now = timestamp(nowMs)
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now
  const { type, status, reason = '', message = '' } = condition
  const next = { type, status, lastUpdateTime: now, lastTransitionTime, reason, message }
  return [...withoutCondition(conditions, type), next]
}

const AVAILABLE: Condition = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
}
const NOT_AVAILABLE: Condition = {
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
}

/** The Progressing condition of a reason. */
export function progressing(status: Condition['status'], reason: string, message: string): Condition {
  return { type: 'Progressing', status, reason, message }
}

export function hasDeadline(deployment: Deployment): boolean {
  const { progressDeadlineSeconds } = deployment.spec
  return progressDeadlineSeconds !== undefined && progressDeadlineSeconds !== NO_DEADLINE
}

function progressConditions(view: RolloutView, status: Status): readonly Condition[] {
  const { deployment, newSet, nowMs } = view
  const conditions = status.conditions ?? []
  if (!hasDeadline(deployment)) return withoutCondition(conditions, 'Progressing')
  const current = conditionOf(conditions, 'Progressing')
  const settled = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable'
  if (settled) return conditions
  const subject =
    newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`
    return putCondition(conditions, progressing('True', 'NewReplicaSetAvailable', message), nowMs)
  }
  if (hasProgressed(deployment, status)) return afterProgress(conditions, `${subject} is progressing.`, nowMs)
  if (!isTimedOut(deployment, current, nowMs)) return conditions
  const message = `${subject} has timed out progressing.`
  return putCondition(conditions, progressing('False', 'ProgressDeadlineExceeded', message), nowMs)
}

/** The deadline counts from the last progress: the condition is written anew even where it says the same. */
function afterProgress(conditions: readonly Condition[], message: string, nowMs: number): readonly Condition[] {
  const current = conditionOf(conditions, 'Progressing')
  const others = withoutCondition(conditions, 'Progressing')
  const fresh = putCondition(others, progressing('True', 'ReplicaSetUpdated', message), nowMs)
  const since = current?.status === 'True' ? current.lastTransitionTime : undefined
  if (since === undefined) return fresh
  return fresh.map((one) => (one.type === 'Progressing' ? { ...one, lastTransitionTime: since } : one))
}

function isTimedOut(deployment: Deployment, current: Condition | undefined, nowMs: number): boolean {
  if (current === undefined || current.reason === 'NewReplicaSetAvailable') return false
  if (current.reason === 'ProgressDeadlineExceeded') return true
  const deadline = (deployment.spec.progressDeadlineSeconds ?? 600) * 1000
  return Date.parse(current.lastUpdateTime ?? '') + deadline < nowMs
}

/** What keeps the new ReplicaSet (or else any old one) from making pods. */
function withReplicaFailure(view: RolloutView, conditions: readonly Condition[]): readonly Condition[] {
  const ordered = view.newSet === undefined ? view.all : [view.newSet, ...view.all]
  const failure = ordered
    .map((set) => conditionOf(set.status?.conditions, 'ReplicaFailure'))
    .find((one) => one !== undefined)
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure')
  return putCondition(conditions, failure, view.nowMs)
}

function sumOfSizes(sets: readonly ReplicaSet[]): number {
  let sum = 0
  for (const set of sets) sum += set.spec.replicas ?? 1
  return sum
}
