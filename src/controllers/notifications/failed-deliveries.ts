// Deliveries that failed: each is tried again after a pause that grows, however often its application changes meanwhile.
import { backoffDelayMs } from '../../base/backoff.ts'

/** Upstream looks again every minute; a service that is down longer is asked less often. */
export const FIRST_PAUSE_MS = 10_000
export const LONGEST_PAUSE_MS = 600_000

interface Failure {
  readonly count: number
  readonly untilMs: number
}

export class FailedDeliveries {
  readonly #failures = new Map<string, Failure>()

  /** How long to wait before the delivery may be tried again; 0 where it may be now. */
  pauseMs(key: string, nowMs: number): number {
    return Math.max((this.#failures.get(key)?.untilMs ?? 0) - nowMs, 0)
  }

  /** It failed once more; tells how long to wait. */
  failed(key: string, nowMs: number): number {
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const pauseMs = backoffDelayMs({ baseMs: FIRST_PAUSE_MS, maxMs: LONGEST_PAUSE_MS }, count)
    this.#failures.set(key, { count, untilMs: nowMs + pauseMs })
    return pauseMs
  }

  /** It arrived, or is not wanted any more. */
  settled(key: string): void {
    this.#failures.delete(key)
  }

  /** Of an object that is gone. */
  forget(prefix: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(prefix)) this.#failures.delete(key)
  }
}
