// Runs a role of a production install to its end, which takes seconds, whatever does not answer any more.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Started } from './started.ts'

/** Kubernetes gives 30 seconds by default; who waits for a lease or a shard waits for this. */
export const STOP_LIMIT_MS = 5_000

export interface RoleRun {
  readonly clock: Clock
  readonly log: Log
  /** Tells the role to end. */
  readonly signal: AbortSignal
  /** Resolves or rejects when the role has done its work, soon after the signal. */
  readonly work: (started: Started) => Promise<void>
}

/**
 * Does the work and then ends in reverse what it has started. Once the signal has aborted or the work is done, that may take
 * `STOP_LIMIT_MS`; what has not ended by then ends with the process. Rejects as the work does.
 */
export async function runRole({ clock, log, signal, work }: RoleRun): Promise<void> {
  const started = new Started()
  const late = Promise.withResolvers<void>()
  let cancel: (() => void) | undefined
  const hurry = (): void => {
    cancel ??= clock.schedule(STOP_LIMIT_MS, () => {
      log.warn('not all has ended in time: what is left ends with the process', { seconds: STOP_LIMIT_MS / 1000 })
      late.resolve()
    })
  }
  if (signal.aborted) hurry()
  else signal.addEventListener('abort', hurry, { once: true })
  const working = work(started).finally(hurry)
  const stopping = working.then(
    () => started.stop(),
    () => started.stop(),
  )
  try {
    await Promise.race([stopping, late.promise])
    // Work that failed tells why, also where its end took too long; work that does not end at all is left.
    await Promise.race([working, late.promise])
  } finally {
    cancel?.()
    signal.removeEventListener('abort', hurry)
  }
}
