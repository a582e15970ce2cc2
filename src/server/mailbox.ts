// A queue between something that calls back and a loop that waits: what arrives meanwhile is kept, up to a limit.
import { CapstanError } from '../base/errors.ts'

export interface Mailbox<T> extends AsyncIterable<T> {
  put(item: T): void
}

export interface MailboxOptions<T> {
  /** Most items that wait at once. */
  readonly limit: number
  readonly signal: AbortSignal
  /** Items with the same key wait as one, so that a slow reader costs no more than the newest state of each. Default: none has. */
  readonly keyOf?: (item: T) => string
  /** What is left of a waiting item and a newer one with its key. Default: the newer one. */
  readonly merge?: (waiting: T, newer: T) => T
}

/** Ends when the signal aborts; throws `limit` to a reader that has let too much pile up. */
export function createMailbox<T>(options: MailboxOptions<T>): Mailbox<T> {
  const { limit, signal, keyOf, merge = (_, newer) => newer } = options
  const waiting = new Map<unknown, T>()
  let isOverfull = false
  let wake: (() => void) | undefined
  signal.addEventListener('abort', () => wake?.(), { once: true })

  async function* read(): AsyncGenerator<T> {
    while (!signal.aborted) {
      if (isOverfull) throw new CapstanError('limit', 'too slow a reader: changes piled up; ask again from the start')
      for (const [key, item] of waiting) {
        waiting.delete(key)
        yield item
        if (isOverfull || signal.aborted) break
      }
      if (waiting.size > 0 || isOverfull || signal.aborted) continue
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
  }

  return {
    put(item) {
      // An object is a key of its own.
      const key = keyOf?.(item) ?? {}
      const before = waiting.get(key)
      if (before !== undefined) waiting.set(key, merge(before, item))
      else if (waiting.size >= limit) isOverfull = true
      else waiting.set(key, item)
      wake?.()
    },
    [Symbol.asyncIterator]: read,
  }
}
