// Tokens to a tree, by precedence climbing.
import { staticError } from './error.ts'
import { tokensOf } from './lexer.ts'
import { parseObject, readAssert, type ExpressionReader } from './parse-object.ts'
import type { Source, Span } from './source.ts'
import type { BinaryOperator, Bind, Clause, Node, NodeOf, Parameter, UnaryOperator } from './syntax.ts'
import { shown, type Token } from './token.ts'
import { TokenCursor } from './token-cursor.ts'

/** How deep expressions may be nested (jsonnet core/parser.cpp). */
export const MAX_NESTING = 500

/** Higher binds tighter (jsonnet core/parser.cpp). */
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '*': 10,
  '/': 10,
  '%': 10,
  '+': 9,
  '-': 9,
  '<<': 8,
  '>>': 8,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  in: 7,
  '==': 6,
  '!=': 6,
  '&': 5,
  '^': 4,
  '|': 3,
  '&&': 2,
  '||': 1,
}
const UNARY_OPERATORS: ReadonlySet<string> = new Set(['!', '~', '+', '-'])

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
    const node = this.#statement()
    this.#depth--
    return node
  }

  /** What extends as far right as it can; all else is a chain of operators. */
  #statement(): Node {
    const token = this.cursor.peek()
    if (token.kind === 'keyword') {
      switch (token.text) {
        case 'local':
          return this.#local()
        case 'if':
          return this.#if()
        case 'function':
          return this.#function()
        case 'assert':
          return this.#assert()
        case 'error':
          this.cursor.next()
          return this.#node(token, { kind: 'error', message: this.expression() })
        case 'import':
        case 'importstr':
        case 'importbin':
          return this.#import()
      }
    }
    return this.#binary(1)
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
      if (operator === 'in' && this.cursor.takes('super')) left = this.#node(at, { kind: 'in-super', key: left })
      else {
        const right = this.#operand(PRECEDENCE[operator] + 1)
        left = this.#node(at, { kind: 'binary', operator, left, right })
      }
    }
  }

  /** The right side of an operator may be anything that extends to the right, such as a function. */
  #operand(lowest: number): Node {
    const { kind, text } = this.cursor.peek()
    const isStatement = kind === 'keyword' && STATEMENTS.has(text)
    return isStatement ? this.expression() : this.#binary(lowest)
  }

  #unary(): Node {
    const token = this.cursor.peek()
    if (token.kind !== 'operator') return this.#postfix()
    if (!UNARY_OPERATORS.has(token.text)) throw staticError(token, `Not a unary operator: ${token.text}`)
    this.cursor.next()
    this.#depth++
    if (this.#depth > MAX_NESTING) throw staticError(token, 'Exceeded maximum parse depth limit.')
    const { kind, text } = this.cursor.peek()
    const operand = kind === 'keyword' && STATEMENTS.has(text) ? this.expression() : this.#unary()
    this.#depth--
    // The set above holds these four only.
    return this.#node(token, { kind: 'unary', operator: token.text as UnaryOperator, operand })
  }

  #postfix(): Node {
    let node = this.#terminal()
    const { at } = node
    for (;;) {
      if (this.cursor.takes('.')) {
        const name = this.cursor.expectIdentifier()
        node = this.#node(at, { kind: 'index', target: node, key: { kind: 'literal', at: name, value: name.text } })
      } else if (this.cursor.takes('[')) node = this.#subscript(node)
      else if (this.cursor.takes('(')) node = this.#arguments(node)
      else if (this.cursor.is('{')) {
        const opening = this.cursor.next()
        const right = parseObject(this, opening)
        node = this.#node(at, { kind: 'binary', operator: '+', left: node, right })
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
      return this.#node(token, { kind: 'super-index', key: { kind: 'literal', at: name, value: name.text } })
    }
    if (!this.cursor.takes('[')) throw staticError(token, 'Expected . or [ after super')
    const key = this.expression()
    this.cursor.expect(']')
    return this.#node(token, { kind: 'super-index', key })
  }

  #array(opening: Token): Node {
    const items: Node[] = []
    let hasComma = true
    for (;;) {
      if (this.cursor.takes(']')) return this.#node(opening, { kind: 'array', items })
      const [body] = items
      if (items.length === 1 && body !== undefined && this.cursor.is('for')) {
        const clauses = this.clauses(']')
        return this.#node(opening, { kind: 'array-comprehension', body, clauses })
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
    if (isSlice) return this.#node(target.at, { kind: 'slice', target, bounds })
    const [key] = bounds
    if (key === undefined) throw staticError(closing, 'ast.Index requires an expression')
    return this.#node(target.at, { kind: 'index', target, key })
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
    return this.#node(target.at, { kind: 'apply', target, positional, named, tailstrict })
  }

  clauses(end: string): Clause[] {
    const clauses: Clause[] = []
    for (;;) {
      const token = this.cursor.next()
      if (token.kind === 'keyword' && token.text === 'for') {
        const { text: name } = this.cursor.expectIdentifier()
        this.cursor.expect('in')
        clauses.push({ kind: 'for', name, list: this.expression() })
      } else if (token.kind === 'keyword' && token.text === 'if') {
        clauses.push({ kind: 'if', condition: this.expression() })
      } else if (token.kind === 'symbol' && token.text === end) return clauses
      else throw staticError(token, `Expected for, if or "${end}" after for clause, got: ${shown(token)}`)
    }
  }

  #local(): Node {
    const begin = this.cursor.next()
    const binds: Bind[] = []
    for (;;) {
      const name = this.cursor.peek()
      const bind = this.bind()
      if (binds.some((other) => other.name === bind.name)) throw staticError(name, `Duplicate local var: ${bind.name}`)
      binds.push(bind)
      const delimiter = this.cursor.next()
      if (delimiter.kind === 'symbol' && delimiter.text === ';') break
      if (delimiter.kind !== 'symbol' || delimiter.text !== ',')
        throw staticError(delimiter, `Expected , or ; but got ${shown(delimiter)}`)
    }
    return this.#node(begin, { kind: 'local', binds, body: this.expression() })
  }

  bind(): Bind {
    const { text: name, ...at } = this.cursor.expectIdentifier()
    const parameters = this.cursor.takes('(') ? this.parameters() : undefined
    this.cursor.expect('=')
    const begin = this.cursor.peek()
    const body = this.expression()
    if (parameters === undefined) return { name, body, at }
    return { name, at, body: this.#node(begin, { kind: 'function', parameters, body, name }) }
  }

  /** Reads parameters up to the closing bracket; the opening one was taken. */
  parameters(): Parameter[] {
    const parameters: Parameter[] = []
    let hasComma = true
    while (!this.cursor.takes(')')) {
      const token = this.cursor.peek()
      if (!hasComma) throw staticError(token, `Expected a comma before next function parameter, got ${shown(token)}`)
      const { text: name } = this.cursor.expectIdentifier()
      if (parameters.some((other) => other.name === name))
        throw staticError(token, `Duplicate function parameter: ${name}`)
      parameters.push({ name, fallback: this.cursor.takes('=') ? this.expression() : undefined })
      hasComma = this.cursor.takes(',')
    }
    return parameters
  }

  #function(): Node {
    const begin = this.cursor.next()
    const opening = this.cursor.next()
    if (opening.kind !== 'symbol' || opening.text !== '(')
      throw staticError(opening, `Expected ( but got ${shown(opening)}`)
    const parameters = this.parameters()
    return this.#node(begin, { kind: 'function', parameters, body: this.expression(), name: undefined })
  }

  #if(): Node {
    const begin = this.cursor.next()
    const condition = this.expression()
    this.cursor.expect('then')
    const whenTrue = this.expression()
    const whenFalse = this.cursor.takes('else') ? this.expression() : undefined
    return this.#node(begin, { kind: 'if', condition, whenTrue, whenFalse })
  }

  #assert(): Node {
    const begin = this.cursor.next()
    const syntax = readAssert(this, begin)
    this.cursor.expect(';')
    return { kind: 'assert', ...syntax, body: this.expression() }
  }

  #import(): Node {
    const begin = this.cursor.next()
    const body = this.expression()
    const first = this.cursor.since(body.at)
    if (body.kind !== 'literal' || typeof body.value !== 'string')
      throw staticError(first, 'Computed imports are not allowed')
    if (first.source.text.startsWith('|||', first.begin))
      throw staticError(first, 'Block string literals not allowed in imports')
    return this.#node(begin, { kind: 'import', form: IMPORT_FORMS[begin.text] ?? 'code', path: body.value })
  }

  /** A node from where something began to the last token taken. */
  #node<T extends Omit<NodeOf<Node['kind']>, 'at'>>(begin: Span, node: T): T & { readonly at: Span } {
    return { ...node, at: this.cursor.since(begin) }
  }
}

const STATEMENTS: ReadonlySet<string> = new Set([
  'local',
  'if',
  'function',
  'assert',
  'error',
  'import',
  'importstr',
  'importbin',
])

const IMPORT_FORMS: Readonly<Record<string, 'code' | 'text' | 'bytes'>> = {
  import: 'code',
  importstr: 'text',
  importbin: 'bytes',
}

function asBinary(text: string): BinaryOperator | undefined {
  return Object.hasOwn(PRECEDENCE, text) ? (text as BinaryOperator) : undefined // the table's own keys
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
