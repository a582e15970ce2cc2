// Keeps a process at its work: what fails is told and begun anew, as only its signal may end a replica.
import { sleep, type Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'

/** Between an end of the work and its next beginning. */
export const AGAIN_MS = 1_000

export interface AtWork {
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Does the work over and over until the signal; a cluster that did not answer in time while it began is no reason to end. */
export async function keepAtWork({ clock, log, signal }: AtWork, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work()
    } catch (error) {
      if (signal.aborted) log.debug('the work has failed as it ended', { error })
      else log.error('the work has failed and begins anew', { error })
    }
    await sleep(clock, AGAIN_MS, signal).catch(() => undefined)
  }
}
