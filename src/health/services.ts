// Health of services, ingresses, claims, autoscalers and API services (gitops-engine `pkg/health`, argo-cd v3.5.1).
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

/** autoscaling/v1 and v2 HorizontalPodAutoscaler; the first condition that decides wins. */
export function assessAutoscaler(object: KubeObject): Health {
  const inAnnotation = object.apiVersion === 'autoscaling/v1'
  const conditions = inAnnotation ? annotatedConditions(object) : objectsIn(objectAt(object, 'status'), 'conditions')
  if (conditions === undefined) {
    return healthOf('Unknown', `annotation ${HPA_V1_CONDITIONS} holds no list of conditions`)
  }
  for (const condition of conditions) {
    const type = textIn(condition, 'type')
    const message = textIn(condition, 'message')
    if (AUTOSCALER_FAILURES.has(`${type}/${textIn(condition, 'reason')}`)) return healthOf('Degraded', message)
    const decides = type === 'AbleToScale' || type === 'ScalingLimited'
    if (decides && condition['status'] === 'True') return healthOf('Healthy', message)
  }
  return healthOf('Progressing', 'Waiting to Autoscale')
}

/** autoscaling/v1 keeps the conditions as JSON in an annotation; undefined where that is no list. */
function annotatedConditions(object: KubeObject): readonly JsonObject[] | undefined {
  const text = object.metadata.annotations?.[HPA_V1_CONDITIONS]
  if (text === undefined) return []
  try {
    const parsed: JsonValue = JSON.parse(text)
    return Array.isArray(parsed) ? parsed.filter(isObject) : undefined
  } catch {
    return undefined // reported by the caller as Unknown
  }
}

/** apiregistration.k8s.io APIService. */
export function assessApiService(object: KubeObject): Health {
  const available = conditionOf(object, 'Available')
  if (available === undefined) return healthOf('Progressing', 'Waiting to be processed')
  const message = `${textIn(available, 'reason')}: ${textIn(available, 'message')}`
  return healthOf(available['status'] === 'True' ? 'Healthy' : 'Progressing', message)
}
