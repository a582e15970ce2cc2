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
  const lineEnd = lineEndAfter(text, 0)
  const lexer: Lexer = { text, options, tokens: [], start: 0, pos: 0, line: 1, lineEnd, parenDepth: 0 }
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
  /** Where that line ends; the text's length where no line follows. */
  lineEnd: number
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
  lexer.pos = isTrimmed ? endBeforeSpaces(text, lexer.start, found) : found
  if (lexer.pos > lexer.start) emit(lexer, 'text')
  lexer.pos = found
  ignore(lexer)
  return lexLeftDelimiter
}

function endBeforeSpaces(text: string, start: number, end: number): number {
  let last = end
  while (last > start && isSpace(text.charCodeAt(last - 1))) last -= 1
  return last
}

function lexLeftDelimiter(lexer: Lexer): State {
  lexer.pos += lexer.options.leftDelimiter.length
  const marker = hasLeftTrimMarker(lexer.text, lexer.pos) ? TRIM_MARKER_LENGTH : 0
  if (lexer.text.startsWith(COMMENT_START, lexer.pos + marker)) {
    lexer.pos += marker
    ignore(lexer)
    return lexComment
  }
  emitValue(lexer, 'leftDelim', lexer.options.leftDelimiter)
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
    text.charCodeAt(pos + 1) === MINUS &&
    isSpace(text.charCodeAt(pos)) &&
    text.startsWith(options.rightDelimiter, pos + TRIM_MARKER_LENGTH)
  ) {
    return { isTrimmed: true }
  }
  return text.startsWith(options.rightDelimiter, pos) ? { isTrimmed: false } : undefined
}

function skipRightDelimiter(lexer: Lexer, close: RightDelimiter): void {
  if (close.isTrimmed) lexer.pos += TRIM_MARKER_LENGTH
  lexer.pos += lexer.options.rightDelimiter.length
  if (close.isTrimmed) skipSpaces(lexer)
}

function lexRightDelimiter(lexer: Lexer, close: RightDelimiter): State {
  if (close.isTrimmed) {
    lexer.pos += TRIM_MARKER_LENGTH
    ignore(lexer)
  }
  lexer.pos += lexer.options.rightDelimiter.length
  emitValue(lexer, 'rightDelim', lexer.options.rightDelimiter)
  if (close.isTrimmed) {
    skipSpaces(lexer)
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
  if (isSpace(lexer.text.charCodeAt(lexer.pos))) return lexSpace(lexer)
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
  skipSpaces(lexer)
  const { text, pos } = lexer
  if (text.charCodeAt(pos) === MINUS && text.startsWith(lexer.options.rightDelimiter, pos + 1)) lexer.pos -= 1
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
  skipWord(lexer)
  return isTerminator(lexer) ? emitChars(lexer, type, 0) : badCharacter(lexer)
}

/** What is not ASCII in a word. */
const WORD = /[\p{L}\p{Nd}_]*/uy
/** By character code: whether it stands in a word; charts hardly use any other. */
const ASCII_WORD: readonly boolean[] = Array.from({ length: 128 }, (_, code) => /\w/.test(String.fromCharCode(code)))

function skipWord(lexer: Lexer): void {
  const { text } = lexer
  let { pos } = lexer
  while (ASCII_WORD[text.charCodeAt(pos)] === true) pos += 1
  lexer.pos = pos
  if (text.charCodeAt(pos) >= ASCII_WORD.length) lexer.pos = skip(lexer, WORD)
}

function lexIdentifier(lexer: Lexer): State | undefined {
  skipWord(lexer)
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
  emitValue(lexer, type, lexer.text.slice(lexer.start, lexer.pos))
}

/** For tokens whose text is known: most are delimiters. */
function emitValue(lexer: Lexer, type: TokenType, value: string): void {
  lexer.tokens.push({ type, pos: lexer.start, value, line: lexer.line })
  if (lexer.lineEnd < lexer.pos) ignore(lexer)
  else lexer.start = lexer.pos
}

function ignore(lexer: Lexer): void {
  while (lexer.lineEnd < lexer.pos) {
    lexer.line += 1
    lexer.lineEnd = lineEndAfter(lexer.text, lexer.lineEnd + 1)
  }
  lexer.start = lexer.pos
}

function lineEndAfter(text: string, pos: number): number {
  const found = text.indexOf('\n', pos)
  return found < 0 ? text.length : found
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

function skipSpaces(lexer: Lexer): void {
  while (isSpace(lexer.text.charCodeAt(lexer.pos))) lexer.pos += 1
}

function hasLeftTrimMarker(text: string, pos: number): boolean {
  return text.charCodeAt(pos) === MINUS && isSpace(text.charCodeAt(pos + 1))
}

const MINUS = 45

/** Blank, tab and the ends of lines; NaN, behind the text's end, is none. */
function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13
}

function isWordStart(lexer: Lexer): boolean {
  const code = lexer.text.charCodeAt(lexer.pos)
  if (code < ASCII_WORD.length) return ASCII_WORD[code] === true
  const point = lexer.text.codePointAt(lexer.pos)
  return point !== undefined && /[\p{L}\p{Nd}_]/u.test(String.fromCodePoint(point))
}

function isTerminator(lexer: Lexer): boolean {
  const { text, pos } = lexer
  const code = text.charCodeAt(pos)
  if (isSpace(code) || pos >= text.length || TERMINATORS.has(code)) return true
  return text.startsWith(lexer.options.rightDelimiter, pos)
}

const TERMINATORS: ReadonlySet<number> = new Set(Array.from('.,|:)(', (char) => char.charCodeAt(0)))
