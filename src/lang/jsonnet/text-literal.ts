// Strings as they are written: escapes, verbatim strings, blocks between `|||`.
import { JSON_ESCAPES } from '../go/json-escapes.ts'
import { staticError } from './error.ts'
import type { Source, Span } from './source.ts'

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { ...JSON_ESCAPES, "'": "'" }

/** The value of a quoted string's inside. Throws at `at` what go-jsonnet says of bad escapes. */
export function unescape(inside: string, at: Span): string {
  if (!inside.includes('\\')) return inside
  let value = ''
  for (let index = 0; index < inside.length; index++) {
    const char = inside.charAt(index)
    if (char !== '\\') {
      value += char
      continue
    }
    const next = inside.charAt(++index)
    const simple = SIMPLE_ESCAPES[next]
    if (simple !== undefined) value += simple
    else if (next === 'u') {
      value += unicodeEscape(inside, index + 1, at)
      index += 4
    } else if (next === '') throw staticError(at, 'Truncated escape sequence in string literal.')
    else throw staticError(at, `Unknown escape sequence in string literal: \\${next}`)
  }
  return checkSurrogates(value, at)
}

function unicodeEscape(inside: string, from: number, at: Span): string {
  const digits = inside.slice(from, from + 4)
  if (digits.length < 4) throw staticError(at, 'Truncated unicode escape sequence in string literal.')
  if (!/^[0-9a-fA-F]{4}$/.test(digits))
    throw staticError(at, `Unicode escape sequence was malformed: ${inside.slice(0, 4)}`)
  return String.fromCharCode(Number.parseInt(digits, 16))
}

function checkSurrogates(value: string, at: Span): string {
  if (value.isWellFormed()) return value
  throw staticError(at, 'Unicode surrogate pair escape sequence missing low surrogate in string literal.')
}

export interface TextBlock {
  readonly value: string
  /** The offset after the closing `|||`. */
  readonly end: number
}

/** Reads a block that begins at `begin` with `|||`: the indent of its first line is taken from every line. */
export function readTextBlock(source: Source, begin: number): TextBlock {
  const at = { source, begin, end: begin }
  const { text } = source
  const opening = /\|\|\|(?<chomp>-?)[ \t\r]*(?<newline>\n?)/y
  opening.lastIndex = begin
  const opened = opening.exec(text)
  if (opened?.groups?.['newline'] !== '\n') throw staticError(at, 'Text block requires new line after |||.')
  let index = opening.lastIndex
  const leading = skipEmptyLines(text, index)
  let value = '\n'.repeat(leading - index)
  index = leading
  const indent = /[ \t]*/y
  indent.lastIndex = index
  const [margin = ''] = indent.exec(text) ?? []
  if (margin === '') throw staticError(at, "Text block's first line must start with whitespace")
  while (text.startsWith(margin, index)) {
    const newline = text.indexOf('\n', index)
    if (newline < 0) throw staticError(at, 'Unexpected EOF')
    const next = skipEmptyLines(text, newline + 1)
    value += text.slice(index + margin.length, newline + 1) + '\n'.repeat(next - newline - 1)
    index = next
  }
  const closing = /[ \t]*\|\|\|/y
  closing.lastIndex = index
  if (!closing.test(text)) throw staticError(at, 'Text block not terminated with |||')
  const isChomped = opened.groups['chomp'] === '-'
  return { value: isChomped ? value.slice(0, -1) : value, end: closing.lastIndex }
}

function skipEmptyLines(text: string, from: number): number {
  let index = from
  while (text.charAt(index) === '\n') index++
  return index
}
