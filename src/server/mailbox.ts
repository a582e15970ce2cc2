// A queue between something that calls back and a loop that waits: what arrives meanwhile is kept, up to a limit.
import { CapstanError } from '../base/errors.ts'

export interface Mailbox<T> extends AsyncIterable<T> {
  put(item: T): void
}

/** Ends when the signal aborts; throws `limit` to a reader that has let too much pile up. */
export function createMailbox<T>(options: { readonly limit: number; readonly signal: AbortSignal }): Mailbox<T> {
  const { limit, signal } = options
  let waiting: T[] = []
  let isOverfull = false
  let wake: (() => void) | undefined
  signal.addEventListener('abort', () => wake?.(), { once: true })

  async function* read(): AsyncGenerator<T> {
    while (!signal.aborted) {
      if (isOverfull) throw new CapstanError('limit', 'too slow a reader: changes piled up; ask again from the start')
      const items = waiting
      waiting = []
      yield* items
      if (waiting.length > 0 || signal.aborted) continue
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
  }

  return {
    put(item) {
      if (waiting.length >= limit) isOverfull = true
      else waiting.push(item)
      wake?.()
    },
    [Symbol.asyncIterator]: read,
  }
}
