// Health of nodes, virtual machines and databases that operators bring up in stages.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { conditionOf, numberIn, objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf } from './rule-language.ts'

/** kubevirt.io VirtualMachine: one that was never created is stopped; the text is the one kubectl shows. */
export function assessVirtualMachine(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const shown = textIn(status, 'printableStatus')
  const list = conditionsOf(object)
  if (list.some((each) => each['type'] === 'Paused' && each['status'] === 'True')) {
    return healthOf('Suspended', 'Paused')
  }
  const ready = list.filter(({ type }) => type === 'Ready')
  const last = ready.at(-1)
  if (last === undefined) return healthOf('Progressing', shown || 'No status available')
  if (last['status'] === 'True') return healthOf('Healthy', shown || 'Running')
  if (status['created'] === true) return healthOf(ready.length > 1 ? 'Healthy' : 'Progressing', shown || 'Starting')
  return healthOf('Suspended', shown || 'Stopped')
}

const INSTANCE_PHASES: Readonly<Record<string, HealthStatusCode>> = {
  Failed: 'Degraded',
  Pending: 'Progressing',
  Scheduling: 'Progressing',
  Scheduled: 'Progressing',
  Succeeded: 'Suspended',
  Unknown: 'Unknown',
}

/** kubevirt.io VirtualMachineInstance: the phase while it does not run, then its conditions. */
export function assessVirtualMachineInstance(object: KubeObject): Health {
  const phase = textIn(objectAt(object, 'status'), 'phase')
  const settled = INSTANCE_PHASES[phase]
  if (settled !== undefined) return healthOf(settled, phase)
  const list = conditionsOf(object)
  const paused = list.find(({ type, status }) => type === 'Paused' && status === 'True')
  if (paused !== undefined) return healthOf('Suspended', textIn(paused, 'message'))
  const ready = list.findLast(({ type }) => type === 'Ready')
  if (ready === undefined) return healthOf('Progressing', phase || 'No status available')
  return ready['status'] === 'True' ? healthOf('Healthy', 'Running') : healthOf('Degraded', textIn(ready, 'message'))
}

/** rabbitmq.com RabbitmqCluster: the cluster first, then that all of its pods are there. */
export function assessRabbitCluster(object: KubeObject): Health {
  const list = conditionsOf(object)
  const failed = list.find(({ type, status }) => type === 'ReconcileSuccess' && status === 'False')
  if (failed !== undefined) return healthOf('Degraded', textIn(failed, 'message'))
  const valueOf = (wanted: string): unknown => list.findLast(({ type }) => type === wanted)?.['status']
  const [available, complete] = [valueOf('ClusterAvailable'), valueOf('AllReplicasReady')]
  const wait = (text: string): Health => healthOf('Progressing', `Waiting for RabbitMQ ${text}`)
  if (available === 'Unknown' || complete === 'Unknown') return wait('cluster readiness (conditions unknown)')
  if (available === 'False') return wait('cluster formation')
  if (complete === 'False') return wait('instances ready')
  if (available === 'True' && complete === 'True') return healthOf('Healthy', 'RabbitMQ cluster ready')
  return wait('Operator')
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
  if (!('status' in object)) return healthOf('Unknown', 'Cluster status is unknown')
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
      return healthOf('Degraded', text)
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
      return healthOf('Unknown', 'Cluster is paused')
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
