// Filters that look at one node by itself: closed, tainted, not the one asked for, ports taken, no room (pkg/scheduler/framework/plugins, v1.36.3).
import { amountsOf, podAmounts, type Amounts } from '../../apiserver/admission/pod-amounts.ts'
import { matchesNode, tolerates } from '../core/node-fit.ts'
import type { Node, Pod } from '../kit/model.ts'
import { refuse, type FilterPlugin, type NodeFilter, type NodeView, type Refusal } from './filter.ts'

const CLOSED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** NodeUnschedulable. */
export const filterUnschedulable: FilterPlugin = (pod) => {
  if (tolerates(pod.spec.tolerations ?? [], CLOSED)) return undefined
  return ({ node }) => (node.spec?.unschedulable === true ? refuse('node(s) were unschedulable', false) : undefined)
}

/** TaintToleration. */
export const filterTaints: FilterPlugin = (pod) => (view) =>
  hasUntoleratedTaint(pod, view.node) ? refuse('node(s) had untolerated taint(s)', false) : undefined

/** Whether a node has a taint that keeps a pod away. */
export function hasUntoleratedTaint(pod: Pod, node: Node): boolean {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule')
  return taints.some((taint) => !tolerates(pod.spec.tolerations ?? [], taint))
}

/** NodeAffinity. */
export const filterAffinity: FilterPlugin = (pod) => (view) =>
  matchesNode(pod, view.node) ? undefined : refuse("node(s) didn't match Pod's node affinity/selector", false)

interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

/** NodePorts. */
export const filterPorts: FilterPlugin = (pod) => {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return undefined
  return ({ pods }) => {
    const taken = pods.flatMap(hostPorts)
    const collides = wanted.some((port) => taken.some((other) => isSamePort(port, other)))
    return collides ? refuse("node(s) didn't have free ports for the requested pod ports", true) : undefined
  }
}

function hostPorts({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort > 0)
      .map(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) => ({
        ip: hostIP === '' ? ANY : hostIP,
        protocol,
        port: hostPort,
      })),
  )
}

const ANY = '0.0.0.0'

function isSamePort(a: HostPort, b: HostPort): boolean {
  if (a.protocol !== b.protocol || a.port !== b.port) return false
  return a.ip === b.ip || a.ip === ANY || b.ip === ANY
}

/** NodeResourcesFit. */
export const filterResources: FilterPlugin = (pod) => {
  const wanted = podAmounts(pod, 'requests')
  return (view) => shortage(wanted, view)
}

function shortage(wanted: Amounts, { node, pods }: NodeView): Refusal | undefined {
  const room = amountsOf(node.status?.allocatable)
  const capacityOf = (name: string): bigint => room.get(name)?.nano ?? 0n
  const asked = [...wanted].filter(([name, { nano }]) => nano > 0n && name !== 'pods')
  const used = asked.length === 0 ? new Map<string, bigint>() : usedOn(pods)
  const short = asked.filter(([name, { nano }]) => nano > capacityOf(name) - (used.get(name) ?? 0n))
  const isFull = BigInt(pods.length + 1) * UNIT > capacityOf('pods')
  if (!isFull && short.length === 0) return undefined
  const reasons = [...(isFull ? ['Too many pods'] : []), ...short.map(([name]) => `Insufficient ${name}`)]
  // Where more is asked than the whole node has, no pod that goes would help.
  return { reasons, isResolvable: short.every(([name, { nano }]) => nano <= capacityOf(name)) }
}

const UNIT = 1_000_000_000n

/** What pods ask for together, in billionths. */
export function usedOn(pods: readonly Pod[]): Map<string, bigint> {
  const used = new Map<string, bigint>()
  for (const pod of pods) {
    for (const [name, { nano }] of podAmounts(pod, 'requests')) used.set(name, (used.get(name) ?? 0n) + nano)
  }
  return used
}

/** In the order in which the scheduler asks them: the first that refuses a node names the reason. */
export const NODE_FILTERS: readonly FilterPlugin[] = [
  filterUnschedulable,
  filterTaints,
  filterAffinity,
  filterPorts,
  filterResources,
]

/** All filters of a pod as one; the first refusal counts. */
export function combineFilters(filters: readonly NodeFilter[]): NodeFilter {
  return (view) => {
    for (const filter of filters) {
      const refusal = filter(view)
      if (refusal !== undefined) return refusal
    }
    return undefined
  }
}
