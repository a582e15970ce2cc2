// Waits for a condition in a cluster by asking again and again.
import { CapstanError } from '../base/errors.ts'
import { sleep, type Clock } from '../base/clock.ts'

/** Between two questions, as upstream asks. */
const INTERVAL_MS = 100

export interface PollOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** What is waited for, for the error. */
  readonly subject: string
}

/** Asks at once and then each 100 ms. Throws `timeout` when the answer stays no, and what the question throws. */
export async function poll(isDone: () => Promise<boolean>, options: PollOptions): Promise<void> {
  const endMs = options.clock.now() + options.timeoutMs
  while (!(await isDone())) {
    if (options.clock.now() >= endMs)
      throw new CapstanError('timeout', `${options.subject}: not within ${options.timeoutMs} ms`)
    await sleep(options.clock, INTERVAL_MS, options.signal)
  }
}
