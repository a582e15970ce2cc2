// Ends what a start has begun, in reverse.

/** What has been started, ended in reverse. */
export class Started {
  readonly #ends: (() => Promise<void>)[] = []

  add<T>(thing: T, end: (thing: T) => Promise<void>): T {
    this.#ends.push(() => end(thing))
    return thing
  }

  /** Ends all of it, also where an end fails: what is left running would stand beside what is started anew. Throws the first fault. */
  async stop(): Promise<void> {
    const faults: unknown[] = []
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) {
      try {
        await end()
      } catch (error) {
        faults.push(error)
      }
    }
    if (faults.length > 0) throw faults[0]
  }
}
