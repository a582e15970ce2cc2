// Health of nodes, virtual machines and databases that operators bring up in stages.
import type { KubeObject } from '../../kube/object.ts'
import { conditionOf, numberIn, objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

function isTrue(object: KubeObject, type: string): boolean {
  return conditionOf(object, type)?.['status'] === 'True'
}

/** karpenter.sh NodeClaim: launched, registered, initialised, ready. */
export function assessNodeClaim(object: KubeObject): Health {
  const disrupting = conditionOf(object, 'Disrupting')
  if (disrupting?.['status'] === 'True') return healthOf('Suspended', textIn(disrupting, 'message'))
  const failed = objectsIn(objectAt(object, 'status'), 'conditions').find((each) => each['status'] === 'False')
  if (failed !== undefined) return healthOf('Degraded', textIn(failed, 'message'))
  if (isTrue(object, 'Ready')) return healthOf('Healthy')
  if (isTrue(object, 'Initialized')) return healthOf('Progressing', 'Node initialized, waiting for Ready')
  if (isTrue(object, 'Registered')) return healthOf('Progressing', 'Node registered, waiting for initialization')
  if (isTrue(object, 'Launched')) return healthOf('Progressing', 'Node launched, waiting for registration')
  return healthOf('Progressing', 'Waiting for NodeClaim to be launched')
}

/** kubevirt.io VirtualMachine. */
export function assessVirtualMachine(object: KubeObject): Health {
  const text = textIn(objectAt(object, 'status'), 'printableStatus')
  if (text === '') return healthOf('Progressing', 'No status available')
  if (isTrue(object, 'Paused') || text === 'Stopped') return healthOf('Suspended', text)
  const failure = conditionOf(object, 'Failure')
  if (failure?.['status'] === 'True') return healthOf('Degraded', textIn(failure, 'message'))
  return healthOf(isTrue(object, 'Ready') ? 'Healthy' : 'Progressing', text)
}

/** kubevirt.io VirtualMachineInstance. */
export function assessVirtualMachineInstance(object: KubeObject): Health {
  const phase = textIn(objectAt(object, 'status'), 'phase')
  if (phase === '') return healthOf('Progressing', 'No status available')
  const paused = conditionOf(object, 'Paused')
  if (paused?.['status'] === 'True') return healthOf('Suspended', textIn(paused, 'message'))
  if (phase === 'Succeeded') return healthOf('Suspended', phase)
  if (phase === 'Failed') return healthOf('Degraded', phase)
  return healthOf(isTrue(object, 'Ready') ? 'Healthy' : 'Progressing', phase)
}

/** rabbitmq.com RabbitmqCluster: the cluster first, then that all of its pods are there. */
export function assessRabbitCluster(object: KubeObject): Health {
  const available = conditionOf(object, 'ClusterAvailable')?.['status']
  const complete = conditionOf(object, 'AllReplicasReady')?.['status']
  if (available === undefined && complete === undefined) return healthOf('Progressing', 'Waiting for RabbitMQ Operator')
  if (available === 'Unknown' || complete === 'Unknown') {
    return healthOf('Progressing', 'Waiting for RabbitMQ cluster readiness (conditions unknown)')
  }
  if (available === 'True' && complete === 'True') return healthOf('Healthy', 'RabbitMQ cluster ready')
  return healthOf('Progressing', 'Waiting for RabbitMQ cluster formation')
}

/** pkg.crossplane.io Provider: installed and healthy, in the words of both reasons. */
export function assessCrossplaneProvider(object: KubeObject): Health {
  const [installed, healthy] = [conditionOf(object, 'Installed'), conditionOf(object, 'Healthy')]
  if (installed === undefined) return healthOf('Progressing', 'Waiting for provider to be installed')
  const reasons = [installed, healthy ?? {}].map((condition) => textIn(condition, 'reason')).join(' ')
  const isSound = installed['status'] === 'True' && healthy?.['status'] === 'True'
  return healthOf(isSound ? 'Healthy' : 'Degraded', reasons)
}

/** psmdb.percona.com PerconaServerMongoDB. */
export function assessMongoDb(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const text = `${numberIn(status, 'ready')}/${numberIn(status, 'size')} node(s) are ready`
  switch (textIn(status, 'state')) {
    case 'ready':
      return healthOf('Healthy', text)
    case 'paused':
      return healthOf('Suspended', text)
    case 'initializing':
    case 'stopping':
      return healthOf('Progressing', text)
    case 'error':
      return healthOf('Degraded', textIn(status, 'message') || text)
    default:
      return healthOf('Unknown', text)
  }
}

/** pxc.percona.com PerconaXtraDBCluster. */
export function assessXtraDb(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const text = `${numberIn(status, 'ready')}/${numberIn(status, 'size')} node(s) are ready`
  const { message } = status
  switch (textIn(status, 'state')) {
    case 'ready':
      return healthOf('Healthy', text)
    case 'paused':
      return healthOf('Suspended', 'Cluster is paused')
    case 'initializing':
      return healthOf('Progressing', text)
    case 'stopping':
      return healthOf('Degraded', `Cluster is stopping (${text})`)
    case 'error':
      return healthOf('Degraded', `Cluster is on error: ${Array.isArray(message) ? message.join(', ') : ''}`)
    default:
      return healthOf(
        'Unknown',
        'Cluster status is unknown. Ensure your ArgoCD is current and then check for/file a bug report: https://github.com/argoproj/argo-cd/issues',
      )
  }
}
