// Calls by key: few at once, each key by itself, and once more where it was asked for while it ran.

/** Runs until `close`. */
export class KeyedCalls<Item> {
  readonly #limit: number
  readonly #call: (item: Item) => Promise<void>
  readonly #waiting = new Map<string, Item>()
  readonly #running = new Map<string, Promise<void>>()
  #isClosed = false

  /** `call` must not reject. */
  constructor(limit: number, call: (item: Item) => Promise<void>) {
    this.#limit = limit
    this.#call = call
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
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  /** Gives up what waits, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#waiting.clear()
    await this.idle()
  }

  #next(): void {
    for (const [key, item] of this.#waiting) {
      if (this.#running.size >= this.#limit) return
      if (this.#running.has(key)) continue
      this.#waiting.delete(key)
      const run = this.#call(item).finally(() => {
        this.#running.delete(key)
        this.#next()
      })
      this.#running.set(key, run)
    }
  }
}
