// What the revision log asks of the place where its rows lie: memory or a SQLite file.

/** One line of the append-only log. */
export interface LogRow {
  readonly revision: number
  readonly key: string
  readonly deleted: boolean
  readonly createRevision: number
  /** Revision of the row of the same key before this one; 0 for none. */
  readonly previous: number
  readonly value: string
}

/** Keeps rows; the rules of revisions stand a floor above, in `RevisionLog`. All calls are synchronous. */
export interface Driver {
  lastRevision(): number
  compactedRevision(): number
  /** The newest row of a key, also when it is a deletion. */
  head(key: string): LogRow | undefined
  row(revision: number): LogRow | undefined
  /** Newest rows of the keys behind `after` that start with `prefix`, in key order, deletions included. */
  scan(prefix: string, after: string, limit: number): readonly LogRow[]
  /** Keys that start with `prefix` and are not deleted. */
  count(prefix: string): number
  /** Rows after a revision, in order. */
  since(revision: number): readonly LogRow[]
  begin(): void
  /** Rows come in the order of revisions, but for a restore into an empty driver. */
  append(row: LogRow): void
  commit(): void
  rollback(): void
  /** Drops rows at or before `revision` that a newer row at or before it replaces, and deletions; the counter stands there at least. */
  compact(revision: number): void
  close(): void
}

/** The first text behind every text that starts with `prefix`. */
export function prefixEnd(prefix: string): string {
  return `${prefix}\uffff`
}
