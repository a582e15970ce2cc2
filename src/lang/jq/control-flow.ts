// What may end early or go round in a jq program: `try`, `label`, `reduce`, `foreach`.
import { JqBreak, JqError } from './error.ts'
import { made, type Item, type Items, type Run } from './run.ts'
import { bindFunction, bindValue, closureOf, type Scope } from './scope.ts'
import { IDENTITY, type Node } from './syntax.ts'

/** `try`: what the body makes until it fails, then what the handler makes of its error. */
export function* attempt(run: Run, node: Extract<Node, { type: 'try' }>, item: Item, scope: Scope): Items {
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

/** `label`: what the body makes until it breaks out. */
export function* labelled(run: Run, node: Extract<Node, { type: 'label' }>, item: Item, scope: Scope): Items {
  const inner = bindFunction(scope, { name: `*${node.name}*`, params: [], body: node.body })
  const source = run.items(node.body, item, inner)
  try {
    yield* source
  } catch (error) {
    if (!(error instanceof JqBreak) || error.label !== closureOf(inner, `*${node.name}*/0`)) throw error
  }
}

type Loop = Extract<Node, { type: 'reduce' | 'foreach' }>

/** `reduce` and `foreach`. */
export function* loop(run: Run, node: Loop, item: Item, scope: Scope): Items {
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
