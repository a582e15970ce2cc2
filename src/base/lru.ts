// A bounded cache that lets go of what was not asked for longest.

export interface LruOptions<V> {
  /** Upper bound of the summed sizes. */
  readonly maxSize: number
  /** The size of a value, in the unit of `maxSize`. Default: every value counts 1. */
  readonly sizeOf?: (value: V) => number
  /** Called for each value that leaves to make room or is overwritten. */
  readonly onEvict?: (key: string, value: V) => void
}

interface Entry<V> {
  readonly value: V
  readonly size: number
}

/** Least recently used goes first; a value larger than the whole cache is not kept. */
export class LruCache<V> {
  readonly #options: LruOptions<V>
  // A Map keeps insertion order: re-inserting on each hit leaves the oldest in front.
  readonly #entries = new Map<string, Entry<V>>()
  #size = 0
  #hits = 0
  #misses = 0

  constructor(options: LruOptions<V>) {
    this.#options = options
  }

  /** Sum of the sizes of what is kept. */
  get size(): number {
    return this.#size
  }

  get count(): number {
    return this.#entries.size
  }

  /** How often `get` found something, and how often not. */
  get statistics(): { readonly hits: number; readonly misses: number } {
    return { hits: this.#hits, misses: this.#misses }
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      this.#misses++
      return undefined
    }
    this.#hits++
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Whether it is kept; counts as no use. */
  has(key: string): boolean {
    return this.#entries.has(key)
  }

  set(key: string, value: V): void {
    this.#remove(key, true)
    const size = this.#options.sizeOf?.(value) ?? 1
    if (size > this.#options.maxSize) return
    this.#entries.set(key, { value, size })
    this.#size += size
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#options.maxSize) break
      this.#remove(oldest, true)
    }
  }

  delete(key: string): boolean {
    return this.#remove(key, false)
  }

  clear(): void {
    this.#entries.clear()
    this.#size = 0
  }

  #remove(key: string, evicted: boolean): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#entries.delete(key)
    this.#size -= entry.size
    if (evicted) this.#options.onEvict?.(key, entry.value)
    return true
  }
}
