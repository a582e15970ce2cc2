// Health of kinds that belong to the cluster but have no rule in the engine: CRDs, cron jobs, snapshots, disruption budgets.
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditions, conditionsOf, rule, type Assess } from './rule-language.ts'

/** apiextensions.k8s.io CustomResourceDefinition: the first condition that speaks against it, else that it is established. */
export function assessCrd(object: KubeObject): Health | undefined {
  if (object.metadata.deletionTimestamp) return healthOf('Progressing', 'CRD is terminating')
  if (conditionsOf(object).length === 0) return healthOf('Progressing', 'Status conditions not found')
  return judgeCrd(object)
}

const judgeCrd: Assess = rule(
  ['Degraded', 'CRD is not established'],
  conditions(
    ['Terminating=True', 'Progressing', 'CRD is terminating: {.message}'],
    ['NamesAccepted=False', 'Degraded', 'CRD names have not been accepted: {.message}'],
    ['NonStructuralSchema=True', 'Degraded', 'Schema violations found: {.message}'],
    ['Established=False:Installing', 'Progressing', 'CRD is being installed'],
    ['Established=Unknown:Installing', 'Progressing', 'CRD is being installed'],
  ),
  conditions(['Established=True', 'Healthy', 'CRD is healthy']),
)

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
