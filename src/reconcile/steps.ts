// Runs a reconciler's named steps one after the other.
import type { ReconcileResult, StepResult } from './outcome.ts'

/** One named step of a reconciler. */
export type Step<S> = (scope: S) => Promise<StepResult>

/** Runs steps in order until one answers other than `continue`. The last `continue` means done. */
export async function runSteps<S>(steps: readonly Step<S>[], scope: S): Promise<ReconcileResult> {
  for (const step of steps) {
    const result = await step(scope)
    if (result !== 'continue') return result
  }
  return 'done'
}
