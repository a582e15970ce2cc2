// Text to tokens, with go-jsonnet's rules and words of complaint (internal/parser/lexer.go).
import { quoteRune } from '../go/quote.ts'
import { staticError } from './error.ts'
import type { Source } from './source.ts'
import { readTextBlock, unescape } from './text-literal.ts'
import { KEYWORDS, type Token, type TokenKind } from './token.ts'

const BLANK = /(?:[ \t\r\n]|#[^\n]*|\/\/[^\n]*)+/y
const WORD = /[A-Za-z_]\w*/y
const NUMBER = /(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][-+]?\d(?:_?\d)*)?/y
const OPERATOR = /[!$:~+\-&|^=<>*/%]+/y
const SYMBOLS = '{}[],.();'

/** The tokens of a file, the last of kind `end`. Throws `bad-input` with the place. */
export function tokensOf(source: Source): Token[] {
  const lexer = new Lexer(source)
  const tokens: Token[] = []
  for (;;) {
    const token = lexer.next()
    tokens.push(token)
    if (token.kind === 'end') return tokens
  }
}

class Lexer {
  readonly #source: Source
  #at = 0

  constructor(source: Source) {
    this.#source = source
  }

  next(): Token {
    this.#skipBlank()
    const { text } = this.#source
    const begin = this.#at
    const char = text.charAt(begin)
    if (char === '') return this.#token('end', begin, begin)
    if (SYMBOLS.includes(char)) return this.#token('symbol', begin, begin + 1)
    if (char >= '0' && char <= '9') return this.#number()
    if (char === '"' || char === "'") return this.#quoted(char)
    if (char === '@') return this.#verbatim()
    if (text.startsWith('|||', begin)) return this.#block()
    const word = this.#match(WORD)
    if (word !== undefined) {
      return this.#token(KEYWORDS.has(word) ? 'keyword' : 'identifier', begin, begin + word.length)
    }
    return this.#operator()
  }

  #skipBlank(): void {
    const { text } = this.#source
    for (;;) {
      this.#at += this.#match(BLANK)?.length ?? 0
      if (!text.startsWith('/*', this.#at)) return
      const end = text.indexOf('*/', this.#at + 2)
      if (end < 0) throw this.#error('Multi-line comment has no terminating */')
      this.#at = end + 2
    }
  }

  #number(): Token {
    const begin = this.#at
    const end = begin + (this.#match(NUMBER)?.length ?? 0)
    const { text } = this.#source
    const after = text.charAt(end)
    // What a digit, a point or an exponent promised and does not come.
    if (after === '.') throw this.#junk('after decimal point', end + 1)
    if (after === 'e' || after === 'E') {
      const sign = text.charAt(end + 1)
      if (sign === '+' || sign === '-') throw this.#junk('after exponent sign', end + 2)
      throw this.#junk("after 'E'", end + 1)
    }
    if (after === '_') throw this.#junk('after digit separator', end + 1)
    return this.#token('number', begin, end, text.slice(begin, end).replaceAll('_', ''))
  }

  #junk(where: string, index: number): Error {
    this.#at = index
    const char = String.fromCodePoint(this.#source.text.codePointAt(index) ?? 0xff_fd)
    return this.#error(`Couldn't lex number, junk ${where}: ${quoteRune(char, true)}`)
  }

  #quoted(quote: string): Token {
    const { text } = this.#source
    const begin = this.#at
    for (let index = begin + 1; index < text.length; index++) {
      const char = text.charAt(index)
      if (char === '\\') index++
      else if (char === quote) {
        const at = { source: this.#source, begin, end: index + 1 }
        return this.#token('string', begin, index + 1, unescape(text.slice(begin + 1, index), at))
      }
    }
    throw this.#error('Unterminated String')
  }

  /** `@'it''s'`: nothing is escaped but the quote, by doubling it. */
  #verbatim(): Token {
    const { text } = this.#source
    const begin = this.#at
    const quote = text.charAt(begin + 1)
    if (quote !== '"' && quote !== "'")
      throw this.#error(`Couldn't lex verbatim string, junk after '@': ${quote.codePointAt(0) ?? -1}`)
    for (let index = begin + 2; ; index += 2) {
      index = text.indexOf(quote, index)
      if (index < 0) throw this.#error('Unterminated String')
      if (text.charAt(index + 1) === quote) continue
      const value = text.slice(begin + 2, index).replaceAll(quote + quote, quote)
      return this.#token('string', begin, index + 1, value)
    }
  }

  #block(): Token {
    const begin = this.#at
    const { value, end } = readTextBlock(this.#source, begin)
    return this.#token('block', begin, end, value)
  }

  #operator(): Token {
    const begin = this.#at
    let text = this.#match(OPERATOR)
    if (text === undefined) {
      const char = String.fromCodePoint(this.#source.text.codePointAt(begin) ?? 0)
      throw this.#error(`Could not lex the character ${quoteRune(char, true)}`)
    }
    // A comment or a text block may follow at once.
    const stop = text.slice(1).search(/\/\/|\/\*|\|\|\|/)
    if (stop >= 0) text = text.slice(0, stop + 1)
    // Of several signs in a row the last ones may be unary operators of what follows.
    while (text.length > 1 && '+-~!$'.includes(text.charAt(text.length - 1))) text = text.slice(0, -1)
    return this.#token(text === '$' ? 'symbol' : 'operator', begin, begin + text.length)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source.text)?.[0]
  }

  #token(kind: TokenKind, begin: number, end: number, text: string = this.#source.text.slice(begin, end)): Token {
    this.#at = end
    return { kind, text, source: this.#source, begin, end }
  }

  #error(message: string): Error {
    return staticError({ source: this.#source, begin: this.#at, end: this.#at }, message)
  }
}
