// Tokens to a tree, by precedence climbing.
import { staticError } from './error.ts'
import { spanned, type ExpressionReader } from './expression-reader.ts'
import { tokensOf } from './lexer.ts'
import { readClauses } from './parse-binding.ts'
import { parseObject } from './parse-object.ts'
import { readStatement, startsStatement } from './parse-statement.ts'
import { asBinary, PRECEDENCE, UNARY_OPERATORS } from './precedence.ts'
import type { Source, Span } from './source.ts'
import type { Node, UnaryOperator } from './syntax.ts'
import { shown, type Token } from './token.ts'
import { TokenCursor } from './token-cursor.ts'

/** How deep expressions may be nested (jsonnet core/parser.cpp). */
export const MAX_NESTING = 500

/** Parses a file. Throws `bad-input` with the place and go-jsonnet's words. */
export function parse(source: Source): Node {
  const parser = new Parser(source)
  const node = parser.expression()
  const rest = parser.cursor.peek()
  if (rest.kind !== 'end') throw staticError(rest, `Did not expect: ${shown(rest)}`)
  return node
}

class Parser implements ExpressionReader {
  readonly cursor: TokenCursor
  #depth = 0

  constructor(source: Source) {
    this.cursor = new TokenCursor(tokensOf(source))
  }

  expression(): Node {
    this.#depth++
    if (this.#depth > MAX_NESTING) throw staticError(this.cursor.peek(), 'Exceeded maximum parse depth limit.')
    const node = readStatement(this) ?? this.#binary(1)
    this.#depth--
    return node
  }

  #binary(lowest: number): Node {
    let left = this.#unary()
    for (;;) {
      const token = this.cursor.peek()
      const isOperator = token.kind === 'operator' || (token.kind === 'keyword' && token.text === 'in')
      const operator = isOperator ? asBinary(token.text) : undefined
      if (operator === undefined) {
        if (token.kind === 'operator' && ![':', '=', '::', ':::', '+:', '+::', '+:::'].includes(token.text))
          throw staticError(token, `Not a binary operator: ${token.text}`)
        return left
      }
      if (PRECEDENCE[operator] < lowest) return left
      this.cursor.next()
      const at = left.at
      if (operator === 'in' && this.cursor.takes('super')) left = spanned(this, at, { kind: 'in-super', key: left })
      else {
        const right = this.#operand(PRECEDENCE[operator] + 1)
        left = spanned(this, at, { kind: 'binary', operator, left, right })
      }
    }
  }

  /** The right side of an operator may be anything that extends to the right, such as a function. */
  #operand(lowest: number): Node {
    return startsStatement(this.cursor.peek()) ? this.expression() : this.#binary(lowest)
  }

  #unary(): Node {
    const token = this.cursor.peek()
    if (token.kind !== 'operator') return this.#postfix()
    if (!UNARY_OPERATORS.has(token.text)) throw staticError(token, `Not a unary operator: ${token.text}`)
    this.cursor.next()
    this.#depth++
    if (this.#depth > MAX_NESTING) throw staticError(token, 'Exceeded maximum parse depth limit.')
    const operand = startsStatement(this.cursor.peek()) ? this.expression() : this.#unary()
    this.#depth--
    // The set above holds these four only.
    return spanned(this, token, { kind: 'unary', operator: token.text as UnaryOperator, operand })
  }

  #postfix(): Node {
    let node = this.#terminal()
    const { at } = node
    for (;;) {
      if (this.cursor.takes('.')) {
        const name = this.cursor.expectIdentifier()
        node = spanned(this, at, { kind: 'index', target: node, key: { kind: 'literal', at: name, value: name.text } })
      } else if (this.cursor.takes('[')) node = this.#subscript(node)
      else if (this.cursor.takes('(')) node = this.#arguments(node)
      else if (this.cursor.is('{')) {
        const opening = this.cursor.next()
        const right = parseObject(this, opening)
        node = spanned(this, at, { kind: 'binary', operator: '+', left: node, right })
      } else return node
    }
  }

  #terminal(): Node {
    const token = this.cursor.next()
    switch (token.kind) {
      case 'number':
        return { kind: 'literal', at: token, value: numberOf(token) }
      case 'string':
      case 'block':
        return { kind: 'literal', at: token, value: token.text }
      case 'identifier':
        return { kind: 'variable', at: token, name: token.text }
      case 'symbol':
        return this.#bracketed(token)
      case 'keyword':
        return this.#word(token)
      default:
        throw unexpected(token)
    }
  }

  #bracketed(token: Token): Node {
    switch (token.text) {
      case '(': {
        const inner = this.expression()
        this.cursor.expect(')')
        return { ...inner, at: inner.at }
      }
      case '[':
        return this.#array(token)
      case '{':
        return parseObject(this, token)
      case '$':
        return { kind: 'root', at: token }
      default:
        throw unexpected(token)
    }
  }

  #word(token: Token): Node {
    switch (token.text) {
      case 'null':
        return { kind: 'literal', at: token, value: null }
      case 'true':
      case 'false':
        return { kind: 'literal', at: token, value: token.text === 'true' }
      case 'self':
        return { kind: 'self', at: token }
      case 'super':
        return this.#super(token)
      default:
        throw unexpected(token)
    }
  }

  #super(token: Token): Node {
    if (this.cursor.takes('.')) {
      const name = this.cursor.expectIdentifier()
      return spanned(this, token, { kind: 'super-index', key: { kind: 'literal', at: name, value: name.text } })
    }
    if (!this.cursor.takes('[')) throw staticError(token, 'Expected . or [ after super')
    const key = this.expression()
    this.cursor.expect(']')
    return spanned(this, token, { kind: 'super-index', key })
  }

  #array(opening: Token): Node {
    const items: Node[] = []
    let hasComma = true
    for (;;) {
      if (this.cursor.takes(']')) return spanned(this, opening, { kind: 'array', items })
      const [body] = items
      if (items.length === 1 && body !== undefined && this.cursor.is('for')) {
        const clauses = readClauses(this, ']')
        return spanned(this, opening, { kind: 'array-comprehension', body, clauses })
      }
      if (!hasComma) throw staticError(this.cursor.peek(), 'Expected a comma before next array element.')
      items.push(this.expression())
      hasComma = this.cursor.takes(',')
    }
  }

  /** `[key]`, or `[from:to:step]` with every part optional. */
  #subscript(target: Node): Node {
    const bounds: (Node | undefined)[] = [undefined]
    let isSlice = false
    while (!this.cursor.is(']')) {
      const { kind, text } = this.cursor.peek()
      if (kind === 'operator' && /^::?$/.test(text)) {
        this.cursor.next()
        isSlice = true
        for (const _colon of text) bounds.push(undefined)
        if (bounds.length > 3)
          throw staticError(this.cursor.peek(), `Unexpected: ${shown(this.cursor.peek())} while parsing slice`)
        continue
      }
      if (bounds.at(-1) !== undefined) throw unexpectedIn(this.cursor.peek(), 'slice')
      bounds[bounds.length - 1] = this.expression()
    }
    const closing = this.cursor.expect(']')
    if (isSlice) return spanned(this, target.at, { kind: 'slice', target, bounds })
    const [key] = bounds
    if (key === undefined) throw staticError(closing, 'ast.Index requires an expression')
    return spanned(this, target.at, { kind: 'index', target, key })
  }

  #arguments(target: Node): Node {
    const positional: Node[] = []
    const named: { name: string; value: Node; at: Span }[] = []
    let hasComma = true
    while (!this.cursor.takes(')')) {
      const token = this.cursor.peek()
      if (!hasComma) throw staticError(token, `Expected a comma before next function argument, got ${shown(token)}`)
      const second = this.cursor.peekSecond()
      if (token.kind === 'identifier' && second.kind === 'operator' && second.text === '=') {
        this.cursor.next()
        this.cursor.next()
        named.push({ name: token.text, at: token, value: this.expression() })
      } else {
        if (named.length > 0) throw staticError(token, 'Positional argument after a named argument is not allowed')
        positional.push(this.expression())
      }
      hasComma = this.cursor.takes(',')
    }
    const tailstrict = this.cursor.takes('tailstrict')
    return spanned(this, target.at, { kind: 'apply', target, positional, named, tailstrict })
  }
}

function unexpected(token: Token): Error {
  if (token.kind === 'end') return staticError(token, 'Unexpected end of file')
  return unexpectedIn(token, 'terminal')
}

function unexpectedIn(token: Token, what: string): Error {
  return staticError(token, `Unexpected: ${shown(token)} while parsing ${what}`)
}

function numberOf(token: Token): number {
  const value = Number(token.text)
  if (Number.isFinite(value)) return value
  throw staticError(token, 'overflow')
}
