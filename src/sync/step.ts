// The state machine of a sync: each call runs one wave of one phase, or finds out why to wait (facts section 3).
import { followRunningTasks } from './follow-tasks.ts'
import { deleteHooks, hooksToDelete, releaseCompletedHooks, terminate } from './hook-cleanup.ts'
import { hookMark } from './hooks.ts'
import { createsNamespace } from './namespace-task.ts'
import { isPending, isRunning, isUnsuccessful } from './result-book.ts'
import { TEXT } from './result-texts.ts'
import { runTasks, tasksToConfirm } from './run-tasks.ts'
import { StepRun } from './step-run.ts'
import { failOperation } from './sync-fail-phase.ts'
import type { StepOutcome, SyncEnvironment, SyncRequest } from './sync-request.ts'
import { ANNOTATION, annotationOf } from './annotations.ts'
import { isHookTask, isPrune, type SyncTask } from './task.ts'
import { waitFor } from './waiting.ts'
import { waveDelay } from './wave-delay.ts'

type Stage = (run: StepRun) => Promise<StepOutcome | undefined>

/** In order; the first that answers ends the step. */
const STAGES: readonly Stage[] = [
  refuseInvalidTasks,
  recogniseOwnHooks,
  prepareFirstRun,
  followTasks,
  waitForDeletions,
  releaseHooks,
  stopAfterFailure,
  runNextWave,
]

/** Runs one step. Call again with the results it answers until the phase is Succeeded, Failed or Error. */
export async function syncStep(request: SyncRequest, environment: SyncEnvironment): Promise<StepOutcome> {
  const run = new StepRun(request, environment)
  for (const stage of STAGES) {
    const outcome = await stage(run)
    if (outcome !== undefined) return outcome
  }
  return run.outcome('Succeeded', TEXT.noMoreTasks)
}

/** Ends an operation by request: its running hooks are let go and deleted. */
export async function terminateSync(request: SyncRequest, environment: SyncEnvironment): Promise<StepOutcome> {
  const run = new StepRun(request, environment)
  await recogniseOwnHooks(run)
  return terminate(run)
}

async function refuseInvalidTasks(run: StepRun): Promise<StepOutcome | undefined> {
  const faults = run.request.tasks.filter((task) => task.fault !== undefined)
  if (faults.length === 0) return undefined
  for (const task of faults) run.book.set(task, { status: 'SyncFailed', message: task.fault })
  const messages = [...new Set(faults.map((task) => task.fault ?? ''))].toSorted()
  return run.outcome('Failed', `${TEXT.tasksInvalid}: ${messages.join('; ')}`)
}

/** A hook that carries this operation's mark was applied by it, even if the process ended before that was noted: it must not run again. */
async function recogniseOwnHooks(run: StepRun): Promise<undefined> {
  for (const task of run.request.tasks) {
    if (!isHookTask(task) || task.live === undefined || !isPending(run.book, task)) continue
    if (annotationOf(task.live, ANNOTATION.hookOperation) !== hookMark(run.request, task.phase)) continue
    run.book.set(task, { status: 'Synced', phase: 'Running' })
  }
}

/** First call: the namespace, then a dry run of everything. */
async function prepareFirstRun(run: StepRun): Promise<StepOutcome | undefined> {
  if (!run.book.isEmpty) return undefined
  const { tasks, namespace, dryRun } = run.request
  const first = tasks.find((task) => createsNamespace(task, namespace))
  if (first !== undefined && (await runTasks(run, [first], { dryRun })).state === 'failed') {
    return failOperation(run, TEXT.namespaceFailed)
  }
  const rest = withoutUnmodified(run, tasks).filter((task) => task !== first)
  const { state } = await runTasks(run, rest, { dryRun: true })
  return state === 'failed' ? run.outcome('Failed', TEXT.dryRunFailed) : undefined
}

async function followTasks(run: StepRun): Promise<StepOutcome | undefined> {
  await followRunningTasks(run)
  const { tasks } = run.request
  const first = tasks[0]
  const last = tasks.at(-1)
  const isMultiStep = first?.phase !== last?.phase || first?.wave !== last?.wave
  const running = tasks.filter(
    (task) =>
      isRunning(run.book, task) && (isMultiStep || isHookTask(task)) && !createsNamespace(task, run.request.namespace),
  )
  return running.length > 0 ? waitFor(run, running, 'completion') : undefined
}

async function waitForDeletions(run: StepRun): Promise<StepOutcome | undefined> {
  const going = run.request.tasks.filter(
    (task) =>
      run.book.get(task)?.status === 'Pruned' &&
      run.liveOf(task)?.metadata.deletionTimestamp !== undefined &&
      isPrune(task),
  )
  return going.length > 0 ? waitFor(run, going, 'deletion') : undefined
}

async function releaseHooks(run: StepRun): Promise<undefined> {
  await releaseCompletedHooks(run)
}

async function stopAfterFailure(run: StepRun): Promise<StepOutcome | undefined> {
  const { tasks } = run.request
  const failed = tasks.some((task) => task.phase !== 'SyncFail' && isUnsuccessful(run.book, task))
  if (!failed) return undefined
  await deleteHooks(run, hooksToDelete(run, 'HookFailed'))
  return failOperation(run, TEXT.tasksFailed)
}

async function runNextWave(run: StepRun): Promise<StepOutcome> {
  const normal = run.request.tasks.filter((task) => task.phase !== 'SyncFail')
  const pending = withoutUnmodified(
    run,
    normal.filter((task) => isPending(run.book, task)),
  )
  const next = pending[0]
  if (next === undefined) {
    await deleteHooks(run, hooksToDelete(run, 'HookSucceeded'))
    return run.outcome('Succeeded', TEXT.noMoreTasks)
  }
  const wave = pending.filter((task) => task.phase === next.phase && task.wave === next.wave)
  const remaining = pending.filter((task) => task.phase !== next.phase || task.wave !== next.wave || isHookTask(task))
  const { state, waiting } = await runTasks(run, wave, { dryRun: run.request.dryRun })
  if (state === 'failed') {
    await deleteHooks(run, hooksToDelete(run, 'HookFailed'))
    return failOperation(run, TEXT.applyFailed)
  }
  const isLast = pending.every((task) => task.phase === next.phase && task.wave === next.wave)
  const delayMs = isLast || run.request.dryRun ? 0 : waveDelay(wave, run.environment.waveDelayMs)
  if (state === 'pending') return waitFor(run, waiting === 'confirmation' ? tasksToConfirm(run, wave) : wave, waiting)
  if (remaining.length > 0) return waitFor(run, remaining, 'completion', delayMs)
  await deleteHooks(run, hooksToDelete(run, 'HookSucceeded'))
  return run.outcome('Succeeded', TEXT.allTasksRun)
}

function withoutUnmodified(run: StepRun, tasks: readonly SyncTask[]): readonly SyncTask[] {
  if (!run.request.options.applyOutOfSyncOnly) return tasks
  const keeps = (task: SyncTask): boolean =>
    isHookTask(task) || isPrune(task) || task.live === undefined || run.request.isModified(task)
  return tasks.filter(keeps)
}
