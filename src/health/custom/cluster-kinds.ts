// Health of kinds that belong to the cluster but have no rule in the engine: CRDs, cron jobs, snapshots, disruption budgets.
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
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
  if (objectAt(object, 'spec')['suspend'] === true) return healthOf('Healthy', 'CronJob is Suspended')
  if (!('status' in object)) return healthOf('Progressing', 'Waiting for CronJob')
  const status = objectAt(object, 'status')
  const [scheduled, succeeded] = [textIn(status, 'lastScheduleTime'), textIn(status, 'lastSuccessfulTime')]
  if (scheduled === '') return healthOf('Healthy', 'CronJob has not been scheduled yet')
  if (succeeded === '') {
    return healthOf('Healthy', 'The CronJob never completed successfully. It may not be healthy')
  }
  if (objectsIn(status, 'active').length > 0) {
    return healthOf('Healthy', 'The job is running. Its last execution may not have been successful')
  }
  // RFC 3339 in UTC sorts as text.
  return succeeded >= scheduled
    ? healthOf('Healthy', 'CronJob has completed its last execution successfully')
    : healthOf('Degraded', 'CronJob has not completed its last execution successfully')
}

/** snapshot.storage.k8s.io VolumeSnapshot and VolumeSnapshotContent. */
export function assessSnapshot(object: KubeObject): Health {
  const { readyToUse, error } = objectAt(object, 'status')
  if (readyToUse === true) return healthOf('Healthy', 'Ready to use')
  if (error !== undefined) return healthOf('Degraded', textIn(objectAt(error), 'message'))
  return healthOf('Progressing', 'Waiting for status')
}

/** policy PodDisruptionBudget: too few pods is what it is there for. */
export function assessDisruptionBudget(object: KubeObject): Health {
  const list = objectsIn(objectAt(object, 'status'), 'conditions')
  const failed = list.find(({ status, reason }) => status === 'False' && reason !== 'InsufficientPods')
  const told = failed ?? list.at(-1)
  if (told === undefined) return healthOf('Progressing', 'Waiting for status')
  return healthOf(failed === undefined ? 'Healthy' : 'Degraded', `PodDisruptionBudget has ${textIn(told, 'reason')}`)
}
