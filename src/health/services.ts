// Health of services, ingresses, claims, autoscalers and API services (gitops-engine `pkg/health`, argo-cd v3.5.1).
import { jsonFault } from '../lang/go/json.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { conditionOf, isObject, objectAt, objectsIn, textIn } from './fields.ts'
import { healthOf, type Health } from './health.ts'

const HPA_V1_CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'

/** Conditions of an autoscaler that say it cannot do its work, as `type/reason`. */
const AUTOSCALER_FAILURES: ReadonlySet<string> = new Set([
  'AbleToScale/FailedGetScale',
  'AbleToScale/FailedUpdateScale',
  'ScalingActive/FailedGetResourceMetric',
  'ScalingActive/FailedGetObjectMetric',
  'ScalingActive/FailedGetPodsMetric',
  'ScalingActive/FailedGetExternalMetric',
  'ScalingActive/FailedComputeMetricsReplicas',
  'ScalingActive/InvalidSelector',
])

const WELL_CONDITIONS: ReadonlySet<string> = new Set(['AbleToScale', 'ScalingLimited'])

/** v1 Service: a load balancer waits for its address. */
export function assessService(object: KubeObject): Health {
  const waits = objectAt(object, 'spec')['type'] === 'LoadBalancer' && !hasAddress(object)
  return healthOf(waits ? 'Progressing' : 'Healthy')
}

/** Ingress of networking.k8s.io and extensions. */
export function assessIngress(object: KubeObject): Health {
  return healthOf(hasAddress(object) ? 'Healthy' : 'Progressing')
}

function hasAddress(object: KubeObject): boolean {
  const ingress = objectAt(object, 'status', 'loadBalancer')['ingress']
  return Array.isArray(ingress) && ingress.length > 0
}

/** v1 PersistentVolumeClaim. */
export function assessClaim(object: KubeObject): Health {
  switch (objectAt(object, 'status')['phase']) {
    case 'Lost':
      return healthOf('Degraded')
    case 'Pending':
      return healthOf('Progressing')
    case 'Bound':
      return healthOf('Healthy')
    default:
      return healthOf('Unknown')
  }
}

/** autoscaling/v1 and v2 HorizontalPodAutoscaler: any failure decides, then any condition that is well. */
export function assessAutoscaler(object: KubeObject): Health {
  const inAnnotation = object.apiVersion === 'autoscaling/v1'
  const conditions = inAnnotation ? annotatedConditions(object) : objectsIn(objectAt(object, 'status'), 'conditions')
  if (typeof conditions === 'string') {
    return healthOf('Unknown', `failed to convert conditions annotation to typed: ${conditions}`)
  }
  const failed = conditions.find((each) => AUTOSCALER_FAILURES.has(`${textIn(each, 'type')}/${textIn(each, 'reason')}`))
  if (failed !== undefined) return healthOf('Degraded', textIn(failed, 'message'))
  const well = conditions.find((each) => WELL_CONDITIONS.has(textIn(each, 'type')) && each['status'] === 'True')
  return well === undefined
    ? healthOf('Progressing', 'Waiting to Autoscale')
    : healthOf('Healthy', textIn(well, 'message'))
}

/** autoscaling/v1 keeps the conditions as JSON in an annotation; a text says, in Go's words, why they cannot be read. */
function annotatedConditions(object: KubeObject): readonly JsonObject[] | string {
  const text = object.metadata.annotations?.[HPA_V1_CONDITIONS]
  if (text === undefined) return []
  let parsed: JsonValue
  try {
    parsed = JSON.parse(text)
  } catch {
    return jsonFault(text)
  }
  if (Array.isArray(parsed)) return parsed.filter(isObject)
  if (parsed === null) return []
  const kind = typeof parsed === 'boolean' ? 'bool' : typeof parsed
  return `json: cannot unmarshal ${kind} into Go value of type []health.hpaCondition`
}

/** apiregistration.k8s.io APIService. */
export function assessApiService(object: KubeObject): Health {
  const available = conditionOf(object, 'Available')
  if (available === undefined) return healthOf('Progressing', 'Waiting to be processed')
  const message = `${textIn(available, 'reason')}: ${textIn(available, 'message')}`
  return healthOf(available['status'] === 'True' ? 'Healthy' : 'Progressing', message)
}
