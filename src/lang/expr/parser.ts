// Tokens become a tree (expr 1.17 parser).
import { CapstanError } from '../../base/errors.ts'
import { compileRegexp } from '../go/regexp/regexp.ts'
import { isPredicate, isBuiltin, predicateArguments } from './builtin-names.ts'
import {
  count,
  current,
  deeper,
  describe,
  expect,
  fault,
  moved,
  openCursor,
  stands,
  take,
  unexpected,
} from './cursor.ts'
import type { Cursor } from './cursor.ts'
import { isName } from './lexer.ts'
import type { ConditionalNode, Node, Pair } from './nodes.ts'
import { numberNode } from './number-node.ts'
import { BINARY, isComparison, isRightAssociative, mayBeNegated, UNARY } from './precedence.ts'
import type { Token } from './token.ts'

/** The tree of an expression; `overridden` are names that mean the environment's functions, not built-in ones. */
export function parse(text: string, overridden: ReadonlySet<string> = new Set()): Node {
  const cursor = openCursor(text, overridden)
  const node = parseSequence(cursor)
  if (!stands(cursor, 'EOF')) throw unexpected(cursor)
  return node
}

function parseSequence(cursor: Cursor): Node {
  const first = parseExpression(cursor, 0)
  const nodes = [first]
  while (stands(cursor, 'Operator', ';')) {
    take(cursor)
    if (stands(cursor, 'EOF')) break
    nodes.push(parseExpression(cursor, 0))
  }
  if (nodes.length === 1) return first
  count(cursor)
  return { kind: 'sequence', at: first.at, nodes }
}

function parseExpression(cursor: Cursor, precedence: number): Node {
  return deeper(cursor, () => {
    if (precedence === 0 && stands(cursor, 'Operator', 'let')) return parseLet(cursor)
    if (precedence === 0 && stands(cursor, 'Operator', 'if')) return parseIf(cursor)
    const node = parseBinary(cursor, precedence)
    return precedence === 0 ? parseTernary(cursor, node) : node
  })
}

/** An operand and the operators behind it that bind at least so strongly. */
function parseBinary(cursor: Cursor, precedence: number): Node {
  let left = parsePrimary(cursor)
  let previous = ''
  while (stands(cursor, 'Operator')) {
    const written = current(cursor)
    const isNegated = written.value === 'not'
    const operator = isNegated ? negatedOperator(cursor) : written
    const strength = BINARY[operator.value]
    if (strength === undefined || strength < precedence) break
    moved(cursor, isNegated ? 2 : 1)
    if (previous === '??' && operator.value !== '??' && operator.value !== '|') throw mixed(cursor, operator)
    const whole = parseOperation(cursor, left, operator)
    left = isNegated ? { kind: 'unary', at: operator.at, operator: 'not', node: whole } : whole
    if (isNegated) count(cursor)
    previous = operator.value
  }
  return left
}

/** The operator after `not`. */
function negatedOperator(cursor: Cursor): Token {
  const operator = cursor.tokens[cursor.pos + 1]
  if (operator !== undefined && mayBeNegated(operator.value)) return operator
  throw unexpected(cursor, operator)
}

function mixed(cursor: Cursor, operator: Token): Error {
  const reason = `Operator (${operator.value}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.`
  return fault(cursor, reason, operator)
}

/** What an operator makes of its left operand and what follows. */
function parseOperation(cursor: Cursor, left: Node, operator: Token): Node {
  if (operator.value === '|') return parseCall(cursor, expect(cursor, 'Identifier'), [left])
  if (isComparison(operator.value)) return parseComparison(cursor, left, operator)
  const strength = BINARY[operator.value] ?? 0
  const right = parseExpression(cursor, isRightAssociative(operator.value) ? strength : strength + 1)
  return binary(cursor, operator, left, right)
}

function binary(cursor: Cursor, operator: Token, left: Node, right: Node): Node {
  count(cursor)
  const node = { kind: 'binary', at: operator.at, operator: operator.value, left, right } as const
  if (operator.value !== 'matches' || right.kind !== 'string') return node
  try {
    return { ...node, pattern: compileRegexp(right.value) }
  } catch (error) {
    if (error instanceof CapstanError) throw fault(cursor, error.message, operator)
    throw error
  }
}

/** `a < b <= c`. */
function parseComparison(cursor: Cursor, first: Node, operator: Token): Node {
  let left = first
  let token = operator
  let whole: Node | undefined
  for (;;) {
    const right = parseExpression(cursor, (BINARY[token.value] ?? 0) + 1)
    const comparison = binary(cursor, token, left, right)
    whole = whole === undefined ? comparison : binary(cursor, { ...token, value: '&&' }, whole, comparison)
    left = right
    if (!(stands(cursor, 'Operator') && isComparison(current(cursor).value))) return whole
    token = take(cursor)
  }
}

function parseLet(cursor: Cursor): Node {
  expect(cursor, 'Operator', 'let')
  const name = expect(cursor, 'Identifier')
  expect(cursor, 'Operator', '=')
  const value = parseExpression(cursor, 0)
  expect(cursor, 'Operator', ';')
  const body = parseSequence(cursor)
  count(cursor)
  return { kind: 'let', at: name.at, name: name.value, value, body }
}

function parseIf(cursor: Cursor): Node {
  take(cursor)
  const condition = parseExpression(cursor, 0)
  const whenTrue = parseBlock(cursor)
  expect(cursor, 'Operator', 'else')
  const whenFalse = stands(cursor, 'Operator', 'if') ? deeper(cursor, () => parseIf(cursor)) : parseBlock(cursor)
  return conditional(cursor, 0, { condition, whenTrue, whenFalse })
}

function parseBlock(cursor: Cursor): Node {
  expect(cursor, 'Bracket', '{')
  const node = parseSequence(cursor)
  expect(cursor, 'Bracket', '}')
  return node
}

type Branches = Pick<ConditionalNode, 'condition' | 'whenTrue' | 'whenFalse'>

function conditional(cursor: Cursor, at: number, branches: Branches): Node {
  count(cursor)
  return { kind: 'conditional', at, ...branches }
}

/** `a ? b : c` and `a ?: c`. */
function parseTernary(cursor: Cursor, first: Node): Node {
  let node = first
  while (stands(cursor, 'Operator', '?')) {
    take(cursor)
    const isShort = stands(cursor, 'Operator', ':')
    const whenTrue = isShort ? node : parseExpression(cursor, 0)
    expect(cursor, 'Operator', ':')
    const whenFalse = parseExpression(cursor, 0)
    node = conditional(cursor, current(cursor).at, { condition: node, whenTrue, whenFalse })
  }
  return node
}

function parsePrimary(cursor: Cursor): Node {
  const token = current(cursor)
  const unary = token.kind === 'Operator' ? UNARY[token.value] : undefined
  if (unary !== undefined) {
    take(cursor)
    const node = parseExpression(cursor, unary)
    count(cursor)
    return parsePostfix(cursor, { kind: 'unary', at: token.at, operator: token.value, node })
  }
  if (stands(cursor, 'Bracket', '(')) {
    take(cursor)
    const node = parseSequence(cursor)
    expect(cursor, 'Bracket', ')')
    return parsePostfix(cursor, node)
  }
  if (cursor.predicates > 0 && (stands(cursor, 'Operator', '#') || stands(cursor, 'Operator', '.'))) {
    return parsePostfix(cursor, parsePointer(cursor))
  }
  if (stands(cursor, 'Operator', '::')) {
    take(cursor)
    return parsePostfix(cursor, parseCall(cursor, expect(cursor, 'Identifier'), [], true))
  }
  return parseSecondary(cursor)
}

/** `#`, `#acc`; `.name` is `#.name`. */
function parsePointer(cursor: Cursor): Node {
  count(cursor)
  const { at } = current(cursor)
  if (stands(cursor, 'Operator', '.')) return { kind: 'pointer', at, name: '' }
  take(cursor)
  return { kind: 'pointer', at, name: stands(cursor, 'Identifier') ? take(cursor).value : '' }
}

function parseSecondary(cursor: Cursor): Node {
  const token = current(cursor)
  switch (token.kind) {
    case 'Identifier':
      take(cursor)
      return parseWord(cursor, token)
    case 'Number':
      take(cursor)
      count(cursor)
      return numberNode(cursor, token)
    case 'String':
      take(cursor)
      count(cursor)
      return parsePostfix(cursor, { kind: 'string', at: token.at, value: token.value })
    case 'Bytes':
      take(cursor)
      count(cursor)
      return parsePostfix(cursor, { kind: 'bytes', at: token.at, value: token.value })
    default:
      if (stands(cursor, 'Bracket', '[')) return parsePostfix(cursor, parseArray(cursor))
      if (stands(cursor, 'Bracket', '{')) return parsePostfix(cursor, parseMap(cursor))
      throw unexpected(cursor)
  }
}

function parseWord(cursor: Cursor, token: Token): Node {
  const { at, value } = token
  count(cursor)
  if (value === 'true' || value === 'false') return { kind: 'bool', at, value: value === 'true' }
  if (value === 'nil') return { kind: 'nil', at }
  if (!stands(cursor, 'Bracket', '(')) return parsePostfix(cursor, { kind: 'identifier', at, name: value })
  return parsePostfix(cursor, parseCall(cursor, token, []))
}

/**
 * A call of a built-in function or one of the environment; through a pipe the first argument is there already.
 * `::name(…)` always means the built-in one.
 */
function parseCall(cursor: Cursor, name: Token, given: readonly Node[], isBuiltinMeant = false): Node {
  count(cursor)
  const isOwn = !isBuiltinMeant && cursor.overridden.has(name.value)
  const { at } = name
  if (!isOwn && isPredicate(name.value)) {
    return { kind: 'builtin', at, name: name.value, args: parsePredicateArguments(cursor, name.value, given) }
  }
  const args = parseArguments(cursor, given)
  if (!isOwn && isBuiltin(name.value)) return { kind: 'builtin', at, name: name.value, args }
  return { kind: 'call', at, callee: { kind: 'identifier', at, name: name.value }, args }
}

function parseArguments(cursor: Cursor, given: readonly Node[]): Node[] {
  expect(cursor, 'Bracket', '(')
  return [...given, ...parseList(cursor, ')')]
}

/** Expressions between commas up to a closing bracket, which is taken; a last comma may stand. */
function parseList(cursor: Cursor, end: string): Node[] {
  const nodes: Node[] = []
  while (!stands(cursor, 'Bracket', end)) {
    if (nodes.length > 0) expect(cursor, 'Operator', ',')
    if (stands(cursor, 'Bracket', end)) break
    nodes.push(parseExpression(cursor, 0))
  }
  take(cursor)
  return nodes
}

function parsePredicateArguments(cursor: Cursor, name: string, given: readonly Node[]): Node[] {
  expect(cursor, 'Bracket', '(')
  const wanted = predicateArguments(name).slice(given.length)
  const nodes = [...given]
  for (const [index, { kind, isOptional }] of wanted.entries()) {
    if (stands(cursor, 'Bracket', ')')) {
      if (isOptional) break
      throw fault(cursor, `expected at least ${wanted.length} arguments`)
    }
    if (index > 0) expect(cursor, 'Operator', ',')
    nodes.push(kind === 'predicate' ? parsePredicate(cursor) : parseExpression(cursor, 0))
  }
  if (stands(cursor, 'Operator', ',')) take(cursor)
  expect(cursor, 'Bracket', ')')
  return nodes
}

function parsePredicate(cursor: Cursor): Node {
  const { at } = current(cursor)
  const hasBraces = stands(cursor, 'Bracket', '{')
  if (hasBraces) take(cursor)
  cursor.predicates += 1
  const node = hasBraces ? parseSequence(cursor) : parseExpression(cursor, 0)
  cursor.predicates -= 1
  if (hasBraces) expect(cursor, 'Bracket', '}')
  else if (stands(cursor, 'Operator', ';')) throw fault(cursor, 'wrap predicate with brackets { and }')
  count(cursor)
  return { kind: 'predicate', at, node }
}

function parseArray(cursor: Cursor): Node {
  const { at } = take(cursor)
  const nodes = parseList(cursor, ']')
  count(cursor)
  return { kind: 'array', at, nodes }
}

function parseMap(cursor: Cursor): Node {
  const { at } = take(cursor)
  const pairs: Pair[] = []
  while (!stands(cursor, 'Bracket', '}')) {
    if (pairs.length > 0) expect(cursor, 'Operator', ',')
    if (stands(cursor, 'Bracket', '}')) break
    if (pairs.length > 0 && stands(cursor, 'Operator', ',')) throw unexpected(cursor)
    const key = parseKey(cursor)
    expect(cursor, 'Operator', ':')
    count(cursor)
    pairs.push({ key, value: parseExpression(cursor, 0) })
  }
  take(cursor)
  count(cursor)
  return { kind: 'map', at, pairs }
}

function parseKey(cursor: Cursor): Node {
  const token = current(cursor)
  if (token.kind === 'Number' || token.kind === 'String' || token.kind === 'Identifier') {
    take(cursor)
    count(cursor)
    return { kind: 'string', at: token.at, value: token.value }
  }
  if (stands(cursor, 'Bracket', '(')) return parseExpression(cursor, 0)
  const allowed = 'a quoted string, a number, a identifier, or an expression enclosed in parentheses'
  throw fault(cursor, `a map key must be ${allowed} (unexpected token ${describe(token)})`)
}

/** What may follow an operand: `.name`, `?.name`, `?.[…]`, `[…]`, `[a:b]`. */
function parsePostfix(cursor: Cursor, first: Node): Node {
  let node = first
  for (;;) {
    const isOptional = stands(cursor, 'Operator', '?.')
    if (isOptional && isBracketNext(cursor)) {
      take(cursor)
      node = parseIndex(cursor, node, true)
    } else if (isOptional || stands(cursor, 'Operator', '.')) {
      take(cursor)
      node = parseMember(cursor, node, isOptional)
    } else if (stands(cursor, 'Bracket', '[')) {
      node = parseIndex(cursor, node, false)
    } else {
      return node
    }
  }
}

function isBracketNext(cursor: Cursor): boolean {
  const next = cursor.tokens[cursor.pos + 1]
  return next?.kind === 'Bracket' && next.value === '['
}

/** A member after a chain belongs into the chain: `a?.b.c` is nil where `a` is. */
function parseMember(cursor: Cursor, base: Node, isOptional: boolean): Node {
  const token = take(cursor)
  if (token.kind !== 'Identifier' && !(token.kind === 'Operator' && isName(token.value))) {
    throw fault(cursor, 'expected name')
  }
  count(cursor)
  const { at } = token
  const property: Node = { kind: 'string', at, value: token.value }
  const isInChain = base.kind === 'chain'
  const member: Node = { kind: 'member', at, node: isInChain ? base.node : base, property, isOptional }
  count(cursor)
  const isCall = stands(cursor, 'Bracket', '(')
  const node: Node = isCall ? { kind: 'call', at, callee: member, args: parseArguments(cursor, []) } : member
  return isInChain || isOptional ? { kind: 'chain', at, node } : node
}

function parseIndex(cursor: Cursor, base: Node, isOptional: boolean): Node {
  const { at } = take(cursor)
  const from = stands(cursor, 'Operator', ':') ? undefined : parseExpression(cursor, 0)
  count(cursor)
  if (stands(cursor, 'Operator', ':')) {
    take(cursor)
    const to = stands(cursor, 'Bracket', ']') ? undefined : parseExpression(cursor, 0)
    expect(cursor, 'Bracket', ']')
    return { kind: 'slice', at, node: base, from, to }
  }
  expect(cursor, 'Bracket', ']')
  const member: Node = { kind: 'member', at, node: base, property: from ?? { kind: 'nil', at }, isOptional }
  return isOptional ? { kind: 'chain', at, node: member } : member
}
