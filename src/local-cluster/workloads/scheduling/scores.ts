// Which of several nodes that fit is the best: wishes, taints, spreading, room (the score plugins of pkg/scheduler, v1.36.3, with their weights).
import { amountsOf } from '../../apiserver/admission/pod-amounts.ts'
import { affinityPart, meetsTerm, tolerates, type NodeSelectorTerm } from '../core/node-fit.ts'
import type { Node, Pod } from '../kit/model.ts'
import type { NodeView, Snapshot } from './filter.ts'
import { usedOn } from './node-filters.ts'
import { affinityScores } from './pod-affinity.ts'
import { crowding } from './topology-spread.ts'

const HIGHEST = 100
/** Pods that ask for nothing count as this when room is compared (GetNonzeroRequests): 100m, 200 MB. */
const ASSUMED: Readonly<Record<string, bigint>> = { cpu: 100_000_000n, memory: 209_715_200n * 1_000_000_000n }

interface Scorer {
  readonly weight: number
  readonly of: (view: NodeView) => number
  /** Whether less is better. */
  readonly isReversed?: boolean
  /** Whether values are between 0 and 100 already. */
  readonly isAbsolute?: boolean
}

/** The best node of those that fit; the first of equals. */
export function bestNode(pod: Pod, snapshot: Snapshot, fitting: readonly NodeView[]): NodeView | undefined {
  if (fitting.length <= 1) return fitting[0]
  const totals = fitting.map(() => 0)
  for (const scorer of scorersOf(pod, snapshot)) {
    const values = fitting.map((view) => scorer.of(view))
    normalized(values, scorer).forEach((value, index) => {
      totals[index] = (totals[index] ?? 0) + value * scorer.weight
    })
  }
  const highest = Math.max(...totals)
  return fitting[totals.indexOf(highest)]
}

function scorersOf(pod: Pod, snapshot: Snapshot): readonly Scorer[] {
  const draws = affinityScores(pod, snapshot)
  const crowd = crowding(pod, snapshot)
  return [
    { weight: 3, of: ({ node }) => unwelcoming(pod, node), isReversed: true },
    { weight: 2, of: ({ node }) => preference(pod, node) },
    { weight: 2, of: ({ node }) => crowd(node), isReversed: true },
    { weight: 2, of: ({ node }) => draws(node) },
    { weight: 1, of: (view) => freeShare(pod, view), isAbsolute: true },
  ]
}

/** From the lowest to the highest as 0 to 100; equal values say nothing. */
function normalized(values: readonly number[], { isReversed = false, isAbsolute = false }: Scorer): readonly number[] {
  if (isAbsolute) return values
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (low === high) return values.map(() => 0)
  return values.map((value) => ((isReversed ? high - value : value - low) * HIGHEST) / (high - low))
}

/** Taints a pod would rather not have. */
function unwelcoming(pod: Pod, node: Node): number {
  const soft = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'PreferNoSchedule')
  return soft.filter((taint) => !tolerates(pod.spec.tolerations ?? [], taint)).length
}

function preference(pod: Pod, node: Node): number {
  // As the schema of core/v1 PreferredSchedulingTerm has it.
  const wishes = (affinityPart(pod, 'nodeAffinity')?.['preferredDuringSchedulingIgnoredDuringExecution'] ??
    []) as unknown as readonly { readonly weight: number; readonly preference: NodeSelectorTerm }[]
  let score = 0
  for (const { weight, preference: term } of wishes) if (meetsTerm(term, node)) score += weight
  return score
}

/** What of CPU and memory would be free, in per cent. */
function freeShare(pod: Pod, { node, pods }: NodeView): number {
  const room = amountsOf(node.status?.allocatable)
  const all = [...pods, pod].map((one) => usedOn([one]))
  let share = 0
  for (const [name, assumed] of Object.entries(ASSUMED)) {
    const capacity = room.get(name)?.nano ?? 0n
    if (capacity === 0n) continue
    let used = 0n
    for (const one of all) used += one.get(name) ?? assumed
    share += Math.max(0, Number(((capacity - used) * 10_000n) / capacity) / 100)
  }
  return share / Object.keys(ASSUMED).length
}
