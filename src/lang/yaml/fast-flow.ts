// The part of the fast reader for values on their own: quoted scalars, flow collections, types of plain scalars.
import { COLON, DASH, HASH, LF, QUOTE, SPACE, TAB } from './chars.ts'
import { Cursor } from './cursor.ts'
import { YamlError } from './error.ts'
import { resolvePlain } from './resolve.ts'
import { scanQuoted } from './scan-quoted.ts'
import type { YamlObject, YamlOptions, YamlValue } from './value.ts'
import { jsonNumber, setOwn } from './value.ts'

/** Thrown for what the full reader has to decide. */
export const REFUSED: YamlError = new YamlError('yaml: not plain enough for the fast reader', 0, 0)

/** Nesting that the fast reader takes on; deeper texts go to the full one, which knows the limit. */
const MAX_FAST_DEPTH = 500

export class FastFlow {
  readonly text: string
  pos = 0
  readonly #bigIntegers: YamlOptions['bigIntegers']

  constructor(text: string, options: YamlOptions) {
    this.text = text
    this.#bigIntegers = options.bigIntegers
  }

  checkDepth(depth: number): void {
    if (depth > MAX_FAST_DEPTH) throw REFUSED
  }

  /** The value of a plain scalar's text. */
  resolved(text: string): YamlValue {
    const value = resolvePlain(text)
    if (typeof value === 'bigint') return jsonNumber(value, this.#bigIntegers)
    if (typeof value === 'number' && !Number.isFinite(value)) throw REFUSED
    return value
  }

  /** The quoted scalar at `pos`. */
  quoted(): string {
    const { text, pos } = this
    const quote = text.charCodeAt(pos)
    let end = pos + 1
    for (;;) {
      const c = text.charCodeAt(end)
      if (c === quote) break
      if (c === LF || c === 0x5c || c === 0) return this.#quotedInFull()
      end++
    }
    if (quote !== QUOTE && text.charCodeAt(end + 1) === quote) return this.#quotedInFull()
    this.pos = end + 1
    return text.slice(pos + 1, end)
  }

  #quotedInFull(): string {
    const cursor = new Cursor(this.text, this.pos)
    const value = scanQuoted(cursor)
    this.pos = cursor.pos
    return value
  }

  /** The flow collection at `pos`. */
  flow(depth: number): YamlValue {
    this.checkDepth(depth)
    const opening = this.text.charCodeAt(this.pos)
    this.pos++
    return opening === 0x5b ? this.#flowSequence(depth) : this.#flowMapping(depth)
  }

  #flowSequence(depth: number): YamlValue {
    const out: YamlValue[] = []
    for (;;) {
      if (this.#skipSpace() === 0x5d) break
      out.push(this.#flowValue(depth))
      const c = this.#skipSpace()
      if (c === 0x5d) break
      if (c !== 0x2c) throw REFUSED
      this.pos++
    }
    this.pos++
    return out
  }

  #flowMapping(depth: number): YamlValue {
    const out: YamlObject = {}
    for (;;) {
      if (this.#skipSpace() === 0x7d) break
      const key = this.#flowKey()
      const c = this.#skipSpace()
      setOwn(out, key, c === 0x2c || c === 0x7d ? null : this.#flowValue(depth))
      const after = this.#skipSpace()
      if (after === 0x7d) break
      if (after !== 0x2c) throw REFUSED
      this.pos++
    }
    this.pos++
    return out
  }

  /** A key and its colon. */
  #flowKey(): string {
    const first = this.text.charCodeAt(this.pos)
    const start = this.pos
    const isQuoted = first === QUOTE || first === 0x27
    const key = isQuoted ? this.quoted() : this.#plainInFlow()
    while (this.text.charCodeAt(this.pos) === SPACE) this.pos++
    const isNear = this.pos - start < 1000 && !(isQuoted && this.text.slice(start, this.pos).includes('\n'))
    if (this.text.charCodeAt(this.pos) !== COLON || !isNear) throw REFUSED
    if (!isQuoted && (key === '<<' || resolvePlain(key) !== key)) throw REFUSED
    this.pos++
    return key
  }

  #flowValue(depth: number): YamlValue {
    const c = this.text.charCodeAt(this.pos)
    if (c === QUOTE || c === 0x27) {
      const value = this.quoted()
      if (this.#skipSpace() === COLON) throw REFUSED
      return value
    }
    if (c === 0x5b || c === 0x7b) return this.flow(depth + 1)
    const text = this.#plainInFlow()
    if (this.text.charCodeAt(this.pos) === COLON) throw REFUSED
    return this.resolved(text)
  }

  /** A plain scalar on one line; stands at what ended it. */
  #plainInFlow(): string {
    const { text } = this
    const start = this.pos
    if (!canStartInFlow(text.charCodeAt(start), text.charCodeAt(start + 1))) throw REFUSED
    let end = this.#endOfPlain(start)
    this.pos = end
    // A next line could go on with the scalar.
    if (text.charCodeAt(end) === LF && !isFlowEnd(this.#skipSpace())) throw REFUSED
    while (text.charCodeAt(end - 1) === SPACE) end--
    return text.slice(start, end)
  }

  #endOfPlain(start: number): number {
    const { text } = this
    for (let end = start; ; end++) {
      const c = text.charCodeAt(end)
      if (c === LF || isFlowEnd(c)) return end
      if (c === COLON && isSpaceOrEnd(text.charCodeAt(end + 1))) return end
      if (isOddInFlow(c) || (c === HASH && text.charCodeAt(end - 1) === SPACE)) throw REFUSED
    }
  }

  /** Passes spaces and breaks; gives the character behind them. */
  #skipSpace(): number {
    const { text } = this
    for (;;) {
      const c = text.charCodeAt(this.pos)
      if (c === LF) {
        const next = text.charCodeAt(this.pos + 1)
        // It may be the marker of a document.
        if (next === DASH || next === 0x2e) throw REFUSED
      } else if (c !== SPACE) {
        if (c === TAB || c === HASH || c === 0) throw REFUSED
        return c
      }
      this.pos++
    }
  }
}

function isFlowEnd(c: number): boolean {
  return c === 0x2c || c === 0x5d || c === 0x7d
}

function isSpaceOrEnd(c: number): boolean {
  return c === SPACE || c === LF || c === TAB || c === 0
}

/** Letters, digits and what is no indicator anywhere. */
function canStartInFlow(c: number, next: number): boolean {
  if (c === DASH) return !isSpaceOrEnd(next) && !isFlowEnd(next)
  return c > SPACE && !'!"#%&\'*,:>?@[]`{|}'.includes(String.fromCharCode(c))
}

function isOddInFlow(c: number): boolean {
  return c === 0x5b || c === 0x7b || c === 0x3f || c === TAB || c === 0
}
