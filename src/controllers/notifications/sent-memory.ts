// What was written into annotations and may not have come back through the cache yet: so that nothing is sent twice.

interface Written {
  /** What the cache had when it was written. */
  readonly base: string | undefined
  /** What is true now. */
  readonly text: string | undefined
  /** What the cluster is known to have. */
  readonly stored: string | undefined
}

/** The newest state of each object's annotation, by the object's uid. */
export class SentMemory {
  readonly #written = new Map<string, Written>()

  /** The state to go on from, given what the cache has. */
  current(uid: string, cached: string | undefined): { readonly text?: string; readonly stored?: string } {
    const written = this.#written.get(uid)
    if (written === undefined || written.base !== cached) {
      // The cache has moved on: to what was written here, or to what somebody else wrote after it.
      this.#written.delete(uid)
      return optional(cached, cached)
    }
    return optional(written.text, written.stored)
  }

  /** Something was sent; `stored` is what the cluster has, which may lag where a write failed. */
  remember(uid: string, cached: string | undefined, text: string | undefined, stored: string | undefined): void {
    if (text === cached && stored === cached) this.#written.delete(uid)
    else this.#written.set(uid, { base: cached, text, stored })
  }

  forget(uid: string): void {
    this.#written.delete(uid)
  }
}

function optional(text: string | undefined, stored: string | undefined): { text?: string; stored?: string } {
  return { ...(text === undefined ? {} : { text }), ...(stored === undefined ? {} : { stored }) }
}
