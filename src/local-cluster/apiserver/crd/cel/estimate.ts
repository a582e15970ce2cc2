// What an expression may cost at most, by the bounds its schema declares (cel-go v0.26 `checker/cost.go`).
import type { Bounds } from './declared-bounds.ts'
import { functionCost } from './function-costs.ts'
import { loopOf, type LoopShape } from './loop-costs.ts'
import {
  add,
  entriesOf,
  exactly,
  MAX_COST,
  scaled,
  sum,
  TEXT_FACTOR,
  times,
  union,
  UNKNOWN,
  type CheckedType,
  type Estimate,
  type Place,
  type Range,
} from './size-range.ts'

/** The parts of the library's checked tree that are looked at here. */
export interface CheckedNode {
  readonly op: string
  readonly args: unknown
  readonly checkedType?: CheckedType
  readonly meta?: { readonly alternate?: unknown; readonly macro?: unknown }
}

interface Local {
  readonly place: Place
  readonly size: Range | undefined
  readonly entries: Estimate['entries']
}

interface Scope {
  readonly root: Bounds
  readonly locals: ReadonlyMap<string, Local>
}

/** The highest cost of a checked expression over values of some bounds; `MAX_COST` for no bound at all. */
export function highestCost(ast: CheckedNode, root: Bounds): number {
  return estimate(ast, { root, locals: new Map() }).cost
}

function estimate(node: CheckedNode, scope: Scope): Estimate {
  switch (node.op) {
    case 'value':
      return estimateLiteral(node)
    case 'id':
      return estimateName(String(node.args), node, scope)
    case '.':
      return estimateField(node, scope)
    case 'list':
      return estimateList(node, scope)
    case 'map':
      return estimateMap(node, scope)
    case 'call':
    case 'rcall':
      return estimateCall(node, scope)
    default:
      return estimateOperator(node, scope)
  }
}

function estimateLiteral({ args, checkedType: type }: CheckedNode): Estimate {
  const literal = typeof args === 'bigint' ? args : undefined
  return { cost: 0, size: exactly(lengthOf(args)), place: 'none', type, literal }
}

function lengthOf(literal: unknown): number {
  if (typeof literal === 'string') return Array.from(literal).length
  return literal instanceof Uint8Array ? literal.length : 1
}

/** The step from a place to what is below; from a computed result it leads, as upstream, to the root. */
function below(place: Place, root: Bounds, next: (bounds: Bounds) => Bounds | undefined): Place {
  if (place === 'none') return root
  return place === 'lost' ? 'lost' : (next(place) ?? 'lost')
}

/** The size the schema tells, else that of the type. */
function sizeAt(place: Place, type: CheckedType | undefined): Range | undefined {
  if (typeof place === 'object') return { min: 0, max: place.maxElements }
  const name = type?.kind === 'optional' ? type.valueType?.name : type?.name
  return SCALARS.has(name ?? '') ? exactly(1) : undefined
}

const SCALARS: ReadonlySet<string> = new Set([
  'bool',
  'double',
  'int',
  'uint',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
])

function estimateName(name: string, { checkedType: type }: CheckedNode, { root, locals }: Scope): Estimate {
  const local = locals.get(name)
  if (local === undefined) return { cost: 1, size: sizeAt(root, type), place: root, type }
  return { cost: 1, size: sizeAt(local.place, type) ?? local.size, place: local.place, type, entries: local.entries }
}

function estimateField(node: CheckedNode, scope: Scope): Estimate {
  const [target, name] = node.args as readonly [CheckedNode, string]
  const operand = estimate(target, scope)
  const place = below(operand.place, scope.root, ({ fields }) => fields?.get(name))
  const isChecked = operand.type?.kind === 'map' || operand.type?.kind === 'message'
  const type = node.checkedType
  return { cost: operand.cost + (isChecked ? 1 : 0), size: sizeAt(place, type), place, type }
}

/** `ListCreateBaseCost` and `MapCreateBaseCost`. */
const LIST_COST = 10
const MAP_COST = 30

function estimateList(node: CheckedNode, scope: Scope): Estimate {
  const items = (node.args as readonly CheckedNode[]).map((item) => estimate(item, scope))
  return {
    cost: sum(items.map(({ cost }) => cost)) + LIST_COST,
    size: exactly(items.length),
    place: 'none',
    type: node.checkedType,
    entries: entriesOf(true, exactly(1), items),
  }
}

function estimateMap(node: CheckedNode, scope: Scope): Estimate {
  const pairs = (node.args as readonly (readonly [CheckedNode, CheckedNode])[]).map(([key, value]) => ({
    key: estimate(key, scope),
    value: estimate(value, scope),
  }))
  const keys = pairs.map(({ key }) => key.size ?? UNKNOWN)
  return {
    cost: sum(pairs.flatMap(({ key, value }) => [key.cost, value.cost])) + MAP_COST,
    size: exactly(pairs.length),
    place: 'none',
    type: node.checkedType,
    entries: entriesOf(
      false,
      keys.length === 0 ? exactly(0) : keys.reduce(union),
      pairs.map(({ value }) => value),
    ),
  }
}

function estimateOperator(node: CheckedNode, scope: Scope): Estimate {
  const operands = (Array.isArray(node.args) ? node.args : [node.args]) as readonly unknown[]
  // The field of `.?` is a text.
  const parts = operands.map((one) => (isNode(one) ? estimate(one, scope) : { cost: 0, size: undefined, place: 'none' as const })) // prettier-ignore
  const costs = sum(parts.map(({ cost }) => cost))
  const type = node.checkedType
  const [first, second, third] = parts
  const plain: Estimate = { cost: costs + 1, size: sizeAt('none', type), place: 'none', type }
  if (node.op === '-_' && isNode(node.args) && node.args.op === 'value') return { ...plain, cost: 0 }
  if (first === undefined || second === undefined) return plain
  switch (node.op) {
    case '&&':
    case '||':
      return { ...plain, cost: costs }
    case '?:':
      return third === undefined ? plain : conditional(first, second, third)
    case '[]':
      return indexed(plain, first, scope.root)
    case '+':
      return joined(plain, first, second)
    case 'in':
      return { ...plain, cost: costs + searched(second) }
    case '==':
    case '!=':
      return { ...plain, cost: costs + (isOpaque(first) ? 1 : compared(first, second)) }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { ...plain, cost: costs + ordered(first, second) }
    default:
      return plain
  }
}

function isNode(value: unknown): value is CheckedNode {
  return typeof value === 'object' && value !== null && 'op' in value
}

/** `condition ? yes : no`, or any two values of which one is the result. */
export function conditional(condition: Pick<Estimate, 'cost'>, yes: Estimate, no: Estimate): Estimate {
  const entries =
    yes.entries === undefined || no.entries === undefined
      ? undefined
      : {
          isList: yes.entries.isList,
          key: union(yes.entries.key, no.entries.key),
          value: union(yes.entries.value, no.entries.value),
        }
  const size = union(yes.size ?? UNKNOWN, no.size ?? UNKNOWN)
  return { cost: condition.cost + Math.max(yes.cost, no.cost), size, place: 'none', type: yes.type, entries }
}

function indexed(plain: Estimate, container: Estimate, root: Bounds): Estimate {
  const place = below(container.place, root, ({ elements }) => elements)
  return { ...plain, size: container.entries?.value ?? sizeAt(place, plain.type), place }
}

function joined(plain: Estimate, left: Estimate, right: Estimate): Estimate {
  const copying = copyCost(left, right)
  if (copying === undefined) return plain
  const { entries } = conditional({ cost: 0 }, left, right)
  return { ...plain, cost: left.cost + right.cost + copying, size: bothSizes(left, right), entries }
}

/** Texts are copied, lists are not; undefined for what has no size. */
function copyCost(left: Estimate, right: Estimate): number | undefined {
  if (left.type?.kind === 'list' || right.type?.kind === 'list') return 1
  const copied = scaled(bothSizes(left, right).max, TEXT_FACTOR)
  const names = [left.type?.name, right.type?.name]
  if (names.some(isText)) return copied
  return names.every((name) => name === 'dyn') ? Math.max(1, copied) : undefined
}

function bothSizes(left: Estimate, right: Estimate): Range {
  return add(left.size ?? UNKNOWN, right.size ?? UNKNOWN)
}

function isText(name: string | undefined): boolean {
  return name === 'string' || name === 'bytes'
}

function searched({ type, size }: Estimate): number {
  return type?.kind === 'map' ? 1 : Math.max((size ?? UNKNOWN).max, type?.kind === 'list' ? 0 : 1)
}

/** Quantities, addresses and the like, which are compared at once. */
function isOpaque({ type }: Estimate): boolean {
  return type?.kind === 'message' && !type.name.startsWith('Self') && !SCALARS.has(type.name)
}

function compared(left: Estimate, right: Estimate): number {
  return scaled(Math.min((left.size ?? UNKNOWN).max, (right.size ?? UNKNOWN).max), TEXT_FACTOR)
}

function ordered(left: Estimate, right: Estimate): number {
  const names = [left.type?.name, right.type?.name]
  if (names.some(isText)) return compared(left, right)
  return names.every((name) => name === 'dyn') ? Math.max(1, compared(left, right)) : 1
}

/** Names in front of functions that are no values. */
const NAMESPACES: ReadonlySet<string> = new Set(['ip', 'strings', 'sets', 'format', 'optional', 'math', 'cel'])

/** Macros that are no loops. */
const MACROS: ReadonlySet<string> = new Set(['has', 'bind', 'optMap', 'optFlatMap'])

interface Call {
  readonly node: CheckedNode
  readonly name: string
  readonly receiver: CheckedNode | undefined
  readonly args: readonly CheckedNode[]
}

function callOf(node: CheckedNode): Call {
  const parts = node.args as readonly unknown[] // the name, the receiver of member functions, the arguments
  const isMember = node.op === 'rcall'
  const args = parts.at(-1) as readonly CheckedNode[]
  const name = String(parts[0]).replace(/^__/, '')
  return { node, name, receiver: isMember ? (parts[1] as CheckedNode) : undefined, args }
}

function estimateCall(node: CheckedNode, scope: Scope): Estimate {
  const call = callOf(node)
  const isExpanded = node.meta?.alternate !== undefined || node.meta?.macro !== undefined
  // Of the functions of optional values, the library makes macros too.
  const isMacro = isExpanded && (MACROS.has(call.name) || loopOf(call.name, call.args.length) !== undefined)
  return isMacro ? estimateMacro(call, scope) : estimateFunction(call, scope)
}

function estimateFunction({ node, name, receiver, args }: Call, scope: Scope): Estimate {
  const isSpaced = receiver !== undefined && isNamespace(receiver, scope)
  const target = receiver === undefined || isSpaced ? undefined : estimate(receiver, scope)
  const values = args.map((arg) => estimate(arg, scope))
  const costs = sum([...values.map(({ cost }) => cost), target?.cost ?? 0])
  const type = node.checkedType
  const [only] = values
  if (name === 'dyn' && only !== undefined) return { ...only, cost: only.cost + 1, type }
  const called = functionCost(isSpaced ? `${String(receiver.args)}.${name}` : name, target, values)
  const size = called.size ?? sizeAt('none', type)
  return { cost: Math.min(MAX_COST, costs + called.cost), size, place: 'none', type }
}

function isNamespace({ op, args }: CheckedNode, { locals }: Scope): boolean {
  return op === 'id' && NAMESPACES.has(String(args)) && !locals.has(String(args))
}

function estimateMacro(call: Call, scope: Scope): Estimate {
  const { node, name, receiver, args } = call
  const [first, second, third] = args
  const shape = loopOf(name, args.length)
  if (receiver !== undefined && shape !== undefined) return estimateLoop({ node, shape, receiver, args }, scope)
  const type = node.checkedType
  const plain: Estimate = { cost: 1, size: sizeAt('none', type), place: 'none', type }
  if (first === undefined) return plain
  // Asking for presence is free (`PresenceTestHasCost(false)`).
  if (name === 'has') return { ...plain, cost: heldBy(first, scope) }
  if (second === undefined) return plain
  return name === 'bind' && third !== undefined
    ? bound(scope, { variable: first, value: estimate(second, scope), result: third })
    : { ...plain, cost: ofOptional(call, scope) }
}

interface Binding {
  readonly variable: CheckedNode
  readonly value: Estimate
  readonly result: CheckedNode
}

/** A binding is a loop over an empty list. */
function bound(scope: Scope, { variable, value, result }: Binding): Estimate {
  const { place, size, entries } = value
  const made = estimate(result, withLocal(scope, variable, { place, size, entries }))
  return { ...made, cost: LIST_COST + value.cost + made.cost }
}

/** `optMap`: has it a value, and then the value, bound, and what is made of it. */
function ofOptional({ name, receiver, args }: Call, scope: Scope): number {
  const [variable, result] = args
  if (receiver === undefined || variable === undefined || result === undefined) return 1
  const asked = estimate(receiver, scope).cost + 1
  const value: Estimate = { cost: asked, size: undefined, place: 'none' }
  return asked + bound(scope, { variable, value, result }).cost + (name === 'optMap' ? 1 : 0)
}

/** What is in front of the field that `has` asks for. */
function heldBy(field: CheckedNode, scope: Scope): number {
  const [operand] = field.args as readonly unknown[]
  return isNode(operand) ? estimate(operand, scope).cost : 0
}

function withLocal({ root, locals }: Scope, variable: CheckedNode, { place, size, entries }: Local): Scope {
  return { root, locals: new Map(locals).set(String(variable.args), { place, size, entries }) }
}

interface Loop {
  readonly node: CheckedNode
  readonly shape: LoopShape
  readonly receiver: CheckedNode
  readonly args: readonly CheckedNode[]
}

function estimateLoop({ node, shape, receiver, args }: Loop, scope: Scope): Estimate {
  const range = estimate(receiver, scope)
  const isList = range.entries?.isList ?? range.type?.kind === 'list'
  const at = (next: (bounds: Bounds) => Bounds | undefined): Place => below(range.place, scope.root, next)
  const elements: Local = { place: at((one) => one.elements), size: range.entries?.value, entries: undefined }
  // Indexes have no place in a schema.
  const keys: Local = { place: at((one) => one.keys), size: range.entries?.key, entries: undefined }
  const variables = shape.variables === 2 ? [keys, elements] : [isList ? elements : keys]
  const inner = variables.reduce((outer, local, index) => withLocal(outer, args[index] ?? receiver, local), scope)
  const expressions = args.slice(variables.length).map((one) => estimate(one, inner))
  const turn = shape.turn(expressions, estimateName(String(args[0]?.args), { op: 'id', args: '' }, inner))
  const count = range.size ?? UNKNOWN
  return {
    cost: Math.min(MAX_COST, range.cost + shape.around + times(count.max, turn.cost)),
    size: shape.gathers ? count : exactly(1),
    place: 'none',
    type: node.checkedType,
    entries: turn.entries,
  }
}
