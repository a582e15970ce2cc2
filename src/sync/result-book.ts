// The results of one operation as they stand in status.operationState.syncResult.resources: all that a restarted process knows.
import type { OperationPhase, ResourceResult, ResultCode, SyncPhase } from '../crds/application.ts'
import { keyText, kindOf } from '../kube/object.ts'
import { imagesOf } from '../live/images.ts'
import { isHookTask, objectOf, resultKey, type SyncTask, taskKey } from './task.ts'

export interface ResultUpdate {
  readonly status?: ResultCode | undefined
  readonly phase?: OperationPhase | undefined
  readonly message?: string | undefined
}

/** The phase a task is in after its object was applied or pruned (facts section 1). */
export const PHASE_OF_RESULT: Readonly<Record<ResultCode, OperationPhase>> = {
  Synced: 'Running',
  SyncFailed: 'Failed',
  Pruned: 'Succeeded',
  PruneSkipped: 'Succeeded',
}

/** Ordered by first appearance, keyed by object and phase. Lives for one step. */
export class ResultBook {
  readonly #results = new Map<string, ResourceResult>()
  #changes = 0

  constructor(results: readonly ResourceResult[]) {
    for (const result of results) this.#results.set(keyOfResult(result), result)
  }

  get(task: SyncTask): ResourceResult | undefined {
    return this.#results.get(resultKey(task))
  }

  get isEmpty(): boolean {
    return this.#results.size === 0
  }

  /** Grows with each difference noted: equal numbers mean nothing to save. */
  get changes(): number {
    return this.#changes
  }

  all(): readonly ResourceResult[] {
    return [...this.#results.values()]
  }

  /** Notes what became of a task; what the update leaves out stays. */
  set(task: SyncTask, update: ResultUpdate): void {
    const key = resultKey(task)
    const before = this.#results.get(key)
    const next = mergeResult(before ?? emptyResult(task), update)
    if (before !== undefined && isSame(before, next)) return
    this.#results.set(key, next)
    this.#changes++
  }
}

/** The state of a task's operation; undefined while it is pending. */
export function phaseOfTask(book: ResultBook, task: SyncTask): OperationPhase | undefined {
  return book.get(task)?.hookPhase
}

export function isPending(book: ResultBook, task: SyncTask): boolean {
  return phaseOfTask(book, task) === undefined
}

export function isRunning(book: ResultBook, task: SyncTask): boolean {
  const phase = phaseOfTask(book, task)
  return phase === 'Running' || phase === 'Terminating'
}

export function isCompleted(book: ResultBook, task: SyncTask): boolean {
  return !isPending(book, task) && !isRunning(book, task)
}

export function isUnsuccessful(book: ResultBook, task: SyncTask): boolean {
  return isCompleted(book, task) && phaseOfTask(book, task) !== 'Succeeded'
}

function keyOfResult(result: ResourceResult): string {
  const phase: SyncPhase = result.syncPhase ?? 'Sync'
  return `${keyText(result)}:${phase}`
}

function emptyResult(task: SyncTask): ResourceResult {
  const object = objectOf(task)
  const images = imagesOf(object)
  return {
    ...taskKey(task),
    version: kindOf(object).version,
    syncPhase: task.phase,
    ...(isHookTask(task) ? { hookType: task.phase } : {}),
    ...(images.length > 0 ? { images } : {}),
  }
}

function mergeResult(before: ResourceResult, update: ResultUpdate): ResourceResult {
  return {
    ...before,
    ...(update.status === undefined ? {} : { status: update.status }),
    ...(update.phase === undefined ? {} : { hookPhase: update.phase }),
    // Nothing to say keeps what was said last, as upstream's setResourceResult does.
    ...(update.message === undefined || update.message === '' ? {} : { message: update.message }),
  }
}

function isSame(a: ResourceResult, b: ResourceResult): boolean {
  return a.status === b.status && a.hookPhase === b.hookPhase && a.message === b.message
}
