// Health of the kinds of Cluster API.
import type { KubeObject } from '../../kube/object.ts'
import { conditionOf, numberIn, objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

function isPaused(object: KubeObject): boolean {
  return objectAt(object, 'spec')['paused'] === true
}

function phaseOf(object: KubeObject): string {
  return textIn(objectAt(object, 'status'), 'phase')
}

/** cluster.x-k8s.io Cluster: one that is not ready is broken once it was provisioned. */
export function assessCluster(object: KubeObject): Health {
  if (isPaused(object)) return healthOf('Suspended', 'Cluster is paused')
  const phase = phaseOf(object)
  const ready = conditionOf(object, 'Ready')
  const isSettled = phase === 'Provisioned' || phase === 'Failed'
  if (isSettled && ready?.['status'] === 'False') return healthOf('Degraded', textIn(ready, 'message'))
  if (phase === 'Provisioned' && ready?.['status'] === 'True') return healthOf('Healthy', 'Cluster is running')
  return healthOf('Progressing', 'Waiting for clusters')
}

/** cluster.x-k8s.io Machine. */
export function assessMachine(object: KubeObject): Health {
  const phase = phaseOf(object)
  const ready = conditionOf(object, 'Ready')
  if (ready?.['status'] === 'True' && phase === 'Running') return healthOf('Healthy', 'Machine is running')
  if (ready?.['status'] === 'False') {
    return healthOf(phase === 'Failed' ? 'Degraded' : 'Progressing', textIn(ready, 'message'))
  }
  return healthOf('Progressing', 'Waiting for machines')
}

/** cluster.x-k8s.io MachineDeployment. */
export function assessMachineDeployment(object: KubeObject): Health {
  if (isPaused(object)) return healthOf('Suspended', 'MachineDeployment is paused')
  switch (phaseOf(object)) {
    case 'Running':
      return healthOf('Healthy', 'Machines are running under this deployment')
    case 'ScalingUp':
      return healthOf('Progressing', 'Cluster is spawning machines')
    case 'ScalingDown':
      return healthOf('Progressing', 'Cluster is stopping machines')
    default:
      return healthOf('Progressing', 'Waiting for machines')
  }
}

/** cluster.x-k8s.io MachineHealthCheck: as many healthy machines as are expected. */
export function assessMachineHealthCheck(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const isComplete = numberIn(status, 'currentHealthy') === numberIn(status, 'expectedMachines')
  return healthOf(isComplete ? 'Healthy' : 'Degraded')
}
