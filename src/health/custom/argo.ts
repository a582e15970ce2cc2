// Health of the Argo family's own kinds: rollouts, analysis runs, experiments, application sets, cron workflows.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { conditionOf, isObject, numberIn, objectAt, objectsIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'

const WORKLOAD_GENERATION = 'rollout.argoproj.io/workload-generation'

const ROLLOUT_PHASES: Readonly<Record<string, HealthStatusCode>> = {
  Healthy: 'Healthy',
  Progressing: 'Progressing',
  Degraded: 'Degraded',
  Paused: 'Suspended',
}

/** argoproj.io Rollout: the phase from v1.0 on, the replica counts before. */
export function assessRollout(object: KubeObject): Health {
  if (!isObserved(object)) return healthOf('Progressing', 'Waiting for rollout spec update to be observed')
  const status = objectAt(object, 'status')
  const failure = objectsIn(status, 'conditions').find(isFailure)
  if (failure !== undefined) return healthOf('Degraded', textIn(failure, 'message'))
  const phase = ROLLOUT_PHASES[textIn(status, 'phase')]
  if (phase !== undefined) return healthOf(phase, textIn(status, 'message'))
  const isPaused = objectAt(object, 'spec')['paused'] === true || objectsIn(status, 'pauseConditions').length > 0
  if (isPaused) return healthOf('Suspended', 'Rollout is paused')
  return assessReplicas(object) ?? assessCutover(object)
}

function isFailure(condition: Readonly<Record<string, unknown>>): boolean {
  if (condition['type'] === 'InvalidSpec') return true
  const { reason } = condition as { reason?: unknown } // any object may be read so
  return condition['type'] === 'Progressing' && (reason === 'RolloutAborted' || reason === 'ProgressDeadlineExceeded')
}

/** Older versions write a hash, which is no number or too large a one: those count as observed. */
function isObserved(object: KubeObject): boolean {
  if (!isObject((object as { status?: unknown }).status)) return false
  const status = objectAt(object, 'status')
  const observed = Number(textIn(status, 'observedGeneration') || Number.NaN)
  const generation = object.metadata.generation ?? 0
  if (observed < generation) return false
  const wanted = object.metadata.annotations?.[WORKLOAD_GENERATION]
  const seen = textIn(status, 'workloadObservedGeneration')
  if (objectAt(object, 'spec')['workloadRef'] === undefined || wanted === undefined || seen === '') return true
  return wanted === seen
}

function assessReplicas(object: KubeObject): Health | undefined {
  const status = objectAt(object, 'status')
  const updated = numberIn(status, 'updatedReplicas')
  const wait = (what: string): Health => healthOf('Progressing', `Waiting for roll out to finish: ${what}`)
  if (updated < numberIn(objectAt(object, 'spec'), 'replicas')) return wait('More replicas need to be updated')
  const isCanary = objectAt(object, 'spec', 'strategy')['canary'] !== undefined
  if (numberIn(status, 'availableReplicas') < updated) return wait('updated replicas are still becoming available')
  if (isCanary && numberIn(status, 'replicas') > updated) return wait('old replicas are pending termination')
  return undefined
}

function assessCutover(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const current = textIn(status, 'currentPodHash')
  if (objectAt(object, 'spec', 'strategy')['blueGreen'] !== undefined) {
    const active = textIn(objectAt(status, 'blueGreen'), 'activeSelector')
    if (active === current) return healthOf('Healthy')
    return healthOf('Progressing', 'active service cutover pending')
  }
  const stable = textIn(status, 'stableRS') || textIn(objectAt(status, 'canary'), 'stableRS')
  if (stable === current) return healthOf('Healthy')
  return healthOf('Progressing', 'Waiting for rollout to finish steps')
}

const RUN_PHASES: Readonly<Record<string, readonly [status: HealthStatusCode, text: string]>> = {
  Pending: ['Progressing', 'is running'],
  Running: ['Progressing', 'is running'],
  Successful: ['Healthy', 'completed successfully'],
  Failed: ['Degraded', 'failed'],
  Error: ['Degraded', 'had an error'],
  Inconclusive: ['Unknown', 'was inconclusive'],
}

/** argoproj.io AnalysisRun. */
export function assessAnalysisRun(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const verdict = RUN_PHASES[textIn(status, 'phase')]
  if (verdict === undefined) {
    return healthOf('Progressing', 'Waiting for analysis run to finish: status has not been reconciled.')
  }
  return healthOf(verdict[0], textIn(status, 'message') || `Analysis run ${verdict[1]}`)
}

const EXPERIMENT_PHASES: Readonly<Record<string, readonly [status: HealthStatusCode, text: string]>> = {
  Pending: ['Progressing', 'is pending'],
  Running: ['Progressing', 'is running'],
  Successful: ['Healthy', 'is successful'],
  Failed: ['Degraded', 'has failed'],
  Error: ['Degraded', 'had an error'],
  Inconclusive: ['Unknown', 'is inconclusive'],
}

/** argoproj.io Experiment. */
export function assessExperiment(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const verdict = EXPERIMENT_PHASES[textIn(status, 'phase')]
  if (verdict === undefined) {
    return healthOf('Progressing', 'Waiting for experiment to finish: status has not been reconciled.')
  }
  return healthOf(verdict[0], textIn(status, 'message') || `Experiment ${verdict[1]}`)
}

/** argoproj.io ApplicationSet: an error first, then a rollout, then that all is up to date. */
export function assessApplicationSet(object: KubeObject): Health {
  const checks: readonly (readonly [type: string, status: HealthStatusCode])[] = [
    ['ErrorOccurred', 'Degraded'],
    ['RolloutProgressing', 'Progressing'],
    ['ResourcesUpToDate', 'Healthy'],
  ]
  for (const [type, status] of checks) {
    const condition = conditionOf(object, type)
    if (condition?.['status'] === 'True') return healthOf(status, textIn(condition, 'message'))
  }
  return healthOf('Progressing', 'Waiting for the status to be reported')
}

/** argoproj.io CronWorkflow: only a spec that cannot run is wrong. */
export function assessCronWorkflow(object: KubeObject): Health {
  const problem = conditionOf(object, 'SpecError')
  if (problem?.['status'] === 'True') return healthOf('Degraded', textIn(problem, 'message'))
  return healthOf('Healthy', 'CronWorkflow is healthy.')
}
