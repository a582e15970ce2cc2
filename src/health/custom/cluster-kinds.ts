// Health of kinds that belong to the cluster but have no rule in the engine: CRDs, cron jobs, snapshots, disruption budgets.
import type { KubeObject } from '../../kube/object.ts'
import { conditionOf, objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

/** apiextensions.k8s.io CustomResourceDefinition. */
export function assessCrd(object: KubeObject): Health {
  if (object.metadata.deletionTimestamp) return healthOf('Progressing', 'CRD is terminating')
  const conditions = objectsIn(objectAt(object, 'status'), 'conditions')
  if (conditions.length === 0) return healthOf('Progressing', 'Status conditions not found')
  const find = (type: string): (typeof conditions)[number] => conditions.find((each) => each['type'] === type) ?? {}
  const [terminating, names, established] = [find('Terminating'), find('NamesAccepted'), find('Established')]
  if (terminating['status'] === 'True') return healthOf('Progressing', 'CRD is terminating')
  if (names['status'] === 'False') {
    return healthOf('Degraded', `CRD names have not been accepted: ${textIn(names, 'message')}`)
  }
  const violations = find('NonStructuralSchema')
  if (violations['status'] === 'True')
    return healthOf('Degraded', `Schema violations found: ${textIn(violations, 'message')}`)
  if (established['status'] === 'True') return healthOf('Healthy', 'CRD is healthy')
  if (established['reason'] === 'Installing') return healthOf('Progressing', 'CRD is being installed')
  return healthOf('Degraded', 'CRD is not established')
}

/** batch CronJob: its last run tells. */
export function assessCronJob(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (objectAt(object, 'spec')['suspend'] === true) return healthOf('Suspended', 'CronJob is Suspended')
  if (objectsIn(status, 'active').length > 0) {
    return healthOf('Healthy', 'The job is running. Its last execution may not have been successful')
  }
  const scheduled = textIn(status, 'lastScheduleTime')
  if (scheduled === '') return healthOf('Healthy', 'CronJob has not been scheduled yet')
  // RFC 3339 in UTC sorts as text.
  return textIn(status, 'lastSuccessfulTime') >= scheduled
    ? healthOf('Healthy', 'CronJob has completed its last execution successfully')
    : healthOf('Degraded', 'CronJob has not completed its last execution successfully')
}

/** snapshot.storage.k8s.io VolumeSnapshot and VolumeSnapshotContent. */
export function assessSnapshot(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const problem = textIn(objectAt(status, 'error'), 'message')
  if (problem !== '') return healthOf('Degraded', problem)
  if (status['readyToUse'] === true) return healthOf('Healthy', 'Ready to use')
  return healthOf('Progressing', 'Waiting for status')
}

/** policy PodDisruptionBudget. */
export function assessDisruptionBudget(object: KubeObject): Health {
  const conditions = objectsIn(objectAt(object, 'status'), 'conditions')
  const verdict = conditions.find((each) => each['reason'] === 'SyncFailed') ?? conditionOf(object, 'DisruptionAllowed')
  if (verdict === undefined) return healthOf('Progressing', 'Waiting for status')
  const reason = textIn(verdict, 'reason')
  if (reason === 'SyncFailed') return healthOf('Degraded', `PodDisruptionBudget has ${reason}`)
  return healthOf(verdict['status'] === 'True' ? 'Healthy' : 'Progressing', `PodDisruptionBudget has ${reason}`)
}
