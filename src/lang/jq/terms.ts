// Reads the terms of a jq program: paths, literals, constructions, control flow and calls.
import type { Token } from './lexer.ts'
import type { Cursor } from './cursor.ts'
import { IDENTITY, type Node } from './syntax.ts'

/** A term with all that is hung on it: `.a[0]?.b`. */
export function parseTerm(parser: Cursor): Node {
  let node = parsePrimary(parser)
  for (;;) {
    const next = parseSuffix(parser, node)
    if (next === undefined) return node
    node = next
  }
}

function parseSuffix(parser: Cursor, target: Node): Node | undefined {
  const token = parser.peek()
  if (token.type === 'field') {
    parser.next()
    return { type: 'index', target, key: literal(token.text) }
  }
  if (parser.takes('?')) return { type: 'try', body: target, handler: undefined }
  if (parser.isSymbol('[')) return parseBrackets(parser, target)
  if (!parser.isSymbol('.')) return undefined
  parser.next()
  if (parser.peek().type === 'text') return { type: 'index', target, key: parseText(parser, '') }
  if (parser.isSymbol('[')) return parseBrackets(parser, target)
  throw parser.unexpected()
}

function parseBrackets(parser: Cursor, target: Node): Node {
  parser.expect('[')
  if (parser.takes(']')) return { type: 'iterate', target }
  if (parser.takes(':')) {
    const to = parser.pipe()
    parser.expect(']')
    return { type: 'slice', target, from: undefined, to }
  }
  const key = parser.pipe()
  if (!parser.takes(':')) {
    parser.expect(']')
    return { type: 'index', target, key }
  }
  const to = parser.isSymbol(']') ? undefined : parser.pipe()
  parser.expect(']')
  return { type: 'slice', target, from: key, to }
}

function parsePrimary(parser: Cursor): Node {
  const token = parser.peek()
  switch (token.type) {
    case 'number':
      parser.next()
      return literal(Number(token.text))
    case 'text':
      return parseText(parser, '')
    case 'format':
      parser.next()
      if (parser.peek().type === 'text') return parseText(parser, token.text)
      return { type: 'text', format: token.text, parts: [IDENTITY] }
    case 'field':
      parser.next()
      return { type: 'index', target: IDENTITY, key: literal(token.text) }
    case 'variable':
      parser.next()
      if (token.text === '__loc__') return literal({ file: '<top-level>', line: 1 })
      parser.require(`$${token.text}`, 'variable')
      return { type: 'variable', name: `$${token.text}` }
    case 'word':
      return parseWord(parser, token)
    default:
      return parseSymbol(parser)
  }
}

function parseSymbol(parser: Cursor): Node {
  if (parser.takes('..')) return { type: 'recurse' }
  if (parser.takes('(')) {
    const node = parser.pipe()
    parser.expect(')')
    return node
  }
  if (parser.takes('[')) {
    if (parser.takes(']')) return { type: 'array', items: undefined }
    const items = parser.pipe()
    parser.expect(']')
    return { type: 'array', items }
  }
  if (parser.takes('{')) return parseObject(parser)
  if (!parser.takes('.')) throw parser.unexpected()
  if (parser.peek().type === 'text') return { type: 'index', target: IDENTITY, key: parseText(parser, '') }
  return IDENTITY
}

function parseText(parser: Cursor, format: string): Node {
  const { parts = [] } = parser.next()
  const nodes = parts.map((part): string | Node => {
    if (typeof part === 'string') return part
    const inner = parser.inner(part)
    const node = inner.pipe()
    inner.end()
    return node
  })
  const [only] = nodes
  return nodes.length === 1 && typeof only === 'string' ? literal(only) : { type: 'text', format, parts: nodes }
}

function parseObject(parser: Cursor): Node {
  const fields: { key: Node; value: Node }[] = []
  while (!parser.takes('}')) {
    if (fields.length > 0) parser.expect(',')
    if (fields.length > 0 && parser.takes('}')) break
    fields.push(parseField(parser))
  }
  return { type: 'object', fields }
}

function parseField(parser: Cursor): { key: Node; value: Node } {
  const token = parser.peek()
  const key = parseKey(parser, token)
  if (parser.takes(':')) return { key, value: parseFieldValue(parser) }
  if (token.type === 'variable') return { key, value: { type: 'variable', name: `$${token.text}` } }
  if (token.type === 'symbol') throw parser.unexpected()
  return { key, value: { type: 'index', target: IDENTITY, key } }
}

/** Alternatives and arithmetic may stand bare in a field's value, a comma and a pipe not… but gojq takes the pipe of terms. */
function parseFieldValue(parser: Cursor): Node {
  const left = parser.binary(1)
  return parser.takes('|') ? { type: 'pipe', left, right: parseFieldValue(parser) } : left
}

function parseKey(parser: Cursor, token: Token): Node {
  switch (token.type) {
    case 'text':
      return parseText(parser, '')
    case 'word':
    case 'number':
      parser.next()
      return literal(token.text)
    case 'variable':
      parser.next()
      parser.require(`$${token.text}`, 'variable')
      return literal(token.text)
    default: {
      parser.expect('(')
      const key = parser.pipe()
      parser.expect(')')
      return key
    }
  }
}

function parseWord(parser: Cursor, token: Token): Node {
  parser.next()
  switch (token.text) {
    case 'null':
      return literal(null)
    case 'true':
      return literal(true)
    case 'false':
      return literal(false)
    case 'if':
      return parseIf(parser)
    case 'try':
      return parseTry(parser)
    case 'reduce':
    case 'foreach':
      return parseLoop(parser, token.text)
    case 'break': {
      const name = parser.expectVariable()
      parser.require(`*${name}*`, 'label')
      return { type: 'break', name }
    }
    default:
      return parseCall(parser, token.text)
  }
}

function parseIf(parser: Cursor): Node {
  const test = parser.pipe()
  parser.expect('then')
  const yes = parser.pipe()
  if (parser.takes('elif')) return { type: 'if', test, yes, no: parseIf(parser) }
  const other = parser.takes('else') ? parser.pipe() : IDENTITY
  parser.expect('end')
  return { type: 'if', test, yes, no: other }
}

function parseTry(parser: Cursor): Node {
  const body = parseTerm(parser)
  return { type: 'try', body, handler: parser.takes('catch') ? parseTerm(parser) : undefined }
}

function parseLoop(parser: Cursor, type: 'reduce' | 'foreach'): Node {
  const source = parseTerm(parser)
  parser.expect('as')
  const variable = parser.expectVariable()
  parser.expect('(')
  return parser.within([`$${variable}`], () => {
    const start = parser.pipe()
    parser.expect(';')
    const update = parser.pipe()
    const extract = type === 'foreach' && parser.takes(';') ? parser.pipe() : IDENTITY
    parser.expect(')')
    const loop = { source, variable, start, update }
    return type === 'reduce' ? { type, ...loop } : { type, ...loop, extract }
  })
}

const KEYWORDS: ReadonlySet<string> = new Set([
  'then',
  'elif',
  'else',
  'end',
  'as',
  'catch',
  'and',
  'or',
  'def',
  'label',
])

function parseCall(parser: Cursor, name: string): Node {
  const args: Node[] = []
  if (KEYWORDS.has(name)) throw parser.unexpected()
  if (parser.takes('(')) {
    do args.push(parser.pipe())
    while (parser.takes(';'))
    parser.expect(')')
  }
  parser.require(`${name}/${args.length}`, 'function')
  return { type: 'call', name, args }
}

function literal(value: null | boolean | number | string | { readonly [key: string]: string | number }): Node {
  return { type: 'literal', value }
}
