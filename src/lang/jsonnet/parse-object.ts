// What stands between braces: fields, methods, locals, asserts, and comprehensions of them.
import { staticError } from './error.ts'
import type { ExpressionReader } from './expression-reader.ts'
import { readBind, readClauses, readParameters } from './parse-binding.ts'
import type { AssertSyntax, Bind, Clause, FieldSyntax, Node, Parameter, Visibility } from './syntax.ts'
import { shown, type Token } from './token.ts'

const FIELD_OPERATOR = /^(?<plus>\+?)(?<colons>:{1,3})$/

/** Reads an object whose opening brace was taken. */
export function parseObject(reader: ExpressionReader, opening: Token): Node {
  const parts = new ObjectParts()
  const { cursor } = reader
  let hasComma = true
  for (;;) {
    if (cursor.takes('}')) return parts.object(cursor.since(opening))
    if (cursor.is('for')) {
      const clause = cursor.peek()
      const clauses = readClauses(reader, '}')
      return parts.comprehension(clauses, { at: cursor.since(opening), clause })
    }
    if (!hasComma) throw staticError(cursor.peek(), 'Expected a comma before next field.')
    parts.add(reader)
    hasComma = cursor.takes(',')
  }
}

class ObjectParts {
  readonly #fields: FieldSyntax[] = []
  readonly #asserts: AssertSyntax[] = []
  readonly #locals: Bind[] = []
  readonly #names = new Set<string>()

  add(reader: ExpressionReader): void {
    const { cursor } = reader
    const token = cursor.peek()
    if (cursor.takes('local')) this.#addLocal(reader)
    else if (cursor.takes('assert')) this.#asserts.push(readAssert(reader, token))
    else this.#fields.push(this.#field(reader))
  }

  object(at: Node['at']): Node {
    return { kind: 'object', at, fields: this.#fields, asserts: this.#asserts, locals: this.#locals }
  }

  comprehension(clauses: readonly Clause[], place: { readonly at: Node['at']; readonly clause: Token }): Node {
    const { clause } = place
    if (this.#asserts.length > 0) throw staticError(clause, 'Object comprehension cannot have asserts')
    const [field, second] = this.#fields
    if (field === undefined || second !== undefined)
      throw staticError(clause, 'Object comprehension can only have one field')
    if (field.visibility !== ':') throw staticError(clause, 'Object comprehensions cannot have hidden fields')
    if (!this.#computed.has(field)) throw staticError(clause, 'Object comprehensions can only have [e] fields')
    return { kind: 'object-comprehension', at: place.at, field, locals: this.#locals, clauses }
  }

  readonly #computed = new Set<FieldSyntax>()

  #addLocal(reader: ExpressionReader): void {
    const token = reader.cursor.peek()
    const bind = readBind(reader)
    if (this.#locals.some(({ name }) => name === bind.name))
      throw staticError(token, `Duplicate local var: ${bind.name}`)
    this.#locals.push(bind)
  }

  #field(reader: ExpressionReader): FieldSyntax {
    const { cursor } = reader
    const token = cursor.next()
    const key = this.#key(reader, token)
    const isMethod = cursor.is('(')
    const parameters = isMethod ? methodParameters(reader) : undefined
    const operator = cursor.next()
    const { plus, colons } = FIELD_OPERATOR.exec(operator.kind === 'operator' ? operator.text : '')?.groups ?? {}
    if (colons === undefined) {
      throw staticError(operator, `Expected one of :, ::, :::, +:, +::, +:::, got: ${operator.text}`)
    }
    if (isMethod && plus === '+')
      throw staticError(operator, `Cannot use +: syntax sugar in a method: ${operator.text}`)
    const begin = cursor.peek()
    const body = reader.expression()
    const name = key.kind === 'literal' ? String(key.value) : undefined
    const value: Node =
      parameters === undefined ? body : { kind: 'function', at: cursor.since(begin), parameters, body, name }
    // The pattern allows these three only.
    const field = { key, visibility: colons as Visibility, adds: plus === '+', value }
    if (token.text === '[' && token.kind === 'symbol') this.#computed.add(field)
    return field
  }

  #key(reader: ExpressionReader, token: Token): Node {
    if (token.kind === 'symbol' && token.text === '[') {
      const key = reader.expression()
      reader.cursor.expect(']')
      return key
    }
    if (token.kind !== 'identifier' && token.kind !== 'string' && token.kind !== 'block') {
      const what =
        token.kind === 'end' ? 'Unexpected end of file' : `Unexpected: ${shown(token)} while parsing field definition`
      throw staticError(token, what)
    }
    if (this.#names.has(token.text)) throw staticError(token, `Duplicate field: ${token.text}`)
    this.#names.add(token.text)
    return { kind: 'literal', at: token, value: token.text }
  }
}

function methodParameters(reader: ExpressionReader): Parameter[] {
  reader.cursor.expect('(')
  return readParameters(reader)
}

/** Reads `condition [: message]` after the word `assert`. */
export function readAssert(reader: ExpressionReader, begin: Token): AssertSyntax {
  const condition = reader.expression()
  const message = reader.cursor.takes(':') ? reader.expression() : undefined
  return { condition, message, at: reader.cursor.since(begin) }
}
