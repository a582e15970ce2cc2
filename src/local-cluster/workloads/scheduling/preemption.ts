// Preemption: which pods of lower priority would have to go so that a pod fits (framework/preemption and plugins/defaultpreemption, v1.36.3; disruption budgets are not looked at).
import type { Pod } from '../kit/model.ts'
import { isTerminating } from '../kit/pod-state.ts'
import type { NodeFilter, NodeView, Refusal, Snapshot } from './filter.ts'

export interface Victims {
  readonly node: string
  readonly pods: readonly Pod[]
}

export interface PreemptionQuestion {
  readonly pod: Pod
  readonly snapshot: Snapshot
  readonly refusals: ReadonlyMap<NodeView, Refusal>
  readonly filterFor: (pod: Pod, snapshot: Snapshot) => NodeFilter
}

const UNHELPFUL = 'Preemption is not helpful for scheduling'
const NO_VICTIMS = 'No preemption victims found for incoming pod'

/** The pods that have to go; or why none may, node by node; a text where the pod may not drive others out at all. */
export function findVictims(
  question: PreemptionQuestion,
): { readonly victims: Victims } | { readonly reasons: readonly string[] } | string {
  const { pod, snapshot, refusals } = question
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = pod.status?.nominatedNodeName
  const waiting = snapshot.nodes.find(({ node }) => node.metadata.name === nominated)
  if (waiting?.pods.some((other) => isTerminating(other) && priorityOf(other) < priorityOf(pod)) === true) {
    return 'not eligible due to a terminating pod on the nominated node.'
  }
  const candidates: Victims[] = []
  const reasons: string[] = []
  for (const [view, refusal] of refusals) {
    const found = refusal.isResolvable ? victimsOn(question, view) : [UNHELPFUL]
    if (Array.isArray(found)) reasons.push(...found)
    else candidates.push(found)
  }
  const [best] = candidates.toSorted(compareVictims)
  return best === undefined ? { reasons } : { victims: best }
}

/** The fewest that have to go from a node: all of lower priority go, and those come back that leave room, the most important first. */
function victimsOn({ pod, snapshot, filterFor }: PreemptionQuestion, view: NodeView): Victims | string[] {
  const lower = view.pods.filter((other) => priorityOf(other) < priorityOf(pod)).toSorted(byImportance)
  if (lower.length === 0) return [NO_VICTIMS]
  const refusalWith = (pods: readonly Pod[]): Refusal | undefined => {
    const changed = { node: view.node, pods }
    const nodes = snapshot.nodes.map((one) => (one === view ? changed : one))
    return filterFor(pod, { ...snapshot, nodes })(changed)
  }
  let kept = view.pods.filter((other) => !lower.includes(other))
  const refusal = refusalWith(kept)
  if (refusal !== undefined) return [...refusal.reasons]
  const victims: Pod[] = []
  for (const candidate of lower) {
    if (refusalWith([...kept, candidate]) === undefined) kept = [...kept, candidate]
    else victims.push(candidate)
  }
  return { node: view.node.metadata.name ?? '', pods: victims }
}

/** A pod's priority; 0 where it has none. */
export function priorityOf(pod: Pod): number {
  return pod.spec.priority ?? 0
}

function byImportance(a: Pod, b: Pod): number {
  return priorityOf(b) - priorityOf(a) || startOf(a).localeCompare(startOf(b))
}

function startOf(pod: Pod): string {
  return pod.status?.startTime ?? '~'
}

/** Lowest highest priority, then the lowest sum, then the fewest, then the youngest (pickOneNodeForPreemption). */
function compareVictims(a: Victims, b: Victims): number {
  const highest = ({ pods }: Victims): number => Math.max(...pods.map(priorityOf))
  const total = ({ pods }: Victims): number => {
    let sum = 0
    for (const pod of pods) sum += priorityOf(pod) + 2 ** 31
    return sum
  }
  const start = ({ pods }: Victims): string => pods.map(startOf).toSorted()[0] ?? ''
  return (
    highest(a) - highest(b) || total(a) - total(b) || a.pods.length - b.pods.length || start(b).localeCompare(start(a))
  )
}
