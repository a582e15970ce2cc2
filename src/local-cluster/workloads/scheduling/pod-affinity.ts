// Pods near pods, or apart from them: required and preferred terms over topologies (framework/plugins/interpodaffinity, v1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import { labelSelectorOf, matchesLabels, type LabelSelector, type LabelSelectorObject } from '../../../kube/selector.ts'
import { affinityPart } from '../core/node-fit.ts'
import type { Node, Pod } from '../kit/model.ts'
import { refuse, type FilterPlugin, type NodeView, type Snapshot } from './filter.ts'

interface RawTerm {
  readonly topologyKey: string
  readonly labelSelector?: LabelSelectorObject
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelectorObject
}

/** A term ready to be asked about pods. */
interface Term {
  readonly topologyKey: string
  readonly weight: number
  readonly matches: (pod: Pod) => boolean
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'
/** InterPodAffinityArgs.HardPodAffinityWeight: required affinity of pods that are there pulls others. */
const HARD_WEIGHT = 1

/** InterPodAffinity. */
export const filterPodAffinity: FilterPlugin = (pod, snapshot) => {
  const affinity = requiredTermsOf(pod, 'podAffinity', snapshot)
  const apart = requiredTermsOf(pod, 'podAntiAffinity', snapshot)
  const repelled = countRepelling(pod, snapshot)
  if (affinity.length + apart.length + repelled.size === 0) return undefined
  const near = countNear(affinity, snapshot)
  const far = countEach(apart, snapshot)
  const isFirst = near.size === 0 && affinity.every((term) => term.matches(pod))
  return ({ node }) => {
    if (!isNear(node, { affinity, near, isFirst })) return refuse("node(s) didn't match pod affinity rules", false)
    if (apart.some(({ topologyKey }) => isCounted(far, node, topologyKey))) {
      return refuse("node(s) didn't match pod anti-affinity rules", true)
    }
    const isRepelled = Object.keys(node.metadata.labels ?? {}).some((key) => isCounted(repelled, node, key))
    return isRepelled ? refuse("node(s) didn't satisfy existing pods anti-affinity rules", true) : undefined
  }
}

/** How often a value of a topology was met. */
type Counts = Map<string, number>

function isCounted(counts: Counts, node: Node, topologyKey: string): boolean {
  const place = placeOf(node, topologyKey)
  return place !== undefined && (counts.get(place) ?? 0) > 0
}

function placeOf(node: Node, topologyKey: string): string | undefined {
  const value = node.metadata.labels?.[topologyKey]
  return value === undefined ? undefined : `${topologyKey}=${value}`
}

function isNear(
  node: Node,
  facts: { readonly affinity: readonly Term[]; readonly near: Counts; readonly isFirst: boolean },
): boolean {
  const { affinity, near, isFirst } = facts
  if (affinity.some(({ topologyKey }) => placeOf(node, topologyKey) === undefined)) return false
  return isFirst || affinity.every(({ topologyKey }) => isCounted(near, node, topologyKey))
}

/** Pods that meet all terms count, for the place of each. */
function countNear(terms: readonly Term[], { nodes }: Snapshot): Counts {
  const counts: Counts = new Map()
  if (terms.length === 0) return counts
  for (const view of nodes) {
    const matching = view.pods.filter((pod) => terms.every((term) => term.matches(pod))).length
    if (matching > 0) for (const term of terms) add(counts, view.node, term.topologyKey, matching)
  }
  return counts
}

function countEach(terms: readonly Term[], { nodes }: Snapshot): Counts {
  const counts: Counts = new Map()
  for (const term of terms) for (const view of nodes) add(counts, view.node, term.topologyKey, matchingOn(view, term))
  return counts
}

function matchingOn({ pods }: NodeView, term: Term): number {
  return pods.filter(term.matches).length
}

/** Places of pods that want this one elsewhere. */
function countRepelling(pod: Pod, snapshot: Snapshot): Counts {
  const counts: Counts = new Map()
  for (const { node, pods } of snapshot.nodes) {
    const others = pods.filter((other) => other.spec.affinity !== undefined)
    const terms = others.flatMap((other) => requiredTermsOf(other, 'podAntiAffinity', snapshot))
    for (const term of terms) if (term.matches(pod)) add(counts, node, term.topologyKey, 1)
  }
  return counts
}

function add(counts: Counts, node: Node, topologyKey: string, amount: number): void {
  const place = placeOf(node, topologyKey)
  if (place !== undefined && amount !== 0) counts.set(place, (counts.get(place) ?? 0) + amount)
}

type Part = 'podAffinity' | 'podAntiAffinity'

function requiredTermsOf(pod: Pod, part: Part, snapshot: Snapshot): readonly Term[] {
  return rawTerms(affinityPart(pod, part)?.[REQUIRED]).map((term) =>
    termOf(pod, term, { snapshot, weight: HARD_WEIGHT }),
  )
}

function preferredTermsOf(pod: Pod, part: Part, snapshot: Snapshot): readonly Term[] {
  // As the schema of core/v1 WeightedPodAffinityTerm has it.
  const weighted = (affinityPart(pod, part)?.[PREFERRED] ?? []) as unknown as readonly {
    readonly weight: number
    readonly podAffinityTerm: RawTerm
  }[]
  return weighted.map(({ weight, podAffinityTerm }) => termOf(pod, podAffinityTerm, { snapshot, weight }))
}

function rawTerms(value: JsonObject[string] | undefined): readonly RawTerm[] {
  return (value ?? []) as unknown as readonly RawTerm[] // as the schema of core/v1 PodAffinityTerm has it
}

function termOf(owner: Pod, raw: RawTerm, facts: { readonly snapshot: Snapshot; readonly weight: number }): Term {
  const { snapshot, weight } = facts
  const selector = labelSelectorOf(raw.labelSelector)
  const spaces = labelSelectorOf(raw.namespaceSelector)
  const own = (raw.namespaces ?? []).length === 0 && spaces === undefined
  const named = new Set(own ? [owner.metadata.namespace ?? ''] : raw.namespaces)
  const inSpace = (namespace: string): boolean =>
    named.has(namespace) || (spaces !== undefined && matchesSpace(spaces, snapshot, namespace))
  return {
    topologyKey: raw.topologyKey,
    weight,
    matches: (pod) => matchesLabels(selector, pod.metadata.labels) && inSpace(pod.metadata.namespace ?? ''),
  }
}

function matchesSpace(selector: LabelSelector, snapshot: Snapshot, namespace: string): boolean {
  return matchesLabels(selector, snapshot.namespaceLabels(namespace))
}

/** How much a node draws a pod, by its own preferences and those of the pods that are there. */
export function affinityScores(pod: Pod, snapshot: Snapshot): (node: Node) => number {
  const counts: Counts = new Map()
  const attract = (term: Term, view: NodeView, sign: number): void =>
    add(counts, view.node, term.topologyKey, sign * term.weight * matchingOn(view, term))
  for (const [part, sign] of SIGNS) {
    for (const term of preferredTermsOf(pod, part, snapshot))
      for (const view of snapshot.nodes) attract(term, view, sign)
  }
  for (const view of snapshot.nodes) for (const other of view.pods) addWishes(counts, pod, { other, view, snapshot })
  return (node) => {
    let score = 0
    for (const key of Object.keys(node.metadata.labels ?? {})) score += counts.get(placeOf(node, key) ?? '') ?? 0
    return score
  }
}

const SIGNS: readonly (readonly [Part, number])[] = [
  ['podAffinity', 1],
  ['podAntiAffinity', -1],
]

function addWishes(
  counts: Counts,
  pod: Pod,
  facts: { readonly other: Pod; readonly view: NodeView; readonly snapshot: Snapshot },
): void {
  const { other, view, snapshot } = facts
  if (other.spec.affinity === undefined) return
  for (const [part, sign] of SIGNS) {
    const hard = part === 'podAffinity' ? requiredTermsOf(other, part, snapshot) : []
    for (const term of [...preferredTermsOf(other, part, snapshot), ...hard]) {
      if (term.matches(pod)) add(counts, view.node, term.topologyKey, sign * term.weight)
    }
  }
}
