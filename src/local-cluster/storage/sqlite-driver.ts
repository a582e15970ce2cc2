// Log rows in a SQLite file: one writer, write-ahead log, safe when the process is killed.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { prefixEnd, type Driver, type LogRow } from './driver.ts'
import { HeadCache } from './head-cache.ts'

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
const TABLES = ['log', 'head', 'meta']
/** `Caps`: says whose file it is (`file state.db` shows it too). */
const APPLICATION_ID = 0x43617073
/** Raised with every change of the tables that an older Capstan could not read. */
const SCHEMA_VERSION = 1
/** The write-ahead log is cut back to this after a large transaction. */
const MAX_LOG_BYTES = 16 * 1024 * 1024
/** 32 MiB in pages of 4 KiB. */
const MIN_FREE_PAGES = 8192
/** The columns of a row, in the order `toRow` reads them. */
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

/** Whether another process has the file open: its lock is exclusive. */
export function isLocked(file: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    database.prepare('SELECT count(*) FROM sqlite_master').get()
    return false
  } catch (error) {
    return /locked|busy/i.test(messageOf(error))
  } finally {
    database.close()
  }
}

function prepareDatabase(database: DatabaseSync, { durable, maxPages }: SqliteOptions): void {
  // The exclusive lock is the kernel's: it ends with the process, however that ends.
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  refuseForeign(database)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = ${MAX_LOG_BYTES}`)
  database.exec(`PRAGMA synchronous = ${durable === true ? 'FULL' : 'NORMAL'}; PRAGMA cache_size = -4096`)
  database.exec(
    `BEGIN IMMEDIATE; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`,
  )
  giveSpaceBack(database)
  if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages)}`)
}

/** A database that another program, or a newer Capstan, has made is not written to. */
function refuseForeign(database: DatabaseSync): void {
  const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
  const id = pragma('application_id')
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  if (id !== APPLICATION_ID && (id !== 0 || tables.some(({ name }) => !TABLES.includes(String(name))))) {
    throw new CapstanError('precondition', 'it belongs to another program')
  }
  const version = pragma('user_version')
  if (version > SCHEMA_VERSION) {
    throw new CapstanError('precondition', `it has format ${version}, and this Capstan reads ${SCHEMA_VERSION}`)
  }
}

/** After very many objects were deleted the file is mostly empty pages: worth rewriting what is left. */
function giveSpaceBack(database: DatabaseSync): void {
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
  const free = Number(database.prepare('PRAGMA freelist_count').get()?.['freelist_count'])
  if (free > MIN_FREE_PAGES && free > pages / 2) database.exec('VACUUM')
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #heads = new HeadCache()
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
    const known = this.#heads.get(key)
    if (known !== undefined) return known
    const row = toRow(this.#statements.head.get(key))
    if (row !== undefined) this.#heads.put(row)
    return row
  }

  row(revision: number): LogRow | undefined {
    return toRow(this.#statements.row.get(revision))
  }

  scan(prefix: string, after: string, limit: number): readonly LogRow[] {
    const start = after > prefix ? after : prefix
    const rows: LogRow[] = []
    for (const head of this.#statements.scan.all(start, prefixEnd(prefix), limit)) {
      const row = this.#rowOf(head)
      if (row !== undefined) rows.push(row)
    }
    return rows
  }

  #rowOf(head: SqlRow): LogRow | undefined {
    // Arrays were asked for: key and revision.
    const [key, revision] = head as unknown as readonly [string, number]
    const known = this.#heads.get(key)
    if (known?.revision === revision) return known
    const row = this.row(revision)
    if (row !== undefined) this.#heads.offer(row)
    return row
  }

  count(prefix: string): number {
    return Number(this.#statements.count.get(prefix, prefixEnd(prefix))?.['total'] ?? 0)
  }

  since(revision: number): readonly LogRow[] {
    return toRows(this.#statements.since.all(revision))
  }

  begin(): void {
    this.#statements.begin.run()
    this.#open = true
  }

  append(row: LogRow): void {
    const deleted = row.deleted ? 1 : 0
    withDiskErrors(() => {
      this.#statements.insert.run(row.revision, row.key, deleted, row.createRevision, row.previous, row.value)
      this.#statements.setHead.run(row.key, row.revision, deleted)
    })
    this.#heads.put(row)
    this.#last = Math.max(this.#last, row.revision)
  }

  commit(): void {
    withDiskErrors(() => this.#statements.commit.run())
    this.#open = false
    this.#committedLast = this.#last
  }

  rollback(): void {
    if (this.#open && this.#database.isTransaction) this.#database.exec('ROLLBACK')
    this.#open = false
    this.#heads.clear()
    this.#last = this.#committedLast
  }

  compact(revision: number): void {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      this.#statements.dropSuperseded.run(this.#compacted, revision)
      this.#statements.dropDeletedHeads.run(this.#compacted, revision, revision)
      this.#statements.dropDeleted.run(this.#compacted, revision)
      this.#statements.setMeta.run('compacted', revision)
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
    this.#heads.compact(revision)
    this.#compacted = revision
    this.#last = Math.max(this.#last, revision)
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
  readonly begin: StatementSync
  readonly commit: StatementSync
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
  const prepareRows = (sql: string): StatementSync => {
    const statement = prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    head: prepareRows(`SELECT ${ROW} FROM head JOIN log ON log.revision = head.revision WHERE head.key = ?`),
    row: prepareRows(`SELECT ${ROW} FROM log WHERE revision = ?`),
    scan: prepareRows('SELECT key, revision FROM head WHERE key > ? AND key < ? ORDER BY key LIMIT ?'),
    count: prepare('SELECT count(*) AS total FROM head WHERE key > ? AND key < ? AND deleted = 0'),
    since: prepareRows(`SELECT ${ROW} FROM log WHERE revision > ? ORDER BY revision`),
    insert: prepare('INSERT INTO log (revision, key, deleted, created, previous, value) VALUES (?, ?, ?, ?, ?, ?)'),
    setHead: prepare('INSERT OR REPLACE INTO head (key, revision, deleted) VALUES (?, ?, ?)'),
    getMeta: prepare('SELECT value FROM meta WHERE name = ?'),
    setMeta: prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)'),
    dropSuperseded: prepare(
      'DELETE FROM log WHERE revision IN (SELECT previous FROM log WHERE revision > ? AND revision <= ? AND previous > 0)',
    ),
    dropDeletedHeads: prepare(
      'DELETE FROM head WHERE key IN (SELECT key FROM log WHERE revision > ? AND revision <= ? AND deleted = 1) AND deleted = 1 AND revision <= ?',
    ),
    dropDeleted: prepare('DELETE FROM log WHERE revision > ? AND revision <= ? AND deleted = 1'),
  }
}

type SqlRow = ReturnType<StatementSync['get']>

function toRow(row: SqlRow): LogRow | undefined {
  if (row === undefined) return undefined
  // Arrays were asked for, and these are the columns of `ROW`.
  const [revision, key, deleted, createRevision, previous, value] = row as unknown as RowColumns
  return { revision, key, deleted: deleted === 1, createRevision, previous, value }
}

type RowColumns = readonly [number, string, number, number, number, string]

function toRows(rows: readonly SqlRow[]): readonly LogRow[] {
  return rows.flatMap((row) => toRow(row) ?? [])
}
