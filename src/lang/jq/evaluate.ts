// Runs the tree of a jq program: each node turns one item into any number of items.
import { evaluateBinary } from './binary.ts'
import { call } from './calls.ts'
import { mapsOf, textsOf } from './construct.ts'
import { attempt, labelled, loop } from './control-flow.ts'
import { JqBreak, JqError, JqLimitError } from './error.ts'
import { type Path, valueAt } from './paths.ts'
import { made, type Item, type Items, type Library, type Run } from './run.ts'
import { bindFunction, bindValue, closureOf, type Scope, valueOf } from './scope.ts'
import type { Node } from './syntax.ts'
import { describe } from './value-text.ts'
import { isList, isMap, isTrue, type Json } from './values.ts'

/** What one execution may cost. */
export interface Limits {
  readonly maxSteps: number
  readonly maxVisits: number
}

/** One execution: counts its steps, and the values looked into meanwhile, and stops when there are too many. */
export class Execution implements Run {
  readonly library: Library
  readonly #limits: Limits
  #steps = 0
  #visits = 0
  #depth = 0

  constructor(library: Library, limits: Limits) {
    this.library = library
    this.#limits = limits
  }

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

  *values(node: Node, value: Json, scope: Scope): Generator<Json, void, undefined> {
    for (const made of this.items(node, { value, path: undefined }, scope)) yield made.value
  }

  *paths(node: Node, value: Json, scope: Scope): Generator<Path, void, undefined> {
    for (const { path, value: found } of this.items(node, { value, path: [] }, scope)) {
      if (path === undefined) throw new JqError(`invalid path against: ${describe(found)}`)
      yield path
    }
  }

  step(): void {
    const { maxSteps } = this.#limits
    if (++this.#steps > maxSteps) throw new JqLimitError(`jq program took more than ${maxSteps} steps`)
  }

  spend(visits: number): void {
    const { maxVisits } = this.#limits
    this.#visits += visits
    if (this.#visits > maxVisits) throw new JqLimitError(`jq program looked into more than ${maxVisits} values`)
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

type Suffix = Extract<Node, { type: 'index' | 'slice' | 'iterate' }>

function* evaluateSuffix(run: Run, node: Suffix, item: Item, scope: Scope): Items {
  for (const target of run.items(node.target, item, scope)) {
    if (node.type === 'iterate') yield* iterate(run, target)
    else for (const key of keysOf(run, node, item.value, scope)) yield child(run, target, key, item)
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
function child(run: Run, { value, path }: Item, key: Json, origin: Item): Item {
  if (path !== undefined) return { value: valueAt(value, key, run), path: [...path, key] }
  if (origin.path !== undefined) throw new JqError(`invalid path against: ${describe(value)}`)
  return made(valueAt(value, key, run))
}

/** `.[]` */
function* iterate(run: Run, { value, path }: Item): Items {
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
