// The text being written: columns, indentation, and scalars in each style (go-yaml v2.4.3 emitterc.go).
import type { WrittenStyle } from './analyze.ts'
import { isPrintable } from './analyze.ts'
import { isBreak } from './chars.ts'

export interface ScalarPlace {
  /** Column of continuation lines. */
  readonly indent: number
  /** May the scalar go over several lines? */
  readonly folds: boolean
}

export class YamlOutput {
  text = ''
  #column = 0
  /** Only indentation and indicators stand on this line so far. */
  atIndentation = true
  #afterSpace = true
  readonly #width: number

  /** A line is broken at the first space behind the column `width`. */
  constructor(width: number) {
    this.#width = width
  }

  /** Begins a line with so much indentation, or goes on in this one where only indicators stand before that column. */
  startLine(indent: number): void {
    if (!this.atIndentation || this.#column > indent || (this.#column === indent && !this.#afterSpace)) this.#newLine()
    if (this.#column < indent) {
      this.text += ' '.repeat(indent - this.#column)
      this.#column = indent
    }
    this.#afterSpace = true
    this.atIndentation = true
  }

  /** `-`, `?` and `:` of a block (`keepsIndentation`), or an empty collection. */
  indicator(text: string, keepsIndentation = false): void {
    this.#separate()
    this.#put(text)
    this.#afterSpace = false
    this.atIndentation &&= keepsIndentation
  }

  /** The colon behind a key on one line. */
  colon(): void {
    this.#put(':')
    this.#afterSpace = false
    this.atIndentation = false
  }

  scalar(text: string, style: WrittenStyle, place: ScalarPlace): void {
    switch (style) {
      case 'plain':
        return this.plain(text, place)
      case 'single':
        return this.#single(text, place)
      case 'double':
        return this.#double(text, place)
      case 'literal':
        return this.#literal(text, place.indent)
    }
  }

  plain(text: string, place: ScalarPlace): void {
    this.#separate()
    if (!place.folds || this.#column + text.length <= this.#width) this.#put(text)
    else this.#folded(text, place.indent)
    this.#afterSpace = false
    this.atIndentation = false
  }

  /** Writes words, breaking the line at a single space behind the last column. */
  #folded(text: string, indent: number): void {
    let start = 0
    let column = this.#column
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i)
      const isLoneSpace = c === 0x20 && text.charCodeAt(i - 1) !== 0x20 && text.charCodeAt(i + 1) !== 0x20
      if (isLoneSpace && column > this.#width && i < text.length - 1 && i > 0) {
        this.text += text.slice(start, i)
        this.#column = column
        this.startLineInside(indent)
        column = indent
        start = i + 1
      } else if (c < 0xdc00 || c > 0xdfff) column++ // a surrogate pair is one column
    }
    this.text += text.slice(start)
    this.#column = column
  }

  /** Breaks the line inside a scalar. */
  startLineInside(indent: number): void {
    this.atIndentation = false
    this.startLine(indent)
  }

  #single(text: string, place: ScalarPlace): void {
    this.#separate()
    this.#put("'")
    const escaped = text.replaceAll("'", "''")
    // Quotes inside count once more, and what breaks lines besides LF stands raw and starts them anew.
    const takesLines = ANY_BREAK.test(text) || this.#column + escaped.length > this.#width
    if (place.folds && takesLines) this.#singleFolded(text, place.indent)
    else this.#put(escaped)
    this.#put("'")
    this.#afterSpace = false
    this.atIndentation = false
  }

  #singleFolded(text: string, indent: number): void {
    let afterSpace = false
    let afterBreak = false
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i)
      if (c === 0x20) {
        const breaks = !afterSpace && this.#column > this.#width && i > 0 && i < text.length - 1
        if (breaks && text.charCodeAt(i + 1) !== 0x20) this.startLineInside(indent)
        else this.#put(' ')
        afterSpace = true
      } else if (isBreak(c)) {
        this.#putBreak(text.charAt(i))
        afterBreak = true
      } else {
        if (afterBreak) this.startLine(indent)
        this.#put(c === 0x27 ? "''" : text.charAt(i))
        this.atIndentation = false
        afterSpace = false
        afterBreak = false
      }
    }
  }

  #double(text: string, place: ScalarPlace): void {
    this.#separate()
    this.#put('"')
    // go-yaml looks for the mark at the start of the value, whatever character it is at: everything is escaped then.
    if (text.startsWith('\ufeff')) this.#put(Array.from(text, escapeOf).join(''))
    else this.#doubleContent(text, place)
    this.#put('"')
    this.#afterSpace = false
    this.atIndentation = false
  }

  #doubleContent(text: string, place: ScalarPlace): void {
    let afterSpace = false
    for (const character of text) {
      this.#position += character.length
      if (character !== ' ') {
        this.#put(isPlainInDouble(character) ? character : escapeOf(character))
        afterSpace = false
        continue
      }
      const i = this.#position - 1
      if (place.folds && !afterSpace && this.#column > this.#width && i > 0 && i < text.length - 1) {
        this.startLineInside(place.indent)
        if (text.charCodeAt(i + 1) === 0x20) this.#put('\\')
      } else this.#put(' ')
      afterSpace = true
    }
    this.#position = 0
  }

  /** Place in the text of a double-quoted scalar. */
  #position = 0

  #literal(text: string, indent: number): void {
    this.#separate()
    this.#put(`|${literalHints(text)}`)
    this.#newLine()
    let start = 0
    for (let i = 0; i <= text.length; i++) {
      if (i < text.length && !isBreak(text.charCodeAt(i))) continue
      if (i > start) {
        this.text += ' '.repeat(indent - this.#column)
        this.text += text.slice(start, i)
        this.#column = indent + i - start
        this.atIndentation = false
        this.#afterSpace = false
      }
      if (i < text.length) this.#putBreak(text.charAt(i))
      start = i + 1
    }
  }

  #separate(): void {
    if (!this.#afterSpace) this.#put(' ')
  }

  #put(text: string): void {
    this.text += text
    this.#column += text.length
  }

  #newLine(): void {
    this.text += '\n'
    this.#column = 0
    this.atIndentation = true
    this.#afterSpace = true
  }

  #putBreak(lineBreak: string): void {
    this.text += lineBreak
    this.#column = 0
    this.atIndentation = true
    this.#afterSpace = true
  }
}

// eslint-disable-next-line no-control-regex -- CR is a line break here
const ANY_BREAK = /[\n\r\x85\u2028\u2029]/

/** Indentation where the text starts with white space, and how its last breaks are kept. */
function literalHints(text: string): string {
  const first = text.charCodeAt(0)
  const indent = first === 0x20 || isBreak(first) ? '2' : ''
  if (!isBreak(text.charCodeAt(text.length - 1))) return `${indent}-`
  return text.length === 1 || isBreak(text.charCodeAt(text.length - 2)) ? `${indent}+` : indent
}

function isPlainInDouble(character: string): boolean {
  const c = character.charCodeAt(0)
  if (character.length > 1 || c === 0x22 || c === 0x5c) return false
  return isPrintable(c) && !isBreak(c)
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\x85', 'N'],
  ['\xa0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
])

function escapeOf(character: string): string {
  const short = ESCAPES.get(character)
  if (short !== undefined) return `\\${short}`
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
