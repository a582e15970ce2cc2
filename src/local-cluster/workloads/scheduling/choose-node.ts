// The node a pod gets, or why it gets none in the words of the real scheduler: pure functions over objects (pkg/scheduler, v1.36.3).
import { requiredTerms } from '../core/node-fit.ts'
import type { Node, Pod } from '../kit/model.ts'
import { isFinished } from '../kit/pod-state.ts'
import type { FilterPlugin, NodeFilter, NodeView, Refusal, Snapshot } from './filter.ts'
import { combineFilters, NODE_FILTERS } from './node-filters.ts'
import { filterPodAffinity } from './pod-affinity.ts'
import { findVictims, type Victims } from './preemption.ts'
import { bestNode } from './scores.ts'
import { filterSpread } from './topology-spread.ts'

export interface NodeChoice {
  /** Undefined where none fits. */
  readonly node: string | undefined
  /** Why none fits, as the real scheduler words it. */
  readonly message: string
  /** Where none fits: pods of lower priority that have to go so that one does. */
  readonly victims?: Victims
  /** Whether pods are on their way out for it already. */
  readonly isWaiting?: boolean
}

const filterVolumes: FilterPlugin = (_pod, { volumes }) => volumes

/** In the order of the default profile: volumes after what one node says by itself. */
const FILTERS = [...NODE_FILTERS, filterVolumes, filterSpread, filterPodAffinity]
const NO_CLAIMS = 'no new claims to deallocate, preemption: '

/** The best node that fits. `podsOn` names the pods that take room on a node. */
export function chooseNode(
  pod: Pod,
  nodes: readonly Node[],
  podsOn: (node: string) => readonly Pod[],
  { namespaceLabels = () => ({}), volumes }: Partial<Omit<Snapshot, 'nodes'>> = {},
): NodeChoice {
  if (nodes.length === 0) return { node: undefined, message: 'no nodes available to schedule pods' }
  const views = nodes.map((node) => ({
    node,
    pods: podsOn(node.metadata.name ?? '').filter((other) => !isFinished(other)),
  }))
  const snapshot: Snapshot = { nodes: views, namespaceLabels, ...(volumes === undefined ? {} : { volumes }) }
  const filter = filterFor(pod, snapshot)
  const named = namedNodes(pod)
  const refusals = new Map<NodeView, Refusal>()
  const fitting: NodeView[] = []
  for (const view of views) {
    const refusal = named?.has(view.node.metadata.name ?? '') === false ? ELSEWHERE : filter(view)
    if (refusal === undefined) fitting.push(view)
    else refusals.set(view, refusal)
  }
  const best = bestNode(pod, snapshot, fitting)
  if (best !== undefined) return { node: best.node.metadata.name, message: '' }
  return unschedulable(pod, snapshot, refusals)
}

const ELSEWHERE: Refusal = { reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"], isResolvable: false }

/** All filters of a pod in a state of the cluster. */
export function filterFor(pod: Pod, snapshot: Snapshot): NodeFilter {
  return combineFilters(FILTERS.map((plugin) => plugin(pod, snapshot)).filter((filter) => filter !== undefined))
}

/** Where every alternative of the affinity names nodes, only these are looked at. */
function namedNodes(pod: Pod): ReadonlySet<string> | undefined {
  const terms = requiredTerms(pod)
  if (terms === undefined) return undefined
  const names = new Set<string>()
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (named.length === 0) return undefined
    const [first, ...others] = named.map(({ values = [] }) => values)
    for (const name of first ?? []) if (others.every((values) => values.includes(name))) names.add(name)
  }
  return names
}

function unschedulable(pod: Pod, snapshot: Snapshot, refusals: ReadonlyMap<NodeView, Refusal>): NodeChoice {
  const total = snapshot.nodes.length
  const reasons = [...refusals.values()].flatMap((refusal) => refusal.reasons)
  const head = `0/${total} nodes are available`
  const message = (preemption: string): string => `${head}: ${tally(reasons)}.${preemption}`
  const preemption = findVictims({ pod, snapshot, refusals, filterFor })
  if (typeof preemption === 'string') {
    return { node: undefined, message: message(` ${NO_CLAIMS}${preemption}`), isWaiting: true }
  }
  if ('victims' in preemption) return { node: undefined, message: message(''), victims: preemption.victims }
  return { node: undefined, message: message(` ${NO_CLAIMS}${head}: ${tally(preemption.reasons)}.`) }
}

/** The message of a pod that no node can help, whatever goes: its claim is missing. */
export function hopeless(reason: string, total: number): string {
  const head = `0/${total} nodes are available`
  return `${head}: ${reason}. ${NO_CLAIMS}${head}: ${total} Preemption is not helpful for scheduling.`
}

/** `2 Insufficient cpu, 1 node(s) were unschedulable` (framework/types.go FitError). */
function tally(reasons: readonly string[]): string {
  const counts = Map.groupBy(reasons, (reason) => reason)
  return [...counts]
    .map(([reason, all]) => `${all.length} ${reason}`)
    .toSorted()
    .join(', ')
}
