// GET below /apis/metrics.k8s.io: what pods and nodes seem to use, from the same simulated figures that autoscalers read.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { formatQuantity } from '../../../kube/quantity.ts'
import type { Node, Pod } from '../../workloads/kit/model.ts'
import { podUsage } from '../../workloads/autoscaling/simulated-usage.ts'
import type { Call, Verb } from '../call.ts'
import { objectAnswer, valueAnswer } from '../respond.ts'
import { selectionOf } from '../selection.ts'
import { methodNotAllowed, notFound } from '../status.ts'
import { timeText } from '../strategy.ts'
import { tableOf } from '../table.ts'
import { METRICS_GROUP, type NodeMetrics, type PodMetrics } from './metrics-kinds.ts'

/** Figures are true of the moment they are asked for. */
const WINDOW = '0s'
const API_VERSION = `${METRICS_GROUP}/v1beta1`

/** The verb of a call about figures; undefined for calls about anything else. Throws 405 for everything but get and list. */
export function metricsVerb(call: Call): Verb | undefined {
  if (call.resource.group !== METRICS_GROUP) return undefined
  if (call.request.method !== 'GET' || call.query.has('watch')) throw methodNotAllowed()
  return async () => answer(call)
}

function answer(request: Call): ApiResponse {
  // Nothing says how these kinds look in protobuf; clients that prefer it take JSON too.
  const form = request.form.format === 'protobuf' ? { ...request.form, format: 'json' as const } : request.form
  const call = { ...request, form }
  const { name } = call.route
  const isNode = call.resource.resource === 'nodes'
  const selection = selectionOf(call)
  const found = isNode ? nodesOf(call) : podsOf(call)
  const items = found.filter((object) => selection.matches?.(object) !== false)
  if (name === undefined) return listAnswer(call, items)
  const [one] = items
  const subject = { group: METRICS_GROUP, resource: isNode ? 'nodemetrics' : 'podmetrics' }
  if (one === undefined) throw notFound(subject, isNode ? name : `${call.namespace}/${name}`)
  return objectAnswer(call, one)
}

function listAnswer(call: Call, items: readonly KubeObject[]): ApiResponse {
  if (call.form.as === 'table') return valueAnswer(call, tableOf(call, items, ''))
  const list = { kind: call.resource.listKind, apiVersion: API_VERSION, metadata: {}, items }
  return valueAnswer(call, list as unknown as JsonObject) // objects are JSON
}

function podsOf(call: Call): readonly PodMetrics[] {
  const prefix = call.namespace === '' ? '/pods/' : `/pods/${call.namespace}/`
  const timestamp = timeText(call.server.clock.now())
  return read<Pod>(call, prefix).flatMap((pod) => {
    const usage = podUsage(pod)
    if (usage === undefined) return []
    const containers = usage.map((one) => ({ name: one.name, usage: texts(one.usage) }))
    return [{ ...headOf('PodMetrics', pod, timestamp), timestamp, window: WINDOW, containers }]
  })
}

function nodesOf(call: Call): readonly NodeMetrics[] {
  const timestamp = timeText(call.server.clock.now())
  const used = usageByNode(call)
  return read<Node>(call, '/nodes/').map((node) => {
    const usage = texts(used.get(node.metadata.name ?? '') ?? new Map())
    return { ...headOf('NodeMetrics', node, timestamp), timestamp, window: WINDOW, usage }
  })
}

/** A node uses what its pods use: nothing else runs on a simulated one. */
function usageByNode(call: Call): ReadonlyMap<string, ReadonlyMap<string, bigint>> {
  const nodes = new Map<string, Map<string, bigint>>()
  for (const pod of read<Pod>(call, '/pods/')) {
    const node = pod.spec.nodeName ?? ''
    const total = nodes.get(node) ?? new Map<string, bigint>()
    nodes.set(node, total)
    for (const { usage } of podUsage(pod) ?? []) {
      for (const [name, amount] of usage) total.set(name, (total.get(name) ?? 0n) + amount)
    }
  }
  return nodes
}

function read<T extends KubeObject>(call: Call, prefix: string): readonly T[] {
  const { store, codec } = call.server
  return store.list({ prefix }).items.map((stored) => codec.parse(stored) as T) // stored as its kind has it
}

function headOf(kind: string, { metadata }: KubeObject, creationTimestamp: string): KubeObject {
  const { name = '', namespace, labels } = metadata
  const place = namespace === undefined ? {} : { namespace }
  const marks = labels === undefined ? {} : { labels }
  return { kind, apiVersion: API_VERSION, metadata: { name, ...place, creationTimestamp, ...marks } }
}

function texts(usage: ReadonlyMap<string, bigint>): Readonly<Record<string, string>> {
  const amount = (name: string): bigint => usage.get(name) ?? 0n
  return {
    cpu: formatQuantity({ nano: amount('cpu'), format: 'DecimalSI' }),
    memory: formatQuantity({ nano: amount('memory'), format: 'BinarySI' }),
  }
}
