// The tokens of a file, read from left to right.
import { staticError } from './error.ts'
import type { Span } from './source.ts'
import { shown, type Token } from './token.ts'

export class TokenCursor {
  readonly #tokens: readonly Token[]
  #index = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  peek(): Token {
    // The last token is `end`, and nobody goes on after it.
    return this.#tokens[Math.min(this.#index, this.#tokens.length - 1)] as Token
  }

  next(): Token {
    const token = this.peek()
    this.#index++
    return token
  }

  /** Says whether the next token is this symbol, operator or keyword. */
  is(text: string): boolean {
    const { kind, text: found } = this.peek()
    return found === text && (kind === 'symbol' || kind === 'operator' || kind === 'keyword')
  }

  /** Takes the next token if it is this one. */
  takes(text: string): boolean {
    if (!this.is(text)) return false
    this.#index++
    return true
  }

  /** Takes a token that must be there. */
  expect(text: string): Token {
    const token = this.peek()
    if (!this.is(text)) {
      const wanted = token.kind === 'operator' || text === '=' ? `operator ${text}` : `token "${text}"`
      throw staticError(token, `Expected ${wanted} but got ${shown(token)}`)
    }
    this.#index++
    return token
  }

  expectIdentifier(): Token {
    const token = this.next()
    if (token.kind !== 'identifier') throw staticError(token, `Expected token IDENTIFIER but got ${shown(token)}`)
    return token
  }

  /** From the start of one token to the end of the last one taken. */
  since(begin: Span): Span {
    const last = this.#tokens[this.#index - 1] ?? begin
    return { source: begin.source, begin: begin.begin, end: last.end }
  }

  /** Looks one token further than `peek`. */
  peekSecond(): Token {
    return this.#tokens[Math.min(this.#index + 1, this.#tokens.length - 1)] as Token // as in `peek`
  }
}
