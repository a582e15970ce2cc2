// Go's strings are bytes, ours are JavaScript text: lengths, bytes, order and runes of one in terms of the other.
import { isUtf8 } from 'node:buffer'

const NON_ASCII = /[^\0-\u007f]/
const ESCAPED_BYTE = 0xdc_00

/** The number of bytes of a string. */
export function byteLength(text: string): number {
  if (!NON_ASCII.test(text)) return text.length
  return text.isWellFormed() ? Buffer.byteLength(text, 'utf8') : bytesOfText(text).length
}

/** The bytes of a string; a byte that was not UTF-8 comes out as it came in. */
export function bytesOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const chunks: Buffer[] = []
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd8_00 && unit < 0xdc_00) {
      index += 1 // the low half of a pair
    } else if (unit >= ESCAPED_BYTE && unit <= 0xdf_ff) {
      chunks.push(Buffer.from(text.slice(start, index), 'utf8'), Buffer.from([unit & 0xff]))
      start = index + 1
    }
  }
  chunks.push(Buffer.from(text.slice(start), 'utf8'))
  return Buffer.concat(chunks)
}

/** The string with these bytes; each byte that is not part of valid UTF-8 becomes U+DC00 + byte. */
export function textOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isUtf8(buffer)) return buffer.toString('utf8')
  let text = ''
  let start = 0
  let index = 0
  while (index < buffer.length) {
    const size = runeSize(buffer, index)
    if (size === 0) {
      text += buffer.toString('utf8', start, index) + String.fromCharCode(ESCAPED_BYTE + (buffer[index] ?? 0))
      start = index + 1
    }
    index += Math.max(size, 1)
  }
  return text + buffer.toString('utf8', start)
}

/** The part of a string between two byte offsets, which must lie in it. */
export function sliceBytes(text: string, start: number, end: number): string {
  if (!NON_ASCII.test(text)) return text.slice(start, end)
  return textOfBytes(bytesOfText(text).subarray(start, end))
}

/** Negative, zero or positive: the order of the bytes, as Go compares strings. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  if (isBelowSurrogates(a) && isBelowSurrogates(b)) return a < b ? -1 : 1
  return Buffer.compare(bytesOfText(a), bytesOfText(b))
}

/** A string's runes: code points, and U+FFFD for a byte that is not UTF-8. */
export function runesOf(text: string): number[] {
  const runes: number[] = []
  for (const char of text) runes.push(runeOf(char))
  return runes
}

/** The rune of one character as iteration over a string yields it. */
export function runeOf(char: string): number {
  const point = char.codePointAt(0) ?? 0
  return point >= ESCAPED_BYTE && point <= 0xdf_ff ? 0xff_fd : point
}

/** Joins halves of a character that were cut apart, so that equal bytes are equal strings. */
export function normalizeText(text: string): string {
  return text.isWellFormed() ? text : textOfBytes(bytesOfText(text))
}

/** The text of a rune as Go's string(rune) gives it: U+FFFD where the number is no character. */
export function textOfRune(rune: number): string {
  const isChar = rune >= 0 && rune <= 0x10_ff_ff && (rune < 0xd8_00 || rune > 0xdf_ff)
  return String.fromCodePoint(isChar ? rune : 0xff_fd)
}

function isBelowSurrogates(text: string): boolean {
  return !/[\ud800-\uffff]/.test(text)
}

/** The length of the valid UTF-8 sequence that starts here, 0 where there is none (RFC 3629's table). */
function runeSize(bytes: Uint8Array, index: number): number {
  const first = bytes[index] ?? 0
  if (first < 0x80) return 1
  const size =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0
  if (size === 0 || index + size > bytes.length) return 0
  return isUtf8(bytes.subarray(index, index + size)) ? size : 0
}
