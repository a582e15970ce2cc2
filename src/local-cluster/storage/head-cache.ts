// The newest rows of keys that are read and written often, so that most requests need no question to SQLite.
import type { LogRow } from './driver.ts'

/** Text kept in memory; a cluster of a thousand objects fits, a larger one is read from the file in part. */
const CACHE_TEXT_LENGTH = 8 * 1024 * 1024

/** Rows by key. It may know less than the file, never something else. */
export class HeadCache {
  readonly #rows = new Map<string, LogRow>()
  readonly #limit: number
  #length = 0

  constructor(limit: number = CACHE_TEXT_LENGTH) {
    this.#limit = limit
  }

  get(key: string): LogRow | undefined {
    return this.#rows.get(key)
  }

  /** Keeps the newest row of its key; the oldest entries make room for it. */
  put(row: LogRow): void {
    this.#drop(row.key)
    this.#rows.set(row.key, row)
    this.#length += row.value.length
    for (const key of this.#rows.keys()) {
      if (this.#length <= this.#limit) break
      this.#drop(key)
    }
  }

  /** Keeps a row if there is room: a long list must not push out what is read one by one. */
  offer(row: LogRow): void {
    if (this.#length + row.value.length <= this.#limit) this.put(row)
  }

  /** Forgets rows of deleted objects up to a revision, as a compaction does. */
  compact(revision: number): void {
    for (const [key, row] of this.#rows) {
      if (row.deleted && row.revision <= revision) this.#drop(key)
    }
  }

  clear(): void {
    this.#rows.clear()
    this.#length = 0
  }

  #drop(key: string): void {
    this.#length -= this.#rows.get(key)?.value.length ?? 0
    this.#rows.delete(key)
  }
}
