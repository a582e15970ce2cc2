// Frames of SPDY/3.1 as bytes: those a client of Kubernetes sends, and those a server answers with.
import { MAX_CONTROL_FRAME_BYTES, MAX_DATA_FRAME_BYTES } from './limits.ts'

const HEADER_BYTES = 8
const CONTROL_BIT = 0x80
const VERSION = 3
const ID_MASK = 0x7fffffff
export const FLAG_FIN = 0x01

export const FrameType = { synStream: 1, synReply: 2, reset: 3, settings: 4, ping: 6, goAway: 7, headers: 8 } as const

/** Why a stream is reset. */
export const ResetStatus = { protocolError: 1, refused: 3, cancel: 5 } as const

export type Frame =
  | { readonly kind: 'data'; readonly stream: number; readonly isLast: boolean; readonly data: Buffer }
  | { readonly kind: 'control'; readonly type: number; readonly flags: number; readonly body: Buffer }

/** Takes bytes as they come and gives whole frames. */
export class FrameReader {
  #chunks: Buffer[] = []
  #size = 0

  /** One buffer that has at least so many bytes. */
  #whole(length: number): Buffer {
    const [first] = this.#chunks
    if (first !== undefined && first.length >= length) return first
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }

  /** Throws `RangeError` for another version or a frame that is too long. */
  *read(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    for (;;) {
      if (this.#size < HEADER_BYTES) return
      const length = frameLength(this.#whole(HEADER_BYTES))
      if (this.#size < length) return
      const bytes = this.#whole(length)
      this.#chunks = [bytes.subarray(length)]
      this.#size -= length
      yield frameOf(bytes.subarray(0, length))
    }
  }
}

function frameLength(header: Buffer): number {
  const isControl = (header.readUInt8(0) & CONTROL_BIT) !== 0
  if (isControl && (header.readUInt16BE(0) & 0x7fff) !== VERSION) throw new RangeError('not SPDY/3.1')
  const length = header.readUIntBE(5, 3)
  if (length > (isControl ? MAX_CONTROL_FRAME_BYTES : MAX_DATA_FRAME_BYTES))
    throw new RangeError(`a SPDY frame of ${length} bytes`)
  return HEADER_BYTES + length
}

function frameOf(bytes: Buffer): Frame {
  const flags = bytes.readUInt8(4)
  const body = bytes.subarray(HEADER_BYTES)
  if ((bytes.readUInt8(0) & CONTROL_BIT) !== 0) return { kind: 'control', type: bytes.readUInt16BE(2), flags, body }
  return { kind: 'data', stream: bytes.readUInt32BE(0) & ID_MASK, isLast: (flags & FLAG_FIN) !== 0, data: body }
}

/** The id of a stream or ping at the start of a control frame. Throws `RangeError` where it is cut off. */
export function idOf(body: Buffer): number {
  return body.readUInt32BE(0) & ID_MASK
}

export function controlFrame(type: number, body: Uint8Array, flags = 0): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(0x8000 | VERSION, 0)
  header.writeUInt16BE(type, 2)
  header.writeUInt8(flags, 4)
  header.writeUIntBE(body.length, 5, 3)
  return Buffer.concat([header, body])
}

export function dataFrame(stream: number, data: Uint8Array, isLast = false): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(stream, 0)
  header.writeUInt8(isLast ? FLAG_FIN : 0, 4)
  header.writeUIntBE(data.length, 5, 3)
  return Buffer.concat([header, data])
}

/** Numbers of 32 bits, one after the other. */
export function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, index * 4)
  return bytes
}
