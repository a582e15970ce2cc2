// Opens the storage of a cluster: in memory, or a directory that belongs to one process at a time.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Driver } from './driver.ts'
import { createMemoryDriver } from './memory-driver.ts'
import { RevisionLog, type RevisionLogOptions } from './revision-log.ts'
import { linesOf, restoreSnapshot, type SnapshotHeader } from './snapshot.ts'
import { createSqliteDriver, isLocked } from './sqlite-driver.ts'
import type { Store } from './store.ts'

export interface DirectoryStoreOptions extends RevisionLogOptions {
  /** Made, readable by its owner alone, if it does not exist. */
  readonly directory: string
  /** Every commit waits for the disk. Default false: what was answered survives kill -9; a power cut may take the last seconds. */
  readonly durable?: boolean
}

const DATABASE_FILE = 'state.db'
const OWNER_FILE = 'owner.pid'

/** A store that lives as long as the process. */
export function openMemoryStore(options: RevisionLogOptions = {}): Store {
  return new RevisionLog(createMemoryDriver(), options)
}

/**
 * A store in a directory, kept in SQLite.
 * Throws `CapstanError`: `conflict` where another process has it open (naming its pid), `precondition` where it can't be written.
 */
export function openDirectoryStore(options: DirectoryStoreOptions): Store {
  makeDirectory(options.directory)
  const file = join(options.directory, DATABASE_FILE)
  try {
    const driver = createSqliteDriver({ file, durable: options.durable === true })
    writeOwner(options.directory)
    return new RevisionLog(driver, options)
  } catch (error) {
    throw openError(options.directory, error)
  }
}

/** A store in memory that begins with the objects of a snapshot. Throws what `restoreSnapshot` throws. */
export async function openMemorySnapshot(
  text: AsyncIterable<string>,
  options: RevisionLogOptions = {},
): Promise<Store> {
  const driver = createMemoryDriver()
  await restoreSnapshot(driver, linesOf(text))
  return new RevisionLog(driver, options)
}

/** Whether a directory has a cluster in it. */
export function hasDatabase(directory: string): boolean {
  return existsSync(join(directory, DATABASE_FILE))
}

/** Whether a process has the cluster of a directory open. */
export function isInUse(directory: string): boolean {
  return hasDatabase(directory) && isLocked(join(directory, DATABASE_FILE))
}

/**
 * Makes a data directory with the objects of a snapshot; it is there as a whole or not at all.
 * Throws `conflict` where the directory has a cluster already, and what `restoreSnapshot` throws.
 */
export async function restoreDirectory(directory: string, text: AsyncIterable<string>): Promise<SnapshotHeader> {
  if (hasDatabase(directory)) {
    throw new CapstanError(
      'conflict',
      `data directory ${directory} has a cluster already; restore into another, or delete that one first`,
    )
  }
  makeDirectory(directory)
  const file = join(directory, DATABASE_FILE)
  const partial = `${file}.restoring-${process.pid}`
  const driver = openPartial(directory, partial)
  try {
    const header = await restoreSnapshot(driver, linesOf(text))
    driver.close()
    renameSync(partial, file)
    return header
  } catch (error) {
    driver.close()
    rmSync(partial, { force: true })
    throw error
  }
}

function openPartial(directory: string, file: string): Driver {
  try {
    return createSqliteDriver({ file, durable: true })
  } catch (error) {
    throw openError(directory, error)
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw notWritable(directory, error)
  }
}

/** The lock itself is SQLite's; this file only gives a refused opener a pid to name. */
function writeOwner(directory: string): void {
  const descriptor = openSync(join(directory, OWNER_FILE), 'w', 0o600)
  try {
    writeSync(descriptor, `${process.pid}\n`)
  } finally {
    closeSync(descriptor)
  }
}

function openError(directory: string, error: unknown): Error {
  const text = messageOf(error)
  if (/database is locked|busy/i.test(text)) {
    const message = `data directory ${directory} is in use by process ${readOwner(directory)}; stop that process or choose another directory`
    return new CapstanError('conflict', message, { cause: error })
  }
  if (/readonly|unable to open|EACCES|EPERM|EROFS/i.test(text)) return notWritable(directory, error)
  if (/full|ENOSPC/i.test(text)) {
    return new CapstanError('limit', `no space left on the disk of ${directory}; free some and start again`, {
      cause: error,
    })
  }
  if (error instanceof CapstanError) {
    const message = `cannot use the database ${join(directory, DATABASE_FILE)}: ${text}; choose another directory with --data-dir`
    return new CapstanError('precondition', message, { cause: error })
  }
  const message = `cannot open the database in ${directory}: ${text}; restore it from a snapshot or a backup, or move it away`
  return new CapstanError('precondition', message, { cause: error })
}

function notWritable(directory: string, error: unknown): CapstanError {
  const message = `cannot write to data directory ${directory} (${messageOf(error)}); check its owner and permissions`
  return new CapstanError('precondition', message, { cause: error })
}

function readOwner(directory: string): string {
  try {
    return readFileSync(join(directory, OWNER_FILE), 'utf8').trim()
  } catch {
    return 'unknown' // the other process has the lock and not yet written its pid
  }
}
