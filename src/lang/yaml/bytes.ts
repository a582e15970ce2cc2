// The text of a YAML file: UTF-8 or UTF-16 by its byte order mark, invalid UTF-8 refused in go-yaml's words.
import { isUtf8 } from 'node:buffer'
import { YamlError } from './error.ts'

/** Decodes a file; a byte order mark at its start is dropped. Throws `YamlError` for bytes that are no text. */
export function readYamlBytes(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes.subarray(2), 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeUtf16(bytes.subarray(2), 'utf-16be')
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  const content = hasMark ? bytes.subarray(3) : bytes
  if (!isUtf8(content)) throw new YamlError(`yaml: ${utf8Problem(content)}`, 0, 0)
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8')
}

function decodeUtf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string {
  if (bytes.length % 2 === 1) throw new YamlError('yaml: incomplete UTF-16 character', 0, 0)
  const text = new TextDecoder(encoding).decode(bytes)
  // The decoder writes U+FFFD for half a surrogate pair.
  if (text.includes('\ufffd')) throw new YamlError('yaml: unexpected low surrogate area', 0, 0)
  return text
}

/** What go-yaml's reader (readerc.go) says of the first bytes that are no UTF-8. */
function utf8Problem(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i] ?? 0
    const width = widthOf(lead)
    if (width === 0) return 'invalid leading UTF-8 octet'
    if (i + width > bytes.length) return 'incomplete UTF-8 octet sequence'
    const trail = bytes.subarray(i + 1, i + width)
    if (trail.some((octet) => (octet & 0xc0) !== 0x80)) return 'invalid trailing UTF-8 octet'
    const start = width === 1 ? lead : lead & (0xff >> (width + 1))
    const code = trail.reduce((value, octet) => value * 64 + (octet & 0x3f), start)
    if (code < (SMALLEST[width] ?? 0)) return 'invalid length of a UTF-8 sequence'
    if (!isCharacter(code)) return 'invalid Unicode character'
    i += width
  }
  return 'invalid leading UTF-8 octet'
}

function isCharacter(code: number): boolean {
  return code < 0xd800 || (code > 0xdfff && code <= 0x10ffff)
}

/** By width: the smallest character that needs so many bytes. */
const SMALLEST: readonly number[] = [0, 0, 0x80, 0x800, 0x10000]

function widthOf(lead: number): number {
  if (lead < 0x80) return 1
  if ((lead & 0xe0) === 0xc0) return 2
  if ((lead & 0xf0) === 0xe0) return 3
  return (lead & 0xf8) === 0xf0 ? 4 : 0
}
