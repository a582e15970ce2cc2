// Calls of functions: those a program defines, those that take programs, those of values.
import { JqError } from './error.ts'
import { made, type Item, type Items, type Run } from './run.ts'
import { bindFunction, bindValue, type Closure, closureOf, type Scope } from './scope.ts'
import type { Node } from './syntax.ts'
import type { Json } from './values.ts'

/** A function of the program, of the library, or of neither. */
export function* call(run: Run, node: Extract<Node, { type: 'call' }>, item: Item, scope: Scope): Items {
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
  for (const args of combinations(run, node.args, item.value, scope)) yield made(plain(item.value, args, run))
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
