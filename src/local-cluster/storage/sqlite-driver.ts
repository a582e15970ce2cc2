// Log rows in a SQLite file: one writer, write-ahead log, safe when the process is killed.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { prefixEnd, type Driver, type LogRow } from './driver.ts'

export interface SqliteOptions {
  readonly file: string
  /** true: every commit waits for the disk (synchronous=FULL); otherwise it survives the process, not a power cut. */
  readonly durable?: boolean
  /** Bound of the file in pages of 4 KiB; absent: the disk's. */
  readonly maxPages?: number
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS log (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, deleted INTEGER NOT NULL, created INTEGER NOT NULL, previous INTEGER NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS head (key TEXT PRIMARY KEY, revision INTEGER NOT NULL, deleted INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`
const ROW = 'log.revision, log.key, log.deleted, log.created, log.previous, log.value'

/** Opens (or makes) the file and takes it for this process alone. Throws what node:sqlite throws. */
export function createSqliteDriver(options: SqliteOptions): Driver {
  const database = new DatabaseSync(options.file)
  try {
    prepareDatabase(database, options)
    return new SqliteDriver(database)
  } catch (error) {
    database.close()
    throw error
  }
}

function prepareDatabase(database: DatabaseSync, { durable, maxPages }: SqliteOptions): void {
  // The exclusive lock is the kernel's: it ends with the process, however that ends.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${durable === true ? 'FULL' : 'NORMAL'}; PRAGMA cache_size = -4096`)
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`)
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages)}`)
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync
  readonly #statements: Statements
  #last: number
  #committedLast: number
  #compacted: number
  #open = false

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = prepareStatements(database)
    const meta = (name: string): number => Number(this.#statements.getMeta.get(name)?.['value'] ?? 0)
    const newest = Number(database.prepare('SELECT max(revision) AS last FROM log').get()?.['last'] ?? 0)
    this.#compacted = meta('compacted')
    // Compaction may have dropped the newest rows (deletions): the counter must not go back.
    this.#last = Math.max(newest, this.#compacted)
    this.#committedLast = this.#last
  }

  lastRevision(): number {
    return this.#last
  }

  compactedRevision(): number {
    return this.#compacted
  }

  head(key: string): LogRow | undefined {
    return toRow(this.#statements.head.get(key))
  }

  row(revision: number): LogRow | undefined {
    return toRow(this.#statements.row.get(revision))
  }

  scan(prefix: string, after: string, limit: number): readonly LogRow[] {
    const start = after > prefix ? after : prefix
    return toRows(this.#statements.scan.all(start, prefixEnd(prefix), limit))
  }

  count(prefix: string): number {
    return Number(this.#statements.count.get(prefix, prefixEnd(prefix))?.['total'] ?? 0)
  }

  since(revision: number): readonly LogRow[] {
    return toRows(this.#statements.since.all(revision))
  }

  begin(): void {
    this.#database.exec('BEGIN IMMEDIATE')
    this.#open = true
  }

  append(row: LogRow): void {
    const deleted = row.deleted ? 1 : 0
    withDiskErrors(() => {
      this.#statements.insert.run(row.revision, row.key, deleted, row.createRevision, row.previous, row.value)
      this.#statements.setHead.run(row.key, row.revision, deleted)
    })
    this.#last = row.revision
  }

  commit(): void {
    withDiskErrors(() => this.#database.exec('COMMIT'))
    this.#open = false
    this.#committedLast = this.#last
  }

  rollback(): void {
    if (this.#open && this.#database.isTransaction) this.#database.exec('ROLLBACK')
    this.#open = false
    this.#last = this.#committedLast
  }

  compact(revision: number): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      this.#statements.dropSuperseded.run(this.#compacted, revision)
      this.#statements.dropDeletedHeads.run(revision)
      this.#statements.dropDeleted.run(this.#compacted, revision)
      this.#statements.setMeta.run('compacted', revision)
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
    this.#compacted = revision
  }

  close(): void {
    this.rollback()
    this.#database.close()
  }
}

/** A full or failing disk in words a person can act on. */
function withDiskErrors(step: () => void): void {
  try {
    step()
  } catch (error) {
    const text = messageOf(error)
    if (/full|ENOSPC/i.test(text)) {
      throw new CapstanError(
        'limit',
        'etcdserver: mvcc: database space exceeded (the disk of the data directory is full)',
        {
          cause: error,
        },
      )
    }
    throw new CapstanError('unavailable', `the storage does not take writes: ${text}`, { cause: error })
  }
}

interface Statements {
  readonly head: StatementSync
  readonly row: StatementSync
  readonly scan: StatementSync
  readonly count: StatementSync
  readonly since: StatementSync
  readonly insert: StatementSync
  readonly setHead: StatementSync
  readonly getMeta: StatementSync
  readonly setMeta: StatementSync
  readonly dropSuperseded: StatementSync
  readonly dropDeletedHeads: StatementSync
  readonly dropDeleted: StatementSync
}

function prepareStatements(database: DatabaseSync): Statements {
  const prepare = (sql: string): StatementSync => database.prepare(sql)
  return {
    head: prepare(`SELECT ${ROW} FROM head JOIN log ON log.revision = head.revision WHERE head.key = ?`),
    row: prepare(`SELECT ${ROW} FROM log WHERE revision = ?`),
    scan: prepare(
      `SELECT ${ROW} FROM head JOIN log ON log.revision = head.revision WHERE head.key > ? AND head.key < ? ORDER BY head.key LIMIT ?`,
    ),
    count: prepare('SELECT count(*) AS total FROM head WHERE key > ? AND key < ? AND deleted = 0'),
    since: prepare(`SELECT ${ROW} FROM log WHERE revision > ? ORDER BY revision`),
    insert: prepare('INSERT INTO log (revision, key, deleted, created, previous, value) VALUES (?, ?, ?, ?, ?, ?)'),
    setHead: prepare('INSERT OR REPLACE INTO head (key, revision, deleted) VALUES (?, ?, ?)'),
    getMeta: prepare('SELECT value FROM meta WHERE name = ?'),
    setMeta: prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)'),
    dropSuperseded: prepare(
      'DELETE FROM log WHERE revision IN (SELECT previous FROM log WHERE revision > ? AND revision <= ? AND previous > 0)',
    ),
    dropDeletedHeads: prepare('DELETE FROM head WHERE deleted = 1 AND revision <= ?'),
    dropDeleted: prepare('DELETE FROM log WHERE revision > ? AND revision <= ? AND deleted = 1'),
  }
}

type SqlRow = ReturnType<StatementSync['get']>

function toRow(row: SqlRow): LogRow | undefined {
  if (row === undefined) return undefined
  return {
    revision: Number(row['revision']),
    key: String(row['key']),
    deleted: row['deleted'] === 1,
    createRevision: Number(row['created']),
    previous: Number(row['previous']),
    value: String(row['value']),
  }
}

function toRows(rows: readonly SqlRow[]): readonly LogRow[] {
  const found: LogRow[] = []
  for (const row of rows) {
    const parsed = toRow(row)
    if (parsed !== undefined) found.push(parsed)
  }
  return found
}
