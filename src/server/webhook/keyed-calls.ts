// Calls by key: few at once, each key by itself and with a rest between, and once more where it was asked for meanwhile.
import type { Cancel, Clock } from '../../base/clock.ts'

export interface KeyedCallsOptions<Item> {
  /** Calls at the same time. */
  readonly limit: number
  /** From the end of a call to the next one of its key. */
  readonly restMs: number
  readonly clock: Clock
  /** Must not reject. */
  readonly call: (item: Item) => Promise<void>
}

/** Runs until `close`. */
export class KeyedCalls<Item> {
  readonly #options: KeyedCallsOptions<Item>
  readonly #waiting = new Map<string, Item>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #resting = new Map<string, Cancel>()
  readonly #onIdle = new Set<() => void>()
  #isClosed = false

  constructor(options: KeyedCallsOptions<Item>) {
    this.#options = options
  }

  /** Keys that wait or run. */
  get size(): number {
    return new Set([...this.#waiting.keys(), ...this.#running.keys()]).size
  }

  /** The newest item of a key stands for those that still wait. */
  ask(key: string, item: Item): void {
    if (this.#isClosed) return
    this.#waiting.set(key, item)
    this.#next()
  }

  /** Resolves when nothing waits or runs. */
  async idle(): Promise<void> {
    if (this.size === 0) return
    await new Promise<void>((resolve) => this.#onIdle.add(resolve))
  }

  /** Gives up what waits, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#waiting.clear()
    for (const cancel of this.#resting.values()) cancel()
    await Promise.all(this.#running.values())
    this.#tellIdle()
  }

  #next(): void {
    for (const [key, item] of this.#waiting) {
      if (this.#running.size >= this.#options.limit) return
      if (this.#running.has(key) || this.#resting.has(key)) continue
      this.#waiting.delete(key)
      this.#running.set(key, this.#run(key, item))
    }
  }

  async #run(key: string, item: Item): Promise<void> {
    const { call, clock, restMs } = this.#options
    try {
      await call(item)
    } finally {
      this.#running.delete(key)
      if (restMs > 0 && !this.#isClosed)
        this.#resting.set(
          key,
          clock.schedule(restMs, () => this.#wake(key)),
        )
      this.#next()
      this.#tellIdle()
    }
  }

  #wake(key: string): void {
    this.#resting.delete(key)
    this.#next()
  }

  #tellIdle(): void {
    if (this.size > 0) return
    for (const tell of this.#onIdle) tell()
    this.#onIdle.clear()
  }
}
