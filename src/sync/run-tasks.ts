// Runs the tasks of one wave: prune, remove hooks that are to be made anew, then apply kind by kind.
import { messageOf } from '../base/errors.ts'
import { applyObject } from './apply.ts'
import { releaseHook } from './finish-hooks.ts'
import { pruneObject } from './prune.ts'
import { isPending, PHASE_OF_RESULT } from './result-book.ts'
import { resourceRefOf } from './resource-ref.ts'
import { TEXT } from './result-texts.ts'
import type { StepRun } from './step-run.ts'
import { pruneDecision } from './sync-options.ts'
import { hasDeletePolicy, isHookTask, isPrune, objectOf, type SyncTask } from './task.ts'

/** How many objects of one kind are written at the same time, as upstream's kubectl parallelism. */
const MAX_PARALLEL = 20

export interface RunOutcome {
  readonly state: 'successful' | 'pending' | 'failed'
  /** What a pending run waits for. */
  readonly waiting: 'completion' | 'deletion' | 'confirmation'
}

interface RunMode {
  readonly dryRun: boolean
}

/** Runs tasks of one phase and wave, or makes a dry run of any set. Results of a dry run are noted only where it failed or the operation is one. */
export async function runTasks(run: StepRun, tasks: readonly SyncTask[], mode: RunMode): Promise<RunOutcome> {
  if (!mode.dryRun) await releaseOldHooks(run, tasks)
  const toPrune = tasks.filter(isPrune)
  const toApply = tasks.filter((task) => !isPrune(task))
  if (!mode.dryRun && tasksToConfirm(run, toPrune).length > 0) return { state: 'pending', waiting: 'confirmation' }
  if (!(await allSucceed(toPrune, (task) => pruneTask(run, task, mode)))) return failed()
  if (!mode.dryRun) {
    const removed = await removeOldHooks(run, toApply)
    if (removed !== undefined) return removed
  }
  let succeeded = true
  for (const group of kindGroups(toApply)) {
    if (!mode.dryRun) await run.environment.beforeApply?.(group.map(objectOf))
    // A kind that failed does not keep the next from being tried.
    succeeded = (await allSucceed(group, (task) => applyTask(run, task, mode))) && succeeded
  }
  return succeeded ? { state: 'successful', waiting: 'completion' } : failed()
}

function failed(): RunOutcome {
  return { state: 'failed', waiting: 'completion' }
}

/** What a person has to agree to before it is removed. */
export function tasksToConfirm({ request }: StepRun, tasks: readonly SyncTask[]): readonly SyncTask[] {
  if (request.pruneConfirmed || !request.prune) return []
  return tasks.filter((task) => isPrune(task) && pruneDecision(request.options, objectOf(task)) === 'confirm')
}

async function pruneTask(run: StepRun, task: SyncTask, mode: RunMode): Promise<boolean> {
  const live = run.liveOf(task)
  if (live === undefined) return true
  const { options, prune } = run.request
  const result = await pruneObject(run.environment, { live, options, prune, dryRun: mode.dryRun })
  if (result.message === TEXT.pruned) await lookAgain(run, task)
  note(run, task, { result, mode })
  return result.status !== 'SyncFailed'
}

/** Sees the deletion that was just begun, so that the next wave does not start while the object is still there. */
async function lookAgain(run: StepRun, task: SyncTask): Promise<void> {
  const { client } = run.environment
  const object = await client.get(await resourceRefOf(client, objectOf(task), run.signal), run.signal)
  if (object?.metadata.uid === objectOf(task).metadata.uid && object !== undefined) run.saw(task, object)
}

async function applyTask(run: StepRun, task: SyncTask, mode: RunMode): Promise<boolean> {
  const { target } = task
  if (target === undefined || (mode.dryRun && task.skipDryRun)) return true
  const { options, force, migrationManager } = run.request
  const live = run.liveOf(task)
  const result = await applyObject(run.environment, {
    target,
    live,
    options,
    force,
    migrationManager,
    dryRun: mode.dryRun,
  })
  if (result.object !== undefined) run.saw(task, result.object)
  note(run, task, { result, mode })
  return result.status !== 'SyncFailed'
}

interface Noted {
  readonly result: { readonly status: 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped'; readonly message: string }
  readonly mode: RunMode
}

function note(run: StepRun, task: SyncTask, { result, mode }: Noted): void {
  const { status, message } = result
  if (mode.dryRun && !run.request.dryRun && status !== 'SyncFailed') return
  const phase = PHASE_OF_RESULT[status]
  // Nothing was made that could still be running.
  const reached = run.request.dryRun && phase === 'Running' ? 'Succeeded' : phase
  run.book.set(task, { status, phase: reached, message })
}

/** A hook of an earlier operation may still hold its finalizer, which would keep it for ever. */
async function releaseOldHooks(run: StepRun, tasks: readonly SyncTask[]): Promise<void> {
  for (const task of tasks) {
    const live = run.liveOf(task)
    if (live === undefined || !isHookTask(task) || !isPending(run.book, task)) continue
    await releaseHook(run.environment.client, live, run.signal)
  }
}

async function removeOldHooks(run: StepRun, tasks: readonly SyncTask[]): Promise<RunOutcome | undefined> {
  const old = tasks.filter(
    (task) =>
      run.liveOf(task) !== undefined && isPending(run.book, task) && hasDeletePolicy(task, 'BeforeHookCreation'),
  )
  if (old.length === 0) return undefined
  const deleted = await allSucceed(old, (task) => removeHook(run, task))
  return deleted ? { state: 'pending', waiting: 'deletion' } : failed()
}

async function removeHook(run: StepRun, task: SyncTask): Promise<boolean> {
  try {
    const ref = await resourceRefOf(run.environment.client, objectOf(task), run.signal)
    await run.environment.client.delete(ref, { propagationPolicy: 'Background', signal: run.signal })
    return true
  } catch (error) {
    run.signal.throwIfAborted()
    run.book.set(task, { phase: 'Error', message: `failed to delete resource: ${messageOf(error)}` })
    return false
  }
}

/** Runs of neighbouring tasks of one kind: those run at the same time. */
function kindGroups(tasks: readonly SyncTask[]): readonly (readonly SyncTask[])[] {
  const groups: SyncTask[][] = []
  for (const task of tasks) {
    const group = groups.at(-1)
    if (group?.[0] !== undefined && objectOf(group[0]).kind === objectOf(task).kind) group.push(task)
    else groups.push([task])
  }
  return groups
}

async function allSucceed(tasks: readonly SyncTask[], act: (task: SyncTask) => Promise<boolean>): Promise<boolean> {
  let succeeded = true
  for (let start = 0; start < tasks.length; start += MAX_PARALLEL) {
    const results = await Promise.all(tasks.slice(start, start + MAX_PARALLEL).map(act))
    succeeded = succeeded && results.every(Boolean)
  }
  return succeeded
}
