// Health of the kinds of Cluster API.
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf } from './rule-language.ts'

function isPaused(object: KubeObject): boolean {
  return objectAt(object, 'spec')['paused'] === true
}

function phaseOf(object: KubeObject): string {
  return textIn(objectAt(object, 'status'), 'phase')
}

/** cluster.x-k8s.io Cluster: the phase, unless it says that it is not ready and means it. */
export function assessCluster(object: KubeObject): Health {
  if (isPaused(object)) return healthOf('Suspended', 'Cluster is paused')
  const failed = conditionsOf(object).find(
    ({ type, status, severity }) => type === 'Ready' && status === 'False' && severity !== 'Info',
  )
  if (failed !== undefined) return healthOf('Degraded', textIn(failed, 'message'))
  switch (phaseOf(object)) {
    case 'Provisioned':
      return healthOf('Healthy', 'Cluster is running')
    case 'Failed':
      return healthOf('Degraded')
    default:
      return healthOf('Progressing', 'Waiting for clusters')
  }
}

/** cluster.x-k8s.io Machine: until it runs, Ready says what it waits for. */
export function assessMachine(object: KubeObject): Health {
  const phase = phaseOf(object)
  if (phase === 'Running') return healthOf('Healthy', 'Machine is running')
  const unready = conditionsOf(object).find(({ type, status }) => type === 'Ready' && status === 'False')
  const text = unready === undefined ? 'Condition is unknown' : textIn(unready, 'message')
  return healthOf(phase === 'Failed' ? 'Degraded' : 'Progressing', text)
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
    case 'Failed':
      return healthOf('Degraded', 'MachineDeployment is failed')
    default:
      return healthOf('Progressing', 'Waiting for machines')
  }
}

/** cluster.x-k8s.io MachineHealthCheck: as many healthy machines as are expected. */
export function assessMachineHealthCheck(object: KubeObject): Health {
  const { currentHealthy, expectedMachines } = objectAt(object, 'status')
  if (currentHealthy === undefined) return healthOf('Progressing')
  return healthOf(currentHealthy === expectedMachines ? 'Healthy' : 'Degraded')
}
