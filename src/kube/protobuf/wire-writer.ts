// Writes the protobuf wire format from the last byte to the first: the length of a part is known when its head is written.

/** Bytes under construction; what was written stands from `start` to the end. */
export interface WireBuffer {
  bytes: Buffer
  start: number
}

/** An object of Kubernetes takes one to four thousand bytes. */
const FIRST_SIZE = 4096

export function newBuffer(size: number = FIRST_SIZE): WireBuffer {
  return { bytes: Buffer.allocUnsafe(size), start: size }
}

/** What was written, as a part of the buffer. */
export function writtenBytes({ bytes, start }: WireBuffer): Uint8Array {
  return bytes.subarray(start)
}

/** How many bytes were written. */
export function writtenLength({ bytes, start }: WireBuffer): number {
  return bytes.length - start
}

function reserve(buffer: WireBuffer, count: number): void {
  if (buffer.start >= count) return
  const { bytes, start } = buffer
  const used = bytes.length - start
  const size = Math.max(bytes.length * 2, used + count)
  const grown = Buffer.allocUnsafe(size)
  bytes.copy(grown, size - used, start)
  buffer.bytes = grown
  buffer.start = size - used
}

/** An unsigned number up to 2^53. */
export function writeVarint(buffer: WireBuffer, value: number): void {
  reserve(buffer, 10)
  if (value < 128) {
    buffer.bytes[--buffer.start] = value
    return
  }
  let count = 1
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) count++
  let rest = value
  const start = (buffer.start -= count)
  for (let index = 0; index < count; index++) {
    buffer.bytes[start + index] = (rest % 128) + (index === count - 1 ? 0 : 128)
    rest = Math.floor(rest / 128)
  }
}

/** A signed 64-bit integer; negative ones take ten bytes. */
export function writeInteger(buffer: WireBuffer, value: number | bigint): void {
  if (typeof value === 'number' && value >= 0) {
    writeVarint(buffer, value)
    return
  }
  const groups: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest >= 128n) {
    groups.push(Number(rest & 0x7fn) + 128)
    rest >>= 7n
  }
  groups.push(Number(rest))
  writeBytes(buffer, groups)
}

/** A field's number and wire type: stands before the value, so it is written after it. */
export function writeTag(buffer: WireBuffer, number: number, type: 0 | 1 | 2): void {
  writeVarint(buffer, number * 8 + type)
}

/** Eight bytes of a floating point number. */
export function writeDouble(buffer: WireBuffer, value: number): void {
  reserve(buffer, 8)
  buffer.start -= 8
  buffer.bytes.writeDoubleLE(value, buffer.start)
}

/** Bytes as they are. */
export function writeBytes(buffer: WireBuffer, bytes: ArrayLike<number>): void {
  reserve(buffer, bytes.length)
  buffer.start -= bytes.length
  buffer.bytes.set(bytes, buffer.start)
}

/** The length of what was written since the buffer held `before` bytes, and the tag of its field. */
export function closePart(buffer: WireBuffer, number: number, before: number): void {
  writeVarint(buffer, buffer.bytes.length - buffer.start - before)
  writeVarint(buffer, number * 8 + 2)
}

/** A length-delimited field of ready bytes. */
export function writePart(buffer: WireBuffer, number: number, bytes: ArrayLike<number>): void {
  writeBytes(buffer, bytes)
  writeVarint(buffer, bytes.length)
  writeVarint(buffer, number * 8 + 2)
}

/** Names and words are short; for them a call into the encoder costs more than writing the characters. */
const SHORT = 32

/** A length-delimited field of text in UTF-8. */
export function writeText(buffer: WireBuffer, number: number, text: string): void {
  if (text.length > SHORT || !writeAscii(buffer, text)) writeLongText(buffer, text)
  else writeVarint(buffer, text.length)
  writeVarint(buffer, number * 8 + 2)
}

/** Writes short text of ASCII; false where there is another character, and nothing was written. */
function writeAscii(buffer: WireBuffer, text: string): boolean {
  reserve(buffer, text.length)
  const { bytes } = buffer
  const start = buffer.start - text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code >= 0x80) return false
    bytes[start + index] = code
  }
  buffer.start = start
  return true
}

function writeLongText(buffer: WireBuffer, text: string): void {
  const length = Buffer.byteLength(text)
  reserve(buffer, length)
  buffer.start -= length
  buffer.bytes.write(text, buffer.start, length, 'utf8')
  writeVarint(buffer, length)
}
