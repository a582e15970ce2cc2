// The rules of revisions over a driver: expected revisions, history, grouped commits, watching.
import type { Driver, LogRow } from './driver.ts'
import { EmptyPrefixes } from './empty-prefixes.ts'
import { HistoryBound, type HistoryLimits } from './history-bound.ts'
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

/** A row and what stood under its key before; undefined for nothing, or where nobody knows without asking the driver. */
interface Written {
  readonly row: LogRow
  readonly before: LogRow | undefined
}

interface Batch {
  readonly done: PromiseWithResolvers<void>
  readonly written: Written[]
  /** What stopped a write in the middle; the whole batch is given up. */
  failure: { readonly error: unknown } | undefined
}

/** How many heads one read of the driver asks for when a page has to be filled. */
const SCAN_CHUNK = 1000
/** Revisions forgotten in one go: a few milliseconds in SQLite, after which requests get their turn. */
const COMPACTION_SLICE = 500

export interface RevisionLogOptions {
  readonly history?: HistoryLimits
  /** Hears of history that could not be dropped; the next compaction tries again. */
  readonly onCompactionError?: (error: unknown) => void
}

/** A store over a driver; the driver is closed with it. */
export class RevisionLog implements Store {
  readonly #driver: Driver
  readonly #watchers = new Set<WatchQuery>()
  readonly #bound: HistoryBound
  readonly #empty = new EmptyPrefixes()
  readonly #onCompactionError: (error: unknown) => void
  #batch: Batch | undefined
  #committed: number
  /** Refused to readers from here back; the driver follows in slices. */
  #compacted: number
  #compaction: NodeJS.Immediate | undefined
  #hasFailed = false

  constructor(driver: Driver, { history, onCompactionError = () => undefined }: RevisionLogOptions = {}) {
    this.#driver = driver
    this.#bound = new HistoryBound(history)
    this.#onCompactionError = onCompactionError
    this.#committed = driver.lastRevision()
    this.#compacted = driver.compactedRevision()
  }

  get revision(): number {
    return this.#driver.lastRevision()
  }

  get committedRevision(): number {
    return this.#committed
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  get(key: string): StoredObject | undefined {
    return present(this.#driver.head(key))
  }

  list(query: ListQuery): ListPage {
    const revision = query.revision ?? this.revision
    if (revision < this.compactedRevision) throw new CompactedError(this.compactedRevision)
    const isNewest = query.revision === undefined
    if (isNewest && this.#empty.has(query.prefix)) return { items: [], revision, more: false }
    const page = this.#read(query, revision)
    if (isNewest && page.items.length === 0 && query.after === undefined) this.#empty.add(query.prefix)
    return page
  }

  #read(query: ListQuery, revision: number): ListPage {
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
    const current = present(head)
    if ((current?.revision ?? 0) !== change.expected) throw new RevisionConflictError(change.key, current)
    const batch = this.#openBatch()
    if (batch.failure !== undefined) throw batch.failure.error
    const revision = this.revision + 1
    const row: LogRow = {
      revision,
      key: change.key,
      deleted: change.delete === true,
      createRevision: current?.createRevision ?? revision,
      previous: head?.revision ?? 0,
      value: change.encode(revision),
    }
    this.#append(batch, { row, before: head })
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
      this.#deliver(
        query,
        rows.map((row) => this.#event({ row, before: undefined })),
      )
    }
    this.#watchers.add(query)
    return () => this.#watchers.delete(query)
  }

  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#committed))
    this.#hasFailed = false
    this.#compactSlice()
  }

  /** Forgets a slice where no transaction is open, and comes back for the next. */
  #compactSlice(): void {
    if (this.#batch !== undefined || this.#hasFailed || !this.#isBehind()) return // an open batch comes back after its commit
    try {
      this.#driver.compact(Math.min(this.#compacted, this.#driver.compactedRevision() + COMPACTION_SLICE))
    } catch (error) {
      this.#hasFailed = true
      this.#onCompactionError(error)
      return
    }
    if (!this.#isBehind() || this.#compaction !== undefined) return
    this.#compaction = setImmediate(() => {
      this.#compaction = undefined
      this.#compactSlice()
    })
  }

  #isBehind(): boolean {
    return this.#driver.compactedRevision() < this.#compacted
  }

  async close(): Promise<void> {
    await this.committed()
    clearImmediate(this.#compaction)
    this.#watchers.clear()
    this.#driver.close()
  }

  #openBatch(): Batch {
    if (this.#batch !== undefined) return this.#batch
    this.#driver.begin()
    const batch: Batch = { done: Promise.withResolvers<void>(), written: [], failure: undefined }
    // A failed commit reaches the writers; with none waiting there is nobody to tell.
    batch.done.promise.catch(() => undefined)
    this.#batch = batch
    setImmediate(() => this.#commit(batch))
    return batch
  }

  #append(batch: Batch, written: Written): void {
    try {
      this.#driver.append(written.row)
    } catch (error) {
      batch.failure = { error }
      throw error
    }
    this.#empty.fill(written.row.key)
    batch.written.push(written)
  }

  #commit(batch: Batch): void {
    this.#batch = undefined
    try {
      if (batch.failure !== undefined) throw batch.failure.error
      this.#driver.commit()
    } catch (error) {
      this.#driver.rollback()
      // What was deleted in this batch is there again.
      this.#empty.clear()
      batch.done.reject(error)
      return
    }
    this.#committed = this.revision
    batch.done.resolve()
    const events = batch.written.map((written) => this.#event(written))
    for (const watcher of this.#watchers) this.#deliver(watcher, events)
    this.#boundHistory(batch.written)
  }

  #boundHistory(written: readonly Written[]): void {
    for (const { row, before } of written) this.#bound.note(row.revision, before?.value.length ?? 0)
    const oldest = this.#bound.oldestKept(this.#compacted)
    if (oldest !== undefined) this.#compacted = oldest
    // Here and not later: where writes never pause, another transaction is open by then.
    this.#compactSlice()
  }

  #deliver(watcher: WatchQuery, events: readonly StoreEvent[]): void {
    const wanted = events.filter((event) => event.key.startsWith(watcher.prefix))
    if (wanted.length > 0) watcher.onEvents(wanted)
  }

  /** The same event object for every watcher, so that what they derive from it can be shared. */
  #event({ row, before }: Written): StoreEvent {
    const isNew = row.revision === row.createRevision
    const previous = isNew ? undefined : (before ?? this.#driver.row(row.previous))
    return {
      type: row.deleted ? 'deleted' : isNew ? 'created' : 'updated',
      key: row.key,
      value: row.value,
      revision: row.revision,
      createRevision: row.createRevision,
      previous: previous?.value,
    }
  }

  #at(head: LogRow, revision: number): LogRow | undefined {
    let row: LogRow | undefined = head
    while (row !== undefined && row.revision > revision)
      row = row.previous === 0 ? undefined : this.#driver.row(row.previous)
    return row
  }
}

function present(row: LogRow | undefined): LogRow | undefined {
  return row === undefined || row.deleted ? undefined : row
}
