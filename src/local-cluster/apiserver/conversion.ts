// Built-in kinds that are served in two versions: what differs between them besides the name.
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../kube/object.ts'

type Convert = (object: JsonObject) => JsonObject

/** The object in another version of its kind. Kinds that differ in nothing but the name come back renamed. */
export function convertBuiltin(object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object
  const convert = CONVERSIONS[`${object.kind} ${object.apiVersion} ${apiVersion}`]
  // Objects are JSON; the interface only lacks the index signature.
  const plain = object as unknown as JsonObject
  return { ...(convert?.(plain) ?? plain), kind: object.kind, apiVersion } as unknown as KubeObject
}

/** Fields of core/v1 events and their names in events.k8s.io/v1 (`pkg/apis/events/v1/conversion.go`). */
const EVENT_FIELDS: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['count', 'deprecatedCount'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['source', 'deprecatedSource'],
  ['reportingComponent', 'reportingController'],
]

const CONVERSIONS: Readonly<Record<string, Convert>> = {
  'Event v1 events.k8s.io/v1': (object) => renamed(object, new Map(EVENT_FIELDS)),
  'Event events.k8s.io/v1 v1': (object) =>
    renamed(object, new Map(EVENT_FIELDS.map(([core, events]) => [events, core]))),
  'HorizontalPodAutoscaler autoscaling/v2 autoscaling/v1': autoscalerToV1,
  'HorizontalPodAutoscaler autoscaling/v1 autoscaling/v2': autoscalerToV2,
}

function renamed(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value]))
}

/** Where v1 keeps what it has no field for. */
export const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
export const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'

function autoscalerToV1(object: JsonObject): JsonObject {
  const spec = partOf(object, 'spec')
  const { metrics, behavior, ...kept } = spec
  const list = Array.isArray(metrics) ? (metrics as readonly JsonValue[]) : []
  const cpu = list.map(cpuTarget).find((target) => target !== undefined)
  const others = list.filter((metric) => cpuTarget(metric) === undefined)
  return withAnnotations(
    {
      ...object,
      spec: { ...kept, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }) },
      status: statusToV1(object),
    },
    { [METRICS]: others.length === 0 ? undefined : others, [BEHAVIOR]: behavior },
  )
}

function statusToV1(object: JsonObject): JsonObject {
  const { currentMetrics: _metrics, conditions: _conditions, ...status } = partOf(object, 'status')
  return { ...status, currentReplicas: status['currentReplicas'] ?? 0 }
}

function cpuTarget(metric: JsonValue): number | undefined {
  const resource = isObject(metric) && metric['type'] === 'Resource' ? partOf(metric, 'resource') : {}
  const value = partOf(resource, 'target')['averageUtilization']
  return resource['name'] === 'cpu' && typeof value === 'number' ? value : undefined
}

function autoscalerToV2(object: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: percent, ...kept } = partOf(object, 'spec')
  const { currentCPUUtilizationPercentage: _current, ...status } = partOf(object, 'status')
  const annotations = partOf(partOf(object, 'metadata'), 'annotations')
  const target = { type: 'Utilization', averageUtilization: percent ?? 0 }
  const cpu = percent === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }]
  const others = parsed(annotations[METRICS])
  const metrics = [...cpu, ...(Array.isArray(others) ? (others as readonly JsonValue[]) : [])]
  const behavior = parsed(annotations[BEHAVIOR])
  const spec = {
    ...kept,
    ...(metrics.length === 0 ? {} : { metrics }),
    ...(behavior === undefined ? {} : { behavior }),
  }
  return withAnnotations(
    { ...object, spec, status: { ...status, desiredReplicas: status['desiredReplicas'] ?? 0, currentMetrics: null } },
    { [METRICS]: undefined, [BEHAVIOR]: undefined },
  )
}

function partOf(object: JsonObject, field: string): JsonObject {
  const part = object[field]
  return isObject(part) ? part : {}
}

/** Annotations set to JSON text, or taken away where undefined. */
function withAnnotations(object: JsonObject, wanted: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const { annotations: old, ...metadata } = partOf(object, 'metadata')
  const annotations: Record<string, JsonValue> = isObject(old) ? { ...old } : {}
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined) delete annotations[name]
    else annotations[name] = JSON.stringify(value)
  }
  return { ...object, metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations } }
}

/** undefined for an annotation that is missing or that somebody broke: it then stands for nothing, as upstream has it. */
function parsed(text: JsonValue | undefined): JsonValue | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return JSON.parse(text) as JsonValue // JSON.parse gives nothing but JSON values
  } catch {
    return undefined
  }
}
