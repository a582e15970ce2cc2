// Which nodes a pod fits on, and which of them is emptiest: pure functions over objects.
import { quantityOf } from '../../../kube/quantity.ts'
import { selects } from '../kit/selector.ts'
import type { LabelSelectorRequirement, Node, Pod, Toleration } from '../kit/model.ts'
import { isFinished } from '../kit/pod-state.ts'

export interface NodeChoice {
  /** Undefined where none fits. */
  readonly node: string | undefined
  /** Why none fits, as the real scheduler words it. */
  readonly message: string
}

type Amounts = ReadonlyMap<string, bigint>

/** The emptiest node that fits. `podsOn` names the pods that take room on a node. */
export function chooseNode(pod: Pod, nodes: readonly Node[], podsOn: (node: string) => readonly Pod[]): NodeChoice {
  const wanted = requestsOf(pod)
  const reasons = new Map<string, number>()
  let best: { readonly name: string; readonly used: number } | undefined
  let unresolvable = 0
  for (const node of nodes) {
    const name = node.metadata.name ?? ''
    const others = podsOn(name).filter((other) => !isFinished(other))
    const fixed = mismatch(pod, node)
    if (fixed !== undefined) unresolvable++
    const failures = fixed === undefined ? shortages(wanted, node, others) : [fixed]
    for (const failure of failures) reasons.set(failure, (reasons.get(failure) ?? 0) + 1)
    if (failures.length > 0) continue
    const used = load(node, others)
    if (best === undefined || used < best.used) best = { name, used }
  }
  if (best !== undefined) return { node: best.name, message: '' }
  return { node: undefined, message: unschedulableMessage(nodes.length, reasons, unresolvable) }
}

/** framework/types.go FitError.Error, v1.36. */
function unschedulableMessage(total: number, reasons: ReadonlyMap<string, number>, unresolvable: number): string {
  if (total === 0) return 'no nodes available to schedule pods'
  const listed = [...reasons].map(([reason, count]) => `${count} ${reason}`).toSorted()
  const preemption = [
    ...(unresolvable < total ? [`${total - unresolvable} No preemption victims found for incoming pod`] : []),
    ...(unresolvable > 0 ? [`${unresolvable} Preemption is not helpful for scheduling`] : []),
  ].toSorted()
  const head = `0/${total} nodes are available`
  return `${head}: ${listed.join(', ')}. no new claims to deallocate, preemption: ${head}: ${preemption.join(', ')}.`
}

/** What no preemption can change: the node is closed, tainted, or not the kind asked for. */
function mismatch(pod: Pod, node: Node): string | undefined {
  const tolerations = pod.spec.tolerations ?? []
  const closed = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
  if (node.spec?.unschedulable === true && !tolerates(tolerations, closed)) return 'node(s) were unschedulable'
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect === 'PreferNoSchedule' || tolerates(tolerations, taint)) continue
    return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  }
  return matchesNode(pod, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"
}

interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

/** Whether one of the tolerations covers a taint (core/v1 ToleratesTaint). */
export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some((toleration) => {
    if (toleration.effect && toleration.effect !== taint.effect) return false
    if (toleration.key && toleration.key !== taint.key) return false
    if (toleration.operator === 'Exists') return true
    return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '')
  })
}

interface NodeSelectorTerm {
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
  readonly matchFields?: readonly LabelSelectorRequirement[]
}

/** nodeSelector and the required part of node affinity; terms are alternatives. */
export function matchesNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  if (!selects({ matchLabels: pod.spec.nodeSelector ?? {} }, labels)) return false
  const terms = requiredTerms(pod)
  if (terms === undefined) return true
  const fields = { 'metadata.name': node.metadata.name ?? '' }
  return terms.some((term) => {
    const { matchExpressions = [], matchFields = [] } = term
    if (matchExpressions.length + matchFields.length === 0) return false
    return selects({ matchExpressions }, labels) && selects({ matchExpressions: matchFields }, fields)
  })
}

function requiredTerms(pod: Pod): readonly NodeSelectorTerm[] | undefined {
  // As the schema of core/v1 Affinity has it; the server has checked the object against that.
  const affinity = pod.spec.affinity as
    | {
        readonly nodeAffinity?: {
          readonly requiredDuringSchedulingIgnoredDuringExecution?: {
            readonly nodeSelectorTerms?: readonly NodeSelectorTerm[]
          }
        }
      }
    | undefined
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
}

function shortages(wanted: Amounts, node: Node, others: readonly Pod[]): readonly string[] {
  const room = amounts(node.status?.allocatable ?? {})
  const missing: string[] = []
  if (BigInt(others.length) * NANO + NANO > (room.get('pods') ?? 0n)) missing.push('Too many pods')
  if (wanted.size === 0) return missing
  const used = sum(others.map(requestsOf))
  for (const [name, amount] of wanted) {
    if (amount + (used.get(name) ?? 0n) > (room.get(name) ?? 0n)) missing.push(`Insufficient ${name}`)
  }
  return missing
}

const NANO = 1_000_000_000n

/** Share of CPU, memory and pod slots taken, added up: fewest first spreads pods. */
function load(node: Node, others: readonly Pod[]): number {
  const room = amounts(node.status?.allocatable ?? {})
  const used = new Map([...sum(others.map(requestsOf)), ['pods', BigInt(others.length) * NANO]])
  let total = 0
  for (const name of ['cpu', 'memory', 'pods']) {
    const available = room.get(name) ?? 0n
    if (available > 0n) total += Number(((used.get(name) ?? 0n) * 1_000_000n) / available)
  }
  return total
}

/** Containers run together, init containers one after the other: the larger of both; sidecars count with both. */
export function requestsOf(pod: Pod): Amounts {
  const { containers, initContainers = [] } = pod.spec
  const requests = (one: {
    readonly resources?: { readonly requests?: Readonly<Record<string, string | number>> }
  }): Amounts => amounts(one.resources?.requests ?? {})
  const sidecars = initContainers.filter((one) => one.restartPolicy === 'Always').map(requests)
  const together = sum([...containers.map(requests), ...sidecars])
  const most = new Map(together)
  for (const one of initContainers) {
    if (one.restartPolicy === 'Always') continue
    for (const [name, amount] of requests(one)) {
      if (amount > (most.get(name) ?? 0n)) most.set(name, amount)
    }
  }
  return most
}

function sum(all: readonly Amounts[]): Map<string, bigint> {
  const total = new Map<string, bigint>()
  for (const one of all) for (const [name, amount] of one) total.set(name, (total.get(name) ?? 0n) + amount)
  return total
}

function amounts(quantities: Readonly<Record<string, string | number>>): Map<string, bigint> {
  const found = new Map<string, bigint>()
  for (const [name, text] of Object.entries(quantities)) {
    const quantity = quantityOf(String(text))
    if (quantity !== undefined && quantity.nano !== 0n) found.set(name, quantity.nano)
  }
  return found
}
