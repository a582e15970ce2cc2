// Reads the text of a label selector (`app in (a,b),tier!=web`) with the grammar and texts of apimachinery v0.36.3 pkg/labels.
import { CapstanError, messageOf } from '../base/errors.ts'
import { assertLabelKey, makeRequirement, type Requirement, type SelectorOperator } from './selector-requirement.ts'

/** Longer texts do not fit a request line anyway. */
export const MAX_SELECTOR_LENGTH = 65_536

interface Token {
  readonly kind: 'end' | 'symbol' | 'word' | 'error'
  readonly text: string
}

interface Cursor {
  readonly tokens: readonly Token[]
  position: number
}

/** The requirements of a selector text, sorted by key. Throws `bad-input`. */
export function parseRequirements(text: string): Requirement[] {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw new CapstanError('limit', `the label selector is longer than ${MAX_SELECTOR_LENGTH} characters`)
  }
  const cursor: Cursor = { tokens: scan(text), position: 0 }
  const requirements: Requirement[] = []
  while (peek(cursor).kind !== 'end') {
    requirements.push(parseNext(cursor))
    const separator = take(cursor)
    if (separator.kind === 'end') break
    if (!isSymbol(separator, ',')) throw fault(`found '${separator.text}', expected: ',' or 'end of string'`)
    if (!startsRequirement(peek(cursor))) throw fault(`found '${peek(cursor).text}', expected: identifier after ','`)
  }
  return requirements.sort((a, b) => compareText(a.key, b.key))
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function fault(message: string): CapstanError {
  return new CapstanError('bad-input', message)
}

const TOKEN = /[ \t\r\n]*(?<token>[=!(),><]+|[^=!(),>< \t\r\n]+)?/y
const SYMBOLS = ['==', '!=', '=', '!', '(', ')', ',', '>', '<']

/** Symbols are cut from a run as long as possible: `),` is two, `==` one. */
function scan(text: string): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match?.groups?.['token'] !== undefined; match = TOKEN.exec(text)) {
    const found = match.groups['token']
    if (/^[^=!(),><]/.test(found)) tokens.push({ kind: 'word', text: found })
    else pushSymbols(found, tokens)
  }
  return [...tokens, { kind: 'end', text: '' }]
}

function pushSymbols(run: string, tokens: Token[]): void {
  let rest = run
  while (rest !== '') {
    const symbol = SYMBOLS.find((candidate) => rest.startsWith(candidate)) ?? rest
    tokens.push({ kind: 'symbol', text: symbol })
    rest = rest.slice(symbol.length)
  }
}

function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.position] ?? { kind: 'end', text: '' }
}

function take(cursor: Cursor): Token {
  const token = peek(cursor)
  cursor.position++
  return token
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text
}

function startsRequirement(token: Token): boolean {
  return token.kind === 'word' || isSymbol(token, '!')
}

function parseNext(cursor: Cursor): Requirement {
  const first = peek(cursor)
  if (!startsRequirement(first)) throw fault(`found '${first.text}', expected: !, identifier, or 'end of string'`)
  try {
    return parseRequirement(cursor)
  } catch (error) {
    throw new CapstanError('bad-input', `unable to parse requirement: ${messageOf(error)}`, { cause: error })
  }
}

function parseRequirement(cursor: Cursor): Requirement {
  const isNegated = isSymbol(peek(cursor), '!')
  if (isNegated) take(cursor)
  const key = take(cursor)
  if (key.kind !== 'word') throw fault(`found '${key.text}', expected: identifier`)
  assertLabelKey(key.text)
  if (isNegated) return makeRequirement(key.text, '!', [])
  const next = peek(cursor)
  if (next.kind === 'end' || isSymbol(next, ',')) return makeRequirement(key.text, 'exists', [])
  const operator = parseOperator(cursor)
  const values = operator === 'in' || operator === 'notin' ? parseValues(cursor) : [parseExactValue(cursor)]
  return makeRequirement(key.text, operator, [...new Set(values)].sort())
}

const OPERATORS: Readonly<Record<string, SelectorOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
}

function parseOperator(cursor: Cursor): SelectorOperator {
  const { text } = take(cursor)
  const operator = Object.hasOwn(OPERATORS, text) ? OPERATORS[text] : undefined
  if (operator === undefined) throw fault(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`)
  return operator
}

/** `(a,b)`; nothing before or after a comma is the empty value. */
function parseValues(cursor: Cursor): string[] {
  const open = take(cursor)
  if (!isSymbol(open, '(')) throw fault(`found '${open.text}' expected: '('`)
  const first = peek(cursor)
  if (isSymbol(first, ')')) {
    take(cursor)
    return ['']
  }
  if (first.kind !== 'word' && !isSymbol(first, ','))
    throw fault(`found '${first.text}', expected: ',', ')' or identifier`)
  const values: string[] = []
  while (!isSymbol(peek(cursor), ')')) parseListed(cursor, values)
  take(cursor)
  return values
}

function parseListed(cursor: Cursor, values: string[]): void {
  const token = take(cursor)
  const next = peek(cursor)
  if (token.kind === 'word') {
    values.push(token.text)
    if (!isSymbol(next, ',') && !isSymbol(next, ')')) throw fault(`found '${next.text}', expected: ',' or ')'`)
  } else if (isSymbol(token, ',')) {
    if (values.length === 0 || isSymbol(next, ')') || isSymbol(next, ',')) values.push('')
  } else throw fault(`found '${token.text}', expected: ',', or identifier`)
}

function parseExactValue(cursor: Cursor): string {
  const next = peek(cursor)
  if (next.kind === 'end' || isSymbol(next, ',')) return ''
  const token = take(cursor)
  if (token.kind !== 'word') throw fault(`found '${token.text}', expected: identifier`)
  return token.text
}
