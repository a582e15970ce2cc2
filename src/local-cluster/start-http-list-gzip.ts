// Long lists compressed piece by piece: what did not change since the last list is not compressed again.
import { promisify } from 'node:util'
import { constants, crc32, deflateRaw } from 'node:zlib'
import type { ListBody } from './apiserver/list-body.ts'
import { crcOfBoth, shiftOf } from './start-http-crc.ts'

/** Compressed pieces kept: of some 100 MiB of lists. */
const MAX_KEPT_BYTES: number = 8 * 1024 * 1024
/** The least effort, as upstream's `defaultGzipContentEncodingLevel`. */
const LEVEL = 1
/** RFC 1952: magic, deflate, no flags, no time, the fastest method, any system. */
const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff])
/** An empty last block. */
const LAST_BLOCK = Buffer.from([3, 0])
const COMMA = ','

const compress = promisify(deflateRaw)

/** Blocks that refer to nothing before them and end at a byte: any may follow any (RFC 1951). */
interface Compressed {
  readonly blocks: Uint8Array
  readonly length: number
  readonly crc: number
  /** What `length` bytes more do to a checksum. */
  readonly shift: number
}

/** Compresses lists, and keeps the pieces of the latest. */
export class ListGzip {
  readonly #kept = new Map<string, Promise<Compressed>>()
  readonly #limit: number
  #size = 0
  #comma: Promise<Compressed> | undefined

  constructor(limit: number = MAX_KEPT_BYTES) {
    this.#limit = limit
  }

  /** The list as one gzip member. */
  async compressed(list: ListBody): Promise<Uint8Array> {
    const [before, after] = list.around
    this.#comma ??= compressedPiece(COMMA)
    const [comma, head, tail, ...pieces] = await Promise.all([
      this.#comma,
      compressedPiece(before),
      compressedPiece(after),
      ...list.pieces().map((piece) => this.#piece(piece.identity, () => piece.text())),
    ])
    const between = pieces.flatMap((piece, index) => (index === 0 ? [piece] : [comma, piece]))
    return member([head, ...between, tail])
  }

  #piece(identity: string, text: () => string): Promise<Compressed> {
    const known = this.#kept.get(identity)
    if (known !== undefined) {
      // Those used last stay longest.
      this.#kept.delete(identity)
      this.#kept.set(identity, known)
      return known
    }
    const made = compressedPiece(text())
    this.#kept.set(identity, made)
    // Who asked for it is told of a failure; here it is only not kept.
    made.then(
      ({ blocks }) => this.#grow(blocks.length),
      () => this.#kept.delete(identity),
    )
    return made
  }

  #grow(size: number): void {
    this.#size += size
    if (this.#size > this.#limit) void this.#shrink()
  }

  async #shrink(): Promise<void> {
    for (const [identity, kept] of this.#kept) {
      if (this.#size <= this.#limit) return
      const { blocks } = await kept
      if (this.#kept.delete(identity)) this.#size -= blocks.length
    }
  }
}

async function compressedPiece(text: string): Promise<Compressed> {
  const bytes = Buffer.from(text)
  const options = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: chunkSize(bytes.length) }
  const blocks = await compress(bytes, options)
  // Small results are slices of a larger buffer, which would be kept with them.
  const own = blocks.buffer.byteLength > blocks.length * 2 ? Uint8Array.prototype.slice.call(blocks) : blocks
  return { blocks: own, length: bytes.length, crc: crc32(bytes), shift: shiftOf(bytes.length) }
}

/** Mostly enough for the whole result. */
function chunkSize(length: number): number {
  return Math.max(1024, Math.min(64 * 1024, length >> 2))
}

function member(pieces: readonly Compressed[]): Uint8Array {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(
    pieces.reduce((crc, piece) => crcOfBoth(crc, piece), 0),
    0,
  )
  trailer.writeUInt32LE(pieces.reduce((sum, { length }) => sum + length, 0) % 2 ** 32, 4)
  return Buffer.concat([GZIP_HEAD, ...pieces.map(({ blocks }) => blocks), LAST_BLOCK, trailer])
}
