// Ends a piece of work when its time is up or its caller gives up, whichever comes first.
import type { Clock } from '../../base/clock.ts'

export interface DeadlineOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** The error the caller sees when time is up. */
  readonly onTimeout: () => Error
}

/** Runs `work` with a signal that aborts at the deadline or with the caller; rejects then even if `work` does not listen. */
export async function withDeadline<T>(options: DeadlineOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, timeoutMs, signal } = options
  if (signal?.aborted) throw reasonOf(signal)
  const controller = new AbortController()
  const ended = Promise.withResolvers<never>()
  const end = (error: Error): void => {
    controller.abort(error)
    ended.reject(error)
  }
  const cancel = clock.schedule(timeoutMs, () => end(options.onTimeout()))
  const onAbort = (): void => end(reasonOf(signal))
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(controller.signal), ended.promise])
  } catch (error) {
    throw controller.signal.aborted ? reasonOf(controller.signal) : error
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}

/** The reason of an aborted signal as an Error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason })
}
