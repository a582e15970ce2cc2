// Health of the four workload kinds of group apps (gitops-engine `pkg/health/health_*.go`, argo-cd v3.5.1).
import type { KubeObject } from '../kube/object.ts'
import { conditionOf, numberIn, objectAt, optionalNumberIn, textIn } from './fields.ts'
import { healthOf, type Health } from './health.ts'

const WAITING = 'Waiting for rollout to finish:'

/** apps/v1 Deployment. */
export function assessDeployment(object: KubeObject): Health {
  const spec = objectAt(object, 'spec')
  const status = objectAt(object, 'status')
  if (spec['paused'] === true) return healthOf('Suspended', 'Deployment is paused')
  if (isObservedOlder(object)) {
    return healthOf('Progressing', `${WAITING} observed deployment generation less than desired generation`)
  }
  if (conditionOf(object, 'Progressing')?.['reason'] === 'ProgressDeadlineExceeded') {
    const name = JSON.stringify(object.metadata.name ?? '')
    return healthOf('Degraded', `Deployment ${name} exceeded its progress deadline`)
  }
  const updated = numberIn(status, 'updatedReplicas')
  const available = numberIn(status, 'availableReplicas')
  const replicas = numberIn(status, 'replicas')
  const wanted = optionalNumberIn(spec, 'replicas')
  if (wanted !== undefined && updated < wanted) {
    return healthOf('Progressing', `${WAITING} ${updated} out of ${wanted} new replicas have been updated...`)
  }
  if (replicas > updated) {
    return healthOf('Progressing', `${WAITING} ${replicas - updated} old replicas are pending termination...`)
  }
  if (available < updated) {
    return healthOf('Progressing', `${WAITING} ${available} of ${updated} updated replicas are available...`)
  }
  return healthOf('Healthy')
}

/** apps/v1 ReplicaSet. */
export function assessReplicaSet(object: KubeObject): Health {
  if (isObservedOlder(object)) {
    return healthOf('Progressing', `${WAITING} observed replica set generation less than desired generation`)
  }
  const failure = conditionOf(object, 'ReplicaFailure')
  if (failure?.['status'] === 'True') return healthOf('Degraded', textIn(failure, 'message'))
  const available = numberIn(objectAt(object, 'status'), 'availableReplicas')
  const wanted = optionalNumberIn(objectAt(object, 'spec'), 'replicas')
  if (wanted !== undefined && available < wanted) {
    return healthOf('Progressing', `${WAITING} ${available} out of ${wanted} new replicas are available...`)
  }
  return healthOf('Healthy')
}

/** apps/v1 StatefulSet. */
export function assessStatefulSet(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  if (numberIn(status, 'observedGeneration') === 0 || isObservedOlder(object)) {
    return healthOf('Progressing', 'Waiting for statefulset spec update to be observed...')
  }
  const wanted = optionalNumberIn(objectAt(object, 'spec'), 'replicas')
  const ready = numberIn(status, 'readyReplicas')
  if (wanted !== undefined && ready < wanted) {
    return healthOf('Progressing', `Waiting for ${wanted - ready} pods to be ready...`)
  }
  return assessStatefulRollout(object, wanted)
}

function assessStatefulRollout(object: KubeObject, wanted: number | undefined): Health {
  const strategy = objectAt(object, 'spec', 'updateStrategy')
  const status = objectAt(object, 'status')
  const updated = numberIn(status, 'updatedReplicas')
  if (strategy['type'] === 'RollingUpdate' && strategy['rollingUpdate']) {
    return assessPartition(updated, wanted, optionalNumberIn(objectAt(strategy, 'rollingUpdate'), 'partition'))
  }
  if (strategy['type'] === 'OnDelete') {
    return healthOf('Healthy', `statefulset has ${numberIn(status, 'readyReplicas')} ready pods`)
  }
  const target = textIn(status, 'updateRevision')
  const current = textIn(status, 'currentRevision')
  if (target !== current) {
    const progress = `${updated} pods at revision ${target}...`
    return healthOf('Progressing', `waiting for statefulset rolling update to complete ${progress}`)
  }
  const done = `${numberIn(status, 'currentReplicas')} pods at revision ${current}...`
  return healthOf('Healthy', `statefulset rolling update complete ${done}`)
}

function assessPartition(updated: number, wanted: number | undefined, partition: number | undefined): Health {
  if (wanted !== undefined && partition !== undefined && updated < wanted - partition) {
    const progress = `${updated} out of ${wanted - partition} new pods have been updated...`
    return healthOf('Progressing', `Waiting for partitioned roll out to finish: ${progress}`)
  }
  return healthOf('Healthy', `partitioned roll out complete: ${updated} new pods have been updated...`)
}

/** apps/v1 DaemonSet. */
export function assessDaemonSet(object: KubeObject): Health {
  if (isObservedOlder(object)) {
    return healthOf('Progressing', `${WAITING} observed daemon set generation less than desired generation`)
  }
  const status = objectAt(object, 'status')
  const updated = numberIn(status, 'updatedNumberScheduled')
  const desired = numberIn(status, 'desiredNumberScheduled')
  const available = numberIn(status, 'numberAvailable')
  if (objectAt(object, 'spec', 'updateStrategy')['type'] === 'OnDelete') {
    return healthOf('Healthy', `daemon set ${updated} out of ${desired} new pods have been updated`)
  }
  const waiting = `Waiting for daemon set ${JSON.stringify(object.metadata.name ?? '')} rollout to finish:`
  if (updated < desired) {
    return healthOf('Progressing', `${waiting} ${updated} out of ${desired} new pods have been updated...`)
  }
  if (available < desired) {
    return healthOf('Progressing', `${waiting} ${available} of ${desired} updated pods are available...`)
  }
  return healthOf('Healthy')
}

function isObservedOlder(object: KubeObject): boolean {
  return (object.metadata.generation ?? 0) > numberIn(objectAt(object, 'status'), 'observedGeneration')
}
