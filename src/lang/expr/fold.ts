// What is decided before an expression runs (expr 1.17 optimizer/fold.go, in_array.go): `x && false` is false, whatever x.
import { GoTyped, mapOf, STRING } from '../go/values.ts'
import type { GoType, GoValue } from '../go/values.ts'
import { ExprError } from './error.ts'
import { evaluate } from './evaluate.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { BinaryNode, BuiltinNode, Node, UnaryNode } from './nodes.ts'
import { startRun } from './run.ts'

/** The tree with its literals put together. Throws an ExprError for a remainder by a literal zero. */
export function fold(text: string, node: Node): Node {
  const inner = mapChildren(node, (child) => fold(text, child))
  switch (inner.kind) {
    case 'unary':
      return foldUnary(text, inner)
    case 'binary':
      return foldBinary(text, inner)
    case 'array':
      return foldArray(inner)
    case 'builtin':
      return inner.name === 'sum' ? spelledOut(inner) : inner
    default:
      return inner
  }
}

/** `sum([a, b])` is `a + b`, for texts too (sum_array.go). */
function spelledOut(node: BuiltinNode): Node {
  const [list] = node.args
  if (node.args.length !== 1 || list?.kind !== 'array' || list.nodes.length < 2) return node
  const { at } = node
  return list.nodes.reduce((left, right) => ({ kind: 'binary', at, operator: '+', left, right }))
}

function mapChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.kind) {
    case 'unary':
    case 'chain':
    case 'predicate':
      return { ...node, node: change(node.node) }
    case 'binary':
      return { ...node, left: change(node.left), right: change(node.right) }
    case 'member':
      return { ...node, node: change(node.node), property: change(node.property) }
    case 'slice':
      return { ...node, node: change(node.node), from: node.from && change(node.from), to: node.to && change(node.to) }
    case 'call':
      return { ...node, callee: change(node.callee), args: node.args.map(change) }
    case 'builtin':
      return { ...node, args: node.args.map(change) }
    default:
      return mapParts(node, change)
  }
}

function mapParts(node: Node, change: (child: Node) => Node): Node {
  switch (node.kind) {
    case 'let':
      return { ...node, value: change(node.value), body: change(node.body) }
    case 'sequence':
    case 'array':
      return { ...node, nodes: node.nodes.map(change) }
    case 'conditional':
      return {
        ...node,
        condition: change(node.condition),
        whenTrue: change(node.whenTrue),
        whenFalse: change(node.whenFalse),
      }
    case 'map':
      return { ...node, pairs: node.pairs.map(({ key, value }) => ({ key: change(key), value: change(value) })) }
    default:
      return node
  }
}

function isNumber({ kind }: Node): boolean {
  return kind === 'integer' || kind === 'float'
}

/** The operation's value as a literal. */
function computed(text: string, node: Node): Node {
  const run = startRun({ text, environment: null, limits: DEFAULT_LIMITS, nowMs: () => 0 })
  const value = evaluate(run, node)
  const { at } = node
  switch (typeof value) {
    case 'bigint':
      return { kind: 'integer', at, value }
    case 'number':
      return { kind: 'float', at, value }
    case 'string':
      return { kind: 'string', at, value }
    case 'boolean':
      return { kind: 'bool', at, value }
    default:
      return node
  }
}

function foldUnary(text: string, node: UnaryNode): Node {
  const isLogical = node.operator === '!' || node.operator === 'not'
  return (isLogical ? node.node.kind === 'bool' : isNumber(node.node)) ? computed(text, node) : node
}

function foldBinary(text: string, node: BinaryNode): Node {
  switch (node.operator) {
    case 'and':
    case '&&':
      return foldLogical(node, true)
    case 'or':
    case '||':
      return foldLogical(node, false)
    case 'in':
      return textSet(node)
    default:
      return isLiteral(text, node) ? computed(text, node) : node
  }
}

const NUMERIC = new Set(['+', '-', '*', '/', '**', '^'])

/** Can the operation be computed now? Throws for a remainder by zero. */
function isLiteral(text: string, { operator, left, right, at }: BinaryNode): boolean {
  const isNumeric = isNumber(left) && isNumber(right)
  if (operator === '==') return left.kind === right.kind && ['integer', 'string', 'bool'].includes(left.kind)
  if (operator !== '%') return NUMERIC.has(operator) && (isNumeric || (operator === '+' && areTexts(left, right)))
  if (left.kind !== 'integer' || right.kind !== 'integer') return false
  if (right.value === 0n) throw new ExprError('integer divide by zero', { text, at })
  return true
}

function areTexts(left: Node, right: Node): boolean {
  return left.kind === 'string' && right.kind === 'string'
}

/** One literal side either leaves the other or decides. */
function foldLogical(node: BinaryNode, neutral: boolean): Node {
  const { left, right, at } = node
  if (left.kind === 'bool' && left.value === neutral) return { ...right, at }
  if (right.kind === 'bool' && right.value === neutral) return { ...left, at }
  return left.kind === 'bool' || right.kind === 'bool' ? { kind: 'bool', at, value: !neutral } : node
}

const EMPTY_STRUCT: GoType = { name: 'struct {}', kind: 'struct' }
const TEXT_SET = mapOf(STRING, EMPTY_STRUCT)

/** `x in ["a", "b"]` looks into a set of texts, where nothing but a text may be looked for. */
function textSet(node: BinaryNode): Node {
  const { right } = node
  const list = right.kind === 'constant' ? right.value : undefined
  if (!Array.isArray(list) || !list.every((element) => typeof element === 'string')) return node
  const set = new Map<GoValue, GoValue>(list.map((element) => [element, true]))
  return { ...node, right: { kind: 'constant', at: right.at, value: new GoTyped(TEXT_SET, set) } }
}

function foldArray(node: Extract<Node, { kind: 'array' }>): Node {
  const value: GoValue[] = []
  for (const element of node.nodes) {
    if (!isNumber(element) && element.kind !== 'string' && element.kind !== 'bool') return node
    value.push('value' in element ? (element.value as GoValue) : null) // one of the four kinds of literals
  }
  return value.length === 0 ? node : { kind: 'constant', at: node.at, value }
}
