// Whether a pod may stand on a node at all: selectors, required affinity, taints.
import type { JsonObject } from '../../../kube/object.ts'
import { hasLabels } from '../kit/labels.ts'
import type { LabelSelectorRequirement, Node, Pod, Toleration } from '../kit/model.ts'

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

/** Whether one of the tolerations covers a taint (core/v1 ToleratesTaint). */
export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some((toleration) => toleratesTaint(toleration, taint))
}

/** Whether a toleration covers a taint. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '')
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
  readonly matchFields?: readonly LabelSelectorRequirement[]
}

/** nodeSelector and the required part of node affinity; terms are alternatives. */
export function matchesNode(pod: Pod, node: Node): boolean {
  if (!hasLabels(node.metadata.labels, pod.spec.nodeSelector ?? {})) return false
  const terms = requiredTerms(pod)
  return terms === undefined || terms.some((term) => meetsTerm(term, node))
}

/** Whether a node meets all of a term; an empty term is met by none. */
export function meetsTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name ?? '' }
  const labels = node.metadata.labels ?? {}
  return matchExpressions.every((one) => meets(one, labels)) && matchFields.every((one) => meets(one, fields))
}

/** One requirement of a node selector, whose values may be compared as numbers. */
function meets(
  { key, operator, values = [] }: LabelSelectorRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}

/** The alternatives of required node affinity; undefined where there is none. */
export function requiredTerms(pod: Pod): readonly NodeSelectorTerm[] | undefined {
  const required = affinityPart(pod, 'nodeAffinity')?.['requiredDuringSchedulingIgnoredDuringExecution']
  // As the schema of core/v1 NodeAffinity has it; the server has checked the object against that.
  return (required as { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] } | undefined)?.nodeSelectorTerms
}

/** One of the three parts of a pod's affinity. */
export function affinityPart(
  pod: Pod,
  part: 'nodeAffinity' | 'podAffinity' | 'podAntiAffinity',
): JsonObject | undefined {
  return pod.spec.affinity?.[part] as JsonObject | undefined
}
