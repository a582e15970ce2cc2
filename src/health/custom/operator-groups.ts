// Kinds of operators whose whole group follows one convention, and proxies that say whether they are valid.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { conditionOf, numberIn, objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** A rule for every kind of the groups that end so (upstream's folders with `_`); undefined for other groups. */
export function assessByGroup(object: KubeObject, group: string): Health | undefined {
  if (group.endsWith('.cnrm.cloud.google.com')) return assessConfigConnector(object)
  return group === 'operator.victoriametrics.com' ? assessVictoria(object) : undefined
}

/** True where the controller has not seen the newest spec. */
function isStale(object: KubeObject, status: JsonObject): boolean {
  return numberIn(status, 'observedGeneration') !== (object.metadata.generation ?? 0)
}

/** Google's Config Connector: its own kinds have one flag, the resources a Ready condition. */
function assessConfigConnector(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const updating = healthOf('Progressing', 'Update in progress')
  if (isStale(object, status)) return updating
  if (typeof status['healthy'] === 'boolean') {
    if (status['healthy']) return healthOf('Healthy', `${object.kind} is healthy`)
    return healthOf('Degraded', `${object.kind} is not healthy`)
  }
  const ready = conditionOf(object, 'Ready') ?? {}
  const message = textIn(ready, 'message')
  if (ready['status'] === 'True') return healthOf('Healthy', message)
  switch (textIn(ready, 'reason')) {
    case 'UpdateFailed':
      return healthOf('Degraded', message)
    case 'DependencyNotReady':
      return healthOf('Suspended', message)
    default:
      return updating
  }
}

/** VictoriaMetrics: one word of the operator about its last reconciliation. */
function assessVictoria(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (isStale(object, status)) return healthOf('Progressing', 'Waiting for the operator to reconcile')
  switch (textIn(status, 'updateStatus')) {
    case 'operational':
      return healthOf('Healthy', 'All components are operational')
    case 'failed':
      return healthOf('Degraded', textIn(status, 'reason'))
    case 'paused':
      return healthOf('Suspended', 'Reconciliation is paused')
    default:
      return healthOf('Progressing', 'Reconciliation in progress')
  }
}

/** Contour's proxy; one that includes others is valid only with those, which may be none of ours. */
export function assessHttpProxy(object: KubeObject): Health {
  if (objectsIn(objectAt(object, 'spec'), 'includes').length > 0) {
    return healthOf('Healthy', 'HTTPProxy inclusions cannot be health checked')
  }
  const status = objectAt(object, 'status')
  const valid = conditionOf(object, 'Valid')
  switch (valid?.['status']) {
    case 'True':
      return healthOf('Healthy', textIn(valid ?? {}, 'message'))
    case 'False':
      return healthOf('Degraded', textIn(valid ?? {}, 'message'))
    default:
      return healthOf('Progressing', textIn(status, 'description') || 'Waiting for status')
  }
}

/** Open Cluster Management: a root policy counts its clusters, a copy in a cluster its templates. */
export function assessOcmPolicy(object: KubeObject): Health {
  if (objectAt(object, 'spec')['disabled'] === true) return healthOf('Healthy', 'Policy is disabled')
  const status = objectAt(object, 'status')
  const isRoot = objectsIn(status, 'placement').length > 0
  const compliance = textIn(status, 'compliant')
  if (compliance === '' && isRoot && objectsIn(status, 'status').length === 0) {
    return healthOf('Healthy', 'No clusters match this policy')
  }
  const what = isRoot ? 'clusters' : 'templates'
  if (compliance === 'Compliant') return healthOf('Healthy', `All ${what} are compliant`)
  if (compliance !== 'NonCompliant') return healthOf('Progressing', 'Waiting for the status to be reported')
  const parts = objectsIn(status, isRoot ? 'status' : 'details').filter((part) => part['compliant'] === 'NonCompliant')
  const names = parts.map((part) =>
    isRoot ? textIn(part, 'clustername') : textIn(objectAt(part, 'templateMeta'), 'name'),
  )
  return healthOf('Degraded', `NonCompliant ${what}: ${names.join(', ')}`)
}
