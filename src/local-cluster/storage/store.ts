// What the API server asks of its storage: revisions over an append-only log, one counter for everything.

/** One version of one object as it is kept: JSON text under a key. */
export interface StoredObject {
  /** `group/resource/[namespace/]name`. */
  readonly key: string
  /** The whole object as JSON text, its resourceVersion included. */
  readonly value: string
  readonly revision: number
  readonly createRevision: number
}

/** One committed change, in the order of revisions. */
export interface StoreEvent extends StoredObject {
  readonly type: 'created' | 'updated' | 'deleted'
  /** The text before an update or a delete; undefined where compaction already dropped it. */
  readonly previous: string | undefined
}

export interface ListQuery {
  readonly prefix: string
  /** Objects behind this key only. */
  readonly after?: string
  /** 0 or absent: no limit. */
  readonly limit?: number
  /** The state at this revision instead of the newest. */
  readonly revision?: number
}

export interface ListPage {
  readonly items: readonly StoredObject[]
  /** The revision the page shows. */
  readonly revision: number
  /** Whether objects follow behind the last item. */
  readonly more: boolean
}

/** A write: it happens only if the object's newest revision is `expected` (0: there is none). */
export interface StoreChange {
  readonly key: string
  readonly expected: number
  /** Makes the text once the revision is known; for a delete, the last state that watchers see. */
  readonly encode: (revision: number) => string
  readonly delete?: boolean
}

export interface WatchQuery {
  readonly prefix: string
  /** Changes after this revision. */
  readonly after: number
  /** Receives the changes of one commit, in order; called at once for changes already committed. */
  readonly onEvents: (events: readonly StoreEvent[]) => void
}

/** Storage with history. Reads see what is written; `committed()` tells when that is safe on disk. */
export interface Store {
  /** The newest revision given out. */
  readonly revision: number
  /** The newest revision that is committed; all up to it was delivered to watchers. */
  readonly committedRevision: number
  /** Changes at or before this revision can no longer be read. */
  readonly compactedRevision: number
  get(key: string): StoredObject | undefined
  /** Throws `CompactedError` for a revision that is no longer kept. */
  list(query: ListQuery): ListPage
  count(prefix: string): number
  /**
   * Checks and applies a change at once and resolves when it is committed; changes made in one turn of the event loop share a transaction.
   * Rejects with `RevisionConflictError` where the object's revision is not the expected one.
   */
  write(change: StoreChange): Promise<StoredObject>
  /** Resolves when everything written so far is committed. */
  committed(): Promise<void>
  /** Calls back for every change behind a prefix; returns how to stop. Throws `CompactedError` where `after` is too old. */
  watch(query: WatchQuery): () => void
  /**
   * Forgets superseded versions at or before a revision: readers are told at once that they are gone, their rows go in
   * slices between requests. Where there is very much history, it is forgotten without being told to.
   */
  compact(revision: number): void
  /** Commits what is open and gives the storage back. */
  close(): Promise<void>
}

/** The object is not at the revision the writer knew. */
export class RevisionConflictError extends Error {
  readonly current: StoredObject | undefined

  constructor(key: string, current: StoredObject | undefined) {
    super(`${key} is at revision ${current?.revision ?? 0}`)
    this.name = 'RevisionConflictError'
    this.current = current
  }
}

/** The asked-for revision was compacted. */
export class CompactedError extends Error {
  readonly compactedRevision: number

  constructor(compactedRevision: number) {
    super(`history before revision ${compactedRevision} is no longer kept`)
    this.name = 'CompactedError'
    this.compactedRevision = compactedRevision
  }
}
