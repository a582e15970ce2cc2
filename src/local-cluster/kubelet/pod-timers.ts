// The timers of one pod, which end with it.
import type { Cancel, Clock } from '../../base/clock.ts'

/** Belongs to one pod; whoever opens it closes it. */
export class PodTimers {
  readonly #clock: Clock
  readonly #pending = new Set<Cancel>()
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Does something later, unless the timers end before. */
  after(delayMs: number, task: () => void): void {
    if (this.#isClosed) return
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#pending.delete(cancel)
      task()
    })
    this.#pending.add(cancel)
  }

  /** Ends those that run; others may be started. */
  cancel(): void {
    for (const cancel of this.#pending) cancel()
    this.#pending.clear()
  }

  /** Ends them all, for good. */
  close(): void {
    this.#isClosed = true
    this.cancel()
  }
}
