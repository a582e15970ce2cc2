// The work queue of controllers, with client-go's rules: each key waits at most once and is worked on by one worker at a time.
import { backoffDelayMs, type BackoffOptions } from './backoff.ts'
import type { Cancel, Clock } from './clock.ts'
import type { TokenBucket } from './token-bucket.ts'

/** client-go DefaultTypedControllerRateLimiter (util/workqueue/default_rate_limiters.go, v0.36). */
const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 5, maxMs: 1_000_000 }

export interface QueueOptions {
  readonly clock: Clock
  /** Of each key on its own. Default 5 ms doubling up to 1000 s. */
  readonly backoff?: BackoffOptions
  /** Bounds retries of all keys together; none by default. */
  readonly tokenBucket?: TokenBucket
}

interface Waiting {
  readonly atMs: number
  readonly cancel: Cancel
}

export interface QueueStatistics {
  /** Keys ready to be taken. */
  readonly depth: number
  readonly processing: number
  /** Keys whose time has not come. */
  readonly delayed: number
  readonly adds: number
  readonly retries: number
  /** Since the oldest ready key was added; 0 when none is. */
  readonly oldestAgeMs: number
}

/** Keys to be worked on. A key added while it is worked on comes again once that is done. */
export class WorkQueue {
  readonly #options: QueueOptions
  readonly #ready = new Map<string, number>()
  readonly #dirty = new Set<string>()
  readonly #processing = new Set<string>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #failures = new Map<string, number>()
  readonly #takers: ((key: string | undefined) => void)[] = []
  #idle: (() => void)[] = []
  #adds = 0
  #retries = 0
  #closed = false

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Puts a key in line unless it waits already. */
  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return
    this.#adds++
    this.#dirty.add(key)
    if (this.#processing.has(key)) return
    this.#ready.set(key, this.#options.clock.now())
    this.#serve()
  }

  /** Puts a key in line later; the earliest of several such times holds. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return
    if (delayMs <= 0) {
      this.add(key)
      return
    }
    const atMs = this.#options.clock.now() + delayMs
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      if (waiting.atMs <= atMs) return
      waiting.cancel()
    }
    const cancel = this.#options.clock.schedule(delayMs, () => {
      this.#waiting.delete(key)
      this.add(key)
    })
    this.#waiting.set(key, { atMs, cancel })
  }

  /** Puts a key in line after a delay that grows with each call until `forget`. */
  addRateLimited(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    this.#retries++
    const backoffMs = backoffDelayMs(this.#options.backoff ?? DEFAULT_BACKOFF, failures)
    const bucketMs = this.#options.tokenBucket?.reserve(this.#options.clock.now()) ?? 0
    this.addAfter(key, Math.max(backoffMs, bucketMs))
  }

  /** Forgets the failures of a key: its next back-off starts small. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  /** The next key; undefined once the queue is closed. Every key taken must be given to `done`. */
  take(): Promise<string | undefined> {
    const [key] = this.#ready.keys()
    if (this.#closed) return Promise.resolve(undefined)
    if (key !== undefined) {
      this.#start(key)
      return Promise.resolve(key)
    }
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    this.#takers.push(resolve)
    return promise
  }

  /** Ends the work on a key; it comes again if it was added meanwhile. */
  done(key: string): void {
    this.#processing.delete(key)
    if (this.#dirty.has(key) && !this.#closed) {
      this.#ready.set(key, this.#options.clock.now())
      this.#serve()
    }
    this.#announceIdle()
  }

  /** Resolves when nothing is ready or worked on; delayed keys do not count. */
  idle(): Promise<void> {
    if (this.#ready.size === 0 && this.#processing.size === 0) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#idle.push(resolve)
    return promise
  }

  statistics(): QueueStatistics {
    const [oldest] = this.#ready.values()
    return {
      depth: this.#ready.size,
      processing: this.#processing.size,
      delayed: this.#waiting.size,
      adds: this.#adds,
      retries: this.#retries,
      oldestAgeMs: oldest === undefined ? 0 : this.#options.clock.now() - oldest,
    }
  }

  /** Takes no more keys, drops those that wait, and answers every `take` with undefined. */
  close(): void {
    this.#closed = true
    for (const waiting of this.#waiting.values()) waiting.cancel()
    this.#waiting.clear()
    this.#ready.clear()
    this.#dirty.clear()
    for (const taker of this.#takers.splice(0)) taker(undefined)
    this.#announceIdle()
  }

  #serve(): void {
    const taker = this.#takers.shift()
    if (taker === undefined) return
    const [key] = this.#ready.keys()
    if (key === undefined) {
      this.#takers.unshift(taker)
      return
    }
    this.#start(key)
    taker(key)
  }

  #start(key: string): void {
    this.#ready.delete(key)
    this.#dirty.delete(key)
    this.#processing.add(key)
  }

  #announceIdle(): void {
    if (this.#ready.size > 0 || this.#processing.size > 0) return
    const waiters = this.#idle
    this.#idle = []
    for (const waiter of waiters) waiter()
  }
}
