// Which styles a string may be written in (go-yaml v2.4.3 emitterc.go analyze_scalar, encode.go stringv).
import { isTimestamp, resolvePlain } from './resolve.ts'

export type WrittenStyle = 'plain' | 'single' | 'double' | 'literal'

/** The style of a string; a key on one line (`simpleKey`) is never a block scalar. */
export function styleOf(text: string, simpleKey: boolean): WrittenStyle {
  if (text === '') return 'double'
  const shape = analyze(text)
  if (text.includes('\n')) return shape.blockAllowed && !simpleKey ? 'literal' : 'double'
  if (!staysString(text)) return 'double'
  if (shape.plainAllowed && !(simpleKey && shape.multiline)) return 'plain'
  return shape.singleAllowed && !(simpleKey && shape.multiline) ? 'single' : 'double'
}

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** Would a reader take the text, unquoted, for a string? */
function staysString(text: string): boolean {
  if (resolvePlain(text) !== text) return false
  const first = text.charCodeAt(0)
  if (first > 0x39) return true
  return !isTimestamp(text) && !BASE_60.test(text)
}

interface Shape {
  readonly multiline: boolean
  readonly plainAllowed: boolean
  readonly singleAllowed: boolean
  readonly blockAllowed: boolean
}

/** Names, versions, paths, images: nothing in them needs a thought. */
const SIMPLE = /^[A-Za-z0-9_/][\w./@+=-]*$/
const SIMPLE_SHAPE: Shape = { multiline: false, plainAllowed: true, singleAllowed: true, blockAllowed: true }

// Breaks: LF, CR, NEL, LS, PS.
// eslint-disable-next-line no-control-regex -- what is not printable is what is looked for
const NOT_PRINTABLE = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/
const BREAK = /[\n\r\x85\u2028\u2029]/
const BREAK_THEN_SPACE = /[\n\r\x85\u2028\u2029] /
const SPACE_THEN_BREAK = / [\n\r\x85\u2028\u2029]/
const EDGES = /^[ \n\r\x85\u2028\u2029]|[ \n\r\x85\u2028\u2029]$/
const FIRST_INDICATORS = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))/
const INNER_INDICATORS = /:(?:[ \t]|$)|[ \t\n\r\x85\u2028\u2029]#/

/** What the characters of a text allow. */
function analyze(text: string): Shape {
  if (SIMPLE.test(text)) return SIMPLE_SHAPE
  const multiline = BREAK.test(text)
  const broken = NOT_PRINTABLE.test(text) || (multiline && SPACE_THEN_BREAK.test(text))
  const breakThenSpace = multiline && BREAK_THEN_SPACE.test(text)
  const indicators = FIRST_INDICATORS.test(text) || INNER_INDICATORS.test(text)
  return {
    multiline,
    plainAllowed: !(multiline || broken || indicators || EDGES.test(text)),
    singleAllowed: !(breakThenSpace || broken),
    blockAllowed: !(text.endsWith(' ') || broken),
  }
}

/** What may stand in a text unescaped; tab, CR, NEL, the byte order mark and all beyond the BMP may not. */
export function isPrintable(c: number): boolean {
  if (c < 0x7f) return c >= 0x20 || c === 0x0a
  return c >= 0xa0 && (c < 0xd800 || (c >= 0xe000 && c !== 0xfeff && c < 0xfffe))
}
