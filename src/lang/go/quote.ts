// strconv.Quote and Unquote: Go string and rune literals.
import { bytesOfText, runeOf, textOfBytes } from './text.ts'

const PLAIN = /^[ !#-[\]-~]*$/
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}
const ESCAPED_CHARS: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
}

/** A double-quoted Go literal; `asciiOnly` escapes everything beyond ASCII (%+q). */
export function quoteText(text: string, asciiOnly = false): string {
  if (PLAIN.test(text)) return `"${text}"`
  let quoted = ''
  for (const char of text) quoted += escapeChar(char, '"', asciiOnly)
  return `"${quoted}"`
}

/** A single-quoted Go rune literal. */
export function quoteRune(char: string, asciiOnly = false): string {
  return `'${escapeChar(char, "'", asciiOnly)}'`
}

/** True where %#q may print a text between back quotes. */
export function canBackquote(text: string): boolean {
  return text.isWellFormed() && !/[\p{Cc}`\ufeff]/u.test(text.replaceAll('\t', ''))
}

/** True for a character that Go prints as it is (strconv.IsPrint). */
export function isPrintable(char: string): boolean {
  return PRINTABLE.test(char)
}

function escapeChar(char: string, quote: string, asciiOnly: boolean): string {
  if (char === quote || char === '\\') return `\\${char}`
  const point = char.codePointAt(0) ?? 0
  if (runeOf(char) !== point) return `\\x${(point & 0xff).toString(16).padStart(2, '0')}`
  if (PRINTABLE.test(char) && (!asciiOnly || point < 0x80)) return char
  const named = NAMED_ESCAPES[char]
  if (named !== undefined) return named
  if (point < 0x20 || point === 0x7f) return `\\x${point.toString(16).padStart(2, '0')}`
  if (point > 0xff_ff) return `\\U${point.toString(16).padStart(8, '0')}`
  return `\\u${point.toString(16).padStart(4, '0')}`
}

/** The text of a Go literal in double or back quotes, or undefined where it is none. */
export function unquoteText(literal: string): string | undefined {
  const quote = literal[0]
  if (literal.length < 2 || literal.at(-1) !== quote) return undefined
  const body = literal.slice(1, -1)
  if (quote === '`') return body.includes('`') ? undefined : body.replaceAll('\r', '')
  if (quote !== '"' || body.includes('\n')) return undefined
  if (!body.includes('\\')) return body.includes('"') ? undefined : body
  return unescape(body, '"')
}

/** The rune of a literal in single quotes, or undefined where it is none. */
export function unquoteRune(literal: string): number | undefined {
  if (literal.length < 3 || !literal.startsWith("'") || !literal.endsWith("'")) return undefined
  const body = literal.slice(1, -1)
  const byte = /^\\(?:x(?<hex>[0-9a-fA-F]{2})|(?<octal>[0-7]{3}))$/.exec(body)?.groups
  if (byte !== undefined) return byteOf(byte)
  const text = unescape(body, "'")
  const chars = text === undefined ? [] : Array.from(text)
  return chars.length === 1 ? runeOf(chars[0] ?? '') : undefined
}

const ESCAPE =
  /\\(?:(?<named>[abfnrtv\\'"])|x(?<hex>[0-9a-fA-F]{2})|(?<octal>[0-7]{3})|u(?<short>[0-9a-fA-F]{4})|U(?<long>[0-9a-fA-F]{8}))/y

function unescape(body: string, quote: string): string | undefined {
  const chunks: Buffer[] = []
  let index = 0
  while (index < body.length) {
    const next = body.indexOf('\\', index)
    const end = next < 0 ? body.length : next
    const plain = body.slice(index, end)
    if (plain.includes(quote) || plain.includes('\n')) return undefined
    chunks.push(bytesOfText(plain))
    index = end
    if (next < 0) break
    ESCAPE.lastIndex = index
    const groups = ESCAPE.exec(body)?.groups
    const bytes = groups === undefined ? undefined : escapedBytes(groups, quote)
    if (bytes === undefined) return undefined
    chunks.push(bytes)
    index = ESCAPE.lastIndex
  }
  return textOfBytes(Buffer.concat(chunks))
}

function escapedBytes(groups: Record<string, string | undefined>, quote: string): Buffer | undefined {
  const named = groups['named']
  if (named !== undefined) {
    if ((named === "'" || named === '"') && named !== quote) return undefined
    return Buffer.from([ESCAPED_CHARS[named] ?? 0])
  }
  const digits = groups['short'] ?? groups['long']
  if (digits === undefined) {
    const byte = byteOf(groups)
    return byte === undefined ? undefined : Buffer.from([byte])
  }
  const point = Number.parseInt(digits, 16)
  const isChar = point <= 0x10_ff_ff && (point < 0xd8_00 || point > 0xdf_ff)
  return isChar ? Buffer.from(String.fromCodePoint(point), 'utf8') : undefined
}

function byteOf(groups: Record<string, string | undefined>): number | undefined {
  const hex = groups['hex']
  const value = hex === undefined ? Number.parseInt(groups['octal'] ?? '', 8) : Number.parseInt(hex, 16)
  return value <= 0xff ? value : undefined
}
