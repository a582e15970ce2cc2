// Health of Numaflow's pipelines and of Numaplane's rollouts of them.
import type { KubeObject } from '../../kube/object.ts'
import { objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import {
  conditions,
  conditionsOf,
  hasCondition,
  is,
  isUnobserved,
  lacks,
  not,
  rule,
  when,
  type Assess,
  type ConditionClause,
  type Test,
} from './rule-language.ts'

interface FlowKind {
  readonly pausedPhases: readonly string[]
  /** What a condition that is False tells; without it, its own message. */
  readonly unhealthy?: string
  /** Numaplane marks the child of a progressive upgrade that failed. */
  readonly isUpgraded: boolean
}

const FLOW_KINDS: Readonly<Record<string, FlowKind>> = {
  InterStepBufferService: { pausedPhases: [], isUpgraded: true },
  MonoVertex: { pausedPhases: ['Paused'], unhealthy: 'Subresources are unhealthy', isUpgraded: true },
  Pipeline: { pausedPhases: ['Paused', 'Pausing'], unhealthy: 'Subresources are unhealthy', isUpgraded: true },
  Vertex: { pausedPhases: ['Paused'], isUpgraded: false },
}

function assessFlow(object: KubeObject, { pausedPhases, unhealthy, isUpgraded }: FlowKind): Health {
  const { kind, metadata } = object
  const status = objectAt(object, 'status')
  const waiting = healthOf('Progressing', `Waiting for ${kind} status`)
  if (!('status' in object) || isUnobserved(object)) return waiting
  const phase = textIn(status, 'phase')
  if (phase === 'Failed') return healthOf('Degraded', textIn(status, 'message'))
  if (isUpgraded && metadata.labels?.['numaplane.numaproj.io/progressive-result-state'] === 'failed') {
    return healthOf('Degraded', 'Failed progressive upgrade')
  }
  const failed = conditionsOf(object).findLast((condition) => condition['status'] === 'False')
  if (failed !== undefined) return healthOf('Degraded', unhealthy ?? textIn(failed, 'message'))
  if (pausedPhases.includes(phase)) return healthOf('Healthy', `${kind} is paused`)
  return phase === 'Running' ? healthOf('Healthy', `${kind} is healthy`) : waiting
}

interface RolloutKind {
  /** The reason of an unhealthy child that is a failure; without it every reason but `Progressing` is. */
  readonly failure?: string
  /** The condition that says it is paused, which is no fault. */
  readonly paused?: string
  readonly unknown: string
}

const ROLLOUT_KINDS: Readonly<Record<string, RolloutKind>> = {
  ISBServiceRollout: { failure: 'ISBSvcFailed', unknown: 'Unknown status' },
  MonoVertexRollout: {
    failure: 'MonoVertexFailed',
    paused: 'MonoVertexPausingOrPaused',
    unknown: 'Unknown MonoVertex status',
  },
  NumaflowControllerRollout: { unknown: 'Unknown status' },
  PipelineRollout: { failure: 'PipelineFailed', paused: 'PipelinePausingOrPaused', unknown: 'Unknown Pipeline status' },
}

const UPGRADE_FAILED = 'ProgressiveUpgradeSucceeded=False'
const isUpgrading: Test = (object) =>
  !is('status.upgradeInProgress', undefined, '')(object) || is('status.phase', 'Pending')(object)

function rolloutRule({ failure, paused, unknown }: RolloutKind): Assess {
  return rule(
    ['Unknown', unknown],
    when(lacks('status'), 'Progressing', 'Not yet reconciled'),
    when(isUnobserved, 'Progressing', 'Not yet reconciled'),
    when(
      failure === undefined ? isUpgrading : [isUpgrading, not(hasCondition(UPGRADE_FAILED))],
      'Progressing',
      'Update in progress',
    ),
    when(hasCondition('ChildResourcesHealthy=False:Progressing'), 'Progressing', 'Child Progressing'),
    when(is('status.phase', 'Failed'), 'Degraded', '{status.message}'),
    conditions([`ChildResourcesHealthy=False:${failure ?? '*'}`, 'Degraded', '{.message}'], ...upgradeClause(failure)),
    paused === undefined ? () => undefined : conditions([`${paused}=True`, 'Healthy', '{.message}']),
    when(hasCondition('ChildResourcesHealthy=True'), 'Healthy', 'Healthy'),
  )
}

function upgradeClause(failure: string | undefined): readonly ConditionClause[] {
  return failure === undefined ? [] : [[UPGRADE_FAILED, 'Degraded', 'Progressive upgrade failed']]
}

export const numaprojRules: Readonly<Record<string, Assess>> = {
  ...Object.fromEntries(
    Object.entries(FLOW_KINDS).map(([kind, flow]) => [
      `numaflow.numaproj.io/${kind}`,
      (object: KubeObject) => assessFlow(object, flow),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(ROLLOUT_KINDS).map(([kind, rollout]) => [`numaplane.numaproj.io/${kind}`, rolloutRule(rollout)]),
  ),
}
