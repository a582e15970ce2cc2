// Pods spread evenly over topologies (framework/plugins/podtopologyspread, v1.36.3).
import { labelSelectorOf, matchesLabels, type LabelSelectorObject } from '../../../kube/selector.ts'
import { matchesNode } from '../core/node-fit.ts'
import type { Node, Pod } from '../kit/model.ts'
import { controllerOf } from '../kit/ownership.ts'
import { isTerminating } from '../kit/pod-state.ts'
import { refuse, type FilterPlugin, type Snapshot } from './filter.ts'
import { hasUntoleratedTaint } from './node-filters.ts'

interface RawConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly whenUnsatisfiable: string
  readonly labelSelector?: LabelSelectorObject
  readonly minDomains?: number
  readonly nodeAffinityPolicy?: string
  readonly nodeTaintsPolicy?: string
  readonly matchLabelKeys?: readonly string[]
}

interface Constraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly minDomains: number
  readonly honorsAffinity: boolean
  readonly honorsTaints: boolean
  readonly matches: (pod: Pod) => boolean
}

const MISMATCH = "node(s) didn't match pod topology spread constraints"

/** PodTopologySpread. */
export const filterSpread: FilterPlugin = (pod, snapshot) => {
  const constraints = constraintsOf(pod, 'DoNotSchedule')
  if (constraints.length === 0) return undefined
  const spreads = constraints.map((constraint) => ({
    constraint,
    counts: countByPlace(pod, snapshot, { constraint, constraints }),
    own: constraint.matches(pod) ? 1 : 0,
  }))
  return ({ node }) => {
    for (const { constraint, counts, own } of spreads) {
      const place = node.metadata.labels?.[constraint.topologyKey]
      if (place === undefined) return refuse(`${MISMATCH} (missing required label)`, false)
      const least = counts.size === 0 || counts.size < constraint.minDomains ? 0 : Math.min(...counts.values())
      if ((counts.get(place) ?? 0) + own - least > constraint.maxSkew) return refuse(MISMATCH, true)
    }
    return undefined
  }
}

function constraintsOf(pod: Pod, when: string): readonly Constraint[] {
  // As the schema of core/v1 TopologySpreadConstraint has it.
  const { topologySpreadConstraints: raw = [] } = pod.spec as { readonly topologySpreadConstraints?: readonly RawConstraint[] } // prettier-ignore
  return raw.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when).map((one) => constraintOf(pod, one))
}

function constraintOf(pod: Pod, raw: RawConstraint): Constraint {
  const selector = labelSelectorOf(raw.labelSelector)
  const labels = pod.metadata.labels ?? {}
  const keys = (raw.matchLabelKeys ?? []).filter((key) => labels[key] !== undefined)
  return {
    maxSkew: raw.maxSkew,
    topologyKey: raw.topologyKey,
    minDomains: raw.minDomains ?? 1,
    honorsAffinity: raw.nodeAffinityPolicy !== 'Ignore',
    honorsTaints: raw.nodeTaintsPolicy === 'Honor',
    matches: (other) =>
      other.metadata.namespace === pod.metadata.namespace &&
      matchesLabels(selector, other.metadata.labels) &&
      keys.every((key) => other.metadata.labels?.[key] === labels[key]),
  }
}

function countByPlace(
  pod: Pod,
  { nodes }: Snapshot,
  { constraint, constraints }: { readonly constraint: Constraint; readonly constraints: readonly Constraint[] },
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { node, pods } of nodes) {
    const labels = node.metadata.labels ?? {}
    // Nodes that lack a key of any constraint are no place at all.
    if (constraints.some(({ topologyKey }) => labels[topologyKey] === undefined)) continue
    if (!isEligible(pod, node, constraint)) continue
    const place = labels[constraint.topologyKey] ?? ''
    const matching = pods.filter((other) => !isTerminating(other) && constraint.matches(other)).length
    counts.set(place, (counts.get(place) ?? 0) + matching)
  }
  return counts
}

function isEligible(pod: Pod, node: Node, { honorsAffinity, honorsTaints }: Constraint): boolean {
  if (honorsAffinity && !matchesNode(pod, node)) return false
  return !honorsTaints || !hasUntoleratedTaint(pod, node)
}

/** How crowded a node's places are with pods like this one; without constraints, with pods of the same controller on the node. */
export function crowding(pod: Pod, snapshot: Snapshot): (node: Node) => number {
  const constraints = constraintsOf(pod, 'ScheduleAnyway')
  const counts = constraints.map((constraint) => ({
    key: constraint.topologyKey,
    byPlace: countByPlace(pod, snapshot, { constraint, constraints }),
  }))
  if (counts.length > 0) {
    return (node) => {
      let crowd = 0
      for (const { key, byPlace } of counts) crowd += byPlace.get(node.metadata.labels?.[key] ?? '') ?? 0
      return crowd
    }
  }
  const owner = controllerOf(pod)?.uid
  const siblings = new Map(
    snapshot.nodes.map(({ node, pods }) => [
      node.metadata.name,
      owner === undefined ? 0 : pods.filter((other) => controllerOf(other)?.uid === owner).length,
    ]),
  )
  return (node) => siblings.get(node.metadata.name) ?? 0
}
