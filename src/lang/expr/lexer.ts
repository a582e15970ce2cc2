// Cuts an expression into tokens (expr 1.17 parser/lexer).
import { quoteText } from '../go/quote.ts'
import { ExprError } from './error.ts'
import { MAX_LENGTH } from './limits.ts'
import type { Token, TokenKind } from './token.ts'
import { unescapeBytes, unescapeText } from './unescape.ts'

const ALPHABETIC = /^[\p{L}_$]$/u
const DIGIT = /^\p{Nd}$/u
const SPACE = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/
const WORD_OPERATORS = new Set([
  'in',
  'or',
  'and',
  'matches',
  'contains',
  'startsWith',
  'endsWith',
  'let',
  'if',
  'else',
])
/** What `not` may stand before: `not in`, `not contains` … */
const NEGATED = new Set(['in', 'matches', 'contains', 'startsWith', 'endsWith'])

interface Scan {
  readonly text: string
  readonly chars: readonly string[]
  readonly tokens: Token[]
  start: number
  pos: number
}

export interface Tokens {
  /** The last one is EOF, unless there is a fault. */
  readonly tokens: readonly Token[]
  /** What stands after the last token and is none: an error once a parser comes to it. */
  readonly fault: ExprError | undefined
}

/** Throws an ExprError for text that is too long. */
export function tokenize(text: string): Tokens {
  if (text.length > MAX_LENGTH) throw new ExprError(`expression is longer than ${MAX_LENGTH} characters`)
  const scan: Scan = { text, chars: Array.from(text), tokens: [], start: 0, pos: 0 }
  const { tokens } = scan
  try {
    while (scan.pos < scan.chars.length) {
      scan.start = scan.pos
      readToken(scan)
    }
  } catch (error) {
    if (error instanceof ExprError) return { tokens, fault: error }
    throw error
  }
  tokens.push({ kind: 'EOF', value: '', at: Math.max(scan.pos - 1, 0) })
  return { tokens, fault: undefined }
}

/** A letter, digit, `_` or `$`. */
function isAlphaNumeric(char: string | undefined): boolean {
  return char !== undefined && (ALPHABETIC.test(char) || DIGIT.test(char))
}

/** True for a name: a word that does not begin with a digit. */
export function isName(text: string): boolean {
  const [first, ...rest] = Array.from(text)
  return first !== undefined && ALPHABETIC.test(first) && rest.every(isAlphaNumeric)
}

function readToken(scan: Scan): void {
  const char = scan.chars[scan.pos] ?? ''
  if (SPACE.test(char)) scan.pos += 1
  else if (isQuote(char)) readQuoted(scan, 'String')
  else if (char === '`') readRaw(scan)
  else if (startsBytes(scan, char)) readQuoted(scan, 'Bytes')
  else if (startsNumber(scan, char)) readNumber(scan)
  else if (isAlphaNumeric(char)) readWord(scan)
  else readSymbol(scan, char)
}

function isQuote(char: string | undefined): boolean {
  return char === "'" || char === '"'
}

function startsBytes(scan: Scan, char: string): boolean {
  return (char === 'b' || char === 'B') && isQuote(scan.chars[scan.pos + 1])
}

function startsNumber(scan: Scan, char: string): boolean {
  return /[0-9]/.test(char) || (char === '.' && /[0-9]/.test(scan.chars[scan.pos + 1] ?? ''))
}

function emit(scan: Scan, kind: TokenKind, value = wordOf(scan)): void {
  scan.tokens.push({ kind, value, at: scan.start })
  scan.start = scan.pos
}

function wordOf(scan: Scan): string {
  return scan.chars.slice(scan.start, scan.pos).join('')
}

function accept(scan: Scan, valid: string): boolean {
  const char = scan.chars[scan.pos]
  if (char === undefined || !valid.includes(char)) return false
  scan.pos += 1
  return true
}

function acceptRun(scan: Scan, valid: string): void {
  while (accept(scan, valid));
}

/** At the character that was read last, or behind the end where that was read. */
function fail(scan: Scan, reason: string): ExprError {
  const end = scan.chars.length
  return new ExprError(reason, { text: scan.text, at: scan.pos > end ? end : scan.pos - 1 })
}

function readSymbol(scan: Scan, char: string): void {
  scan.pos += 1
  if (char === '#') {
    readPointer(scan)
  } else if (char === '/') {
    readSlash(scan)
  } else if ('([{)]}'.includes(char)) {
    emit(scan, 'Bracket')
  } else if (readOperator(scan, char)) {
    emit(scan, 'Operator')
  } else {
    throw fail(scan, `unrecognized character: ${unicodeName(char)}`)
  }
}

/** True where the character begins an operator; what belongs to it is taken. */
function readOperator(scan: Scan, char: string): boolean {
  if (char === '?') accept(scan, '.?')
  else if (char === '|' || char === ':' || char === '.') accept(scan, char)
  else if ('&!=*<>'.includes(char)) accept(scan, '&=*')
  else return ',;%+-^'.includes(char)
  return true
}

/** As fmt's %#U shows a character. */
function unicodeName(char: string): string {
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return `U+${code} '${char}'`
}

function readPointer(scan: Scan): void {
  accept(scan, '#')
  emit(scan, 'Operator')
  while (isAlphaNumeric(scan.chars[scan.pos])) scan.pos += 1
  if (scan.pos > scan.start) emit(scan, 'Identifier')
}

function readSlash(scan: Scan): void {
  if (accept(scan, '/')) {
    while (scan.pos < scan.chars.length && scan.chars[scan.pos] !== '\n') scan.pos += 1
    return
  }
  if (!accept(scan, '*')) {
    emit(scan, 'Operator')
    return
  }
  while (!(scan.chars[scan.pos] === '*' && scan.chars[scan.pos + 1] === '/')) {
    scan.pos += 1
    if (scan.pos > scan.chars.length) throw fail(scan, 'unclosed comment')
  }
  scan.pos += 2
}

function readNumber(scan: Scan): void {
  let digits = '0123456789_'
  accept(scan, '.')
  if (accept(scan, '0')) {
    if (accept(scan, 'xX')) digits = '0123456789abcdefABCDEF_'
    else if (accept(scan, 'oO')) digits = '01234567_'
    else if (accept(scan, 'bB')) digits = '01_'
  }
  acceptRun(scan, digits)
  if (scan.chars[scan.pos] === '.') {
    if (scan.chars[scan.pos + 1] === '.') return emit(scan, 'Number') // 1..2 is a range
    scan.pos += 1
    acceptRun(scan, digits)
  }
  if (accept(scan, 'eE')) {
    accept(scan, '+-')
    acceptRun(scan, digits)
  }
  if (isAlphaNumeric(scan.chars[scan.pos])) {
    scan.pos += 1
    throw fail(scan, `bad number syntax: ${quoteText(wordOf(scan))}`)
  }
  return emit(scan, 'Number')
}

function readWord(scan: Scan): void {
  while (isAlphaNumeric(scan.chars[scan.pos])) scan.pos += 1
  const word = wordOf(scan)
  if (word === 'not') {
    readNot(scan)
    return
  }
  emit(scan, WORD_OPERATORS.has(word) ? 'Operator' : 'Identifier')
}

/** After `not` a word of NEGATED is an operator; it always is, so only the blanks between them are special. */
function readNot(scan: Scan): void {
  emit(scan, 'Operator')
  acceptRun(scan, ' ')
  scan.start = scan.pos
  const end = scan.pos
  while (isAlphaNumeric(scan.chars[scan.pos])) scan.pos += 1
  if (NEGATED.has(wordOf(scan))) emit(scan, 'Operator')
  else scan.pos = end
}

function readQuoted(scan: Scan, kind: 'String' | 'Bytes'): void {
  if (kind === 'Bytes') scan.pos += 1
  const quote = scan.chars[scan.pos] ?? ''
  const from = scan.pos + 1
  scan.pos = from
  while (scan.chars[scan.pos] !== quote) {
    const char = scan.chars[scan.pos]
    scan.pos += 1
    if (char === undefined || char === '\n') throw fail(scan, 'literal not terminated')
    if (char === '\\') scan.pos += 1
  }
  const inner = scan.chars.slice(from, scan.pos)
  scan.pos += 1
  const value = kind === 'String' ? unescapeText(inner, quote) : unescapeBytes(inner, quote)
  if (value === undefined) throw fail(scan, 'invalid char escape')
  emit(scan, kind, value)
}

/** Between backquotes everything stands for itself, two of them for one. */
function readRaw(scan: Scan): void {
  scan.pos += 1
  let value = ''
  for (;;) {
    const char = scan.chars[scan.pos]
    scan.pos += 1
    if (char === undefined) throw fail(scan, 'literal not terminated')
    if (char === '`' && scan.chars[scan.pos] !== '`') break
    if (char === '`') scan.pos += 1
    value += char
  }
  emit(scan, 'String', value)
}
