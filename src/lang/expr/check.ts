// What is refused before an expression runs: unknown names, variables declared twice, operators that cannot fit.
import { arityOf } from './builtin-names.ts'
import { argumentFault, builtinNature } from './builtin-natures.ts'
import { isBuiltin, isPredicate } from './builtin-names.ts'
import { ExprError } from './error.ts'
import { ARRAY, arrayOf, BOOL, BYTES, FLOAT, INTEGER, isNumber, MAP, merged, NIL, STRING, UNKNOWN } from './natures.ts'
import type { Nature } from './natures.ts'
import type { BinaryNode, BuiltinNode, MemberNode, Node, SliceNode } from './nodes.ts'
import { operatorNature } from './operator-natures.ts'

interface Checker {
  readonly text: string
  readonly names: ReadonlySet<string> | undefined
  readonly variables: { readonly name: string; readonly nature: Nature }[]
  readonly predicates: { readonly collection: Nature; readonly name: string }[]
}

/** Throws an ExprError for the first fault; `names` are the environment's where they are known. */
export function check(text: string, node: Node, names: ReadonlySet<string> | undefined): void {
  visit({ text, names, variables: [], predicates: [] }, node)
}

function fail(checker: Checker, node: { readonly at: number }, reason: string): ExprError {
  return new ExprError(reason, { text: checker.text, at: node.at })
}

function visit(checker: Checker, node: Node): Nature {
  switch (node.kind) {
    case 'nil':
      return NIL
    case 'bool':
      return BOOL
    case 'integer':
      return INTEGER
    case 'float':
      return FLOAT
    case 'string':
      return STRING
    case 'bytes':
      return BYTES
    case 'constant':
      return UNKNOWN
    case 'identifier':
      return identifier(checker, node)
    case 'pointer':
      return pointer(checker, node)
    case 'chain':
    case 'predicate':
      return visit(checker, node.node)
    default:
      return operation(checker, node)
  }
}

type Operation = Exclude<
  Node,
  {
    kind:
      | 'nil'
      | 'bool'
      | 'integer'
      | 'float'
      | 'string'
      | 'bytes'
      | 'constant'
      | 'identifier'
      | 'pointer'
      | 'chain'
      | 'predicate'
  }
>

function operation(checker: Checker, node: Operation): Nature {
  switch (node.kind) {
    case 'unary':
      return unary(checker, node.operator, visit(checker, node.node), node)
    case 'binary':
      return binary(checker, node)
    case 'member':
      return member(checker, node)
    case 'slice':
      return sliced(checker, node)
    case 'call':
      visit(checker, node.callee)
      // Upstream looks into the arguments only where it knows what is called.
      if (node.callee.kind === 'identifier') for (const arg of node.args) visit(checker, arg)
      return UNKNOWN
    case 'builtin':
      return isPredicate(node.name) ? predicate(checker, node) : builtin(checker, node)
    case 'let':
      return declaration(checker, node)
    case 'sequence':
      return node.nodes.map((part) => visit(checker, part)).at(-1) ?? UNKNOWN
    case 'conditional':
      return conditional(checker, node)
    case 'array':
      return array(node.nodes.map((element) => visit(checker, element)))
    case 'map':
      for (const part of node.pairs.flatMap(({ key, value }) => [key, value])) visit(checker, part)
      return MAP
  }
}

function identifier(checker: Checker, node: Extract<Node, { kind: 'identifier' }>): Nature {
  const variable = checker.variables.findLast(({ name }) => name === node.name)
  if (variable !== undefined) return variable.nature
  const isKnown = checker.names?.has(node.name) ?? true
  if (isKnown || node.name === '$env' || isBuiltin(node.name)) return UNKNOWN
  throw fail(checker, node, `unknown name ${node.name}`)
}

/** `#index` stands in map and reduce, `#acc` in reduce. */
function pointer(checker: Checker, node: Extract<Node, { kind: 'pointer' }>): Nature {
  const around = checker.predicates.at(-1)
  if (around === undefined) throw fail(checker, node, 'cannot use pointer accessor outside predicate')
  if (node.name === '') return around.collection.elem ?? UNKNOWN
  if (node.name === 'index' && (around.name === 'map' || around.name === 'reduce')) return INTEGER
  if (node.name === 'acc' && around.name === 'reduce') return UNKNOWN
  throw fail(checker, node, `unknown pointer #${node.name}`)
}

function unary(checker: Checker, operator: string, nature: Nature, node: { readonly at: number }): Nature {
  const isLogical = operator === '!' || operator === 'not'
  if (isLogical && (nature.kind === 'bool' || nature.kind === 'unknown')) return BOOL
  if (!isLogical && (isNumber(nature) || nature.kind === 'unknown')) return nature
  throw fail(checker, node, `invalid operation: ${operator} (mismatched type ${nature.name})`)
}

function binary(checker: Checker, node: BinaryNode): Nature {
  const left = visit(checker, node.left)
  const right = visit(checker, node.right)
  checkMembership(checker, node, left, right)
  const result = operatorNature(node.operator, left, right)
  if (result !== undefined) return result
  const types = `${left.name} and ${right.name}`
  throw fail(checker, node, `invalid operation: ${node.operator} (mismatched types ${types})`)
}

function checkMembership(checker: Checker, node: BinaryNode, left: Nature, right: Nature): void {
  if (node.operator !== 'in' || left.kind === 'unknown') return
  if (right.kind === 'map' && left.kind !== 'string') {
    throw fail(checker, node, `cannot use ${left.name} as type string in map key`)
  }
  const { elem } = right
  if (elem === undefined || left.kind === 'nil' || left.kind === elem.kind || (isNumber(left) && isNumber(elem))) return
  throw fail(checker, node, `cannot use ${left.name} as type ${elem.name} in array`)
}

function member(checker: Checker, node: MemberNode): Nature {
  if (node.node.kind === 'identifier' && node.node.name === '$env') return fromEnvironment(checker, node)
  const base = visit(checker, node.node)
  const property = visit(checker, node.property)
  switch (base.kind) {
    case 'map':
      if (property.kind === 'string' || property.kind === 'unknown') return UNKNOWN
      throw fail(checker, node.property, `cannot use ${property.name} to get an element from ${base.name}`)
    case 'array':
      if (property.kind === 'int' || property.kind === 'unknown') return base.elem ?? UNKNOWN
      throw fail(checker, node.property, `array elements can only be selected using an integer (got ${property.name})`)
    case 'nil':
    case 'int':
    case 'float':
    case 'bool':
    case 'string':
      if (node.property.kind !== 'string') throw fail(checker, node, `type ${base.name}[${property.name}] is undefined`)
      throw fail(checker, node, `type ${base.name} has no field ${node.property.value}`)
    default:
      return UNKNOWN
  }
}

function fromEnvironment(checker: Checker, node: MemberNode): Nature {
  if (node.property.kind !== 'string') return UNKNOWN // upstream does not look into it either
  const isKnown = checker.names?.has(node.property.value) ?? true
  if (isKnown || node.isOptional) return UNKNOWN
  throw fail(checker, node, `unknown name ${node.property.value}`)
}

function sliced(checker: Checker, node: SliceNode): Nature {
  const base = visit(checker, node.node)
  if (!['unknown', 'string', 'array', 'bytes'].includes(base.kind)) {
    throw fail(checker, node, `cannot slice ${base.name}`)
  }
  if (base.kind === 'unknown') return UNKNOWN // upstream does not look at the ends then
  for (const end of [node.from, node.to]) {
    const nature = end === undefined ? INTEGER : visit(checker, end)
    if (end === undefined || nature.kind === 'int' || nature.kind === 'unknown') continue
    throw fail(checker, end, `non-integer slice index ${nature.name}`)
  }
  return base
}

function conditional(checker: Checker, node: Extract<Node, { kind: 'conditional' }>): Nature {
  const condition = visit(checker, node.condition)
  if (condition.kind !== 'bool' && condition.kind !== 'unknown') {
    throw fail(checker, node.condition, `non-bool expression (type ${condition.name}) used as condition`)
  }
  const whenTrue = visit(checker, node.whenTrue)
  return merged(whenTrue, visit(checker, node.whenFalse))
}

function array(elements: readonly Nature[]): Nature {
  const [first] = elements
  if (first === undefined) return ARRAY
  return elements.every(({ name }) => name === first.name) ? arrayOf(first) : ARRAY
}

function declaration(checker: Checker, node: Extract<Node, { kind: 'let' }>): Nature {
  if (checker.names?.has(node.name) === true) throw fail(checker, node, `cannot redeclare ${node.name}`)
  if (isBuiltin(node.name)) throw fail(checker, node, `cannot redeclare builtin ${node.name}`)
  if (checker.variables.some(({ name }) => name === node.name)) {
    throw fail(checker, node, `cannot redeclare variable ${node.name}`)
  }
  checker.variables.push({ name: node.name, nature: visit(checker, node.value) })
  const nature = visit(checker, node.body)
  checker.variables.pop()
  return nature
}

const WANTS_BOOLEAN = new Set([
  'all',
  'none',
  'any',
  'one',
  'filter',
  'count',
  'find',
  'findLast',
  'findIndex',
  'findLastIndex',
])

function predicate(checker: Checker, node: BuiltinNode): Nature {
  const [first, body, extra] = node.args
  if (first === undefined) return UNKNOWN
  const collection = visit(checker, first)
  if (collection.kind !== 'array' && collection.kind !== 'unknown') {
    throw fail(checker, first, `builtin ${node.name} takes only array (got ${collection.name})`)
  }
  const result = body === undefined ? UNKNOWN : inPredicate(checker, { node, collection }, body)
  if (extra !== undefined) visit(checker, extra)
  return builtinNature(node.name, result, collection)
}

interface Around {
  readonly node: BuiltinNode
  readonly collection: Nature
}

function inPredicate(checker: Checker, { node, collection }: Around, body: Node): Nature {
  checker.predicates.push({ collection, name: node.name })
  const result = visit(checker, body)
  checker.predicates.pop()
  if (WANTS_BOOLEAN.has(node.name) && result.kind !== 'bool' && result.kind !== 'unknown') {
    throw fail(checker, body, `predicate should return boolean (got ${result.name})`)
  }
  return result
}

function builtin(checker: Checker, node: BuiltinNode): Nature {
  const natures = node.args.map((arg) => visit(checker, arg))
  const arity = arityOf(node.name)
  const count = natures.length
  if (arity !== undefined && (count < arity.least || count > arity.most)) {
    throw fail(checker, node, countFault(node.name, count))
  }
  const reason = argumentFault(node.name, natures)
  if (reason !== undefined) {
    throw fail(checker, reason.index === undefined ? node : (node.args[reason.index] ?? node), reason.text)
  }
  return builtinNature(node.name, natures[0] ?? UNKNOWN, natures[0] ?? UNKNOWN)
}

function countFault(name: string, count: number): string {
  const arity = arityOf(name)
  if (arity?.says === 'types') return `${count > arity.most ? 'too many' : 'not enough'} arguments to call ${name}`
  const least = arity?.most === Infinity || name === 'date' ? `at least ${arity?.least}` : String(arity?.least)
  return `invalid number of arguments (expected ${least}, got ${count})`
}
