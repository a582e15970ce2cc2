// What the escapes in quoted text stand for.
import { textOfBytes } from '../go/text.ts'

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const MAX_RUNE = 0x10_ff_ff
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

interface Escape {
  /** A code point; of `\x` and octal escapes in bytes a byte. */
  readonly code: number
  readonly length: number
  readonly isByte: boolean
}

/** The text of a string literal, without its quotes; undefined for an escape that is none. Line ends become `\n`. */
export function unescapeText(chars: readonly string[], quote: string): string | undefined {
  let text = ''
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] ?? ''
    if (char === '\\') {
      const escape = readEscape(chars, index + 1, quote)
      if (escape === undefined) return undefined
      text += String.fromCodePoint(escape.code)
      index += escape.length
    } else {
      text += char === '\r' ? '\n' : char
    }
  }
  return text.replaceAll(/[\ud800-\udfff](?<![\ud800-\udbff][\udc00-\udfff])(?![\udc00-\udfff])/g, '\ufffd')
}

/** The bytes of a `b"…"` literal, as text of lang/go; no `\u` there. */
export function unescapeBytes(chars: readonly string[], quote: string): string | undefined {
  const bytes: number[] = []
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] ?? ''
    if (char === '\\') {
      const escape = readEscape(chars, index + 1, quote)
      if (escape === undefined || (!escape.isByte && escape.code > 0x7f)) return undefined
      bytes.push(escape.code)
      index += escape.length
    } else {
      bytes.push(...Buffer.from(char))
    }
  }
  return textOfBytes(Uint8Array.from(bytes))
}

function readEscape(chars: readonly string[], at: number, quote: string): Escape | undefined {
  const char = chars[at] ?? ''
  const simple = SIMPLE[char] ?? (char === quote ? quote : undefined)
  if (simple !== undefined) return { code: simple.charCodeAt(0), length: 1, isByte: true }
  if (/[0-3]/.test(char)) return readOctal(chars, at)
  if (char === 'u' && chars[at + 1] === '{') return readBraced(chars, at)
  const digits = HEX_DIGITS[char]
  if (digits === undefined) return undefined
  const hex = chars.slice(at + 1, at + 1 + digits).join('')
  if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) return undefined
  const code = Number.parseInt(hex, 16)
  return code > MAX_RUNE ? undefined : { code, length: digits + 1, isByte: char === 'x' }
}

function readOctal(chars: readonly string[], at: number): Escape | undefined {
  const digits = chars.slice(at, at + 3).join('')
  return /^[0-3][0-7]{2}$/.test(digits) ? { code: Number.parseInt(digits, 8), length: 3, isByte: true } : undefined
}

/** `\u{1F600}`: one to six digits. */
function readBraced(chars: readonly string[], at: number): Escape | undefined {
  const end = chars.indexOf('}', at)
  const hex = chars.slice(at + 2, end).join('')
  if (end < 0 || !/^[0-9a-fA-F]{1,6}$/.test(hex)) return undefined
  const code = Number.parseInt(hex, 16)
  return code > MAX_RUNE ? undefined : { code, length: end - at + 1, isByte: false }
}
