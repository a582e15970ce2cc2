// Looks at what running tasks have become: hooks by the phase of their work, resources by their health.
import { messageOf } from '../base/errors.ts'
import type { OperationPhase } from '../crds/application.ts'
import type { Health } from '../health/health.ts'
import { createsNamespace } from './namespace-task.ts'
import { isRunning } from './result-book.ts'
import { resourceRefOf } from './resource-ref.ts'
import { createdText, missingText } from './result-texts.ts'
import type { StepRun } from './step-run.ts'
import { isHookTask, isPrune, objectOf, subjectOf, type SyncTask } from './task.ts'

/** Updates every running task that applied something. A task whose object is not known live is looked up. */
export async function followRunningTasks(run: StepRun): Promise<void> {
  for (const task of run.request.tasks) {
    if (!isRunning(run.book, task) || isPrune(task)) continue
    // Once it is there nobody looks at it again: upstream's result of a namespace that a sync has made stays Running.
    if (createsNamespace(task, run.request.namespace)) continue
    if (run.liveOf(task) === undefined && !(await fetchLive(run, task))) continue
    follow(run, task)
  }
}

function follow(run: StepRun, task: SyncTask): void {
  const live = run.liveOf(task)
  if (live === undefined) return
  const health = run.environment.health(live)
  if (isHookTask(task)) {
    const phase = hookPhase(health)
    const message = health === undefined ? createdText(live.metadata.name ?? '') : (health.message ?? '')
    run.book.set(task, { phase, message })
    return
  }
  if (health === undefined) run.book.set(task, { phase: 'Succeeded' })
  else if (health.status === 'Healthy') run.book.set(task, { phase: 'Succeeded', message: health.message || undefined })
  else if (health.status === 'Degraded') run.book.set(task, { phase: 'Failed', message: health.message || undefined })
}

/** True where the object exists, or why it does not is noted. */
async function fetchLive(run: StepRun, task: SyncTask): Promise<boolean> {
  try {
    const ref = await resourceRefOf(run.environment.client, objectOf(task), run.signal)
    const live = await run.environment.client.get(ref, run.signal)
    if (live !== undefined) {
      run.saw(task, live)
      return true
    }
    run.book.set(task, { status: 'SyncFailed', phase: 'Error', message: missingText(subjectOf(task)) })
  } catch (error) {
    run.signal.throwIfAborted()
    run.book.set(task, { phase: 'Error', message: `failed to get resource health: ${messageOf(error)}` })
  }
  return false
}

function hookPhase(health: Health | undefined): OperationPhase {
  switch (health?.status) {
    case 'Unknown':
    case 'Degraded':
      return 'Failed'
    case 'Progressing':
    case 'Suspended':
      return 'Running'
    default:
      return 'Succeeded'
  }
}
