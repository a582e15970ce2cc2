// Writes the protobuf wire format into one growing buffer.

/** Bytes under construction. */
export interface WireBuffer {
  bytes: Uint8Array
  length: number
}

export function newBuffer(): WireBuffer {
  return { bytes: new Uint8Array(1024), length: 0 }
}

/** What was written. */
export function writtenBytes({ bytes, length }: WireBuffer): Uint8Array {
  return bytes.subarray(0, length)
}

function reserve(buffer: WireBuffer, count: number): void {
  if (buffer.length + count <= buffer.bytes.length) return
  const grown = new Uint8Array(Math.max(buffer.bytes.length * 2, buffer.length + count))
  grown.set(buffer.bytes)
  buffer.bytes = grown
}

/** An unsigned number up to 2^53. */
export function writeVarint(buffer: WireBuffer, value: number): void {
  reserve(buffer, 10)
  let rest = value
  while (rest >= 128) {
    buffer.bytes[buffer.length++] = (rest % 128) + 128
    rest = Math.floor(rest / 128)
  }
  buffer.bytes[buffer.length++] = rest
}

/** A signed 64-bit integer; negative ones take ten bytes. */
export function writeInteger(buffer: WireBuffer, value: number | bigint): void {
  if (typeof value === 'number' && value >= 0) {
    writeVarint(buffer, value)
    return
  }
  reserve(buffer, 10)
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest >= 128n) {
    buffer.bytes[buffer.length++] = Number(rest & 0x7fn) + 128
    rest >>= 7n
  }
  buffer.bytes[buffer.length++] = Number(rest)
}

/** A field's number and wire type. */
export function writeTag(buffer: WireBuffer, number: number, type: 0 | 1 | 2): void {
  writeVarint(buffer, number * 8 + type)
}

/** Eight bytes of a floating point number. */
export function writeDouble(buffer: WireBuffer, value: number): void {
  reserve(buffer, 8)
  new DataView(buffer.bytes.buffer).setFloat64(buffer.length, value, true)
  buffer.length += 8
}

/** A length-delimited field of ready bytes. */
export function writeBytes(buffer: WireBuffer, number: number, bytes: Uint8Array): void {
  writeTag(buffer, number, 2)
  writeVarint(buffer, bytes.length)
  reserve(buffer, bytes.length)
  buffer.bytes.set(bytes, buffer.length)
  buffer.length += bytes.length
}

const UTF8 = new TextEncoder()

export function writeText(buffer: WireBuffer, number: number, text: string): void {
  writeBytes(buffer, number, UTF8.encode(text))
}

/** A length-delimited field of what `write` writes. */
export function writePart(buffer: WireBuffer, number: number, write: (part: WireBuffer) => void): void {
  const part = newBuffer()
  write(part)
  writeBytes(buffer, number, writtenBytes(part))
}
