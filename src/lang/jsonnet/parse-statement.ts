// What begins with a word and extends as far right as it can: local, if, function, assert, error, import.
import { staticError } from './error.ts'
import { spanned, type ExpressionReader } from './expression-reader.ts'
import { readBind, readParameters } from './parse-binding.ts'
import { readAssert } from './parse-object.ts'
import type { Bind, Node } from './syntax.ts'
import { shown, type Token } from './token.ts'

/** Whether a token is the word that such an expression begins with. */
export function startsStatement({ kind, text }: Token): boolean {
  return kind === 'keyword' && Object.hasOwn(STATEMENTS, text)
}

/** Reads one; undefined, and nothing is taken, where the next token begins none. */
export function readStatement(reader: ExpressionReader): Node | undefined {
  const token = reader.cursor.peek()
  return startsStatement(token) ? STATEMENTS[token.text]?.(reader) : undefined
}

const STATEMENTS: Readonly<Record<string, (reader: ExpressionReader) => Node>> = {
  local: readLocal,
  if: readIf,
  function: readFunction,
  assert: readAssertStatement,
  error: readError,
  import: readImport,
  importstr: readImport,
  importbin: readImport,
}

function readError(reader: ExpressionReader): Node {
  const begin = reader.cursor.next()
  return spanned(reader, begin, { kind: 'error', message: reader.expression() })
}

function readLocal(reader: ExpressionReader): Node {
  const begin = reader.cursor.next()
  const binds: Bind[] = []
  for (;;) {
    const name = reader.cursor.peek()
    const bind = readBind(reader)
    if (binds.some((other) => other.name === bind.name)) throw staticError(name, `Duplicate local var: ${bind.name}`)
    binds.push(bind)
    const delimiter = reader.cursor.next()
    if (delimiter.kind === 'symbol' && delimiter.text === ';') break
    if (delimiter.kind !== 'symbol' || delimiter.text !== ',')
      throw staticError(delimiter, `Expected , or ; but got ${shown(delimiter)}`)
  }
  return spanned(reader, begin, { kind: 'local', binds, body: reader.expression() })
}

function readFunction(reader: ExpressionReader): Node {
  const begin = reader.cursor.next()
  const opening = reader.cursor.next()
  if (opening.kind !== 'symbol' || opening.text !== '(')
    throw staticError(opening, `Expected ( but got ${shown(opening)}`)
  const parameters = readParameters(reader)
  return spanned(reader, begin, { kind: 'function', parameters, body: reader.expression(), name: undefined })
}

function readIf(reader: ExpressionReader): Node {
  const begin = reader.cursor.next()
  const condition = reader.expression()
  reader.cursor.expect('then')
  const whenTrue = reader.expression()
  const whenFalse = reader.cursor.takes('else') ? reader.expression() : undefined
  return spanned(reader, begin, { kind: 'if', condition, whenTrue, whenFalse })
}

function readAssertStatement(reader: ExpressionReader): Node {
  const begin = reader.cursor.next()
  const syntax = readAssert(reader, begin)
  reader.cursor.expect(';')
  return { kind: 'assert', ...syntax, body: reader.expression() }
}

function readImport(reader: ExpressionReader): Node {
  const begin = reader.cursor.next()
  const body = reader.expression()
  const first = reader.cursor.since(body.at)
  if (body.kind !== 'literal' || typeof body.value !== 'string')
    throw staticError(first, 'Computed imports are not allowed')
  if (first.source.text.startsWith('|||', first.begin))
    throw staticError(first, 'Block string literals not allowed in imports')
  return spanned(reader, begin, { kind: 'import', form: IMPORT_FORMS[begin.text] ?? 'code', path: body.value })
}

const IMPORT_FORMS: Readonly<Record<string, 'code' | 'text' | 'bytes'>> = {
  import: 'code',
  importstr: 'text',
  importbin: 'bytes',
}
