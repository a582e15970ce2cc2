// The rules of revisions over a driver: expected revisions, history, grouped commits, watching.
import type { Driver, LogRow } from './driver.ts'
import {
  CompactedError,
  RevisionConflictError,
  type ListPage,
  type ListQuery,
  type Store,
  type StoreChange,
  type StoredObject,
  type StoreEvent,
  type WatchQuery,
} from './store.ts'

interface Batch {
  readonly done: PromiseWithResolvers<void>
  readonly rows: LogRow[]
  /** What stopped a write in the middle; the whole batch is given up. */
  failure: { readonly error: unknown } | undefined
}

/** How many heads one read of the driver asks for when a page has to be filled. */
const SCAN_CHUNK = 1000

/** A store over a driver; the driver is closed with it. */
export class RevisionLog implements Store {
  readonly #driver: Driver
  readonly #watchers = new Set<WatchQuery>()
  #batch: Batch | undefined
  #committed: number

  constructor(driver: Driver) {
    this.#driver = driver
    this.#committed = driver.lastRevision()
  }

  get revision(): number {
    return this.#driver.lastRevision()
  }

  get compactedRevision(): number {
    return this.#driver.compactedRevision()
  }

  get(key: string): StoredObject | undefined {
    const row = this.#driver.head(key)
    return row === undefined || row.deleted ? undefined : row
  }

  list(query: ListQuery): ListPage {
    const revision = query.revision ?? this.revision
    if (revision < this.compactedRevision) throw new CompactedError(this.compactedRevision)
    const wanted = query.limit === undefined || query.limit <= 0 ? Infinity : query.limit
    const items: StoredObject[] = []
    for (const head of this.#heads(query.prefix, query.after ?? '', Math.min(SCAN_CHUNK, wanted + 1))) {
      const row = this.#at(head, revision)
      if (row === undefined || row.deleted) continue
      if (items.length === wanted) return { items, revision, more: true }
      items.push(row)
    }
    return { items, revision, more: false }
  }

  /** Newest rows behind a key, read a chunk at a time. */
  *#heads(prefix: string, start: string, chunk: number): Generator<LogRow> {
    let after = start
    for (;;) {
      const heads = this.#driver.scan(prefix, after, chunk)
      yield* heads
      const last = heads.at(-1)
      if (last === undefined || heads.length < chunk) return
      after = last.key
    }
  }

  count(prefix: string): number {
    return this.#driver.count(prefix)
  }

  async write(change: StoreChange): Promise<StoredObject> {
    const head = this.#driver.head(change.key)
    const current = head === undefined || head.deleted ? undefined : head
    if ((current?.revision ?? 0) !== change.expected) throw new RevisionConflictError(change.key, current)
    const batch = this.#openBatch()
    if (batch.failure !== undefined) throw batch.failure.error
    const row = this.#append(batch, change, head)
    await batch.done.promise
    return row
  }

  async committed(): Promise<void> {
    if (this.#batch !== undefined) await this.#batch.done.promise.catch(() => undefined) // the writers hear of the failure
  }

  watch(query: WatchQuery): () => void {
    if (query.after < this.compactedRevision) throw new CompactedError(this.compactedRevision)
    if (query.after < this.#committed) {
      const rows = this.#driver.since(query.after).filter((row) => row.revision <= this.#committed)
      this.#deliver(query, rows)
    }
    this.#watchers.add(query)
    return () => this.#watchers.delete(query)
  }

  compact(revision: number): void {
    const target = Math.min(revision, this.#committed)
    if (this.#batch !== undefined || target <= this.compactedRevision) return
    this.#driver.compact(target)
  }

  async close(): Promise<void> {
    await this.committed()
    this.#watchers.clear()
    this.#driver.close()
  }

  #openBatch(): Batch {
    if (this.#batch !== undefined) return this.#batch
    this.#driver.begin()
    const batch: Batch = { done: Promise.withResolvers<void>(), rows: [], failure: undefined }
    // A failed commit reaches the writers; with none waiting there is nobody to tell.
    batch.done.promise.catch(() => undefined)
    this.#batch = batch
    setImmediate(() => this.#commit(batch))
    return batch
  }

  #append(batch: Batch, change: StoreChange, head: LogRow | undefined): LogRow {
    const revision = this.revision + 1
    const row: LogRow = {
      revision,
      key: change.key,
      deleted: change.delete === true,
      createRevision: head === undefined || head.deleted ? revision : head.createRevision,
      previous: head?.revision ?? 0,
      value: change.encode(revision),
    }
    try {
      this.#driver.append(row)
    } catch (error) {
      batch.failure = { error }
      throw error
    }
    batch.rows.push(row)
    return row
  }

  #commit(batch: Batch): void {
    this.#batch = undefined
    try {
      if (batch.failure !== undefined) throw batch.failure.error
      this.#driver.commit()
    } catch (error) {
      this.#driver.rollback()
      batch.done.reject(error)
      return
    }
    this.#committed = this.revision
    batch.done.resolve()
    for (const watcher of this.#watchers) this.#deliver(watcher, batch.rows)
  }

  #deliver(watcher: WatchQuery, rows: readonly LogRow[]): void {
    const events = rows.filter((row) => row.key.startsWith(watcher.prefix)).map((row) => this.#event(row))
    if (events.length > 0) watcher.onEvents(events)
  }

  readonly #events = new WeakMap<LogRow, StoreEvent>()

  /** The same event object for every watcher, so that what they derive from it can be shared. */
  #event(row: LogRow): StoreEvent {
    const known = this.#events.get(row)
    if (known !== undefined) return known
    const event: StoreEvent = {
      type: typeOf(row),
      key: row.key,
      value: row.value,
      revision: row.revision,
      createRevision: row.createRevision,
      previous: row.revision === row.createRevision ? undefined : this.#driver.row(row.previous)?.value,
    }
    this.#events.set(row, event)
    return event
  }

  #at(head: LogRow, revision: number): LogRow | undefined {
    let row: LogRow | undefined = head
    while (row !== undefined && row.revision > revision)
      row = row.previous === 0 ? undefined : this.#driver.row(row.previous)
    return row
  }
}

function typeOf(row: LogRow): StoreEvent['type'] {
  if (row.deleted) return 'deleted'
  return row.revision === row.createRevision ? 'created' : 'updated'
}
