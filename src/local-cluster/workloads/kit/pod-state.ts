// What a pod's status says: ready, available, active.
import { rfc3339Seconds } from '../../../base/rfc3339.ts'
import type { Condition, Pod } from './model.ts'

/** The condition of a type, wherever it stands. */
export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
}

/** Ready for at least `minReadySeconds` (api/v1/pod IsPodAvailable). */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return isReady(pod) && msUntilAvailable(pod, minReadySeconds, nowMs) <= 0
}

/** How long a ready pod still has to stay ready. */
export function msUntilAvailable(pod: Pod, minReadySeconds: number, nowMs: number): number {
  if (minReadySeconds === 0) return 0
  const since = conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime
  return (since === undefined ? nowMs : Date.parse(since)) + minReadySeconds * 1000 - nowMs
}

export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined
}

/** Neither finished nor on its way out (controller.IsPodActive). */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isTerminating(pod)
}

/** The most container restarts of a pod. */
export function maxRestarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount))
}

/** Puts a condition in the place of the one of its type; the time of its last transition stays while the status does. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
  now: string,
): readonly Condition[] {
  const old = conditionOf(conditions, condition.type)
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now
  const next = { ...condition, lastTransitionTime }
  if (old === undefined) return [...(conditions ?? []), next]
  return (conditions ?? []).map((one) => (one.type === condition.type ? next : one))
}

/** Without the condition of a type. */
export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): readonly Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type)
}

/** metav1.Time: whole seconds. */
export function timestamp(ms: number): string {
  return rfc3339Seconds(ms)
}

/** Go leaves out numbers that are zero (`omitempty`). */
export function withoutZeros(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))
}
