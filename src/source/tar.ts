// Reads tar archives, gzipped or not, within limits: names, kinds and contents of their entries.
import { gunzipSync } from 'node:zlib'
import { CapstanError, messageOf } from '../base/errors.ts'

const BLOCK = 512

export interface TarEntry {
  readonly name: string
  /** The type flag of the header: `0` file, `2` symbolic link, `5` folder, … */
  readonly type: string
  readonly size: number
  /** Where a link leads. */
  readonly target: string
  readonly content: Uint8Array
}

/** Walks the entries of a tar; long names of PAX and GNU headers are put together. Throws `bad-input` for a broken one. */
export function* readTar(tar: Buffer): Generator<TarEntry> {
  let longName: string | undefined
  let longTarget: string | undefined
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const header = readHeader(tar, at)
    const content = tar.subarray(at + BLOCK, at + BLOCK + header.size)
    if (content.length < header.size) throw new CapstanError('bad-input', 'unexpected EOF')
    at += BLOCK + Math.ceil(header.size / BLOCK) * BLOCK
    if (header.type === 'x') {
      longName = paxField(content, 'path') ?? longName
      longTarget = paxField(content, 'linkpath') ?? longTarget
    } else if (header.type === 'L') longName = textUntilNul(content)
    else if (header.type === 'K') longTarget = textUntilNul(content)
    else if (header.type !== 'g') {
      yield { ...header, name: longName ?? header.name, target: longTarget ?? header.target, content }
      longName = undefined
      longTarget = undefined
    }
  }
}

/** What gzip packed. Throws `limit` where it is larger than `maxBytes`, `bad-input` where it is no gzip. */
export function unpackGzip(bytes: Uint8Array, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if (error instanceof RangeError) {
      const text = `decompressed chart is larger than the maximum size ${maxBytes}`
      throw new CapstanError('limit', text, { cause: error })
    }
    throw new CapstanError('bad-input', `gzip: invalid header (${messageOf(error)})`, { cause: error })
  }
}

function readHeader(tar: Buffer, at: number): Omit<TarEntry, 'content'> {
  const name = textUntilNul(tar.subarray(at, at + 100))
  const prefix = textUntilNul(tar.subarray(at + 345, at + 500))
  const isUstar = tar.toString('latin1', at + 257, at + 262) === 'ustar'
  const size = Number.parseInt(textUntilNul(tar.subarray(at + 124, at + 136)).trim() || '0', 8)
  if (!Number.isSafeInteger(size) || size < 0) throw new CapstanError('bad-input', 'archive/tar: invalid tar header')
  const type = String.fromCharCode(tar[at + 156] ?? 0)
  return {
    name: isUstar && prefix !== '' ? `${prefix}/${name}` : name,
    type: type === '\0' ? '0' : type,
    size,
    target: textUntilNul(tar.subarray(at + 157, at + 257)),
  }
}

function textUntilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

/** A field of a PAX header: records are `LENGTH key=value\n`. */
function paxField(content: Uint8Array, key: 'path' | 'linkpath'): string | undefined {
  const text = Buffer.from(content).toString('utf8')
  return new RegExp(`(?:^|\\n)\\d+ ${key}=(?<value>[^\\n]*)\\n`).exec(text)?.groups?.['value']
}
