// A snapshot of a cluster as text: a line that says what it is, a line an object, a line that proves nothing is missing.
import { createHash } from 'node:crypto'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Driver } from './driver.ts'
import type { Store } from './store.ts'

/** Raised with every change that an older Capstan could not read. */
export const SNAPSHOT_VERSION = 1
const FORMAT = 'capstan-cluster-snapshot'
/** Objects read from the store at a time; requests get their turn between. */
const PAGE = 500
/** An object has at most 1.5 MiB; a longer line is no snapshot. */
const MAX_LINE_LENGTH = 4 * 1024 * 1024

export interface SnapshotHeader {
  readonly format: typeof FORMAT
  readonly version: number
  /** Of the program that took it. */
  readonly capstan: string
  /** RFC 3339. */
  readonly createdAt: string
  /** The state it shows. */
  readonly revision: number
  readonly objects: number
}

export interface SnapshotAbout {
  readonly capstan: string
  readonly nowMs: number
}

/**
 * The text of a snapshot in pieces of whole lines: the state at one revision, whatever is written meanwhile.
 * It holds every Secret in clear. Throws `CompactedError` where it is read so slowly that history went on without it.
 */
export async function* snapshotText(store: Store, about: SnapshotAbout): AsyncGenerator<string> {
  await store.committed()
  const { revision } = store
  const header: SnapshotHeader = {
    format: FORMAT,
    version: SNAPSHOT_VERSION,
    capstan: about.capstan,
    createdAt: new Date(about.nowMs).toISOString(),
    revision,
    objects: store.count(''),
  }
  yield `${JSON.stringify(header)}\n`
  const hash = createHash('sha256')
  let after = ''
  for (;;) {
    const page = store.list({ prefix: '', after, limit: PAGE, revision })
    const lines = page.items.map(
      ({ key, createRevision, revision: at, value }) =>
        `{"key":${JSON.stringify(key)},"created":${createRevision},"revision":${at},"object":${value}}\n`,
    )
    const text = lines.join('')
    hash.update(text)
    yield text
    after = page.items.at(-1)?.key ?? after
    if (!page.more) break
  }
  yield `${JSON.stringify({ end: true, sha256: hash.digest('hex') })}\n`
}

/** The lines of a text that comes in pieces, without their ends. Only line feeds end one: JSON may hold other separators. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > MAX_LINE_LENGTH) throw unreadable('a line is too long')
  }
  if (rest !== '') yield rest
}

/**
 * Puts the objects of a snapshot into an empty driver, under the revisions they had.
 * Throws `bad-input` for text that is no snapshot, is cut off or changed, or was made by a newer Capstan; the driver is left as it was.
 */
export async function restoreSnapshot(driver: Driver, lines: AsyncIterable<string>): Promise<SnapshotHeader> {
  driver.begin()
  try {
    const header = await restoreLines(driver, lines)
    driver.commit()
    // Nothing before the snapshot can be read, and revisions go on behind it.
    driver.compact(header.revision)
    return header
  } catch (error) {
    driver.rollback()
    throw error
  }
}

async function restoreLines(driver: Driver, lines: AsyncIterable<string>): Promise<SnapshotHeader> {
  const hash = createHash('sha256')
  let header: SnapshotHeader | undefined
  let objects = 0
  for await (const line of lines) {
    if (line.length > MAX_LINE_LENGTH) throw unreadable('a line is too long')
    if (header === undefined) {
      header = parseHeader(line)
      continue
    }
    const entry = parseLine(line)
    if (entry['end'] === true) {
      if (entry['sha256'] !== hash.digest('hex')) throw unreadable('its contents were changed')
      if (objects !== header.objects) throw unreadable(`it has ${objects} of its ${header.objects} objects`)
      return header
    }
    hash.update(`${line}\n`)
    driver.append(rowOf(entry, line))
    objects++
  }
  throw unreadable(header === undefined ? 'it is empty' : 'its end is missing')
}

function parseHeader(line: string): SnapshotHeader {
  const header = parseLine(line) as Partial<SnapshotHeader>
  if (header.format !== FORMAT || typeof header.version !== 'number') throw unreadable('it does not begin like one')
  if (header.version > SNAPSHOT_VERSION) {
    throw new CapstanError(
      'bad-input',
      `the snapshot has format ${header.version}, made by Capstan ${String(header.capstan)}; this one reads up to ${SNAPSHOT_VERSION}: update Capstan`,
    )
  }
  if (!isRevision(header.revision)) throw unreadable('its first line has no revision')
  return header as SnapshotHeader
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (error) {
    throw unreadable(messageOf(error), error)
  }
  throw unreadable('a line is no object')
}

const OBJECT = '"object":'

function rowOf(
  { key, created, revision }: Readonly<Record<string, unknown>>,
  line: string,
): Parameters<Driver['append']>[0] {
  if (typeof key !== 'string' || !isRevision(created) || !isRevision(revision)) throw unreadable('a line has no key')
  const start = line.indexOf(OBJECT)
  if (start < 0) throw unreadable(`${key} has no object`)
  // The text as it was stored: reading and writing it again could round a number.
  const value = line.slice(start + OBJECT.length, -1)
  return { revision, key, deleted: false, createRevision: created, previous: 0, value }
}

function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function unreadable(why: string, cause?: unknown): CapstanError {
  return new CapstanError('bad-input', `this is no whole snapshot of a cluster: ${why}`, { cause })
}
