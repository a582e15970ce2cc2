// Writes and reads the little of DER that certificates need: tagged values with lengths (X.690).

/** The universal tags used here; a context tag is `CONTEXT | number`, plus `CONSTRUCTED` where it holds values. */
export const DER_TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

const CONTEXT = 0x80
const CONSTRUCTED = 0x20

/** One value: its tag byte and its content. */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  /** The value as it was read: tag, length and content. */
  readonly raw: Buffer
}

/** A value with any tag byte; the contents are concatenated. */
export function derTagged(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content])
}

/** A value with a context tag such as `[0]`; `constructed` where it wraps whole values. */
export function derContext(number: number, constructed: boolean, ...contents: readonly Uint8Array[]): Buffer {
  return derTagged(CONTEXT | (constructed ? CONSTRUCTED : 0) | number, ...contents)
}

export function derSequence(...items: readonly Uint8Array[]): Buffer {
  return derTagged(DER_TAG.sequence, ...items)
}

export function derSet(...items: readonly Uint8Array[]): Buffer {
  return derTagged(DER_TAG.set, ...items)
}

/** A non-negative integer given as big-endian bytes; leading zeros are dropped, one is put before a set sign bit. */
export function derInteger(magnitude: Uint8Array): Buffer {
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1
  const bytes = magnitude.length === 0 ? Buffer.from([0]) : Buffer.from(magnitude.subarray(start))
  const needsZero = (bytes[0] ?? 0) >= 0x80
  return derTagged(DER_TAG.integer, needsZero ? Buffer.from([0]) : Buffer.alloc(0), bytes)
}

/** A small non-negative integer, up to 2^53 - 1. */
export function derSmallInteger(value: number): Buffer {
  const digits = value.toString(16)
  return derInteger(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'))
}

export function derBoolean(value: boolean): Buffer {
  return derTagged(DER_TAG.boolean, Buffer.from([value ? 0xff : 0]))
}

export function derNull(): Buffer {
  return derTagged(DER_TAG.null)
}

/** An object identifier from its dotted form, such as `2.5.4.3`. */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return derTagged(DER_TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

export function derOctetString(content: Uint8Array): Buffer {
  return derTagged(DER_TAG.octetString, content)
}

/** A bit string; `unusedBits` (0 to 7) says how many of the last byte's low bits do not count. */
export function derBitString(content: Uint8Array, unusedBits = 0): Buffer {
  return derTagged(DER_TAG.bitString, Buffer.from([unusedBits]), content)
}

/** A text as PrintableString where its characters allow, else as UTF8String, as Go's encoding/asn1 chooses. */
export function derText(text: string): Buffer {
  const tag = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? DER_TAG.printableString : DER_TAG.utf8String
  return derTagged(tag, Buffer.from(text, 'utf8'))
}

/** A time in whole seconds: UTCTime for the years 1950 to 2049, else GeneralizedTime (RFC 5280, 4.1.2.5). */
export function derTime(time: Date): Buffer {
  const digits = `${time.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`
  const year = time.getUTCFullYear()
  return year >= 1950 && year < 2050
    ? derTagged(DER_TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : derTagged(DER_TAG.generalizedTime, Buffer.from(digits, 'latin1'))
}

/** The values that stand one after the other in `bytes`. Throws a RangeError where a length points past the end. */
export function readDerValues(bytes: Uint8Array): DerValue[] {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values: DerValue[] = []
  let offset = 0
  while (offset < source.length) {
    const value = readDerValue(source.subarray(offset))
    values.push(value)
    offset += value.raw.length
  }
  return values
}

function readDerValue(source: Buffer): DerValue {
  const tag = source.readUInt8(0)
  const first = source.readUInt8(1)
  const extra = first < 0x80 ? 0 : first & 0x7f
  const length = extra === 0 ? first : source.readUIntBE(2, Math.min(extra, 6))
  const start = 2 + extra
  if (first === 0x80 || start + length > source.length) throw new RangeError('DER value is longer than its input')
  return { tag, content: source.subarray(start, start + length), raw: source.subarray(0, start + length) }
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}
