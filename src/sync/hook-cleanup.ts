// Cleans up after hooks once a phase set is over; results are saved first, for a removed hook cannot be asked again.
import { messageOf } from '../base/errors.ts'
import { deleteHook, releaseHook } from './finish-hooks.ts'
import { HOOK_FINALIZER } from './annotations.ts'
import type { HookDeletePolicy } from './hooks.ts'
import { isCompleted, isPending, isRunning } from './result-book.ts'
import { TEXT } from './result-texts.ts'
import type { StepRun } from './step-run.ts'
import type { StepOutcome } from './sync-request.ts'
import { hasDeletePolicy, isHookTask, type SyncTask } from './task.ts'

/** Takes the finalizer off every hook that has completed, so that a TTL or a person may remove it. */
export async function releaseCompletedHooks(run: StepRun): Promise<void> {
  const held = run.request.tasks.filter(
    (task) =>
      isHookTask(task) &&
      isCompleted(run.book, task) &&
      run.liveOf(task)?.metadata.finalizers?.includes(HOOK_FINALIZER) === true,
  )
  if (held.length === 0) return
  await run.checkpoint()
  for (const task of held) {
    const live = run.liveOf(task)
    if (live === undefined) continue
    try {
      await releaseHook(run.environment.client, live, run.signal)
    } catch (error) {
      run.signal.throwIfAborted()
      run.book.set(task, { phase: 'Error', message: `failed to remove hook finalizer: ${messageOf(error)}` })
    }
  }
}

/** Completed hooks that have the policy. */
export function hooksToDelete(run: StepRun, policy: HookDeletePolicy): readonly SyncTask[] {
  return run.request.tasks.filter(
    (task) =>
      hasDeletePolicy(task, policy) &&
      run.liveOf(task) !== undefined &&
      !isRunning(run.book, task) &&
      !isPending(run.book, task),
  )
}

/** Deletes hooks; a failure is noted at the hook. */
export async function deleteHooks(run: StepRun, tasks: readonly SyncTask[]): Promise<void> {
  if (tasks.length === 0) return
  await run.checkpoint()
  for (const task of tasks) await deleteOne(run, task)
}

/** Ends an operation by request: running hooks are let go and deleted. */
export async function terminate(run: StepRun): Promise<StepOutcome> {
  await releaseCompletedHooks(run)
  let failed = false
  for (const task of run.request.tasks) {
    if (!isHookTask(task) || !isRunning(run.book, task) || run.liveOf(task) === undefined) continue
    run.book.set(task, { phase: 'Failed', message: 'Terminated' })
    failed = !(await deleteOne(run, task)) || failed
  }
  return failed ? run.outcome('Error', TEXT.terminatedWithErrors) : run.outcome('Failed', TEXT.terminated)
}

async function deleteOne(run: StepRun, task: SyncTask): Promise<boolean> {
  const live = run.liveOf(task)
  if (live === undefined) return true
  try {
    await deleteHook(run.environment.client, live, run.signal)
    return true
  } catch (error) {
    run.signal.throwIfAborted()
    run.book.set(task, { phase: 'Error', message: `failed to delete resource: ${messageOf(error)}` })
    return false
  }
}
