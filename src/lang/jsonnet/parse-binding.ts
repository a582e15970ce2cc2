// What binds names: locals, parameters, and the `for` of comprehensions.
import { staticError } from './error.ts'
import { spanned, type ExpressionReader } from './expression-reader.ts'
import type { Bind, Clause, Parameter } from './syntax.ts'
import { shown } from './token.ts'

/** Reads `name = body` or `name(parameters) = body`. */
export function readBind(reader: ExpressionReader): Bind {
  const { text: name, ...at } = reader.cursor.expectIdentifier()
  const parameters = reader.cursor.takes('(') ? readParameters(reader) : undefined
  reader.cursor.expect('=')
  const begin = reader.cursor.peek()
  const body = reader.expression()
  if (parameters === undefined) return { name, body, at }
  return { name, at, body: spanned(reader, begin, { kind: 'function', parameters, body, name }) }
}

/** Reads parameters up to the closing bracket; the opening one was taken. */
export function readParameters(reader: ExpressionReader): Parameter[] {
  const parameters: Parameter[] = []
  let hasComma = true
  while (!reader.cursor.takes(')')) {
    const token = reader.cursor.peek()
    if (!hasComma) throw staticError(token, `Expected a comma before next function parameter, got ${shown(token)}`)
    const { text: name } = reader.cursor.expectIdentifier()
    if (parameters.some((other) => other.name === name))
      throw staticError(token, `Duplicate function parameter: ${name}`)
    parameters.push({ name, fallback: reader.cursor.takes('=') ? reader.expression() : undefined })
    hasComma = reader.cursor.takes(',')
  }
  return parameters
}

/** Reads what follows the body of a comprehension, up to the closing bracket `end` and with it. */
export function readClauses(reader: ExpressionReader, end: string): Clause[] {
  const clauses: Clause[] = []
  for (;;) {
    const token = reader.cursor.next()
    if (token.kind === 'keyword' && token.text === 'for') {
      const { text: name } = reader.cursor.expectIdentifier()
      reader.cursor.expect('in')
      clauses.push({ kind: 'for', name, list: reader.expression() })
    } else if (token.kind === 'keyword' && token.text === 'if') {
      clauses.push({ kind: 'if', condition: reader.expression() })
    } else if (token.kind === 'symbol' && token.text === end) return clauses
    else throw staticError(token, `Expected for, if or "${end}" after for clause, got: ${shown(token)}`)
  }
}
