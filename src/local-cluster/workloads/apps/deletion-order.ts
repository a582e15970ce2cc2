// Which pods go first when there are too many (controller_utils.go ActivePodsWithRanks, v1.36).
import type { Pod } from '../kit/model.ts'
import { conditionOf, isReady, maxRestarts } from '../kit/pod-state.ts'

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost'

/** Sorts the pod that should go first to the front; crowded nodes lose pods before others. */
export function compareForDeletion(all: readonly Pod[], nowMs: number): (a: Pod, b: Pod) => number {
  const perNode = new Map<string, number>()
  for (const pod of all) {
    const node = pod.spec.nodeName ?? ''
    perNode.set(node, (perNode.get(node) ?? 0) + 1)
  }
  const keys: readonly ((pod: Pod) => number)[] = [
    (pod) => (pod.spec.nodeName ? 1 : 0),
    (pod) => PHASES[pod.status?.phase ?? 'Pending'] ?? 0,
    (pod) => (isReady(pod) ? 1 : 0),
    (pod) => deletionCost(pod),
    (pod) => -(perNode.get(pod.spec.nodeName ?? '') ?? 0),
    (pod) => magnitude(nowMs - readySinceMs(pod, nowMs)),
    (pod) => -maxRestarts(pod),
    (pod) => magnitude(nowMs - Date.parse(pod.metadata.creationTimestamp ?? '')),
  ]
  return (a, b) => {
    for (const key of keys) {
      const difference = key(a) - key(b)
      if (difference !== 0) return difference
    }
    return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1
  }
}

function deletionCost(pod: Pod): number {
  const cost = Number(pod.metadata.annotations?.[COST_ANNOTATION] ?? '0')
  return Number.isInteger(cost) ? cost : 0
}

function readySinceMs(pod: Pod, nowMs: number): number {
  const since = conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime
  return since === undefined ? nowMs : Date.parse(since)
}

/** Ages are compared by their logarithm, so that nearly equal ones count as equal (LogarithmicScaleDown). */
function magnitude(ageMs: number): number {
  return ageMs <= 0 || Number.isNaN(ageMs) ? 0 : Math.floor(Math.log2(ageMs * 1e6))
}
