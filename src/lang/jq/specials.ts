// jq's functions that take programs: selection, paths, limits, loops.
import type { Budget } from './budget.ts'
import { JqError } from './error.ts'
import { type Path, valueAt, withoutPaths } from './paths.ts'
import { made, type Items, type Run, type Special } from './run.ts'
import type { Scope } from './scope.ts'
import { IDENTITY, type Node } from './syntax.ts'
import { describe } from './value-text.ts'
import { isList, isTrue, type Json } from './values.ts'

/** By `name/arity`. */
export const SPECIALS: ReadonlyMap<string, Special> = new Map<string, Special>([
  ['empty/0', function* () {}],
  ['error/0', (_run, _args, { value }) => fail(value)],
  [
    'error/1',
    function* (run, [message = IDENTITY], { value }, scope) {
      for (const text of run.values(message, value, scope)) yield* fail(text)
    },
  ],
  ['select/1', select],
  ['recurse/0', (run, _args, item, scope) => run.items({ type: 'recurse' }, item, scope)],
  ['path/1', pathsOf],
  [
    'del/1',
    function* (run, [place = IDENTITY], { value }, scope) {
      yield made(withoutPaths(value, [...run.paths(place, value, scope)], run))
    },
  ],
  ['getpath/1', getPath],
  ['first/1', (run, [body = IDENTITY], item, scope) => take(run.items(body, item, scope), 1)],
  [
    'limit/2',
    function* (run, [count = IDENTITY, body = IDENTITY], item, scope) {
      for (const limit of run.values(count, item.value, scope)) {
        yield* take(run.items(body, item, scope), numberOf('limit', limit))
      }
    },
  ],
  ['range/1', (run, [end = IDENTITY], item, scope) => range(run, [ZERO, end, ONE], item.value, scope)],
  [
    'range/2',
    (run, [start = IDENTITY, end = IDENTITY], item, scope) => range(run, [start, end, ONE], item.value, scope),
  ],
  ['range/3', (run, args, item, scope) => range(run, args, item.value, scope)],
  ['until/2', until],
  ['any/2', (run, args, item, scope) => quantify(run, args, { value: item.value, scope, wanted: true })],
  ['all/2', (run, args, item, scope) => quantify(run, args, { value: item.value, scope, wanted: false })],
])

const ZERO: Node = { type: 'literal', value: 0 }
const ONE: Node = { type: 'literal', value: 1 }

// eslint-disable-next-line require-yield -- a function that only fails is still one of items
function* fail(value: Json): Items {
  if (typeof value === 'string') throw new JqError(`error: ${value}`, value)
  throw new JqError(`error: ${describe(value)}`, value)
}

function* select(run: Run, [test = IDENTITY]: readonly Node[], item: ReturnType<typeof made>, scope: Scope): Items {
  for (const answer of run.values(test, item.value, scope)) if (isTrue(answer)) yield item
}

function* pathsOf(
  run: Run,
  [place = IDENTITY]: readonly Node[],
  { value }: ReturnType<typeof made>,
  scope: Scope,
): Items {
  for (const path of run.paths(place, value, scope)) yield made(path)
}

function* getPath(run: Run, [path = IDENTITY]: readonly Node[], item: ReturnType<typeof made>, scope: Scope): Items {
  for (const keys of run.values(path, item.value, scope)) {
    if (!isList(keys)) throw new JqError(`getpath(${describe(keys)}) cannot be applied to: ${describe(item.value)}`)
    yield { value: at(item.value, keys, run), path: item.path === undefined ? undefined : [...item.path, ...keys] }
  }
}

/** Null below what is not there. */
function at(value: Json, keys: Path, budget: Budget): Json {
  let current = value
  for (const key of keys) current = current === null ? null : valueAt(current, key, budget)
  return current
}

function* take(items: Items, count: number): Items {
  let left = count
  if (left <= 0) return
  for (const item of items) {
    yield item
    if (--left <= 0) return
  }
}

function numberOf(name: string, value: Json): number {
  if (typeof value !== 'number') throw new JqError(`${name} cannot be applied to: ${describe(value)}`)
  return value
}

function* range(run: Run, [from = ZERO, to = ZERO, by = ONE]: readonly Node[], value: Json, scope: Scope): Items {
  for (const start of run.values(from, value, scope)) {
    for (const end of run.values(to, value, scope)) {
      for (const step of run.values(by, value, scope)) {
        yield* count(
          run,
          [start, end, step].map((part) => numberOf('range', part)),
        )
      }
    }
  }
}

function* count(run: Run, [start = 0, end = 0, step = 1]: readonly number[]): Items {
  // Without a step there would be no end; jq counts nothing then either, unless forwards.
  for (let current = start; step > 0 ? current < end : current > end; current += step) {
    run.step()
    yield made(current)
  }
}

function* until(
  run: Run,
  [isDone = IDENTITY, next = IDENTITY]: readonly Node[],
  item: ReturnType<typeof made>,
  scope: Scope,
): Items {
  let current = item
  for (;;) {
    const answer = run.values(isDone, current.value, scope).next()
    if (answer.done === true) return
    if (isTrue(answer.value)) break
    const following = run.items(next, current, scope).next()
    if (following.done === true) return
    current = following.value
  }
  yield current
}

interface Question {
  readonly value: Json
  readonly scope: Scope
  /** What answers the question without looking further. */
  readonly wanted: boolean
}

function* quantify(run: Run, [source = IDENTITY, test = IDENTITY]: readonly Node[], question: Question): Items {
  for (const value of run.values(source, question.value, question.scope)) {
    for (const answer of run.values(test, value, question.scope)) {
      if (isTrue(answer) !== question.wanted) continue
      yield made(question.wanted)
      return
    }
  }
  yield made(!question.wanted)
}
