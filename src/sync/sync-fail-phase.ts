// What follows a failure: the SyncFail hooks run once, then the operation is Failed with its reasons.
import { isPending, isRunning, isUnsuccessful } from './result-book.ts'
import { TEXT, withReasons } from './result-texts.ts'
import { runTasks } from './run-tasks.ts'
import type { StepRun } from './step-run.ts'
import type { StepOutcome } from './sync-request.ts'
import { isHookTask } from './task.ts'
import { waitFor } from './waiting.ts'

/** Goes on with the failure of an operation: waits for running hooks, runs the SyncFail hooks, then fails with `message`. */
export async function failOperation(run: StepRun, message: string): Promise<StepOutcome> {
  const { tasks } = run.request
  const hooks = tasks.filter((task) => task.phase === 'SyncFail')
  const pending = hooks.filter((task) => isPending(run.book, task))
  if (pending.length > 0) {
    const { state, waiting } = await runTasks(run, pending, { dryRun: run.request.dryRun })
    if (state === 'pending') return waitFor(run, pending, waiting)
  }
  const running = tasks.filter((task) => isHookTask(task) && isRunning(run.book, task))
  if (running.length > 0) return waitFor(run, running, 'completion')
  const reasons = tasks
    .filter((task) => task.phase !== 'SyncFail' && run.book.get(task)?.status === 'SyncFailed')
    .map((task) => run.book.get(task)?.message ?? '')
  const failure = withReasons(message, reasons)
  const failedHooks = hooks.filter((task) => isUnsuccessful(run.book, task))
  if (failedHooks.length === 0) return run.outcome('Failed', failure)
  const hookReasons = failedHooks.map((task) => run.book.get(task)?.message ?? '')
  return run.outcome('Failed', `${failure}\n${withReasons(TEXT.syncFailHooksFailed, hookReasons)}`)
}
