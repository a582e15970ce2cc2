// The outcome of a step that has to wait, with a message that names what for.
import { isHookTask, isPrune, subjectOf, type SyncTask } from './task.ts'
import { waitingText, type WaitReason } from './result-texts.ts'
import type { StepRun } from './step-run.ts'
import type { StepOutcome } from './sync-request.ts'

type Waiting = 'completion' | 'deletion' | 'confirmation'

/** Running, with `waiting for <reason> <first> and <n> more <resources|hooks>`; hooks are named first. */
export function waitFor(run: StepRun, tasks: readonly SyncTask[], waiting: Waiting, delayMs = 0): StepOutcome {
  const hooks = tasks.filter(isHookTask)
  const resources = tasks.filter((task) => !isHookTask(task))
  const named = hooks[0] ?? resources[0]
  if (named === undefined) return run.outcome('Running', '', delayMs)
  const noun = resources.length === 0 ? 'hooks' : 'resources'
  const text = waitingText(reasonOf(named, waiting), subjectOf(named), tasks.length - 1, noun)
  return run.outcome('Running', text, delayMs)
}

function reasonOf(task: SyncTask, waiting: Waiting): WaitReason {
  switch (waiting) {
    case 'confirmation':
      return 'pruning confirmation of'
    case 'deletion':
      return isHookTask(task) ? 'deletion of hook' : 'deletion of'
    case 'completion':
      if (isHookTask(task)) return 'completion of hook'
      return isPrune(task) ? 'deletion of' : 'healthy state of'
  }
}
