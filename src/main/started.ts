// Ends what a start has begun, in reverse.

/** What has been started, ended in reverse. */
export class Started {
  readonly #ends: (() => Promise<void>)[] = []

  add<T>(thing: T, end: (thing: T) => Promise<void>): T {
    this.#ends.push(() => end(thing))
    return thing
  }

  async stop(): Promise<void> {
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop()) await end()
  }
}
