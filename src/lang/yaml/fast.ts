// Plain block YAML straight into values, several times as fast as through tokens and nodes; what is unusual is refused.
import { COLON, DASH, HASH, LF, QUESTION, QUOTE, SPACE, TAB } from './chars.ts'
import { Cursor } from './cursor.ts'
import { FastFlow, REFUSED } from './fast-flow.ts'
import { isIntegerText, resolvePlain } from './resolve.ts'
import { plainLiteral } from './fast-literal.ts'
import { scanBlockScalar } from './scan-block.ts'
import type { YamlObject, YamlOptions, YamlValue } from './value.ts'
import { setOwn } from './value.ts'

/** Column that stands for the end of the document. */
const END = -1

export interface FastDocument {
  readonly value: YamlValue
  /** Where the document's marker or content begins. */
  readonly start: number
  /** Where the next document's marker is, or the end of the text. */
  readonly end: number
}

/**
 * Reads one document from `pos`, the start of a line. Gives undefined where there is none, and throws `REFUSED` (or
 * another YamlError) for everything that the full reader has to decide: anchors, tags, directives, complex keys, errors.
 * Where it gives a value, that is the full reader's: the two are compared in tests.
 */
export function readFast(text: string, pos: number, options: YamlOptions): FastDocument | undefined {
  return new FastReader(text, pos, options).document()
}

class FastReader extends FastFlow {
  /** Column of the content that `pos` stands at after `#toContent`; END at a marker or the end of the text. */
  #column = 0
  #lineStart = 0
  #key = ''

  constructor(text: string, pos: number, options: YamlOptions) {
    super(text, options)
    this.pos = pos
  }

  document(): FastDocument | undefined {
    this.#toContent()
    let start = this.pos
    const marked = this.#column === END && this.text.charCodeAt(this.pos) === DASH
    if (this.#column === END && !marked) return this.#noDocument()
    if (this.text.charCodeAt(start) === 0x25) throw REFUSED
    if (marked) this.#passMarker()
    const value = this.#column === END ? null : this.#block(this.#column, 1)
    if (this.#column !== END || this.text.charCodeAt(this.pos) === 0x2e) throw REFUSED
    return { value, start, end: this.pos }
  }

  #noDocument(): undefined {
    if (this.text.charCodeAt(this.pos) !== 0) throw REFUSED
    return undefined
  }

  #passMarker(): void {
    this.pos += 3
    this.#endLine()
  }

  /** Passes blank lines and comments from the start of a line on. */
  #toContent(): void {
    const { text } = this
    let { pos } = this
    for (;;) {
      const start = pos
      let c = text.charCodeAt(pos)
      while (c === SPACE) c = text.charCodeAt(++pos)
      if (c === HASH) while (c !== LF && c !== 0) c = text.charCodeAt(++pos)
      if (c === LF) {
        pos++
        continue
      }
      if (c === TAB) throw REFUSED
      this.pos = pos
      this.#lineStart = start
      this.#column = c === 0 || (pos === start && isMarker(text, pos, c)) ? END : pos - start
      return
    }
  }

  /** What follows a complete value on its line: blanks, a comment, the break. */
  #endLine(): void {
    const { text } = this
    const start = this.pos
    let c = text.charCodeAt(this.pos)
    while (c === SPACE) c = text.charCodeAt(++this.pos)
    if (c === HASH && this.pos > start) while (c !== LF && c !== 0) c = text.charCodeAt(++this.pos)
    if (c !== LF && c !== 0) throw REFUSED
    if (c === LF) this.pos++
    this.#toContent()
  }

  /** The node that begins at `pos` in this column. */
  #block(column: number, depth: number): YamlValue {
    this.checkDepth(depth)
    if (this.#atDash()) return this.#sequence(column, false, depth)
    if (this.#takeKey()) return this.#mapping(column, depth)
    throw REFUSED
  }

  #atDash(): boolean {
    return this.text.charCodeAt(this.pos) === DASH && isBlankOrEnd(this.text.charCodeAt(this.pos + 1))
  }

  /** `pos` stands behind the colon of the first key, which `#key` holds. */
  #mapping(column: number, depth: number): YamlValue {
    const out: YamlObject = {}
    for (;;) {
      const key = this.#key
      setOwn(out, key, this.#mappingValue(column, depth))
      if (this.#column < column) return out
      if (this.#column > column || !this.#takeKey()) throw REFUSED
    }
  }

  #mappingValue(column: number, depth: number): YamlValue {
    if (this.#startsInline()) return this.#scalar(column, depth)
    if (this.#column > column) return this.#nextLineValue(column, depth)
    if (this.#column === column && this.#atDash()) return this.#sequence(column, true, depth + 1)
    return null
  }

  /** A value on a line of its own: a collection, or a scalar that is no key. */
  #nextLineValue(parent: number, depth: number): YamlValue {
    this.checkDepth(depth)
    const column = this.#column
    if (this.#atDash()) return this.#sequence(column, false, depth + 1)
    return this.#takeKey() ? this.#mapping(column, depth + 1) : this.#scalar(parent, depth)
  }

  /** `pos` stands at the dash of the first item. */
  #sequence(column: number, indentless: boolean, depth: number): YamlValue {
    this.checkDepth(depth)
    const out: YamlValue[] = []
    for (;;) {
      this.pos++
      out.push(this.#itemValue(column, depth))
      if (this.#column < column) return out
      if (this.#column > column) throw REFUSED
      if (this.#atDash()) continue
      if (indentless) return out
      throw REFUSED
    }
  }

  #itemValue(column: number, depth: number): YamlValue {
    if (!this.#startsInline()) return this.#column > column ? this.#nextLineValue(column, depth) : null
    const inner = this.pos - this.#lineStart
    if (this.#atDash()) return this.#sequence(inner, false, depth + 1)
    return this.#takeKey() ? this.#mapping(inner, depth + 1) : this.#scalar(column, depth)
  }

  /** Behind an indicator: does content follow on this line? If not, `pos` goes to the next content. */
  #startsInline(): boolean {
    const { text } = this
    let c = text.charCodeAt(this.pos)
    while (c === SPACE) c = text.charCodeAt(++this.pos)
    if (c === TAB) throw REFUSED
    if (c !== LF && c !== HASH && c !== 0) return true
    this.#endLine()
    return false
  }

  /** Takes a key and its colon if one is here. */
  #takeKey(): boolean {
    const c = this.text.charCodeAt(this.pos)
    if (c === QUOTE || c === 0x27) return this.#takeQuotedKey(c)
    if (c === QUESTION || c === COLON || c === DASH) {
      if (isBlankOrEnd(this.text.charCodeAt(this.pos + 1))) throw REFUSED
    } else if (isIndicator(c)) return false
    return this.#takePlainKey()
  }

  #takeQuotedKey(quote: number): boolean {
    const { text, pos } = this
    let end = pos + 1
    for (let c = text.charCodeAt(end); c !== quote; c = text.charCodeAt(++end)) {
      if (c === LF || c === 0 || c === 0x5c) return false
    }
    if (text.charCodeAt(end + 1) === quote) return false
    let after = end + 1
    while (text.charCodeAt(after) === SPACE) after++
    if (text.charCodeAt(after) !== COLON) return false
    if (!isBlankOrEnd(text.charCodeAt(after + 1)) || after - pos > LONGEST_KEY) throw REFUSED
    this.#key = text.slice(pos + 1, end)
    this.pos = after + 1
    return true
  }

  #takePlainKey(): boolean {
    const { text, pos } = this
    let end = pos
    for (;;) {
      const c = text.charCodeAt(end)
      if (c === COLON && isBlankOrEnd(text.charCodeAt(end + 1))) break
      if (c === LF || c === 0) return false
      if (c === TAB) throw REFUSED
      if (c === HASH && text.charCodeAt(end - 1) === SPACE) return false
      end++
    }
    if (end - pos > LONGEST_KEY) throw REFUSED
    this.pos = end + 1
    while (text.charCodeAt(end - 1) === SPACE) end--
    this.#key = keyText(text.slice(pos, end))
    return true
  }

  /** A scalar or flow collection at `pos`; afterwards `pos` is at the next content. */
  #scalar(parent: number, depth: number): YamlValue {
    const c = this.text.charCodeAt(this.pos)
    if (c === QUOTE || c === 0x27) {
      const value = this.quoted()
      this.#endLine()
      return value
    }
    if (c === 0x7c || c === 0x3e) return this.#blockScalar(parent)
    if (c === 0x5b || c === 0x7b) {
      const value = this.flow(depth)
      this.#endLine()
      return value
    }
    if (isIndicator(c)) throw REFUSED
    if ((c === DASH || c === QUESTION || c === COLON) && isBlankOrEnd(this.text.charCodeAt(this.pos + 1))) throw REFUSED
    return this.resolved(this.#plain(parent))
  }

  #blockScalar(parent: number): string {
    const plain = plainLiteral(this.text, this.pos, parent)
    if (plain !== undefined) {
      this.pos = plain.end
      this.#toContent()
      return plain.value
    }
    const cursor = new Cursor(this.text, this.pos)
    const value = scanBlockScalar(cursor, parent)
    // The scan stands behind the indentation of the line that follows.
    this.pos = cursor.peek() === 0 ? cursor.pos : cursor.lineStart
    this.#toContent()
    return value
  }

  /** A plain scalar, over several lines where deeper ones follow. */
  #plain(parent: number): string {
    let value = this.#plainLine()
    for (;;) {
      if (this.text.charCodeAt(this.pos) === HASH) {
        this.pos--
        this.#endLine()
        return value
      }
      const empty = this.#toContinuation(parent)
      if (empty < 0) {
        this.#toContent()
        return value
      }
      value += (empty === 0 ? ' ' : '\n'.repeat(empty)) + this.#plainLine()
    }
  }

  /** The text up to the end of the line or a comment. */
  #plainLine(): string {
    const { text } = this
    const start = this.pos
    let end = start
    for (;;) {
      const c = text.charCodeAt(end)
      if (c === LF || c === 0) break
      if (c === COLON && isBlankOrEnd(text.charCodeAt(end + 1))) throw REFUSED
      if (c === HASH && text.charCodeAt(end - 1) === SPACE) break
      if (c === TAB) throw REFUSED
      end++
    }
    this.pos = end
    while (text.charCodeAt(end - 1) === SPACE) end--
    return text.slice(start, end)
  }

  /** At the end of a line: goes to the next one if it continues a scalar, and says how many empty ones lay between; else -1. */
  #toContinuation(parent: number): number {
    const { text } = this
    if (text.charCodeAt(this.pos) === LF) this.pos++
    let { pos } = this
    for (let empty = 0; ; empty++) {
      const start = pos
      let c = text.charCodeAt(pos)
      while (c === SPACE) c = text.charCodeAt(++pos)
      if (c === TAB) throw REFUSED
      if (c === LF) {
        pos++
        continue
      }
      if (c === 0 || c === HASH || pos - start <= parent) return -1
      this.pos = pos
      this.#lineStart = start
      return empty
    }
  }
}

/** Keys beyond this may be too long for the full reader, which counts characters. */
const LONGEST_KEY = 1000

function isBlankOrEnd(c: number): boolean {
  return c === SPACE || c === LF || c === 0 || c === TAB
}

/** What a plain scalar may not start with, besides `-` `?` `:` before a blank. */
function isIndicator(c: number): boolean {
  switch (c) {
    case 0x21: // ! # % & * , > @
    case 0x23:
    case 0x25:
    case 0x26:
    case 0x2a:
    case 0x2c:
    case 0x3e:
    case 0x40:
    case 0x5b: // [ ] ` { | }
    case 0x5d:
    case 0x60:
    case 0x7b:
    case 0x7c:
    case 0x7d:
    case QUOTE:
    case 0x27:
      return true
    default:
      return false
  }
}

function isMarker(text: string, pos: number, c: number): boolean {
  if (c !== DASH && c !== 0x2e) return false
  return text.charCodeAt(pos + 1) === c && text.charCodeAt(pos + 2) === c && isBlankOrEnd(text.charCodeAt(pos + 3))
}

/** Strings, booleans and integers are keys; merges, nulls, floats and large numbers are left to the full reader. */
function keyText(text: string): string {
  if (text === '<<') throw REFUSED
  const value = resolvePlain(text)
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'number' && isIntegerText(text)) return String(value)
  throw REFUSED
}
