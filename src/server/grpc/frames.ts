// Messages of gRPC on the wire: one byte of flags, four of length, then the message, perhaps compressed.
import { gzip, gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import { CapstanError } from '../../base/errors.ts'
import type { MessageShare } from './message-budget.ts'

const HEAD_BYTES = 5
/** Flag of a frame that holds trailers (gRPC-web). */
const TRAILERS = 0x80
const COMPRESSED = 1

const decompress = promisify(gunzip)
const compress = promisify(gzip)

/** Messages smaller than this are sent as they are: compressing them costs more than it saves. */
export const MIN_COMPRESSED_BYTES = 1024

export interface ReadOptions {
  /** A larger message is refused, compressed or not. */
  readonly maxBytes: number
  /** `grpc-encoding` of the request. */
  readonly encoding: string
  /** Of the memory for all calls. */
  readonly share: MessageShare
}

/** The messages in a body. Throws `bad-input`, `limit` or `unsupported` for what is no sequence of frames. */
export async function* readFrames(body: AsyncIterable<Buffer>, options: ReadOptions): AsyncGenerator<Buffer> {
  if (!['', 'identity', 'gzip'].includes(options.encoding)) {
    throw new CapstanError(
      'unsupported',
      `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(options.encoding)}`,
    )
  }
  const held: Held = { chunks: [], bytes: 0 }
  for await (const chunk of body) {
    options.share.take(chunk.length)
    held.chunks.push(chunk)
    held.bytes += chunk.length
    for (let frame = takeFrame(held, options); frame !== undefined; frame = takeFrame(held, options)) {
      yield await messageIn(frame, options)
    }
  }
  if (held.bytes > 0) throw new CapstanError('bad-input', 'the request ends within a message')
}

interface Held {
  chunks: Buffer[]
  bytes: number
}

interface Frame {
  readonly flags: number
  readonly content: Buffer
}

/** The first whole frame of what is held; the rest stays. */
function takeFrame(held: Held, { maxBytes }: ReadOptions): Frame | undefined {
  if (held.bytes < HEAD_BYTES) return undefined
  const [first] = held.chunks
  const head = first !== undefined && first.length >= HEAD_BYTES ? first : merge(held)
  const length = head.readUInt32BE(1)
  if (length > maxBytes) throw tooLarge(length, maxBytes)
  if (held.bytes < HEAD_BYTES + length) return undefined
  const all = merge(held)
  const end = HEAD_BYTES + length
  held.chunks = all.length > end ? [all.subarray(end)] : []
  held.bytes = all.length - end
  return { flags: all[0] ?? 0, content: all.subarray(HEAD_BYTES, end) }
}

function merge(held: Held): Buffer {
  const [first] = held.chunks
  if (held.chunks.length === 1 && first !== undefined) return first
  const all = Buffer.concat(held.chunks)
  held.chunks = [all]
  return all
}

async function messageIn({ flags, content }: Frame, { maxBytes, encoding, share }: ReadOptions): Promise<Buffer> {
  if ((flags & COMPRESSED) === 0) return content
  if (encoding !== 'gzip')
    throw new CapstanError('internal', 'grpc: compressed flag set with identity or empty encoding')
  // Most need a part of what some may: memory is asked for accordingly.
  for (const ratio of [USUAL_RATIO, MAX_RATIO]) {
    const limit = Math.min(maxBytes, Math.max(content.length * ratio, MIN_UNPACKED_BYTES))
    const message = await unpacked(content, limit, share)
    if (message !== undefined) return message
    if (limit === maxBytes) break
  }
  throw tooLarge(undefined, maxBytes)
}

/** How many times its size text takes unpacked: manifests some 10 times. What is packed more tightly is made to fill memory. */
const USUAL_RATIO = 20
const MAX_RATIO = 200
const MIN_UNPACKED_BYTES: number = 64 << 10

/** Undefined where it is larger than the limit. */
async function unpacked(content: Buffer, limit: number, share: MessageShare): Promise<Buffer | undefined> {
  share.take(limit)
  let size = 0
  try {
    const message = await decompress(content, { maxOutputLength: limit })
    size = message.length
    return message
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw new CapstanError('bad-input', 'grpc: the message cannot be decompressed', { cause: error })
  } finally {
    share.give(limit - size)
  }
}

function tooLarge(length: number | undefined, maxBytes: number): CapstanError {
  const what = length === undefined ? 'message after decompression' : 'message'
  const size = length === undefined ? '' : `${length} vs. `
  return new CapstanError('limit', `grpc: received ${what} larger than max (${size}${maxBytes})`)
}

/** The head of a message's frame. */
export function frameHead(length: number, flags = 0): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head[0] = flags
  head.writeUInt32BE(length, 1)
  return head
}

/** A whole frame, compressed where that was agreed on and pays. */
export async function frameOf(message: Uint8Array, isCompressed: boolean): Promise<readonly Uint8Array[]> {
  if (!isCompressed || message.length < MIN_COMPRESSED_BYTES) return [frameHead(message.length), message]
  const packed = await compress(message)
  return [frameHead(packed.length, COMPRESSED), packed]
}

/** The last frame of gRPC-web: the trailers as header lines. */
export function trailerFrame(trailers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`)
  const content = Buffer.from(lines.join(''), 'latin1')
  return Buffer.concat([frameHead(content.length, TRAILERS), content])
}
