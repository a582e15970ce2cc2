// Chart archives: a gzipped tar with one top folder becomes a list of files, within limits.
import { gunzipSync } from 'node:zlib'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { ChartFile } from './chart.ts'
import { MAX_ARCHIVE_BYTES, MAX_CHART_FILE_BYTES, MAX_CHART_FILES } from './limits.ts'

const BLOCK = 512

/**
 * The files of an archive, names without the top folder (helm v4.2.1 chart/loader/archive). Content ids are made from
 * the archive's. Throws `bad-input` for what is no archive and for names that leave it, `limit` for too much of it.
 */
export function readArchive(bytes: Uint8Array, id: string): ChartFile[] {
  const tar = unpack(bytes)
  const files: ChartFile[] = []
  let longName: string | undefined
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const header = readHeader(tar, at)
    const content = tar.subarray(at + BLOCK, at + BLOCK + header.size)
    if (content.length < header.size) throw new CapstanError('bad-input', 'unexpected EOF')
    at += BLOCK + Math.ceil(header.size / BLOCK) * BLOCK
    if (header.type === 'x') longName = paxPath(content) ?? longName
    else if (header.type === 'L') longName = textUntilNul(content)
    else if (header.type !== 'g') {
      const name = longName ?? header.name
      longName = undefined
      if (header.type !== '5') addFile(files, name, { ...header, content, id })
    }
  }
  if (files.length === 0) throw new CapstanError('bad-input', 'no files in chart archive')
  return files
}

function unpack(bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_ARCHIVE_BYTES })
  } catch (error) {
    if (error instanceof RangeError) {
      const text = `decompressed chart is larger than the maximum size ${MAX_ARCHIVE_BYTES}`
      throw new CapstanError('limit', text, { cause: error })
    }
    throw new CapstanError('bad-input', `gzip: invalid header (${messageOf(error)})`, { cause: error })
  }
}

interface Header {
  readonly name: string
  readonly type: string
  readonly size: number
}

function readHeader(tar: Buffer, at: number): Header {
  const name = textUntilNul(tar.subarray(at, at + 100))
  const prefix = textUntilNul(tar.subarray(at + 345, at + 500))
  const isUstar = tar.toString('latin1', at + 257, at + 262) === 'ustar'
  const size = Number.parseInt(textUntilNul(tar.subarray(at + 124, at + 136)).trim() || '0', 8)
  if (!Number.isSafeInteger(size) || size < 0) throw new CapstanError('bad-input', 'archive/tar: invalid tar header')
  const type = String.fromCharCode(tar[at + 156] ?? 0)
  return { name: isUstar && prefix !== '' ? `${prefix}/${name}` : name, type: type === '\0' ? '0' : type, size }
}

function textUntilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

/** The path of a PAX header: records are `LENGTH key=value\n`. */
function paxPath(content: Uint8Array): string | undefined {
  const text = Buffer.from(content).toString('utf8')
  return /(?:^|\n)\d+ path=(?<path>[^\n]*)\n/.exec(text)?.groups?.['path']
}

/** What an archive says of a file. */
interface ArchiveEntry extends Header {
  readonly content: Uint8Array
  readonly id: string
}

function addFile(files: ChartFile[], name: string, entry: ArchiveEntry): void {
  if (entry.type !== '0' && entry.type !== '7') {
    throw new CapstanError('bad-input', `chart archive holds ${name}, which is a link or a device and not a file`)
  }
  if (entry.size > MAX_CHART_FILE_BYTES) {
    const base = name.slice(name.lastIndexOf('/') + 1)
    throw new CapstanError(
      'limit',
      `decompressed chart file "${base}" is larger than the maximum file size ${MAX_CHART_FILE_BYTES}`,
    )
  }
  if (files.length >= MAX_CHART_FILES) throw new CapstanError('limit', `chart has more than ${MAX_CHART_FILES} files`)
  const path = pathInside(name)
  files.push({ name: path, id: `${entry.id}:${path}`, bytes: withoutMark(entry.content) })
}

/** The name below the top folder. */
function pathInside(name: string): string {
  const parts = name.replaceAll('\\', '/').split('/')
  if (parts.includes('..')) throw new CapstanError('bad-input', 'chart illegally references parent directory')
  if (/^(?:\/|[a-zA-Z]:)/.test(name)) {
    throw new CapstanError('bad-input', 'chart contains illegally named files')
  }
  const [top, ...rest] = parts.filter((part) => part !== '' && part !== '.')
  if (rest.length === 0) {
    if (top === 'Chart.yaml') throw new CapstanError('bad-input', 'chart yaml not in base directory')
    throw new CapstanError('bad-input', `chart illegally contains content outside the base directory`)
  }
  return rest.join('/')
}

/** The bytes without a UTF-8 byte order mark. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}
