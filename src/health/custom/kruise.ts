// Health of OpenKruise's workloads, jobs, rollouts and game servers.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { numberIn, objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { has, is, isUnobserved, lacks, not, rule, same, when, type Assess, type Test } from './rule-language.ts'

const INITIALIZING = healthOf('Progressing', 'Waiting for initialization')

/** After the first generation an update stops at its partition until somebody moves it. */
function isHeld(object: KubeObject, strategy: JsonObject): boolean {
  return strategy['partition'] !== 0 && (object.metadata.generation ?? 0) > 1
}

/** CloneSets and StatefulSets: what they are called, and when an update that is held is as far as it may come. */
interface ReplicaKind {
  readonly name: string
  readonly strategy: readonly string[]
  readonly isHeldAtEnd: (status: JsonObject, strategy: JsonObject) => boolean
}

function replicaRule({ name, strategy: path, isHeldAtEnd }: ReplicaKind): (object: KubeObject) => Health {
  return (object) => {
    const status = objectAt(object, 'status')
    const strategy = objectAt(object, 'spec', ...path)
    if (isUnobserved(object)) return INITIALIZING
    const available = status['updatedAvailableReplicas']
    if (strategy['paused'] === true || typeof available !== 'number') return healthOf('Suspended', `${name} is paused`)
    if (isHeld(object, strategy)) {
      return isHeldAtEnd(status, strategy) ? healthOf('Suspended', `${name} needs manual intervention`) : INITIALIZING
    }
    if (available === status['replicas']) return healthOf('Healthy', `All ${name} workloads are ready and updated`)
    return healthOf('Degraded', 'Some replicas are not ready or available')
  }
}

const assessCloneSet = replicaRule({
  name: 'Cloneset',
  strategy: ['updateStrategy'],
  isHeldAtEnd: (status) => numberIn(status, 'updatedReplicas') >= numberIn(status, 'expectedUpdatedReplicas'),
})

const assessStatefulSet = replicaRule({
  name: 'Statefulset',
  strategy: ['updateStrategy', 'rollingUpdate'],
  isHeldAtEnd: (status, strategy) =>
    numberIn(status, 'updatedReplicas') > numberIn(status, 'replicas') - numberIn(strategy, 'partition'),
})

function assessDaemonSet(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const update = objectAt(object, 'spec', 'updateStrategy', 'rollingUpdate')
  if (isUnobserved(object)) return INITIALIZING
  const {
    updatedNumberScheduled: updated,
    desiredNumberScheduled: desired,
    numberAvailable,
    numberUnavailable,
  } = status
  if (update['paused'] === true || typeof updated !== 'number') return healthOf('Suspended', 'Daemonset is paused')
  if (typeof update['partition'] === 'number' && isHeld(object, update)) {
    const isWaiting = updated > numberIn(status, 'desiredNumberScheduled') - update['partition']
    return isWaiting ? healthOf('Suspended', 'Daemonset needs manual intervention') : INITIALIZING
  }
  if (updated !== desired) return INITIALIZING
  if (numberAvailable === desired) return healthOf('Healthy', 'All Daemonset workloads are ready and updated')
  if (numberUnavailable === desired) return healthOf('Degraded', 'Some pods are not ready or available')
  return INITIALIZING
}

const isActive: Test = (object) => objectsIn(objectAt(object, 'status'), 'active').length > 0
const hasRun = has('status.lastScheduleTime')

function assessGameServer(object: KubeObject): Health {
  const waiting = healthOf('Unknown', 'Waiting for GameServer to be ready')
  const status = objectAt(object, 'status')
  const [current, desired] = [textIn(status, 'currentState'), textIn(status, 'desiredState')]
  if (current !== desired) {
    return healthOf('Progressing', `State change: ${current || 'Unknown'} → ${desired || 'Unknown'}`)
  }
  const failed = objectsIn(objectAt(status, 'podStatus'), 'conditions').some(
    (condition) => condition['type'] === 'KruisePodReady' && condition['status'] !== 'True',
  )
  if (failed) return healthOf('Degraded', 'Pod is not ready: KruisePodReady')
  return current === 'Ready' ? healthOf('Healthy', 'GameServer is Ready') : waiting
}

function assessGameServerSet(object: KubeObject): Health {
  const initializing = healthOf('Progressing', 'Waiting for GameServerSet initialization')
  const status = objectAt(object, 'status')
  if (!('status' in object) || isUnobserved(object)) return initializing
  const update = objectAt(object, 'spec', 'updateStrategy', 'rollingUpdate')
  if (update['paused'] === true) return healthOf('Suspended', 'GameServerSet is paused')
  const partition = numberIn(update, 'partition')
  const replicas = numberIn(status, 'replicas')
  if (partition !== 0 && numberIn(status, 'updatedReplicas') >= replicas - partition) {
    return healthOf('Suspended', `Partition=${partition}, waiting for manual intervention`)
  }
  if (numberIn(status, 'updatedReadyReplicas') === replicas) {
    return healthOf('Healthy', 'All GameServerSet replicas are updated and ready')
  }
  const ready = numberIn(status, 'readyReplicas')
  if (ready >= replicas) return initializing
  return healthOf('Progressing', `ReadyReplicas ${ready}/${replicas}, still progressing`)
}

const step = (state: string): Test => is('status.canaryStatus.currentStepState', state)
const phase = (...phases: readonly string[]): Test => is('status.phase', ...phases)

export const kruiseRules: Readonly<Record<string, Assess>> = {
  'apps.kruise.io/AdvancedCronJob': rule(
    ['Healthy', 'AdvancedCronJobs has run successfully'],
    when([not(hasRun), is('spec.paused', true)], 'Suspended', 'AdvancedCronJob is Paused'),
    when(isActive, 'Progressing', 'AdvancedCronJobs has active jobs'),
    when(not(hasRun), 'Degraded', 'AdvancedCronJobs has not run successfully'),
  ),
  'apps.kruise.io/BroadcastJob': rule(
    ['Progressing', 'BroadcastJob is still running'],
    when(
      [phase('completed'), same('status.desired', 'status.succeeded')],
      'Healthy',
      'BroadcastJob is completed successfully',
    ),
    when([phase('failed'), not(is('status.failed', 0))], 'Degraded', 'BroadcastJob failed'),
    when([phase('paused'), is('spec.paused', true)], 'Suspended', 'BroadcastJob is Paused'),
  ),
  'apps.kruise.io/CloneSet': withStatus(assessCloneSet),
  'apps.kruise.io/DaemonSet': withStatus(assessDaemonSet),
  'apps.kruise.io/StatefulSet': withStatus(assessStatefulSet),
  'game.kruise.io/GameServer': assessGameServer,
  'game.kruise.io/GameServerSet': assessGameServerSet,
  'rollouts.kruise.io/Rollout': rule(
    ['Progressing', 'Rollout is still progressing'],
    when(isUnobserved, 'Progressing', 'Rollout is still progressing'),
    when([step('StepPaused'), phase('Progressing')], 'Suspended', 'Rollout is Paused need manual intervention'),
    when([step('Completed'), phase('Healthy')], 'Healthy', 'Rollout is Completed'),
    when([step('StepPaused'), phase('Terminating', 'Disabled')], 'Degraded', 'Rollout is Disabled or Terminating'),
  ),
}

function withStatus(assess: (object: KubeObject) => Health): Assess {
  const isNew = lacks('status')
  return (object) => (isNew(object) ? INITIALIZING : assess(object))
}
