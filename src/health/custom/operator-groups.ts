// Kinds of operators whose whole group follows one convention, and proxies that say whether they are valid.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { assessAirlock } from './operators.ts'
import { conditions, conditionsOf, type Assess } from './rule-language.ts'

/** A rule for every kind of the groups that end so (upstream's folders with `_`); undefined for other groups. */
export function assessByGroup(object: KubeObject, group: string): Health | undefined {
  if (group.endsWith('.cnrm.cloud.google.com')) return assessConfigConnector(object)
  if (group === 'operator.victoriametrics.com') return assessVictoria(object)
  return group === 'microgateway.airlock.com' ? assessAirlock(object) : undefined
}

/** True where the controller says which spec it has seen, and it is not the newest. */
function isStale(object: KubeObject, { observedGeneration }: JsonObject): boolean {
  return observedGeneration !== undefined && observedGeneration !== object.metadata.generation
}

const CONNECTOR_KINDS = ['ConfigConnector', 'ConfigConnectorContext']

const connectorReasons: Assess = conditions(
  ['*=True:UpToDate', 'Healthy', '{.message}'],
  ['*=*:UpdateFailed', 'Degraded', '{.message}'],
  ['*=*:DependencyNotFound', 'Degraded', '{.message}'],
  ['*=*:DependencyNotReady', 'Suspended', '{.message}'],
)

/** Google's Config Connector: its own kinds have one flag, the resources reasons. */
function assessConfigConnector(object: KubeObject): Health {
  const { kind } = object
  const status = objectAt(object, 'status')
  const updating = healthOf('Progressing', 'Update in progress')
  if (isStale(object, status)) return updating
  const { healthy } = status
  if (CONNECTOR_KINDS.includes(kind) && healthy !== undefined) {
    return healthy === true ? healthOf('Healthy', `${kind} is healthy`) : healthOf('Degraded', `${kind} is not healthy`)
  }
  return connectorReasons(object) ?? updating
}

/** VictoriaMetrics: one word of the operator about its last reconciliation. */
function assessVictoria(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (!('status' in object) || (object.metadata.generation !== undefined && isStale(object, status))) {
    return healthOf('Progressing', 'Waiting for the operator to reconcile')
  }
  const reason = textIn(status, 'reason')
  switch (textIn(status, 'updateStatus')) {
    case 'operational':
      return healthOf('Healthy', 'All components are operational')
    case 'expanding':
      return healthOf('Progressing', reason || 'Reconciliation in progress')
    case 'failed':
      return healthOf('Degraded', reason || 'Reconciliation failed')
    case 'paused':
      return healthOf('Suspended', reason || 'Reconciliation is paused')
    default:
      return healthOf('Progressing', 'Waiting for the operator to report status')
  }
}

/** Contour's proxy; one that includes others is valid only with those, so that it is no fault if they are not there yet. */
export function assessHttpProxy(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const text = textIn(status, 'description')
  if (!Array.isArray(status['conditions'])) {
    return healthOf('Progressing', status['currentStatus'] === undefined ? 'Waiting for status' : text)
  }
  const isParent = objectAt(object, 'spec')['includes'] !== undefined
  for (const condition of conditionsOf(object)) {
    if (condition['observedGeneration'] !== object.metadata.generation) continue
    const isValid = condition['type'] === 'Valid'
    if (isValid && condition['status'] === 'True') return healthOf('Healthy', text)
    if (condition['status'] !== 'False') continue
    if (isParent) return healthOf('Healthy', 'HTTPProxy inclusions cannot be health checked')
    if (isValid) return healthOf('Degraded', text)
  }
  return healthOf('Progressing', 'Waiting for status')
}

/** Open Cluster Management: a root policy counts its clusters, a copy in a cluster its templates. */
export function assessOcmPolicy(object: KubeObject): Health {
  if (objectAt(object, 'spec')['disabled'] === true) return healthOf('Healthy', 'Policy is disabled')
  const status = objectAt(object, 'status')
  const { compliant } = status
  if (compliant === undefined) {
    const isUnmatched = status['status'] === undefined && objectsIn(status, 'placement').length > 0
    return isUnmatched
      ? healthOf('Healthy', 'No clusters match this policy')
      : healthOf('Progressing', 'Waiting for the status to be reported')
  }
  return healthOf(compliant === 'Compliant' ? 'Healthy' : 'Degraded', describeCompliance(status))
}

function describeCompliance(status: JsonObject): string {
  const isRoot = status['status'] !== undefined
  if (!isRoot && status['details'] === undefined) return ''
  const what = isRoot ? 'clusters' : 'templates'
  const parts = objectsIn(status, isRoot ? 'status' : 'details').filter((part) => part['compliant'] !== 'Compliant')
  const names = parts.map((part) =>
    isRoot ? textIn(part, 'clustername') : textIn(objectAt(part, 'templateMeta'), 'name'),
  )
  return names.length === 0 ? `All ${what} are compliant` : `NonCompliant ${what}: ${names.join(', ')}`
}
