// Reads tokens into the tree of a jq program, and finds names that nothing defines.
import type { Cursor } from './cursor.ts'
import { JqSyntaxError } from './error.ts'
import { type Token, tokenize } from './lexer.ts'
import { BINDING, type Binding } from './precedence.ts'
import { type Definition, IDENTITY, type Node } from './syntax.ts'
import { parseTerm } from './terms.ts'

/** How deep a program may nest, far above what people write. */
const MAX_DEPTH = 300

/** Parses a whole program. `known` are functions as `name/arity`. Throws `JqSyntaxError` with gojq's texts. */
export function parseProgram(source: string, known: ReadonlySet<string>): Node {
  const parser = new Parser(tokenize(source), [...known])
  if (parser.peek().type === 'end') return IDENTITY
  const node = parser.pipe()
  parser.end()
  return node
}

/** Parses definitions alone, each seeing those before it. */
export function parseDefinitions(source: string, known: ReadonlySet<string>): readonly Definition[] {
  const parser = new Parser(tokenize(source), [...known])
  const definitions: Definition[] = []
  while (parser.isWord('def')) definitions.push(parser.definition())
  parser.end()
  return definitions
}

/** A cursor over tokens with the names in scope; `terms.ts` reads the smallest pieces with it. */
class Parser implements Cursor {
  readonly #tokens: readonly Token[]
  readonly #names: string[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[], names: string[]) {
    this.#tokens = tokens
    this.#names = names
  }

  /** A parser of what a string interpolates, with the same names. */
  inner(tokens: readonly Token[]): Parser {
    return new Parser([...tokens, { type: 'end', text: '' }], [...this.#names])
  }

  peek(): Token {
    return this.#tokens[this.#at] ?? { type: 'end', text: '' }
  }

  next(): Token {
    const token = this.peek()
    this.#at++
    return token
  }

  isSymbol(text: string): boolean {
    const token = this.peek()
    return token.type === 'symbol' && token.text === text
  }

  isWord(text: string): boolean {
    const token = this.peek()
    return token.type === 'word' && token.text === text
  }

  /** Takes the symbol or word where it is next. */
  takes(text: string): boolean {
    if (!this.isSymbol(text) && !this.isWord(text)) return false
    this.#at++
    return true
  }

  expect(text: string): void {
    if (!this.takes(text)) throw this.unexpected()
  }

  expectVariable(): string {
    const token = this.next()
    if (token.type === 'variable') return token.text
    this.#at--
    throw this.unexpected()
  }

  end(): void {
    if (this.peek().type !== 'end') throw this.unexpected()
  }

  unexpected(): JqSyntaxError {
    const { type, text } = this.peek()
    if (type === 'end') return new JqSyntaxError('unexpected EOF')
    const sign = { field: '.', variable: '$', format: '@' }[type as string] ?? ''
    return new JqSyntaxError(`unexpected token ${JSON.stringify(sign + text)}`)
  }

  /** Reads with more names in scope. */
  within<T>(names: readonly string[], read: () => T): T {
    this.#names.push(...names)
    const result = read()
    this.#names.length -= names.length
    return result
  }

  require(name: string, what: string): void {
    if (!this.#names.includes(name)) throw new JqSyntaxError(`${what} not defined: ${name}`)
  }

  /** The whole of what may stand between parentheses. */
  pipe(): Node {
    if (++this.#depth > MAX_DEPTH) throw new JqSyntaxError(`jq program nested deeper than ${MAX_DEPTH}`)
    const node = this.#pipe()
    this.#depth--
    return node
  }

  #pipe(): Node {
    if (this.isWord('def')) {
      const definition = this.definition()
      const body = this.pipe()
      this.#names.pop()
      return { type: 'define', definition, body }
    }
    if (this.takes('label')) {
      const name = this.expectVariable()
      this.expect('|')
      return { type: 'label', name, body: this.within([`*${name}*`], () => this.pipe()) }
    }
    const left = this.binary(0)
    if (this.takes('as')) {
      const variable = this.expectVariable()
      this.expect('|')
      return { type: 'bind', source: left, variable, body: this.within([`$${variable}`], () => this.pipe()) }
    }
    return this.takes('|') ? { type: 'pipe', left, right: this.pipe() } : left
  }

  /** Leaves the new name in scope for what follows. */
  definition(): Definition {
    this.expect('def')
    const name = this.#functionName()
    const params = this.takes('(') ? this.#params() : []
    this.expect(':')
    const own = `${name}/${params.length}`
    const inside = params.flatMap((param) => (param.startsWith('$') ? [param, `${param.slice(1)}/0`] : [`${param}/0`]))
    const body = this.within([own, ...inside], () => this.pipe())
    this.expect(';')
    this.#names.push(own)
    return { name, params, body }
  }

  #functionName(): string {
    if (this.peek().type !== 'word') throw this.unexpected()
    return this.next().text
  }

  #params(): readonly string[] {
    const params: string[] = []
    do params.push(this.peek().type === 'variable' ? `$${this.next().text}` : this.#functionName())
    while (this.takes(';'))
    this.expect(')')
    return params
  }

  /** Operators that bind at least as strongly as `least`. */
  binary(least: number): Node {
    if (++this.#depth > MAX_DEPTH) throw new JqSyntaxError(`jq program nested deeper than ${MAX_DEPTH}`)
    let left = this.#operand()
    for (;;) {
      const operator = this.peek().text
      const binding = this.#binding()
      if (binding === undefined || binding.level < least) break
      this.next()
      const right = this.binary(binding.associates === 'right' ? binding.level : binding.level + 1)
      left = operator === ',' ? { type: 'comma', left, right } : { type: 'binary', operator, left, right }
      if (binding.associates === 'none' && this.#binding()?.level === binding.level) throw this.unexpected()
    }
    this.#depth--
    return left
  }

  #binding(): Binding | undefined {
    const { type, text } = this.peek()
    return type === 'symbol' || type === 'word' ? BINDING.get(text) : undefined
  }

  #operand(): Node {
    if (this.takes('-')) return { type: 'negate', value: parseTerm(this) }
    return parseTerm(this)
  }
}
