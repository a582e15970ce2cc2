// A place in a template's text, and what can be taken from there on.
import { unquoteText } from '../go/quote.ts'

/** Thrown where the text is not as most are; the lexer and the parser take it then. */
export const NOT_PLAIN: Error = new Error('the template is unusual')

const MINUS = 45
const BRACE = 125
const QUOTE = 34
const BACKSLASH = 92
const NEWLINE = 10
const COMMENT_START = '/*'
const COMMENT_END = '*/'
const STRING = /"(?:\\[^\n]|[^\\"\n])*"/suy
/** Numbers as charts have them; what may follow keeps words and others out. */
const NUMBER = /[+-]?[0-9]+(?:\.[0-9]+)?(?=[\t\n\r )|]|\}\})/y

/** What a character can be in an action. */
const CLASS = { other: 0, space: 1, word: 2, digit: 3, terminator: 4 } as const
/** By character code, of ASCII. */
const CLASSES: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => classOf(String.fromCharCode(code)))

function classOf(char: string): number {
  if (/[\t\n\r ]/.test(char)) return CLASS.space
  if (/[0-9]/.test(char)) return CLASS.digit
  if (/\w/.test(char)) return CLASS.word
  return /[.,|:)(]/.test(char) ? CLASS.terminator : CLASS.other
}

export class Cursor {
  pos = 0
  /** Where the text that `takeText` found ends. */
  textEnd = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  code(ahead = 0): number {
    return this.#text.charCodeAt(this.pos + ahead)
  }

  slice(start: number, end: number): string {
    return this.#text.slice(start, end)
  }

  /** Goes behind the next opening delimiter and its trim mark, gives where it begins; negative at the end of the text. */
  takeText(): number {
    const text = this.#text
    const found = text.indexOf('{{', this.pos)
    if (found < 0) {
      this.pos = text.length
      this.textEnd = text.length
      return found
    }
    const isTrimmed = text.charCodeAt(found + 2) === MINUS && this.#isSpace(found + 3)
    let end = found
    if (isTrimmed) while (end > this.pos && this.#isSpace(end - 1)) end -= 1
    this.textEnd = end
    this.pos = found + (isTrimmed ? 4 : 2)
    return found
  }

  takesComment(): boolean {
    if (!this.#text.startsWith(COMMENT_START, this.pos)) return false
    const end = this.#text.indexOf(COMMENT_END, this.pos + COMMENT_START.length)
    if (end < 0) throw NOT_PLAIN
    this.pos = end + COMMENT_END.length
    const isPlain = this.code() === BRACE || this.isAtTrimmedClose()
    if (!isPlain || !this.takesClose()) throw NOT_PLAIN
    return true
  }

  skipSpaces(): void {
    while (this.#isSpace(this.pos)) this.pos += 1
  }

  /** True behind spaces that something of the action follows; those before its end are left. */
  takesSpaces(): boolean {
    const start = this.pos
    this.skipSpaces()
    if (this.pos === start) return false
    const code = this.code()
    // `|`, `)`, `}` and the mark that trims end a command.
    if (code === 124 || code === 41 || code === BRACE) return false
    if (code !== MINUS || !this.#text.startsWith('}}', this.pos + 1)) return true
    this.pos -= 1
    return false
  }

  /** Takes this character, but for one that follows spaces none of them. */
  takesCode(code: number): boolean {
    if (this.code() !== code) return false
    this.pos += 1
    return true
  }

  /** Takes spaces, and the closing delimiter behind them, with what it trims. */
  takesClose(): boolean {
    const start = this.pos
    this.skipSpaces()
    if (this.#text.startsWith('}}', this.pos)) {
      this.pos += 2
      return true
    }
    if (this.code() !== MINUS || this.pos === start || !this.#text.startsWith('}}', this.pos + 1)) return false
    this.pos += 3
    this.skipSpaces()
    return true
  }

  isAtTrimmedClose(): boolean {
    return this.#isSpace(this.pos) && this.code(1) === MINUS && this.#text.startsWith('}}', this.pos + 2)
  }

  isAtWord(): boolean {
    return CLASSES[this.code()] === CLASS.word
  }

  /** A word with what may follow one behind it. */
  takeWord(): string {
    if (!this.isAtWord()) throw NOT_PLAIN
    return this.#word(this.pos)
  }

  /** `$` and a name, or alone. */
  takeVariable(): string {
    const start = this.pos
    this.pos += 1
    return this.#word(start)
  }

  #word(start: number): string {
    const text = this.#text
    let { pos } = this
    for (;;) {
      const found = CLASSES[text.charCodeAt(pos)]
      if (found !== CLASS.word && found !== CLASS.digit) break
      pos += 1
    }
    this.pos = pos
    if (!this.isAtTerminator()) throw NOT_PLAIN
    return text.slice(start, pos)
  }

  isAtTerminator(): boolean {
    const found = CLASSES[this.code()]
    return found === CLASS.space || found === CLASS.terminator || this.#text.startsWith('}}', this.pos)
  }

  /** A string in these quotes: as it is written, and what it means. */
  takeString(quote: number): { readonly quoted: string; readonly text: string } {
    const text = this.#text
    const start = this.pos
    let end = start + 1
    if (quote === QUOTE) while (isPlainInString(text.charCodeAt(end))) end += 1
    else end = text.indexOf('`', end)
    if (end > start && text.charCodeAt(end) === quote) {
      this.pos = end + 1
      const body = text.slice(start + 1, end)
      const isRaw = quote !== QUOTE && body.includes('\r')
      return { quoted: text.slice(start, end + 1), text: isRaw ? body.replaceAll('\r', '') : body }
    }
    const quoted = this.#match(STRING)
    const unquoted = unquoteText(quoted)
    if (unquoted === undefined) throw NOT_PLAIN
    return { quoted, text: unquoted }
  }

  takeNumber(): string {
    return this.#match(NUMBER)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.pos
    if (!pattern.test(this.#text)) throw NOT_PLAIN
    const start = this.pos
    this.pos = pattern.lastIndex
    return this.#text.slice(start, this.pos)
  }

  #isSpace(pos: number): boolean {
    return CLASSES[this.#text.charCodeAt(pos)] === CLASS.space
  }
}

/** False behind the end of the text, too. */
function isPlainInString(code: number): boolean {
  return code >= 0 && code !== QUOTE && code !== BACKSLASH && code !== NEWLINE
}
