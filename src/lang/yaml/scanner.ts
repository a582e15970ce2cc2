// Text into tokens: indentation, simple keys, and which scanner reads what. The rules are libyaml's (go-yaml v2.4.3 scannerc.go).
import { APOSTROPHE, CR, COLON, DASH, HASH, QUESTION, QUOTE, SPACE, TAB } from './chars.ts'
import { isBlank, isBlankOrEnd, isBreak, isBreakOrEnd } from './chars.ts'
import type { Cursor } from './cursor.ts'
import type { Mark } from './error.ts'
import { scannerError } from './error.ts'
import { MAX_DEPTH, MAX_SIMPLE_KEY_LENGTH } from './limits.ts'
import { scanBlockScalar } from './scan-block.ts'
import { scanPlain } from './scan-plain.ts'
import { scanQuoted } from './scan-quoted.ts'
import { scanAnchorName, scanDirective, scanTag } from './scan-tag.ts'
import type { ScalarStyle, Token, TokenType } from './token.ts'

/** A token that turns into a key if a `:` follows on the same line. */
interface SimpleKey extends Mark {
  readonly tokenNumber: number
  readonly pos: number
  /** Nothing but a key may stand here. */
  readonly required: boolean
}

/** Gives the tokens of a text one after the other; throws at the first error it reaches. */
export class Scanner {
  readonly #cursor: Cursor
  #tokens: Token[] = []
  #head = 0
  #taken = 0
  #indent = -1
  #indents: number[] = []
  /** One entry for each open flow collection and one for the block level. */
  #keys: (SimpleKey | undefined)[] = [undefined]
  /** Where in `#keys` the key of a token stands, by the token's number. */
  readonly #keyOfToken = new Map<number, number>()
  /** For each entry of `#keys` the number of its last key's token, at first that of the bracket. */
  #levelTokens: number[] = [0]
  #keyAllowed = true
  #ended = false

  constructor(cursor: Cursor) {
    this.#cursor = cursor
  }

  /** The next token, which stays where it is. */
  peek(): Token {
    this.#fill()
    return this.#tokens[this.#head] as Token // #fill leaves one there
  }

  /** Takes the next token. */
  take(): Token {
    const token = this.peek()
    this.#head++
    this.#taken++
    if (this.#head === this.#tokens.length) {
      this.#tokens = []
      this.#head = 0
    }
    return token
  }

  /** Scans on until the first waiting token can no longer turn out to be a key. */
  #fill(): void {
    while (this.#head === this.#tokens.length || this.#headMayBeKey()) {
      if (this.#ended) return
      this.#fetch()
    }
  }

  #headMayBeKey(): boolean {
    const index = this.#keyOfToken.get(this.#taken)
    return index !== undefined && this.#keys[index]?.tokenNumber === this.#taken && this.#isValidKey(index)
  }

  #fetch(): void {
    this.#skipToToken()
    const cursor = this.#cursor
    this.#unroll(cursor.column)
    const c = cursor.peek()
    if (c === 0) this.#fetchEnd()
    else if (c === 0x25 && cursor.column === 0) this.#fetchDirective()
    else if (cursor.atDocumentMarker()) this.#fetchDocumentMarker()
    else this.#fetchIndicator(c)
  }

  #fetchIndicator(c: number): void {
    const flow = this.#keys.length > 1
    switch (c) {
      case 0x5b:
      case 0x7b:
        return this.#openFlow(c === 0x5b ? '[' : '{')
      case 0x5d:
      case 0x7d:
        return this.#closeFlow(c === 0x5d ? ']' : '}')
      case 0x2c:
        return this.#fetchFlowEntry()
      case 0x2a:
      case 0x26:
        return this.#fetchAnchor(c === 0x2a ? 'alias' : 'anchor')
      case 0x21:
        return this.#fetchTag()
      case APOSTROPHE:
      case QUOTE:
        return this.#fetchQuoted(c)
      default:
        if ((c === 0x7c || c === 0x3e) && !flow) return this.#fetchBlockScalar(c)
        return this.#fetchDashKeyValue(c, flow)
    }
  }

  #fetchDashKeyValue(c: number, flow: boolean): void {
    const blankFollows = isBlankOrEnd(this.#cursor.peek(1))
    if (c === DASH && blankFollows) return this.#fetchBlockEntry()
    if (c === QUESTION && (flow || blankFollows)) return this.#fetchKey()
    if (c === COLON && (flow || blankFollows)) return this.#fetchValue()
    if (startsPlain(c)) return this.#fetchPlain()
    throw scannerError('found character that cannot start any token', this.#cursor.mark())
  }

  // Spaces, comments and breaks.

  #skipToToken(): void {
    const cursor = this.#cursor
    for (;;) {
      // A byte order mark further on is a character like others.
      if (cursor.pos === 0 && cursor.peek() === 0xfeff) {
        cursor.pos++
        cursor.lineStart = cursor.pos
      }
      const tabsToo = this.#keys.length > 1 || !this.#keyAllowed
      while (cursor.peek() === SPACE || (tabsToo && cursor.peek() === TAB)) cursor.pos++
      if (cursor.peek() === HASH) while (!isBreakOrEnd(cursor.peek())) cursor.pos++
      if (!isBreak(cursor.peek())) return
      cursor.takeBreak()
      if (this.#keys.length === 1) this.#keyAllowed = true
    }
  }

  // Indentation: a deeper column opens a block collection, a lesser one closes some.

  #roll(column: number, type: TokenType, at: Mark, tokenNumber?: number): void {
    if (this.#keys.length > 1 || this.#indent >= column) return
    this.#indents.push(this.#indent)
    this.#indent = column
    if (this.#indents.length > MAX_DEPTH) {
      throw scannerError(`exceeded max depth of ${MAX_DEPTH}`, this.#cursor.mark())
    }
    this.#push(type, at, '', tokenNumber)
  }

  #unroll(column: number): void {
    if (this.#keys.length > 1) return
    while (this.#indent > column) {
      this.#push('block-end', this.#cursor.mark())
      this.#indent = this.#indents.pop() ?? -1
    }
  }

  // Simple keys.

  #saveKey(): void {
    const cursor = this.#cursor
    const required = this.#keys.length === 1 && this.#indent === cursor.column
    if (!this.#keyAllowed) return
    this.#dropKey()
    const tokenNumber = this.#nextTokenNumber()
    const { line, column } = cursor.mark()
    const level = this.#keys.length - 1
    this.#levelTokens[level] = tokenNumber
    this.#keyOfToken.set(tokenNumber, level)
    this.#keys[level] = { tokenNumber, pos: cursor.pos, line, column, required }
  }

  #nextTokenNumber(): number {
    return this.#taken + this.#tokens.length - this.#head
  }

  #dropKey(): void {
    const last = this.#keys.length - 1
    const key = this.#keys[last]
    if (key === undefined) return
    if (key.required) throw scannerError("could not find expected ':'", this.#cursor.mark(), key)
    this.#keyOfToken.delete(key.tokenNumber)
    this.#keys[last] = undefined
  }

  /** Is the key still on this line and near enough? Forgets one that is not. */
  #isValidKey(index: number): boolean {
    const key = this.#keys[index]
    if (key === undefined) return false
    const cursor = this.#cursor
    if (key.line === cursor.line && !isLongerThan(cursor.text, key.pos, cursor.pos)) return true
    if (key.required) throw scannerError("could not find expected ':'", cursor.mark(), key)
    this.#keys[index] = undefined
    return false
  }

  // Token by token.

  #push(type: TokenType, at: Mark, text = '', tokenNumber?: number): void {
    const token: Token = { type, line: at.line, column: at.column, text, suffix: '', style: 'plain' }
    // A token that is already taken cannot be preceded any more (see #closeFlow): go-yaml appends.
    if (tokenNumber === undefined || tokenNumber < this.#taken) this.#tokens.push(token)
    else this.#tokens.splice(this.#head + tokenNumber - this.#taken, 0, token)
  }

  #pushScalar(at: Mark, text: string, style: ScalarStyle): void {
    this.#tokens.push({ type: 'scalar', line: at.line, column: at.column, text, suffix: '', style })
  }

  /** Takes an indicator of `length` characters. */
  #pushIndicator(type: TokenType, length = 1): void {
    const at = this.#cursor.mark()
    this.#cursor.pos += length
    this.#push(type, at)
  }

  #fetchEnd(): void {
    const cursor = this.#cursor
    if (cursor.column !== 0) {
      // As if the last line were complete.
      cursor.line++
      cursor.lineStart = cursor.pos
    }
    this.#unroll(-1)
    this.#dropKey()
    this.#keyAllowed = false
    this.#push('stream-end', cursor.mark())
    this.#ended = true
  }

  #fetchDirective(): void {
    this.#unroll(-1)
    this.#dropKey()
    this.#keyAllowed = false
    const { line, column } = this.#cursor.mark()
    const directive = scanDirective(this.#cursor)
    const [text, suffix] = directive.type === 'version' ? [directive.version, ''] : [directive.handle, directive.prefix]
    this.#tokens.push({ type: directive.type, line, column, text, suffix, style: 'plain' })
  }

  #fetchDocumentMarker(): void {
    this.#unroll(-1)
    this.#dropKey()
    this.#keyAllowed = false
    this.#pushIndicator(this.#cursor.peek() === DASH ? 'document-start' : 'document-end', 3)
  }

  #openFlow(type: '[' | '{'): void {
    this.#saveKey()
    this.#keys.push(undefined)
    this.#levelTokens.push(this.#nextTokenNumber())
    if (this.#keys.length > MAX_DEPTH) {
      throw scannerError(`exceeded max depth of ${MAX_DEPTH}`, this.#cursor.mark())
    }
    this.#keyAllowed = true
    this.#pushIndicator(type)
  }

  #closeFlow(type: ']' | '}'): void {
    this.#dropKey()
    if (this.#keys.length > 1) {
      this.#keys.pop()
      // A level without a key of its own forgets the key that the whole collection might be:
      // go-yaml reads `[]: v` as the document `[]`.
      this.#keyOfToken.delete(this.#levelTokens.pop() ?? 0)
    }
    this.#keyAllowed = false
    this.#pushIndicator(type)
  }

  #fetchFlowEntry(): void {
    this.#dropKey()
    this.#keyAllowed = true
    this.#pushIndicator(',')
  }

  #fetchBlockEntry(): void {
    if (this.#keys.length === 1) {
      if (!this.#keyAllowed) {
        throw scannerError('block sequence entries are not allowed in this context', this.#cursor.mark())
      }
      this.#roll(this.#cursor.column, 'block-sequence', this.#cursor.mark())
    }
    this.#dropKey()
    this.#keyAllowed = true
    this.#pushIndicator('-')
  }

  #fetchKey(): void {
    const block = this.#keys.length === 1
    if (block) {
      if (!this.#keyAllowed) {
        throw scannerError('mapping keys are not allowed in this context', this.#cursor.mark())
      }
      this.#roll(this.#cursor.column, 'block-mapping', this.#cursor.mark())
    }
    this.#dropKey()
    this.#keyAllowed = block
    this.#pushIndicator('key')
  }

  #fetchValue(): void {
    const last = this.#keys.length - 1
    const key = this.#keys[last]
    if (key !== undefined && this.#isValidKey(last)) {
      this.#push('key', key, '', key.tokenNumber)
      this.#roll(key.column, 'block-mapping', key, key.tokenNumber)
      this.#keys[last] = undefined
      this.#keyAllowed = false
    } else {
      const block = last === 0
      if (block && !this.#keyAllowed) {
        throw scannerError('mapping values are not allowed in this context', this.#cursor.mark())
      }
      this.#roll(this.#cursor.column, 'block-mapping', this.#cursor.mark())
      this.#keyAllowed = block
    }
    this.#pushIndicator('value')
  }

  #fetchAnchor(type: 'alias' | 'anchor'): void {
    this.#saveKey()
    this.#keyAllowed = false
    const at = this.#cursor.mark()
    this.#push(type, at, scanAnchorName(this.#cursor))
  }

  #fetchTag(): void {
    this.#saveKey()
    this.#keyAllowed = false
    const { line, column } = this.#cursor.mark()
    const { handle, suffix } = scanTag(this.#cursor)
    this.#tokens.push({ type: 'tag', line, column, text: handle, suffix, style: 'plain' })
  }

  #fetchBlockScalar(indicator: number): void {
    this.#dropKey()
    this.#keyAllowed = true
    const at = this.#cursor.mark()
    this.#pushScalar(at, scanBlockScalar(this.#cursor, this.#indent), indicator === 0x7c ? 'literal' : 'folded')
  }

  #fetchQuoted(quote: number): void {
    this.#saveKey()
    this.#keyAllowed = false
    const at = this.#cursor.mark()
    this.#pushScalar(at, scanQuoted(this.#cursor), quote === QUOTE ? 'double' : 'single')
  }

  #fetchPlain(): void {
    this.#saveKey()
    this.#keyAllowed = false
    const at = this.#cursor.mark()
    const plain = scanPlain(this.#cursor, {
      parentIndent: this.#indent,
      inFlow: this.#keys.length > 1,
    })
    this.#pushScalar(at, plain.text, 'plain')
    if (plain.passedBreak) this.#keyAllowed = true
  }
}

/** May a plain scalar start with this character, which is no indicator where it stands? */
function startsPlain(c: number): boolean {
  if (isBlank(c) || c === CR) return false
  return !'#%@`|>'.includes(String.fromCharCode(c))
}

/** Do more than 1,024 characters (not code units) lie between the two places? */
function isLongerThan(text: string, from: number, to: number): boolean {
  if (to - from <= MAX_SIMPLE_KEY_LENGTH) return false
  if (to - from > 2 * MAX_SIMPLE_KEY_LENGTH) return true
  let length = 0
  for (const _ of text.slice(from, to)) length++
  return length > MAX_SIMPLE_KEY_LENGTH
}
