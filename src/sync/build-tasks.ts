// Builds the tasks of a sync from paired objects: what to apply, prune and run, in which phase and wave.
import type { SyncPhase } from '../crds/application.ts'
import { type GroupVersionKind, kindOf, type KubeObject } from '../kube/object.ts'
import { ANNOTATION, HOOK_FINALIZER, hasSyncOption, withAnnotation, withFinalizer } from './annotations.ts'
import { definedKind, kindText } from './custom-kinds.ts'
import { generatedHookName, hookMark, isHook, isSkipped, phasesOf } from './hooks.ts'
import { namespaceTask, type NamespaceWish } from './namespace-task.ts'
import { orderTasks } from './order-tasks.ts'
import type { ObjectPair } from './pair-objects.ts'
import { mirrorPruneWaves, pruneLast } from './prune-waves.ts'
import { unknownKindText } from './result-texts.ts'
import type { SyncOptions } from './sync-options.ts'
import { isPrune, objectOf, type SyncTask } from './task.ts'
import { waveOf } from './waves.ts'

export interface TaskInput {
  readonly pairs: readonly ObjectPair[]
  readonly hooks: readonly KubeObject[]
  /** The application's destination namespace. */
  readonly namespace: string
  /** The revision that is synced, for the names of hooks. */
  readonly revision: string
  readonly startedAtMs: number
  /** Names this operation and attempt: hooks carry it, see `ANNOTATION.hookOperation`. */
  readonly operationId: string
  readonly options: SyncOptions
  /** A selective sync and the apply strategy run no hooks. */
  readonly skipHooks: boolean
  /** False for objects the operation was not asked to touch. */
  readonly selects: (pair: ObjectPair) => boolean
  /** Wanted with CreateNamespace=true. */
  readonly namespaceWish: NamespaceWish | undefined
  /** True where the cluster serves the kind in that version. */
  readonly isServed: (kind: GroupVersionKind) => boolean
  /** What the cluster serves, to say what is there instead. */
  readonly served: readonly GroupVersionKind[]
  /** Why the project forbids an object, undefined where it does not. */
  readonly refusal: (object: KubeObject) => string | undefined
}

/** All tasks in the order they run; a task that cannot run carries its fault. */
export function buildTasks(input: TaskInput): readonly SyncTask[] {
  const tasks = [...resourceTasks(input), ...hookTasks(input)].map((task) => placed(task, input.namespace))
  const first = namespaceTask(input.namespaceWish, input.pairs)
  const all = first === undefined ? tasks : [...tasks, first]
  const checked = checkKinds(all, input)
  return orderTasks(pruneLast(mirrorPruneWaves(checked), input.options.pruneLast))
}

function resourceTasks(input: TaskInput): readonly SyncTask[] {
  const tasks: SyncTask[] = []
  for (const pair of input.pairs) {
    const object = pair.target ?? pair.live
    if (object === undefined || isSkipped(object) || isHook(object) || !input.selects(pair)) continue
    for (const phase of phasesOf(object)) tasks.push(taskOf(phase, pair.target, pair.live))
  }
  return tasks
}

function hookTasks(input: TaskInput): readonly SyncTask[] {
  if (input.skipHooks) return []
  return input.hooks.flatMap((hook) =>
    phasesOf(hook).map((phase) => {
      const target = preparedHook(hook, phase, input)
      return taskOf(phase, target, liveHook(target, input))
    }),
  )
}

/** A hook with a name, the finalizer that keeps it until its end was seen, and the mark of this operation. */
function preparedHook(hook: KubeObject, phase: SyncPhase, input: TaskInput): KubeObject {
  const marked = withAnnotation(withFinalizer(hook, HOOK_FINALIZER), ANNOTATION.hookOperation, hookMark(input, phase))
  if (marked.metadata.name !== undefined && marked.metadata.name !== '') return marked
  const name = generatedHookName(marked.metadata.generateName ?? '', input.revision, phase, input.startedAtMs)
  return { ...marked, metadata: { ...marked.metadata, name } }
}

function liveHook(hook: KubeObject, input: TaskInput): KubeObject | undefined {
  const { group, kind } = kindOf(hook)
  const namespace = hook.metadata.namespace || input.namespace
  return input.pairs.find(
    ({ key }) =>
      key.group === group &&
      key.kind === kind &&
      key.name === hook.metadata.name &&
      (key.namespace === '' || key.namespace === namespace),
  )?.live
}

function taskOf(phase: SyncPhase, target: KubeObject | undefined, live: KubeObject | undefined): SyncTask {
  const object = target ?? live
  return { phase, wave: object === undefined ? 0 : waveOf(object), target, live, skipDryRun: false }
}

/** Fills in an empty namespace, also for cluster scope: upstream's results are keyed so. */
function placed(task: SyncTask, namespace: string): SyncTask {
  const { target } = task
  if (target === undefined || (target.metadata.namespace ?? '') !== '') return task
  return { ...task, target: { ...target, metadata: { ...target.metadata, namespace } } }
}

/** Finds faults: kinds the cluster does not serve and nothing in the sync brings, and what the project forbids. */
function checkKinds(tasks: readonly SyncTask[], input: TaskInput): readonly SyncTask[] {
  const defined = new Set<string>()
  for (const { target } of tasks) {
    const kind = target === undefined ? undefined : definedKind(target)
    if (kind !== undefined) defined.add(kindText(kind))
  }
  return tasks.map((task) => {
    const object = objectOf(task)
    const kind = kindOf(object)
    const refusal = task.fault ?? input.refusal(object)
    if (refusal !== undefined) return { ...task, fault: refusal }
    if (input.isServed(kind)) return task
    const maySkip =
      input.options.skipDryRunOnMissingResource ||
      hasSyncOption('SkipDryRunOnMissingResource=true', task.target) ||
      defined.has(kindText(kind))
    if (maySkip && !isPrune(task)) return { ...task, skipDryRun: true }
    const { namespace = '', name = '' } = object.metadata
    return { ...task, fault: unknownKindText(kind, `${namespace}/${name}`, input.served) }
  })
}
