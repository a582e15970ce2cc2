// Runs the tree of a jq program: each node turns one item into any number of items.
import { JqBreak, JqError, JqLimitError } from './error.ts'
import { formatText } from './formats.ts'
import { operate } from './operators.ts'
import { type Path, valueAt, withoutPaths, withValueAt } from './paths.ts'
import { bindFunction, bindValue, type Closure, closureOf, type Scope, valueOf } from './scope.ts'
import { IDENTITY, type Node } from './syntax.ts'
import { describe, isList, isMap, isTrue, type Json } from './values.ts'

/** A value; with where it stands in the input while paths are asked for, `undefined` for one that stands nowhere. */
export interface Item {
  readonly value: Json
  readonly path: Path | undefined
}

export type Items = Generator<Item, void, undefined>

/** A function that jq itself cannot express. */
export type Special = (run: Run, args: readonly Node[], item: Item, scope: Scope) => Items
/** A function of values: for each combination of arguments one answer. */
export type Plain = (input: Json, args: readonly Json[]) => Json

export interface Library {
  readonly specials: ReadonlyMap<string, Special>
  readonly plains: ReadonlyMap<string, Plain>
}

/** One execution: counts its steps and stops when there are too many. */
export class Run {
  readonly library: Library
  readonly #maxSteps: number
  #steps = 0
  #depth = 0

  constructor(library: Library, maxSteps: number) {
    this.library = library
    this.#maxSteps = maxSteps
  }

  /** The items a node makes of one. */
  *items(node: Node, item: Item, scope: Scope): Items {
    this.step()
    if (this.#depth >= MAX_DEPTH) throw new JqLimitError(`jq recursion deeper than ${MAX_DEPTH}`)
    this.#depth++
    const depth = this.#depth
    try {
      for (const made of evaluate(this, node, item, scope)) {
        // Whoever takes the item runs on its own level.
        this.#depth = depth - 1
        yield made
        this.#depth = depth
      }
    } finally {
      this.#depth = depth - 1
    }
  }

  /** The values of a node, wherever they stand. */
  *values(node: Node, value: Json, scope: Scope): Generator<Json, void, undefined> {
    for (const made of this.items(node, { value, path: undefined }, scope)) yield made.value
  }

  /** The places a node names in a value. Throws for a node that makes new values. */
  *paths(node: Node, value: Json, scope: Scope): Generator<Path, void, undefined> {
    for (const { path, value: found } of this.items(node, { value, path: [] }, scope)) {
      if (path === undefined) throw new JqError(`invalid path against: ${describe(found)}`)
      yield path
    }
  }

  step(): void {
    if (++this.#steps > this.#maxSteps) throw new JqLimitError(`jq program took more than ${this.#maxSteps} steps`)
  }
}

/** Calls within calls; beyond it JavaScript's own stack would end. */
const MAX_DEPTH = 1000

function* evaluate(run: Run, node: Node, item: Item, scope: Scope): Items {
  switch (node.type) {
    case 'identity':
      yield item
      return
    case 'literal':
      yield made(node.value)
      return
    case 'variable':
      yield made(valueOf(scope, node.name))
      return
    case 'index':
    case 'slice':
    case 'iterate':
      yield* evaluateSuffix(run, node, item, scope)
      return
    case 'pipe':
      for (const left of run.items(node.left, item, scope)) yield* run.items(node.right, left, scope)
      return
    case 'comma':
      yield* run.items(node.left, item, scope)
      yield* run.items(node.right, item, scope)
      return
    case 'recurse':
      yield* descend(run, item)
      return
    default:
      yield* evaluateControl(run, node, item, scope)
  }
}

/** An item that stands nowhere in the input. */
export function made(value: Json): Item {
  return { value, path: undefined }
}

type Suffix = Extract<Node, { type: 'index' | 'slice' | 'iterate' }>

function* evaluateSuffix(run: Run, node: Suffix, item: Item, scope: Scope): Items {
  for (const target of run.items(node.target, item, scope)) {
    if (node.type === 'iterate') yield* iterate(run, target)
    else for (const key of keysOf(run, node, item.value, scope)) yield child(target, key, item)
  }
}

function* keysOf(run: Run, node: Exclude<Suffix, { type: 'iterate' }>, value: Json, scope: Scope): Generator<Json> {
  if (node.type === 'index') {
    yield* run.values(node.key, value, scope)
    return
  }
  const none = { type: 'literal', value: null } as const
  for (const end of run.values(node.to ?? none, value, scope)) {
    for (const start of run.values(node.from ?? none, value, scope)) yield { start, end }
  }
}

/** Below something that stands nowhere nothing has a place; that is an error only while paths are asked for. */
function child({ value, path }: Item, key: Json, origin: Item): Item {
  if (path !== undefined) return { value: valueAt(value, key), path: [...path, key] }
  if (origin.path !== undefined) throw new JqError(`invalid path against: ${describe(value)}`)
  return made(valueAt(value, key))
}

/** `.[]` */
export function* iterate(run: Run, { value, path }: Item): Items {
  if (!isList(value) && !isMap(value)) throw new JqError(`cannot iterate over: ${describe(value)}`)
  const entries: Iterable<[Json, Json]> = isList(value) ? value.entries() : Object.entries(value)
  for (const [key, item] of entries) {
    run.step()
    yield { value: item, path: path === undefined ? undefined : [...path, key] }
  }
}

/** `..` */
function* descend(run: Run, item: Item): Items {
  yield item
  if (!isList(item.value) && !isMap(item.value)) return
  for (const below of iterate(run, item)) yield* descend(run, below)
}

function* evaluateControl(run: Run, node: Node, item: Item, scope: Scope): Items {
  switch (node.type) {
    case 'if':
      for (const test of run.values(node.test, item.value, scope)) {
        yield* run.items(isTrue(test) ? node.yes : node.no, item, scope)
      }
      return
    case 'try':
      yield* attempt(run, node, item, scope)
      return
    case 'bind':
      for (const value of run.values(node.source, item.value, scope)) {
        yield* run.items(node.body, item, bindValue(scope, `$${node.variable}`, value))
      }
      return
    case 'define':
      yield* run.items(node.body, item, bindFunction(scope, node.definition))
      return
    case 'call':
      yield* call(run, node, item, scope)
      return
    case 'reduce':
    case 'foreach':
      yield* loop(run, node, item, scope)
      return
    case 'label':
      yield* labelled(run, node, item, scope)
      return
    case 'break':
      // The value of a label is the object that stands for it.
      throw new JqBreak(closureOf(scope, `*${node.name}*/0`) ?? {})
    default:
      yield* evaluateValue(run, node, item, scope)
  }
}

function* attempt(run: Run, node: Extract<Node, { type: 'try' }>, item: Item, scope: Scope): Items {
  const source = run.items(node.body, item, scope)
  for (;;) {
    let next: IteratorResult<Item, void>
    try {
      next = source.next()
    } catch (error) {
      // Errors of whoever takes the items do not pass here: only the body's own are caught.
      if (!(error instanceof JqError)) throw error
      if (node.handler !== undefined) yield* run.items(node.handler, made(error.value), scope)
      return
    }
    if (next.done === true) return
    yield next.value
  }
}

function* labelled(run: Run, node: Extract<Node, { type: 'label' }>, item: Item, scope: Scope): Items {
  const inner = bindFunction(scope, { name: `*${node.name}*`, params: [], body: node.body })
  const source = run.items(node.body, item, inner)
  try {
    yield* source
  } catch (error) {
    if (!(error instanceof JqBreak) || error.label !== closureOf(inner, `*${node.name}*/0`)) throw error
  }
}

type Loop = Extract<Node, { type: 'reduce' | 'foreach' }>

function* loop(run: Run, node: Loop, item: Item, scope: Scope): Items {
  for (const start of run.items(node.start, item, scope)) {
    const rounds = node.type === 'reduce' ? reduce(run, node, { item, start, scope }) : undefined
    if (rounds !== undefined) yield rounds
    else yield* foreach(run, node, { item, start, scope })
  }
}

interface LoopState {
  readonly item: Item
  readonly start: Item
  readonly scope: Scope
}

/** The last answer of each round is the state of the next; null where a round has none. */
function reduce(run: Run, node: Loop, { item, start, scope }: LoopState): Item {
  let state = start
  for (const value of run.values(node.source, item.value, scope)) {
    const results = run.items(node.update, state, bindValue(scope, `$${node.variable}`, value))
    state = made(null)
    for (const result of results) state = result
  }
  return state
}

function* foreach(run: Run, node: Loop, { item, start, scope }: LoopState): Items {
  let state = start
  const extract = node.type === 'foreach' ? node.extract : IDENTITY
  for (const value of run.values(node.source, item.value, scope)) {
    const inner = bindValue(scope, `$${node.variable}`, value)
    for (const result of run.items(node.update, state, inner)) {
      state = result
      yield* run.items(extract, state, inner)
    }
  }
}

function* call(run: Run, node: Extract<Node, { type: 'call' }>, item: Item, scope: Scope): Items {
  const name = `${node.name}/${node.args.length}`
  const closure = closureOf(scope, name)
  if (closure !== undefined) {
    yield* callDefined(run, { closure, args: node.args, caller: scope, item }, 0, closure.scope)
    return
  }
  const special = run.library.specials.get(name)
  if (special !== undefined) {
    yield* special(run, node.args, item, scope)
    return
  }
  const plain = run.library.plains.get(name)
  if (plain === undefined) throw new JqError(`function not defined: ${name}`)
  for (const args of combinations(run, node.args, item.value, scope)) yield made(plain(item.value, args))
}

interface Calling {
  readonly closure: Closure
  readonly args: readonly Node[]
  /** What the arguments see. */
  readonly caller: Scope
  readonly item: Item
}

/** Binds one parameter after the other, then runs the body. */
function* callDefined(run: Run, calling: Calling, index: number, scope: Scope): Items {
  const { args, caller, closure, item } = calling
  const param = closure.params[index]
  const arg = args[index]
  if (param === undefined || arg === undefined) {
    yield* run.items(closure.body, item, scope)
    return
  }
  const name = param.startsWith('$') ? param.slice(1) : param
  const withArg = bindFunction(scope, { name, params: [], body: arg }, caller)
  if (param === name) {
    yield* callDefined(run, calling, index + 1, withArg)
    return
  }
  for (const value of run.values(arg, item.value, caller)) {
    yield* callDefined(run, calling, index + 1, bindValue(withArg, param, value))
  }
}

/** Every combination of the arguments' values, the last argument turning slowest. */
function* combinations(run: Run, args: readonly Node[], value: Json, scope: Scope): Generator<readonly Json[]> {
  const last = args.at(-1)
  if (last === undefined) {
    yield []
    return
  }
  for (const answer of run.values(last, value, scope)) {
    for (const before of combinations(run, args.slice(0, -1), value, scope)) yield [...before, answer]
  }
}

function* evaluateValue(run: Run, node: Node, item: Item, scope: Scope): Items {
  switch (node.type) {
    case 'array':
      yield made(node.items === undefined ? [] : [...run.values(node.items, item.value, scope)])
      return
    case 'object':
      for (const map of mapsOf(run, node.fields, item.value, scope)) yield made(map)
      return
    case 'text':
      for (const text of textsOf(run, node, item.value, scope)) yield made(text)
      return
    case 'negate':
      for (const value of run.values(node.value, item.value, scope)) {
        if (typeof value !== 'number') throw new JqError(`cannot negate: ${describe(value)}`)
        yield made(-value)
      }
      return
    case 'binary':
      yield* evaluateBinary(run, node, item, scope)
      return
    default:
      throw new JqError(`unknown node ${node.type}`)
  }
}

type Fields = Extract<Node, { type: 'object' }>['fields']

function* mapsOf(run: Run, fields: Fields, value: Json, scope: Scope): Generator<{ [key: string]: Json }> {
  const last = fields.at(-1)
  if (last === undefined) {
    yield {}
    return
  }
  for (const before of mapsOf(run, fields.slice(0, -1), value, scope)) {
    for (const key of run.values(last.key, value, scope)) {
      if (typeof key !== 'string') throw new JqError(`expected a string for object key but got: ${describe(key)}`)
      for (const field of run.values(last.value, value, scope)) yield { ...before, [key]: field }
    }
  }
}

function* textsOf(run: Run, node: Extract<Node, { type: 'text' }>, value: Json, scope: Scope): Generator<string> {
  let texts: readonly string[] = ['']
  for (const part of node.parts) {
    if (typeof part === 'string') texts = texts.map((text) => text + part)
    else {
      const answers = [...run.values(part, value, scope)].map((answer) => formatText(node.format, answer))
      texts = answers.flatMap((answer) => texts.map((text) => text + answer))
    }
  }
  yield* texts
}

function* evaluateBinary(run: Run, node: Extract<Node, { type: 'binary' }>, item: Item, scope: Scope): Items {
  const { operator, left, right } = node
  if (operator === '//') yield* alternative(run, node, item, scope)
  else if (operator === 'and' || operator === 'or') yield* decide(run, node, item, scope)
  else if (ASSIGNMENTS.has(operator)) yield* assign(run, node, item, scope)
  else {
    for (const second of run.values(right, item.value, scope)) {
      for (const first of run.values(left, item.value, scope)) yield made(operate(operator, first, second))
    }
  }
}

/** `and` and `or`: the right side is asked only where the left does not decide. */
function* decide(run: Run, node: Extract<Node, { type: 'binary' }>, item: Item, scope: Scope): Items {
  const deciding = node.operator === 'or'
  for (const first of run.values(node.left, item.value, scope)) {
    if (isTrue(first) === deciding) {
      yield made(deciding)
      continue
    }
    for (const second of run.values(node.right, item.value, scope)) yield made(isTrue(second))
  }
}

/** `a // b`: what is true of a; b where nothing is, or a fails. */
function* alternative(run: Run, node: Extract<Node, { type: 'binary' }>, item: Item, scope: Scope): Items {
  let isFound = false
  const attempted: Node = { type: 'try', body: node.left, handler: undefined }
  for (const first of run.items(attempted, item, scope)) {
    if (!isTrue(first.value)) continue
    isFound = true
    yield first
  }
  if (!isFound) yield* run.items(node.right, item, scope)
}

const ASSIGNMENTS: ReadonlySet<string> = new Set(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='])

function* assign(run: Run, node: Extract<Node, { type: 'binary' }>, item: Item, scope: Scope): Items {
  const { operator, left, right } = node
  const paths = [...run.paths(left, item.value, scope)]
  if (operator === '|=') {
    yield made(update(run, { paths, right, value: item.value, scope }))
    return
  }
  for (const answer of run.values(right, item.value, scope)) {
    yield made(
      paths.reduce((value, path) => withValueAt(value, path, assigned(operator, at(value, path), answer)), item.value),
    )
  }
}

function assigned(operator: string, before: Json, answer: Json): Json {
  if (operator === '=') return answer
  if (operator === '//=') return isTrue(before) ? before : answer
  return operate(operator.slice(0, -1), before, answer)
}

interface Update {
  readonly paths: readonly Path[]
  readonly right: Node
  readonly value: Json
  readonly scope: Scope
}

/** The first answer for each place; a place without one is deleted. */
function update(run: Run, { paths, right, value, scope }: Update): Json {
  const empty: Path[] = []
  let result = value
  for (const path of paths) {
    const next = run.values(right, at(result, path), scope).next()
    if (next.done === true) empty.push(path)
    else result = withValueAt(result, path, next.value)
  }
  return withoutPaths(result, empty)
}

function at(value: Json, path: Path): Json {
  return path.reduce<Json>((current, key) => valueAt(current, key), value)
}
