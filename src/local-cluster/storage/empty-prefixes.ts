// Which folders of keys are known to hold nothing, so that asking again (for the quotas of a namespace, at every creation) costs nothing.

/** Folders remembered; beyond that all are forgotten, as names of namespaces come from outside. */
const MAX_PREFIXES = 10_000

/** Prefixes that end in a slash. It may know less than the store, never something else. */
export class EmptyPrefixes {
  readonly #prefixes = new Set<string>()
  readonly #limit: number

  constructor(limit: number = MAX_PREFIXES) {
    this.#limit = limit
  }

  has(prefix: string): boolean {
    return this.#prefixes.has(prefix)
  }

  /** Notes that nothing stands below a prefix. */
  add(prefix: string): void {
    if (!prefix.endsWith('/')) return
    if (this.#prefixes.size >= this.#limit) this.#prefixes.clear()
    this.#prefixes.add(prefix)
  }

  clear(): void {
    this.#prefixes.clear()
  }

  /** Notes that something was written under a key. */
  fill(key: string): void {
    if (this.#prefixes.size === 0) return
    for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1))
      this.#prefixes.delete(key.slice(0, end + 1))
  }
}
