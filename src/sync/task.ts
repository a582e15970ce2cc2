// One thing a sync has to do: apply or prune one object in one phase and wave; and what has become of it.
import type { SyncPhase } from '../crds/application.ts'
import { keyText, kindOf, type KubeObject, type ObjectKey } from '../kube/object.ts'
import { deletePoliciesOf, type HookDeletePolicy, isHook } from './hooks.ts'

export interface SyncTask {
  readonly phase: SyncPhase
  readonly wave: number
  /** Absent for an object to prune. */
  readonly target: KubeObject | undefined
  /** Absent where the cluster has no such object yet. */
  readonly live: KubeObject | undefined
  /** The kind may not exist yet when the dry run is made. */
  readonly skipDryRun: boolean
  /** Why the task cannot be run at all: its kind is unknown, or the project forbids it. */
  readonly fault?: string
}

/** The object a task is about. */
export function objectOf(task: SyncTask): KubeObject {
  const object = task.target ?? task.live
  if (object === undefined) throw new Error('a task has a target or a live object')
  return object
}

export function isPrune(task: SyncTask): boolean {
  return task.target === undefined
}

export function isHookTask(task: SyncTask): boolean {
  return isHook(objectOf(task))
}

export function hasDeletePolicy(task: SyncTask, policy: HookDeletePolicy): boolean {
  return isHookTask(task) && deletePoliciesOf(objectOf(task)).includes(policy)
}

export function taskKey(task: SyncTask): ObjectKey {
  return objectKey(objectOf(task))
}

function objectKey(object: KubeObject): ObjectKey {
  const { group, kind } = kindOf(object)
  return { group, kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }
}

/** Identifies a task's result within an operation: the object and the phase. */
export function resultKey(task: SyncTask): string {
  return `${keyText(taskKey(task))}:${task.phase}`
}

/** `<group>/<kind>/<name>`, as the waiting messages name it. */
export function subjectOf(task: SyncTask): string {
  const { group, kind, name } = taskKey(task)
  return `${group}/${kind}/${name}`
}
