// What the filters of the scheduler have in common: the state they look at and the refusals they give.
import type { Labels } from '../../../kube/selector-requirement.ts'
import type { Node, Pod } from '../kit/model.ts'

/** A node with the pods that take room on it. */
export interface NodeView {
  readonly node: Node
  readonly pods: readonly Pod[]
}

/** The cluster as one look of the scheduler sees it. */
export interface Snapshot {
  readonly nodes: readonly NodeView[]
  readonly namespaceLabels: (namespace: string) => Labels
  /** What the pod's volumes ask of a node. */
  readonly volumes?: NodeFilter
}

/** Why a node does not take a pod. */
export interface Refusal {
  readonly reasons: readonly string[]
  /** Whether fewer pods on the node could change it (Unschedulable); else nothing does (UnschedulableAndUnresolvable). */
  readonly isResolvable: boolean
}

/** Looks at one node. */
export type NodeFilter = (view: NodeView) => Refusal | undefined

/** Prepares a filter for a pod; undefined where the pod is none of its business. */
export type FilterPlugin = (pod: Pod, snapshot: Snapshot) => NodeFilter | undefined

export function refuse(reason: string, isResolvable: boolean): Refusal {
  return { reasons: [reason], isResolvable }
}
