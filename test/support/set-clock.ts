// A clock whose hands a test sets: it goes on from there, and what is scheduled still takes as long as it says.
import { type Cancel, type Clock, systemClock } from '../../src/base/clock.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Starts at noon of tomorrow, UTC: later than whatever the machine's own clock has written. */
export class SetClock implements Clock {
  readonly #dayMs = (Math.floor(systemClock.now() / DAY_MS) + 1) * DAY_MS
  #aheadMs = this.#dayMs + DAY_MS / 2 - systemClock.now()

  now(): number {
    return systemClock.now() + this.#aheadMs
  }

  /** To a time of the same day, `13:30` in UTC; never back. */
  set(time: string): void {
    const [hours = 0, minutes = 0] = time.split(':').map(Number)
    const aheadMs = this.#dayMs + hours * HOUR_MS + minutes * 60_000 - systemClock.now()
    if (aheadMs < this.#aheadMs) throw new Error(`it is later than ${time} already`)
    this.#aheadMs = aheadMs
  }

  schedule(delayMs: number, task: () => void): Cancel {
    return systemClock.schedule(delayMs, task)
  }
}
