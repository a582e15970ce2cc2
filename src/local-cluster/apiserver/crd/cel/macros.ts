// Macros of CEL that the package has not: those with two variables, and those of optional values (cel-go `ext.TwoVarComprehensions`, `OptionalTypes`).
import { Optional } from '@marcbachmann/cel-js'
import type { Register } from './register.ts'

/** The parts of the package's checker and evaluator that macros are written against; it does not export their types. */
interface Type {
  readonly kind: string
  readonly valueType: Type
  readonly keyType: Type
}

interface Context {
  forkWithVariable(name: string, type: Type): Context
  reuse(parent: Context): Context
  setIterValue(value: unknown, evaluator: Evaluator): Context
}

interface Node {
  readonly op: string
  readonly args: unknown
}

interface Checker {
  check(node: Node, context: Context): Type
  getType(name: string): Type
  createError(code: string, message: string, node: Node): Error
}

interface Evaluator {
  run(node: Node, context: Context): unknown
}

interface Call {
  readonly args: readonly Node[]
  readonly receiver: Node
}

/** What a macro gathers over the pairs of a list or map. */
interface Gathering {
  /** The result's type, as CEL names it. */
  readonly type: string
  readonly gather: (pairs: Iterable<Pair>) => unknown
}

interface Pair {
  readonly key: unknown
  /** Values of the macro's expressions, each evaluated when it is asked for. */
  readonly run: (index: number) => unknown
}

const MACROS: Readonly<Record<string, Gathering>> = {
  'all(ast, ast, ast): bool': { type: 'bool', gather: (pairs) => every(pairs, true) },
  'exists(ast, ast, ast): bool': { type: 'bool', gather: (pairs) => !every(pairs, false) },
  'existsOne(ast, ast, ast): bool': { type: 'bool', gather: isOne },
  'exists_one(ast, ast, ast): bool': { type: 'bool', gather: isOne },
  'transformList(ast, ast, ast): list<dyn>': {
    type: 'list<dyn>',
    gather: (pairs) => [...kept(pairs, 1)].map(({ run }) => run(0)),
  },
  'transformList(ast, ast, ast, ast): list<dyn>': {
    type: 'list<dyn>',
    gather: (pairs) => [...kept(pairs, 2)].map(({ run }) => run(1)),
  },
  'transformMap(ast, ast, ast): dyn': { type: 'map<dyn, dyn>', gather: (pairs) => mapped(kept(pairs, 1), 0) },
  'transformMap(ast, ast, ast, ast): dyn': { type: 'map<dyn, dyn>', gather: (pairs) => mapped(kept(pairs, 2), 1) },
  'transformMapEntry(ast, ast, ast): dyn': { type: 'map<dyn, dyn>', gather: (pairs) => entries(kept(pairs, 1), 0) },
  'transformMapEntry(ast, ast, ast, ast): dyn': {
    type: 'map<dyn, dyn>',
    gather: (pairs) => entries(kept(pairs, 2), 1),
  },
}

/** Adds the macros. Those with two variables hold for lists and maps alike. */
export function registerMacros(register: Register): void {
  for (const [signature, gathering] of Object.entries(MACROS)) {
    register(`list.${signature}`, ((call: Call) => expand(call, gathering)) as never) // called with the parts of a call
  }
  register('optional.optMap(ast, ast): optional<dyn>', ((call: Call) => expandOptional(call, false)) as never) // as above
  register('optional.optFlatMap(ast, ast): optional<dyn>', ((call: Call) => expandOptional(call, true)) as never) // as above
}

/** `optMap(x, …)`: the expression of the value, if there is one; `optFlatMap` where the expression is optional itself. */
function expandOptional({ args, receiver }: Call, isFlat: boolean): object {
  const [variable, expression = receiver] = args
  let inner: Context | undefined
  return {
    args: [receiver, ...args],
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: Context): Type {
      const type = checker.check(receiver, context)
      inner = context.forkWithVariable(
        nameOf(checker, variable, receiver),
        type.kind === 'optional' ? type.valueType : type,
      )
      checker.check(expression, inner)
      return checker.getType('optional<dyn>')
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: Context): unknown {
      if (inner === undefined) throw new TypeError('the macro was not checked')
      const optional = evaluator.run(receiver, context)
      if (!(optional instanceof Optional) || !optional.hasValue()) return Optional.none()
      inner.reuse(context)
      const result = evaluator.run(expression, inner.setIterValue(optional.value(), evaluator))
      return isFlat ? result : Optional.of(result)
    },
  }
}

/** Hears of every turn of a loop, so that it can be counted; whoever compiles the expression puts its meter here. */
export interface LoopSteps {
  count: () => void
}

function expand({ args, receiver }: Call, { type, gather }: Gathering): object {
  const [first, second, ...expressions] = args
  const steps: LoopSteps = { count: () => undefined }
  let contexts: readonly [Context, Context] | undefined
  return {
    args: [receiver, ...args],
    async: false,
    steps,
    typeCheck(checker: Checker, _macro: unknown, context: Context): Type {
      const [keyType, valueType] = pairTypes(checker, receiver, context)
      const outer = context.forkWithVariable(nameOf(checker, first, receiver), keyType)
      const inner = outer.forkWithVariable(nameOf(checker, second, receiver), valueType)
      for (const one of expressions) checker.check(one, inner)
      contexts = [outer, inner]
      return checker.getType(type)
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: Context): unknown {
      if (contexts === undefined) throw new TypeError('the macro was not checked')
      const [outer, inner] = contexts
      const collection = evaluator.run(receiver, context)
      outer.reuse(context)
      inner.reuse(outer)
      return gather(
        pairsOf(collection, steps, (key, value, index) => {
          outer.setIterValue(key, evaluator)
          inner.setIterValue(value, evaluator)
          const expression = expressions[index]
          return expression === undefined ? undefined : evaluator.run(expression, inner)
        }),
      )
    },
  }
}

function nameOf(checker: Checker, node: Node | undefined, place: Node): string {
  if (node?.op === 'id' && typeof node.args === 'string') return node.args
  throw checker.createError('invalid_macro_argument', 'argument must be a simple name', node ?? place)
}

function pairTypes(checker: Checker, receiver: Node, context: Context): readonly [Type, Type] {
  const type = checker.check(receiver, context)
  if (type.kind === 'list') return [checker.getType('int'), type.valueType]
  if (type.kind === 'map') return [type.keyType, type.valueType]
  if (type.kind === 'dyn') return [type, type]
  throw checker.createError(
    'invalid_comprehension_range',
    'cannot be range of a comprehension (must be list, map, or dynamic)',
    receiver,
  )
}

function* pairsOf(
  collection: unknown,
  steps: LoopSteps,
  run: (key: unknown, value: unknown, index: number) => unknown,
): Generator<Pair> {
  for (const [key, value] of entriesOf(collection)) {
    steps.count()
    yield { key, run: (index) => run(key, value, index) }
  }
}

function entriesOf(collection: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(collection)) return collection.map((value: unknown, index) => [BigInt(index), value])
  if (collection instanceof Map) return [...(collection as ReadonlyMap<unknown, unknown>)]
  return Object.entries(collection as Readonly<Record<string, unknown>>) // a map, as its type was checked
}

/** Whether the first expression is `wanted` for every pair. */
function every(pairs: Iterable<Pair>, wanted: boolean): boolean {
  for (const { run } of pairs) if (run(0) !== wanted) return false
  return true
}

function isOne(pairs: Iterable<Pair>): boolean {
  let count = 0
  for (const { run } of pairs) if (run(0) === true) count++
  return count === 1
}

/** Pairs that pass the filter, which stands first where there are two expressions. */
function* kept(pairs: Iterable<Pair>, expressions: 1 | 2): Generator<Pair> {
  for (const pair of pairs) if (expressions === 1 || pair.run(0) === true) yield pair
}

function mapped(pairs: Iterable<Pair>, index: number): ReadonlyMap<unknown, unknown> {
  const made = new Map<unknown, unknown>()
  for (const { key, run } of pairs) made.set(key, run(index))
  return made
}

function entries(pairs: Iterable<Pair>, index: number): ReadonlyMap<unknown, unknown> {
  const made = new Map<unknown, unknown>()
  for (const { run } of pairs) {
    for (const [key, value] of entriesOf(run(index))) {
      if (made.has(key)) throw new RangeError('insert failed: key already exists')
      made.set(key, value)
    }
  }
  return made
}
