// Actions on Numaflow's pipelines and Numaplane's rollouts of them: pause, go on slowly or at once, promote, lose data knowingly.
import type { KubeObject } from '../kube/object.ts'
import type { ActionRule } from './contract.ts'
import { fieldAt, withAnnotation, withField, withoutField } from './edit.ts'
import { action, annotate, set, type Test } from './rule-language.ts'

const PAUSE_ICON = 'fa-solid fa-fw fa-pause'
const PLAY_ICON = 'fa-solid fa-fw fa-play'
const STRATEGIES = 'numaflow.numaproj.io/allowed-resume-strategies'
const FORCE_PROMOTE = 'numaplane.numaproj.io/force-promote'
const FAST_STRATEGIES: readonly unknown[] = ['fast', 'slow, fast']
const UPGRADE_STATE = 'numaplane.numaproj.io/upgrade-state'
const DATA_LOSS = 'numaplane.numaproj.io/allow-data-loss'

interface PausableKind {
  /** Where the pipeline itself stands. */
  readonly base: readonly string[]
  /** Upstream looks for what a pipeline allows in its spec, a rollout in the metadata of its child. */
  readonly strategies: readonly string[]
  /** A child is paused by its rollout. */
  readonly isOpen: Test
  readonly goOn: (object: KubeObject, isFast: boolean) => KubeObject
}

function pauseActions({ base, strategies: path, isOpen, goOn }: PausableKind): readonly ActionRule[] {
  const phase = [...base, 'spec', 'lifecycle', 'desiredPhase']
  const isPaused: Test = (object) => fieldAt(object, ...phase) === 'Paused'
  const strategies = (object: KubeObject): unknown => fieldAt(object, ...path, STRATEGIES)
  const run =
    (isFast: boolean) =>
    (object: KubeObject): KubeObject =>
      goOn(withField(object, phase, 'Running'), isFast)
  return [
    action('pause', set(phase, 'Paused'), {
      iconClass: PAUSE_ICON,
      disabledWhen: (object) => !isOpen(object) || isPaused(object),
    }),
    action('unpause-gradual', run(false), {
      displayName: 'Unpause (gradual)',
      iconClass: PLAY_ICON,
      disabledWhen: (object) => !isOpen(object) || !isPaused(object) || strategies(object) === 'fast',
    }),
    action('unpause-fast', run(true), {
      displayName: 'Unpause (fast)',
      iconClass: PLAY_ICON,
      disabledWhen: (object) => !isOpen(object) || !isPaused(object) || !FAST_STRATEGIES.includes(strategies(object)),
    }),
  ]
}

function label(object: KubeObject, name: string): string | undefined {
  return object.metadata.labels?.[name]
}

function isChildOf(kind: string): Test {
  return ({ metadata }) => (metadata.ownerReferences ?? []).some((owner) => owner.kind === kind)
}

function isInUpgrade(...states: readonly string[]): Test {
  return (object) => states.includes(label(object, UPGRADE_STATE) ?? '')
}

function forcePromote(displayName?: string): ActionRule {
  const isTried = isInUpgrade('in-progress', 'trial')
  return action('force-promote', set(['metadata', 'labels', FORCE_PROMOTE], 'true'), {
    ...(displayName === undefined ? {} : { displayName }),
    iconClass: 'fa-solid fa-fw fa-forward',
    disabledWhen: (object) => !isTried(object) || label(object, FORCE_PROMOTE) === 'true',
  })
}

const isOwnMonoVertex = isChildOf('MonoVertexRollout')
const isOwnPipeline = isChildOf('PipelineRollout')
const isExpired = isInUpgrade('recyclable-expired')
const isRecyclable = isInUpgrade('recyclable', 'recyclable-expired')

function rolloutPause(base: string): readonly ActionRule[] {
  return pauseActions({
    base: ['spec', base],
    strategies: ['spec', base, 'metadata', 'annotations'],
    isOpen: () => true,
    goOn: (object, isFast) => withField(object, ['spec', 'strategy', 'pauseResume', 'fastResume'], isFast),
  })
}

export const numaprojActions: Readonly<Record<string, readonly ActionRule[]>> = {
  'numaflow.numaproj.io/InterStepBufferService': [forcePromote()],
  'numaflow.numaproj.io/MonoVertex': [
    ...pauseActions({
      base: [],
      strategies: ['spec', 'metadata', 'annotations'],
      isOpen: (object) => !isOwnMonoVertex(object),
      // Without a number it starts with one and grows.
      goOn: (object, isFast) => (isFast ? object : withoutField(object, ['spec', 'replicas'])),
    }),
    forcePromote('Force Promote'),
  ],
  'numaflow.numaproj.io/Pipeline': [
    ...pauseActions({
      base: [],
      strategies: ['spec', 'metadata', 'annotations'],
      isOpen: (object) => !isOwnPipeline(object) || isExpired(object),
      goOn: (object, isFast) =>
        withAnnotation(object, 'numaflow.numaproj.io/resume-strategy', isFast ? 'fast' : 'slow'),
    }),
    forcePromote('Force Promote'),
    action('delete', annotate('numaplane.numaproj.io/marked-for-deletion', 'true'), {
      displayName: 'Delete',
      iconClass: 'fa-solid fa-fw fa-trash',
      disabledWhen: (object) => !isRecyclable(object),
    }),
  ],
  'numaplane.numaproj.io/MonoVertexRollout': rolloutPause('monoVertex'),
  'numaplane.numaproj.io/PipelineRollout': [
    ...rolloutPause('pipeline'),
    action('allow-data-loss', annotate(DATA_LOSS, 'true'), {
      displayName: 'Allow (Possible) Data Loss',
      iconClass: 'fa-solid fa-fw fa-unlock',
      disabledWhen: (object) => fieldAt(object, 'status', 'upgradeInProgress') !== 'PipelinePauseAndDrain',
    }),
    action('disallow-data-loss', annotate(DATA_LOSS, 'false'), {
      displayName: 'Disallow Data Loss',
      iconClass: 'fa-solid fa-fw fa-lock',
      disabledWhen: ({ metadata }) => metadata.annotations?.[DATA_LOSS] !== 'true',
    }),
  ],
}
