// Cuts a template's text into tokens; each state is a function that emits tokens and returns the next state.
import { quoteText } from '../go/quote.ts'
import { KEYWORDS } from './token.ts'
import type { Token, TokenType } from './token.ts'

export interface LexOptions {
  readonly leftDelimiter: string
  readonly rightDelimiter: string
  /** False where a function of that name exists: then it's an ordinary identifier. */
  readonly breakIsKeyword: boolean
  readonly continueIsKeyword: boolean
}

/** All tokens up to `eof`, or up to the first `error`, whose value says what is wrong. */
export function lexTemplate(text: string, options: LexOptions): Token[] {
  const lexer: Lexer = { text, options, tokens: [], start: 0, pos: 0, line: 1, parenDepth: 0 }
  let state: State | undefined = lexText
  while (state !== undefined) state = state(lexer)
  return lexer.tokens
}

interface Lexer {
  readonly text: string
  readonly options: LexOptions
  readonly tokens: Token[]
  start: number
  pos: number
  /** The line of `start`. */
  line: number
  parenDepth: number
}

type State = (lexer: Lexer) => State | undefined

const TRIM_MARKER_LENGTH = 2
const COMMENT_START = '/*'
const COMMENT_END = '*/'

function lexText(lexer: Lexer): State | undefined {
  const { text, options } = lexer
  const found = text.indexOf(options.leftDelimiter, lexer.pos)
  if (found < 0) {
    lexer.pos = text.length
    if (lexer.pos > lexer.start) emit(lexer, 'text')
    emit(lexer, 'eof')
    return undefined
  }
  const isTrimmed = hasLeftTrimMarker(text, found + options.leftDelimiter.length)
  lexer.pos = isTrimmed ? lexer.start + text.slice(lexer.start, found).replace(/[ \t\r\n]+$/, '').length : found
  if (lexer.pos > lexer.start) emit(lexer, 'text')
  lexer.pos = found
  ignore(lexer)
  return lexLeftDelimiter
}

function lexLeftDelimiter(lexer: Lexer): State {
  lexer.pos += lexer.options.leftDelimiter.length
  const marker = hasLeftTrimMarker(lexer.text, lexer.pos) ? TRIM_MARKER_LENGTH : 0
  if (lexer.text.startsWith(COMMENT_START, lexer.pos + marker)) {
    lexer.pos += marker
    ignore(lexer)
    return lexComment
  }
  emit(lexer, 'leftDelim')
  lexer.pos += marker
  ignore(lexer)
  lexer.parenDepth = 0
  return lexInsideAction
}

function lexComment(lexer: Lexer): State | undefined {
  const end = lexer.text.indexOf(COMMENT_END, lexer.pos + COMMENT_START.length)
  if (end < 0) return fail(lexer, 'unclosed comment')
  lexer.pos = end + COMMENT_END.length
  const close = rightDelimiterAt(lexer)
  if (close === undefined) return fail(lexer, 'comment ends before closing delimiter')
  skipRightDelimiter(lexer, close)
  ignore(lexer)
  return lexText
}

interface RightDelimiter {
  readonly isTrimmed: boolean
}

function rightDelimiterAt(lexer: Lexer): RightDelimiter | undefined {
  const { text, pos, options } = lexer
  if (
    text[pos + 1] === '-' &&
    isSpace(text[pos]) &&
    text.startsWith(options.rightDelimiter, pos + TRIM_MARKER_LENGTH)
  ) {
    return { isTrimmed: true }
  }
  return text.startsWith(options.rightDelimiter, pos) ? { isTrimmed: false } : undefined
}

function skipRightDelimiter(lexer: Lexer, close: RightDelimiter): void {
  if (close.isTrimmed) lexer.pos += TRIM_MARKER_LENGTH
  lexer.pos += lexer.options.rightDelimiter.length
  if (close.isTrimmed) lexer.pos = skip(lexer, /[ \t\r\n]*/y)
}

function lexRightDelimiter(lexer: Lexer, close: RightDelimiter): State {
  if (close.isTrimmed) {
    lexer.pos += TRIM_MARKER_LENGTH
    ignore(lexer)
  }
  lexer.pos += lexer.options.rightDelimiter.length
  emit(lexer, 'rightDelim')
  if (close.isTrimmed) {
    lexer.pos = skip(lexer, /[ \t\r\n]*/y)
    ignore(lexer)
  }
  return lexText
}

const SINGLE_CHARS: Readonly<Record<string, TokenType>> = { '=': 'assign', '|': 'pipe' }
const STARTS: Readonly<Record<string, State>> = {
  '"': lexQuote,
  '`': lexRawQuote,
  $: lexVariable,
  "'": lexCharacter,
  '+': lexNumber,
  '-': lexNumber,
  '(': lexLeftParen,
  ')': lexRightParen,
  ':': lexDeclare,
  '.': lexDot,
}

function lexInsideAction(lexer: Lexer): State | undefined {
  const close = rightDelimiterAt(lexer)
  if (close !== undefined) {
    return lexer.parenDepth === 0 ? lexRightDelimiter(lexer, close) : fail(lexer, 'unclosed left paren')
  }
  const char = lexer.text[lexer.pos]
  if (char === undefined) return fail(lexer, 'unclosed action')
  if (isSpace(char)) return lexSpace(lexer)
  const single = SINGLE_CHARS[char]
  if (single !== undefined) return emitChars(lexer, single, 1)
  const start = STARTS[char]
  if (start !== undefined) return start(lexer)
  if (char >= '0' && char <= '9') return lexNumber(lexer)
  return isWordStart(lexer) ? lexIdentifier(lexer) : lexOther(lexer)
}

function lexOther(lexer: Lexer): State | undefined {
  const char = String.fromCodePoint(lexer.text.codePointAt(lexer.pos) ?? 0)
  if (char > ' ' && char <= '~') return emitChars(lexer, 'char', 1)
  return fail(lexer, `unrecognized character in action: ${codePointText(char)}`)
}

function lexSpace(lexer: Lexer): State {
  const end = skip(lexer, /[ \t\r\n]*/y)
  const beforeTrim = lexer.text[end] === '-' && lexer.text.startsWith(lexer.options.rightDelimiter, end + 1)
  lexer.pos = beforeTrim ? end - 1 : end
  if (lexer.pos > lexer.start) emit(lexer, 'space')
  return lexInsideAction
}

function lexDeclare(lexer: Lexer): State | undefined {
  return lexer.text[lexer.pos + 1] === '=' ? emitChars(lexer, 'declare', 2) : fail(lexer, 'expected :=')
}

function lexLeftParen(lexer: Lexer): State {
  lexer.parenDepth += 1
  return emitChars(lexer, 'leftParen', 1)
}

function lexRightParen(lexer: Lexer): State | undefined {
  lexer.parenDepth -= 1
  return lexer.parenDepth < 0 ? fail(lexer, 'unexpected right paren') : emitChars(lexer, 'rightParen', 1)
}

function lexDot(lexer: Lexer): State | undefined {
  const next = lexer.text[lexer.pos + 1]
  return next !== undefined && (next < '0' || next > '9') ? lexName(lexer, 'field', 'dot') : lexNumber(lexer)
}

function lexVariable(lexer: Lexer): State | undefined {
  return lexName(lexer, 'variable', 'variable')
}

/** A field or variable: its first character, then a word; alone it is the dot or `$`. */
function lexName(lexer: Lexer, type: TokenType, alone: TokenType): State | undefined {
  lexer.pos += 1
  if (isTerminator(lexer)) return emitChars(lexer, alone, 0)
  lexer.pos = skip(lexer, WORD)
  return isTerminator(lexer) ? emitChars(lexer, type, 0) : badCharacter(lexer)
}

const WORD = /[\p{L}\p{Nd}_]*/uy

function lexIdentifier(lexer: Lexer): State | undefined {
  lexer.pos = skip(lexer, WORD)
  if (!isTerminator(lexer)) return badCharacter(lexer)
  return emitChars(lexer, wordType(lexer, lexer.text.slice(lexer.start, lexer.pos)), 0)
}

function wordType(lexer: Lexer, word: string): TokenType {
  if (word === 'true' || word === 'false') return 'bool'
  if (word === 'break' && !lexer.options.breakIsKeyword) return 'identifier'
  if (word === 'continue' && !lexer.options.continueIsKeyword) return 'identifier'
  return KEYWORDS.get(word) ?? 'identifier'
}

const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*|[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]*)?)i?/y

function lexNumber(lexer: Lexer): State | undefined {
  lexer.pos = skip(lexer, NUMBER)
  if (isWordStart(lexer)) return badNumber(lexer)
  const sign = lexer.text[lexer.pos]
  if (sign !== '+' && sign !== '-') return emitChars(lexer, 'number', 0)
  lexer.pos = skip(lexer, NUMBER)
  if (isWordStart(lexer) || lexer.text[lexer.pos - 1] !== 'i') return badNumber(lexer)
  return emitChars(lexer, 'complex', 0)
}

function badNumber(lexer: Lexer): undefined {
  if (isWordStart(lexer)) lexer.pos += String.fromCodePoint(lexer.text.codePointAt(lexer.pos) ?? 0).length
  return fail(lexer, `bad number syntax: ${quoteText(lexer.text.slice(lexer.start, lexer.pos))}`)
}

function lexCharacter(lexer: Lexer): State | undefined {
  return lexQuoted(lexer, /'(?:\\[^\n]|[^\\'\n])*'/suy, 'charConstant', 'unterminated character constant')
}

function lexQuote(lexer: Lexer): State | undefined {
  return lexQuoted(lexer, /"(?:\\[^\n]|[^\\"\n])*"/suy, 'string', 'unterminated quoted string')
}

function lexRawQuote(lexer: Lexer): State | undefined {
  return lexQuoted(lexer, /`[^`]*`/y, 'rawString', 'unterminated raw quoted string')
}

function lexQuoted(lexer: Lexer, pattern: RegExp, type: TokenType, fault: string): State | undefined {
  const end = skip(lexer, pattern)
  return end === lexer.pos ? fail(lexer, fault) : emitChars(lexer, type, end - lexer.pos)
}

function emitChars(lexer: Lexer, type: TokenType, count: number): State {
  lexer.pos += count
  emit(lexer, type)
  return lexInsideAction
}

function emit(lexer: Lexer, type: TokenType): void {
  const value = lexer.text.slice(lexer.start, lexer.pos)
  lexer.tokens.push({ type, pos: lexer.start, value, line: lexer.line })
  ignore(lexer)
}

function ignore(lexer: Lexer): void {
  for (let index = lexer.start; index < lexer.pos; index += 1) {
    if (lexer.text.charCodeAt(index) === 10) lexer.line += 1
  }
  lexer.start = lexer.pos
}

function fail(lexer: Lexer, message: string): undefined {
  lexer.tokens.push({ type: 'error', pos: lexer.start, value: message, line: lexer.line })
  return undefined
}

function badCharacter(lexer: Lexer): undefined {
  const char = String.fromCodePoint(lexer.text.codePointAt(lexer.pos) ?? 0)
  return fail(lexer, `bad character ${codePointText(char)}`)
}

/** As Go's %#U. */
function codePointText(char: string): string {
  const hex = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char) ? `U+${hex} '${char}'` : `U+${hex}`
}

/** The offset after what the sticky pattern matches here. */
function skip(lexer: Lexer, pattern: RegExp): number {
  pattern.lastIndex = lexer.pos
  return pattern.test(lexer.text) ? pattern.lastIndex : lexer.pos
}

function hasLeftTrimMarker(text: string, pos: number): boolean {
  return text[pos] === '-' && isSpace(text[pos + 1])
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\t' || char === '\r' || char === '\n'
}

function isWordStart(lexer: Lexer): boolean {
  const point = lexer.text.codePointAt(lexer.pos)
  return point !== undefined && /[\p{L}\p{Nd}_]/u.test(String.fromCodePoint(point))
}

function isTerminator(lexer: Lexer): boolean {
  const char = lexer.text[lexer.pos]
  if (char === undefined || isSpace(char) || '.,|:)('.includes(char)) return true
  return lexer.text.startsWith(lexer.options.rightDelimiter, lexer.pos)
}
