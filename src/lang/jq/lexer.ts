// Cuts the text of a jq program into tokens.
import { JSON_ESCAPES } from '../go/json-escapes.ts'
import { JqSyntaxError } from './error.ts'

export interface Token {
  readonly type: 'symbol' | 'word' | 'field' | 'variable' | 'format' | 'number' | 'text' | 'end'
  /** As written; of a field, variable and format without the leading sign. */
  readonly text: string
  /** Of a string: texts, and tokens of what is interpolated between them. */
  readonly parts?: readonly (string | readonly Token[])[]
}

/** Longer programs are refused: an expression in a rule has a line or two. */
const MAX_LENGTH = 100_000
/** How deep strings may be interpolated into each other. */
const MAX_DEPTH = 50

const SPACE = /(?:[ \t\r\n]|#[^\n]*)+/y
const WORD = /[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*/y
const FIELD = /\.(?<name>[A-Za-z_]\w*)/y
const VARIABLE = /\$(?<name>(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*)/y
const FORMAT = /@(?<name>[A-Za-z_]\w*)/y
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const SYMBOL = /\/\/=?|\|=|==|!=|<=|>=|\+=|-=|\*=|\/=|%=|\.\.|[.[\]{}()|,:;=<>+\-*/%?]/y

/** Throws `JqSyntaxError` where the text has no token. */
export function tokenize(source: string): readonly Token[] {
  if (source.length > MAX_LENGTH) throw new JqSyntaxError(`jq program longer than ${MAX_LENGTH} characters`)
  const lexer = new Lexer(source)
  const tokens = lexer.tokens(0)
  return [...tokens, { type: 'end', text: '' }]
}

class Lexer {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  /** Up to the end, or inside a string to the parenthesis that closes the interpolation. */
  tokens(depth: number): readonly Token[] {
    if (depth > MAX_DEPTH) throw new JqSyntaxError(`jq strings nested deeper than ${MAX_DEPTH}`)
    const tokens: Token[] = []
    let open = 0
    for (;;) {
      this.#take(SPACE)
      if (this.#at >= this.#source.length) {
        if (depth > 0) throw new JqSyntaxError('unterminated string literal')
        return tokens
      }
      const token = this.#token(depth)
      if (token.text === '(' && token.type === 'symbol') open++
      if (token.text === ')' && token.type === 'symbol' && open-- === 0 && depth > 0) return tokens
      tokens.push(token)
    }
  }

  #token(depth: number): Token {
    if (this.#source[this.#at] === '"') return this.#string(depth)
    for (const [type, pattern] of PATTERNS) {
      const match = this.#take(pattern)
      if (match !== undefined) return { type, text: match.groups?.['name'] ?? match[0] }
    }
    throw new JqSyntaxError(`unexpected token ${JSON.stringify(this.#source[this.#at] ?? '')}`)
  }

  #string(depth: number): Token {
    const start = this.#at
    const parts: (string | readonly Token[])[] = []
    let text = ''
    this.#at++
    for (;;) {
      const char = this.#source[this.#at]
      if (char === undefined) throw new JqSyntaxError('unterminated string literal')
      this.#at++
      if (char === '"') break
      if (char !== '\\') text += char
      else if (this.#source[this.#at] === '(') {
        this.#at++
        parts.push(text, this.tokens(depth + 1))
        text = ''
      } else text += this.#escape()
    }
    return { type: 'text', text: this.#source.slice(start, this.#at), parts: [...parts, text] }
  }

  #escape(): string {
    const char = this.#source[this.#at] ?? ''
    this.#at++
    if (char === 'u') {
      const digits = this.#source.slice(this.#at, this.#at + 4)
      if (!/^[\da-fA-F]{4}$/.test(digits)) throw new JqSyntaxError('invalid escape sequence in string literal')
      this.#at += 4
      return String.fromCharCode(Number.parseInt(digits, 16))
    }
    const known = JSON_ESCAPES[char]
    if (known === undefined) throw new JqSyntaxError(`invalid escape sequence "\\${char}" in string literal`)
    return known
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match === null) return undefined
    this.#at += match[0].length
    return match
  }
}

const PATTERNS: readonly (readonly [Token['type'], RegExp])[] = [
  ['field', FIELD],
  ['number', NUMBER],
  ['variable', VARIABLE],
  ['format', FORMAT],
  ['word', WORD],
  ['symbol', SYMBOL],
]
