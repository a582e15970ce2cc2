// What a tree is worth in an environment.
import { CapstanError } from '../../base/errors.ts'
import { compileRegexp, matchesRegexp } from '../go/regexp/regexp.ts'
import { bytesOfText, textOfBytes } from '../go/text.ts'
import { BYTES, bytesOf, GoTyped, ints, isNil } from '../go/values.ts'
import type { GoMap, GoValue } from '../go/values.ts'
import { ARITHMETIC, negate } from './arithmetic.ts'
import type { Builtin } from './builtins-numbers.ts'
import { NUMBER_BUILTINS } from './builtins-numbers.ts'
import { LIST_BUILTINS } from './builtins-lists.ts'
import { isPredicate } from './builtin-names.ts'
import { TEXT_BUILTINS } from './builtins-text.ts'
import { TIME_BUILTINS } from './builtins-time.ts'
import { callFunction } from './call.ts'
import { compare, equal } from './compare.ts'
import { ExprError } from './error.ts'
import { fetch, isIn, lengthOf, slice } from './member.ts'
import type { BinaryNode, BuiltinNode, CallNode, MemberNode, Node, SliceNode } from './nodes.ts'
import { toCount } from './numbers.ts'
import { runPredicate } from './predicates.ts'
import { booleanOf, fault, grow, notA, step, textOf } from './run.ts'
import type { Run } from './run.ts'

const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  ...NUMBER_BUILTINS,
  ...TEXT_BUILTINS,
  ...LIST_BUILTINS,
  ...TIME_BUILTINS,
])

/** The value of a node. Throws an ExprError. */
export function evaluate(run: Run, node: Node): GoValue {
  step(run)
  switch (node.kind) {
    case 'nil':
      return null
    case 'bool':
    case 'integer':
    case 'float':
    case 'string':
    case 'constant':
      return node.value
    case 'bytes':
      return new GoTyped(BYTES, bytesOfText(node.value))
    case 'identifier':
      return identifier(run, node.name, node.at)
    case 'pointer':
      return pointer(run, node.name, node.at)
    case 'binary':
      return binary(run, node)
    case 'builtin':
      return builtin(run, node)
    case 'predicate':
      return evaluate(run, node.node)
    case 'member':
    case 'slice':
    case 'call':
      return reached(run, node) ?? null
    case 'chain':
      return plainNil(reached(run, node.node) ?? null)
    default:
      return compound(run, node)
  }
}

type Compound = Extract<Node, { kind: 'unary' | 'let' | 'sequence' | 'conditional' | 'array' | 'map' }>

function compound(run: Run, node: Compound): GoValue {
  switch (node.kind) {
    case 'unary':
      return unary(run, node.operator, evaluate(run, node.node), node.at)
    case 'let': {
      const outer = run.variables
      run.variables = { name: node.name, value: evaluate(run, node.value), outer }
      const value = evaluate(run, node.body)
      run.variables = outer
      return value
    }
    case 'sequence': {
      let last: GoValue = null
      for (const part of node.nodes) last = evaluate(run, part)
      return last
    }
    case 'conditional':
      return evaluate(run, condition(run, node.condition, node.at) ? node.whenTrue : node.whenFalse)
    case 'array': {
      const list = node.nodes.map((element) => evaluate(run, element))
      run.at = node.at
      grow(run, list.length)
      return list
    }
    case 'map':
      return mapLiteral(run, node)
  }
}

function condition(run: Run, node: Node, at: number): boolean {
  const value = evaluate(run, node)
  run.at = at
  return booleanOf(run, value)
}

function mapLiteral(run: Run, node: Extract<Node, { kind: 'map' }>): GoValue {
  const map: GoMap = new Map()
  for (const { key, value } of node.pairs) {
    const name = textOf(run, evaluate(run, key))
    const own = evaluate(run, value)
    if (!map.has(name)) map.set(name, own) // upstream's machine takes them from the last to the first
  }
  run.at = node.at
  grow(run, map.size)
  return map
}

function identifier(run: Run, name: string, at: number): GoValue {
  for (let variable = run.variables; variable !== undefined; variable = variable.outer) {
    if (variable.name === name) return variable.value
  }
  if (name === '$env') return run.environment
  run.at = at
  return fetch(run, run.environment, name)
}

/** The checker has seen that a predicate stands around. */
function pointer(run: Run, name: string, at: number): GoValue {
  run.at = at
  const { scope } = run
  if (scope === undefined) throw fault(run, 'cannot use pointer accessor outside predicate')
  if (name === 'index') return BigInt(scope.index)
  return name === 'acc' ? scope.accumulator : scope.itemAt(scope.index)
}

/** A nil of any type as nil. */
function plainNil(value: GoValue): GoValue {
  return isNil(value) ? null : value
}

/** The value of a part of a chain; undefined where `?.` found nil on the way. */
function reached(run: Run, node: Node): GoValue | undefined {
  switch (node.kind) {
    case 'member':
      return member(run, node)
    case 'call':
      return call(run, node)
    case 'slice':
      return sliced(run, node)
    default:
      return evaluate(run, node)
  }
}

function member(run: Run, node: MemberNode): GoValue | undefined {
  const base = reached(run, node.node)
  if (base === undefined || (node.isOptional && isNil(base))) return undefined
  const key = evaluate(run, node.property)
  run.at = node.at
  return fetch(run, base, key)
}

/** Arguments first, as upstream's virtual machine does. */
function call(run: Run, node: CallNode): GoValue | undefined {
  const args = node.args.map((arg) => evaluate(run, arg))
  const target = reached(run, node.callee)
  if (target === undefined) return undefined
  run.at = node.at
  return callFunction(run, target, args)
}

function sliced(run: Run, node: SliceNode): GoValue | undefined {
  const base = reached(run, node.node)
  if (base === undefined) return undefined
  run.at = node.at
  const to = node.to === undefined ? BigInt(lengthOf(run, base)) : evaluate(run, node.to)
  const from = node.from === undefined ? 0n : evaluate(run, node.from)
  run.at = node.at
  return slice(run, base, from, to)
}

function unary(run: Run, operator: string, value: GoValue, at: number): GoValue {
  run.at = at
  if (operator === '-') return negate(run, value)
  return operator === '+' ? value : !booleanOf(run, value)
}

function binary(run: Run, node: BinaryNode): GoValue {
  const { operator } = node
  const left = evaluate(run, node.left)
  if (operator === '&&' || operator === 'and' || operator === '||' || operator === 'or') {
    run.at = node.at
    const isDecided = booleanOf(run, left) === (operator === '||' || operator === 'or')
    return isDecided ? left : evaluate(run, node.right)
  }
  if (operator === '??') return isNil(left) ? evaluate(run, node.right) : left
  const right = evaluate(run, node.right)
  run.at = node.at
  const calculate = ARITHMETIC.get(operator)
  return calculate === undefined ? relation(run, node, left, right) : calculate(run, left, right)
}

function relation(run: Run, node: BinaryNode, left: GoValue, right: GoValue): GoValue {
  switch (node.operator) {
    case '==':
      return equal(run, left, right)
    case '!=':
      return !equal(run, left, right)
    case 'in':
      return isIn(run, left, right)
    case '..':
      return range(run, left, right)
    case 'matches':
      return matches(run, node, left, right)
    case 'contains':
      return !isNil(left) && !isNil(right) && textOf(run, left).includes(textOf(run, right))
    case 'startsWith':
      return !isNil(left) && !isNil(right) && textOf(run, left).startsWith(textOf(run, right))
    case 'endsWith':
      return !isNil(left) && !isNil(right) && textOf(run, left).endsWith(textOf(run, right))
    default:
      return compare(run, node.operator, left, right)
  }
}

function range(run: Run, left: GoValue, right: GoValue): GoValue {
  const [from, to] = [toCount(run, left), toCount(run, right)]
  const size = Math.max(to - from + 1, 0)
  grow(run, size)
  return ints(Array.from({ length: size }, (_, index) => BigInt(from + index)))
}

function matches(run: Run, node: BinaryNode, left: GoValue, right: GoValue): boolean {
  if (isNil(left) || isNil(right)) return false
  const bytes = bytesOf(left)
  if (bytes === undefined && typeof left !== 'string') throw notA(run, left, '[]uint8')
  const text = bytes === undefined ? textOf(run, left) : textOfBytes(bytes)
  return matchesRegexp(node.pattern ?? ownErrors(run, () => compileRegexp(textOf(run, right))), text)
}

function builtin(run: Run, node: BuiltinNode): GoValue {
  if (isPredicate(node.name)) return runPredicate(run, node, evaluate)
  const args = node.args.map((arg) => evaluate(run, arg))
  run.at = node.at
  return ownErrors(run, () => BUILTINS.get(node.name)?.(run, args) ?? null)
}

/** Errors of Go's functions become the expression's, with their place. */
function ownErrors<Result>(run: Run, body: () => Result): Result {
  try {
    return body()
  } catch (error) {
    if (error instanceof ExprError || !(error instanceof CapstanError)) throw error
    throw fault(run, error.message, error)
  }
}
