// Time as a thing that is passed in: the real clock, and a manual one for tests.

/** Cancels what was scheduled; harmless when it already ran. */
export type Cancel = () => void

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `task` once after `delayMs`; a pending timer does not keep the process alive. */
  schedule(delayMs: number, task: () => void): Cancel
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, task) {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number): void => {
      const nowMs = Math.min(leftMs, MAX_TIMER_MS)
      timer = setTimeout(() => (leftMs > nowMs ? wait(leftMs - nowMs) : task()), nowMs)
      timer.unref()
    }
    wait(delayMs)
    return () => clearTimeout(timer)
  },
}

/** Timers take 32 bits, some 24 days; what is longer would fire at once, so it is waited for in parts. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Resolves after `delayMs`; rejects with the signal's reason when aborted first. */
export async function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const cancel = clock.schedule(delayMs, resolve)
  const onAbort = (): void => {
    cancel()
    reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

interface Scheduled {
  readonly atMs: number
  readonly task: () => void
}

/** A clock that moves only when told to: tests drive it. */
export class ManualClock implements Clock {
  #nowMs: number
  readonly #tasks = new Set<Scheduled>()

  constructor(nowMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  schedule(delayMs: number, task: () => void): Cancel {
    const scheduled = { atMs: this.#nowMs + Math.max(0, delayMs), task }
    this.#tasks.add(scheduled)
    return () => this.#tasks.delete(scheduled)
  }

  /** Moves time on and runs, in order, everything that falls due on the way. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs
    for (;;) {
      const [next] = [...this.#tasks].filter((task) => task.atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      this.#tasks.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.task()
    }
    this.#nowMs = endMs
  }
}
