// Health of the Argo family's own kinds: rollouts, analysis runs, experiments, application sets, cron workflows.
import type { HealthStatusCode } from '../../crds/application.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { numberIn, objectAt, objectsIn, optionalNumberIn, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { clausesInOrder, conditions, rule, type Assess } from './rule-language.ts'

const WORKLOAD_GENERATION = 'rollout.argoproj.io/workload-generation'

const ROLLOUT_PHASES: Readonly<Record<string, HealthStatusCode>> = {
  Healthy: 'Healthy',
  Progressing: 'Progressing',
  Degraded: 'Degraded',
  Paused: 'Suspended',
  Suspended: 'Suspended',
}

/** argoproj.io Rollout: the phase from v1.0 on, the conditions and replica counts before. */
export function assessRollout(object: KubeObject): Health {
  if (!isObserved(object)) return healthOf('Progressing', 'Waiting for rollout spec update to be observed')
  const status = objectAt(object, 'status')
  const phase = textIn(status, 'phase')
  if (phase !== '') return healthOf(ROLLOUT_PHASES[phase] ?? 'Unknown', textIn(status, 'message'))
  const failure = objectsIn(status, 'conditions').find(isFailure)
  if (failure !== undefined) return healthOf('Degraded', textIn(failure, 'message'))
  const isPaused = objectAt(object, 'spec')['paused'] === true || objectsIn(status, 'pauseConditions').length > 0
  if (isPaused) return healthOf('Suspended', 'Rollout is paused')
  if (status['currentPodHash'] === undefined) {
    return healthOf('Progressing', 'Waiting for rollout to finish: status has not been reconciled.')
  }
  return assessReplicas(object) ?? assessCutover(object)
}

function isFailure({ type, reason }: JsonObject): boolean {
  if (type === 'InvalidSpec') return true
  return type === 'Progressing' && (reason === 'RolloutAborted' || reason === 'ProgressDeadlineExceeded')
}

/** Older versions write a hash, which is no number: that counts as observed, and so does a generation ahead. */
function isObserved(object: KubeObject): boolean {
  const status = objectAt(object, 'status')
  if (!('status' in object)) return false
  if (toNumber(status['observedGeneration']) < (object.metadata.generation ?? 0)) return false
  const { annotations } = object.metadata
  if (objectAt(object, 'spec')['workloadRef'] === undefined || annotations === undefined) return true
  const [wanted, seen] = [toNumber(annotations[WORKLOAD_GENERATION]), toNumber(status['workloadObservedGeneration'])]
  return Object.is(wanted, seen)
}

function toNumber(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN
}

function assessReplicas(object: KubeObject): Health | undefined {
  const status = objectAt(object, 'status')
  const updated = numberIn(status, 'updatedReplicas')
  const wait = (what: string): Health => healthOf('Progressing', `Waiting for roll out to finish: ${what}`)
  const wanted = optionalNumberIn(objectAt(object, 'spec'), 'replicas') ?? 1
  if (updated < wanted) return wait('More replicas need to be updated')
  if (numberIn(status, 'availableReplicas') < updated) return wait('updated replicas are still becoming available')
  return undefined
}

function assessCutover(object: KubeObject): Health {
  const status = objectAt(object, 'status')
  const { blueGreen, canary } = objectAt(object, 'spec', 'strategy')
  const current = textIn(status, 'currentPodHash')
  const stable = textIn(status, 'stableRS') || textIn(objectAt(status, 'canary'), 'stableRS')
  const wait = (text: string): Health => healthOf('Progressing', text)
  if (blueGreen !== undefined) {
    const active = textIn(objectAt(status, 'blueGreen'), 'activeSelector')
    if (active !== current) return wait('active service cutover pending')
    return stable === '' || stable === current ? healthOf('Healthy') : wait('waiting for analysis to complete')
  }
  if (canary === undefined) return healthOf('Healthy')
  if (numberIn(status, 'replicas') > numberIn(status, 'updatedReplicas')) {
    return wait('Waiting for roll out to finish: old replicas are pending termination')
  }
  return stable === current && stable !== '' ? healthOf('Healthy') : wait('Waiting for rollout to finish steps')
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
  // What runs says nothing of its own.
  const text = verdict[0] === 'Progressing' ? '' : textIn(status, 'message')
  return healthOf(verdict[0], text || `Analysis run ${verdict[1]}`)
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
  return healthOf(verdict[0], `Experiment ${verdict[1]}`)
}

/** argoproj.io ApplicationSet: an error first, then a rollout, then that all is up to date. */
export const assessApplicationSet: Assess = rule(
  ['Progressing', 'Waiting for the status to be reported'],
  clausesInOrder(
    ['ErrorOccurred=True', 'Degraded', '{.message}'],
    ['ResourcesUpToDate=False', 'Degraded', '{.message}'],
    ['RolloutProgressing=True', 'Progressing', '{.message}'],
    ['ResourcesUpToDate=True', 'Healthy', '{.message}'],
  ),
)

/** argoproj.io CronWorkflow: a spec or a submission that cannot work is wrong. */
export const assessCronWorkflow: Assess = rule(
  ['Healthy', 'CronWorkflow is healthy.'],
  conditions(
    ['SpecError=True', 'Degraded', '{.message}'],
    ['SubmissionError=True', 'Degraded', '{.message}'],
    ['Completed=True', 'Healthy', '{.message}'],
  ),
)
