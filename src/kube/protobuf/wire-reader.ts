// Reads the protobuf wire format: tags, varints, fixed numbers, length-delimited bytes. Knows nothing of messages.
import { CapstanError } from '../../base/errors.ts'

/** Wire types of the encoding; groups (3, 4) do not occur in Kubernetes. */
export type WireType = 0 | 1 | 2 | 5

/** Bytes with a place in them. */
export interface WireCursor {
  readonly bytes: Uint8Array
  position: number
  readonly end: number
}

export function cursorOf(bytes: Uint8Array): WireCursor {
  return { bytes, position: 0, end: bytes.length }
}

/** What is wrong with bytes that are no message. */
export function malformed(what: string): CapstanError {
  return new CapstanError('bad-input', `the protobuf message is malformed: ${what}`)
}

/** A varint as an unsigned number; exact to 2^53, which tags and lengths never reach. */
export function readVarint(cursor: WireCursor): number {
  let value = 0
  let factor = 1
  for (let count = 0; count < 10; count++) {
    const byte = readByte(cursor)
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
    factor *= 128
  }
  throw malformed('a number has more than ten bytes')
}

function readByte(cursor: WireCursor): number {
  const byte = cursor.position < cursor.end ? cursor.bytes[cursor.position] : undefined
  if (byte === undefined) throw malformed('it ends within a field')
  cursor.position++
  return byte
}

/** A varint as a signed 64-bit integer: a number where it fits exactly, else a bigint. */
export function readInteger(cursor: WireCursor): number | bigint {
  const start = cursor.position
  const value = readVarint(cursor)
  if (value <= Number.MAX_SAFE_INTEGER) return value
  let exact = 0n
  for (let index = cursor.position - 1; index >= start; index--) {
    exact = (exact << 7n) | BigInt((cursor.bytes[index] ?? 0) & 0x7f)
  }
  const signed = BigInt.asIntN(64, exact)
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
}

/** Eight bytes as a floating point number. */
export function readDouble(cursor: WireCursor): number {
  const { bytes, offset } = take(cursor, 8)
  return new DataView(bytes.buffer, bytes.byteOffset + offset, 8).getFloat64(0, true)
}

/** A length-delimited part, as a cursor of its own. */
export function readPart(cursor: WireCursor): WireCursor {
  const length = readVarint(cursor)
  const { bytes, offset } = take(cursor, length)
  return { bytes, position: offset, end: offset + length }
}

function take(cursor: WireCursor, length: number): { readonly bytes: Uint8Array; readonly offset: number } {
  const offset = cursor.position
  if (length > cursor.end - offset) throw malformed('it ends within a field')
  cursor.position = offset + length
  return { bytes: cursor.bytes, offset }
}

/** The rest of a part. */
export function bytesOf({ bytes, position, end }: WireCursor): Uint8Array {
  return bytes.subarray(position, end)
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The rest of a part as text. */
export function textOf(part: WireCursor): string {
  if (isShortAscii(part)) return asciiOf(part)
  try {
    return UTF8.decode(bytesOf(part))
  } catch (error) {
    throw new CapstanError('bad-input', 'the protobuf message is malformed: a string is not UTF-8', { cause: error })
  }
}

/** Names and words are short; for them a call to the decoder costs more than reading the bytes. */
const SHORT = 24

function isShortAscii({ bytes, position, end }: WireCursor): boolean {
  if (end - position > SHORT) return false
  for (let index = position; index < end; index++) if ((bytes[index] ?? 0x80) >= 0x80) return false
  return true
}

function asciiOf({ bytes, position, end }: WireCursor): string {
  let text = ''
  for (let index = position; index < end; index++) text += String.fromCharCode(bytes[index] ?? 0)
  return text
}

export interface WireTag {
  readonly number: number
  readonly type: WireType
}

/** The next field's number and wire type. */
export function readTag(cursor: WireCursor): WireTag {
  const tag = readVarint(cursor)
  const number = Math.floor(tag / 8)
  const type = tag % 8
  if (number < 1 || number >= 2 ** 29) throw malformed(`there is no field ${number}`)
  if (type !== 0 && type !== 1 && type !== 2 && type !== 5) throw malformed(`wire type ${type} is not known`)
  return { number, type }
}

/** Leaves out a field nobody knows. */
export function skipField(cursor: WireCursor, type: WireType): void {
  switch (type) {
    case 0:
      readVarint(cursor)
      break
    case 1:
      take(cursor, 8)
      break
    case 2:
      readPart(cursor)
      break
    case 5:
      take(cursor, 4)
      break
  }
}
