// What stands between two nodes of a jq program: operators, alternatives, assignments.
import type { Budget } from './budget.ts'
import { operate } from './operators.ts'
import { type Path, valueAt, withoutPaths, withValueAt } from './paths.ts'
import { made, type Item, type Items, type Run } from './run.ts'
import type { Scope } from './scope.ts'
import type { Node } from './syntax.ts'
import { isTrue, type Json } from './values.ts'

/** Arithmetic, comparisons, `and`, `or`, `//` and assignments. */
export function* evaluateBinary(run: Run, node: Extract<Node, { type: 'binary' }>, item: Item, scope: Scope): Items {
  const { operator, left, right } = node
  if (operator === '//') yield* alternative(run, node, item, scope)
  else if (operator === 'and' || operator === 'or') yield* decide(run, node, item, scope)
  else if (ASSIGNMENTS.has(operator)) yield* assign(run, node, item, scope)
  else {
    for (const second of run.values(right, item.value, scope)) {
      for (const first of run.values(left, item.value, scope)) yield made(operate(operator, first, second, run))
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
      paths.reduce((value, path) => {
        const next = assigned(operator, at(value, path, run), answer, run)
        return withValueAt(value, path, next, run)
      }, item.value),
    )
  }
}

function assigned(operator: string, before: Json, answer: Json, budget: Budget): Json {
  if (operator === '=') return answer
  if (operator === '//=') return isTrue(before) ? before : answer
  return operate(operator.slice(0, -1), before, answer, budget)
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
    const next = run.values(right, at(result, path, run), scope).next()
    if (next.done === true) empty.push(path)
    else result = withValueAt(result, path, next.value, run)
  }
  return withoutPaths(result, empty, run)
}

function at(value: Json, path: Path, budget: Budget): Json {
  return path.reduce<Json>((current, key) => valueAt(current, key, budget), value)
}
