// One expression: parsed, checked against its types, and run within a budget.
import type { Environment } from '@marcbachmann/cel-js'
import { CapstanError } from '../../../../base/errors.ts'
import { sizeOf, type CostMeter } from './cost.ts'
import type { Bounds } from './declared-bounds.ts'
import { highestCost, type CheckedNode } from './estimate.ts'
import type { LoopSteps } from './macros.ts'

export interface Program {
  /** The name of the result's type. */
  readonly type: string
  readonly usesOldSelf: boolean
  /** What it may cost at most over values of some bounds. */
  readonly highestCost: (bounds: Bounds) => number
  /** Throws what the evaluation throws, and `CostError`. */
  readonly run: (variables: Readonly<Record<string, unknown>>, meter: CostMeter) => unknown
}

/** The parts of the library's syntax tree that are looked at here. */
interface Node {
  readonly op: string
  args: unknown
  readonly start: number
  readonly meta?: { readonly alternate?: Node; readonly macro?: Macro; readonly check?: Check; evaluate?: Evaluate }
  setMeta(key: string, value: unknown): Node
  evaluate: Evaluate
}
type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown
type Check = (checker: unknown, node: unknown, context: unknown) => unknown
interface Macro {
  readonly args?: readonly Node[]
  /** Of macros that loop without being a comprehension. */
  readonly steps?: LoopSteps
  /** Of `has`: what it looks through. */
  macroHasProps?: readonly Node[]
  typeCheck?: (checker: { check(node: Node, context: unknown): unknown }, macro: Macro, context: unknown) => unknown
}

/** Functions of the library that are replaced: their overloads cannot be taken back. */
const RENAMED: Readonly<Record<string, string>> = { matches: '__matches' }

interface State {
  readonly meter: { current: CostMeter | undefined }
  usesOldSelf: boolean
  /** Nodes that were gone through: an expanded macro shares them with what it was made from. */
  readonly seen: Set<Node>
  readonly observed: Set<Node>
}

/** Compiles an expression. Throws `bad-input` with cel-go's text. */
export function compileExpression(environment: Environment, text: string): Program {
  const state: State = { meter: { current: undefined }, usesOldSelf: false, seen: new Set(), observed: new Set() }
  try {
    const parsed = environment.parse(text)
    prepare(parsed.ast as unknown as Node, state) // the library's tree has these parts
    const checked = parsed.check()
    if (!checked.valid) throw checked.error ?? new Error('not valid')
    const run: Program['run'] = (variables, meter) => {
      state.meter.current = meter
      meter.spend(1)
      try {
        return parsed(variables)
      } finally {
        // Loops and `||` take errors of their parts; this one counts for the whole.
        meter.check()
      }
    }
    const tree = parsed.ast as unknown as CheckedNode // checked by now
    return {
      type: checked.type ?? 'dyn',
      usesOldSelf: state.usesOldSelf,
      highestCost: (bounds) => highestCost(tree, bounds),
      run,
    }
  } catch (error) {
    throw new CapstanError('bad-input', compileText(text, error), { cause: error })
  }
}

/** Goes through the tree before it is checked: renames, looks into `has`, weighs what loops and calls go through. */
function prepare(value: unknown, state: State): void {
  if (isNode(value)) prepareNode(value, state)
  else if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) prepare(child, state)
}

function prepareNode(node: Node, state: State): void {
  if (state.seen.has(node)) return
  state.seen.add(node)
  if (node.op === 'id' && node.args === 'oldSelf') state.usesOldSelf = true
  if (node.op === 'rcall' || node.op === 'call') prepareCall(node, state)
  if (WALKING.has(node.op)) weighAll(node.args as unknown[], state, false)
  prepare(node.args, state)
  prepare(node.meta?.alternate, state)
  if (node.op === 'comprehension') countSteps(node, state)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'setMeta' in value
}

function prepareCall(node: Node, state: State): void {
  const { macro } = node.meta ?? {}
  const args = node.args as unknown[]
  const name = String(args[0])
  if (RENAMED[name] !== undefined) args[0] = RENAMED[name]
  if (macro !== undefined) prepareMacro(macro, name, state)
  else if (node.meta?.alternate === undefined) weighAll(args.flat(), state, name === 'size')
}

function prepareMacro(macro: Macro, name: string, { meter }: State): void {
  const { steps, args = [], typeCheck } = macro
  const [field] = args
  // Every turn of a macro's loop costs a unit.
  if (steps !== undefined) steps.count = () => meter.current?.spend(1)
  if (typeCheck !== undefined && name === 'has' && field !== undefined) checkField(macro, field)
}

/** `has(self.x)` of a field that no schema has is a fault. */
function checkField(macro: Macro, field: Node): void {
  const { typeCheck } = macro
  macro.typeCheck = (checker, self, context) => {
    checker.check(field, context)
    if (field.op === '.') macro.macroHasProps ??= stepsOf(field)
    return typeCheck?.(checker, self, context)
  }
}

/** The fields of `a[0].b.c`, the last one first, and what they are fields of: the library itself finds them below names only. */
function stepsOf(field: Node): Node[] {
  if (field.op !== '.' && field.op !== '.?') return [field]
  const [owner] = field.args as readonly [Node] // of a field that is looked up
  return [field, ...stepsOf(owner)]
}

/** Operators that walk over their operands. */
const WALKING: ReadonlySet<string> = new Set(['==', '!=', '+', 'in'])

function weighAll(nodes: readonly unknown[], state: State, isTextOnly: boolean): void {
  for (const node of nodes) {
    if (isNode(node)) observe(node, state, (value) => (isTextOnly && typeof value !== 'string' ? 1 : sizeOf(value)))
  }
}

/** Every turn of a loop costs a unit, and a loop ends when nothing is left: it would go on after an error. */
function countSteps(node: Node, state: State): void {
  const loop = node.args as { readonly step: Node; condition?: (value: unknown) => boolean }
  const { step, condition } = loop
  observe(step, state, () => 1)
  loop.condition = (value) => state.meter.current?.isSpent !== true && (condition === undefined || condition(value))
}

/** Spends what the value of a node costs, each time it is evaluated. */
function observe(node: Node, state: State, costOf: (value: unknown) => number): void {
  if (state.observed.has(node)) return
  state.observed.add(node)
  let own: Evaluate = node.evaluate
  const observed: Evaluate = (evaluator, same, context) => {
    const value = own.call(node, evaluator, same, context)
    // The library's first method puts another in its place that fits the node.
    if (node.evaluate !== observed) {
      own = node.evaluate
      node.evaluate = observed
    }
    state.meter.current?.spend(costOf(value))
    return value
  }
  node.evaluate = observed
}

interface LibraryError {
  readonly code?: string
  readonly summary?: string
  readonly message?: string
  readonly range?: { readonly start: number }
}

/** What cel-go's parser says of no expression at all. */
const EXPECTING =
  "mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

/** `compilation failed: ERROR: <input>:1:5: undefined field 'nope'` with the line and a mark below it. */
function compileText(text: string, error: unknown): string {
  if (text === '') return `compilation failed: ERROR: <input>:1:0: Syntax error: ${EXPECTING}`
  const { code = '', summary, message = '', range } = error as LibraryError // the library's errors have these
  const start = range?.start ?? 0
  const before = text.slice(0, start)
  const line = before.split('\n').length
  const isField = code === 'no_such_key'
  const column = Math.max(start - (before.lastIndexOf('\n') + 1) - (isField ? 1 : 0), 0)
  const shown = text.split('\n')[line - 1] ?? ''
  const mark = `${'.'.repeat(column)}^`
  return `compilation failed: ERROR: <input>:${line}:${column + 1}: ${wordedError(code, summary ?? message)}\n | ${shown}\n | ${mark}`
}

const NO_SUCH_OPERATOR = /^no such overload: (?<left>.+?) (?<operator>[-+*/%<>=!]+|in) (?<right>.+)$/

function wordedError(code: string, summary: string): string {
  const rest = summary.slice(summary.indexOf(': ') + 2)
  switch (code) {
    case 'no_such_key':
      return `undefined field '${rest}'`
    case 'unknown_variable':
      return `undeclared reference to '${rest}' (in container '')`
    case 'no_such_overload': {
      const { left = '', operator = '', right = '' } = NO_SUCH_OPERATOR.exec(summary)?.groups ?? {}
      if (operator === '') return summary
      return `found no matching overload for '${operator === 'in' ? '@in' : `_${operator}_`}' applied to '(${left}, ${right})'`
    }
    default:
      return code.startsWith('expected') || code.startsWith('unexpected') ? `Syntax error: ${summary}` : summary
  }
}
