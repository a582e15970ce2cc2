// A tree as code: closures that know where their variables are.
import { slotsOf, type CallStack } from './call.ts'
import { compileListComprehension, compileObject, compileObjectComprehension } from './compile-object.ts'
import { RuntimeFault, staticError } from './error.ts'
import { toText } from './json-text.ts'
import { lookup, slice } from './lookup.ts'
import { binary, unary } from './operators.ts'
import { ROOT, Scope, type CompileContext } from './scope.ts'
import type { Span } from './source.ts'
import type { Bind, Node, NodeOf } from './syntax.ts'
import {
  ArrayValue,
  asBoolean,
  asFunction,
  asString,
  Env,
  FunctionValue,
  TailCall,
  Thunk,
  type Code,
  type FunctionParameter,
  type ObjectValue,
  type Value,
} from './values.ts'

export interface CompileOptions {
  readonly calls: CallStack
  /** The value of an imported file; `at` is where it is asked. */
  readonly importFile: (form: 'code' | 'text' | 'bytes', path: string, at: Span) => Value
}

/** The code of a whole file. Its scope has one variable, `std`. Throws `bad-input` for unknown variables. */
export function compile(node: Node, options: CompileOptions): Code {
  return new Compiler(options).code(node, new Scope(['std']))
}

class Compiler implements CompileContext {
  readonly #options: CompileOptions

  constructor(options: CompileOptions) {
    this.#options = options
  }

  code(node: Node, scope: Scope): Code {
    switch (node.kind) {
      case 'literal': {
        const { value } = node
        return () => value
      }
      case 'variable': {
        const find = scope.resolve(node.name, node.at)
        return (env) => find(env).force()
      }
      case 'root': {
        const find = scope.resolve(ROOT, node.at)
        return (env) => find(env).force()
      }
      case 'function':
        return this.#function(node, scope)
      case 'local':
        return this.#local(node, scope, (body, inner) => this.code(body, inner))
      case 'array': {
        const items = node.items.map((item) => this.thunk(item, scope))
        return (env) => new ArrayValue(items.map((item) => item(env)))
      }
      default:
        return this.#located(node.at, scope, this.#fallible(node, scope))
    }
  }

  /** What can fail at its own place. */
  #fallible(
    node: Exclude<Node, NodeOf<'literal' | 'variable' | 'root' | 'function' | 'local' | 'array'>>,
    scope: Scope,
  ): Code {
    switch (node.kind) {
      case 'object':
        return compileObject(node, scope, this)
      case 'array-comprehension':
        return compileListComprehension(node, scope, this)
      case 'object-comprehension':
        return compileObjectComprehension(node, scope, this)
      case 'self':
      case 'super-index':
      case 'in-super':
        return this.#ownObject(node, scope)
      case 'apply':
        return this.#apply(node, scope)
      case 'if':
        return this.#if(node, scope)
      case 'binary':
        return this.#binary(node, scope)
      case 'import': {
        const { form, path, at } = node
        return () => this.#options.importFile(form, path, at)
      }
      default:
        return this.#simple(node, scope)
    }
  }

  #simple(node: NodeOf<'index' | 'slice' | 'assert' | 'error' | 'unary'>, scope: Scope): Code {
    switch (node.kind) {
      case 'index': {
        const [target, key] = [this.code(node.target, scope), this.code(node.key, scope)]
        return (env) => lookup(target(env), key(env))
      }
      case 'slice': {
        const target = this.code(node.target, scope)
        const [from, to, step] = [0, 1, 2].map((index) => this.#optional(node.bounds[index], scope)) as [
          Code,
          Code,
          Code,
        ]
        return (env) => slice(target(env), from(env), to(env), step(env))
      }
      case 'assert':
        return this.#assert(node, scope, (body) => this.code(body, scope))
      case 'error': {
        const message = this.code(node.message, scope)
        return (env) => {
          throw new RuntimeFault(toText(message(env)))
        }
      }
      case 'unary': {
        const { operator } = node
        const operand = this.code(node.operand, scope)
        return (env) => unary(operator, operand(env))
      }
    }
  }

  #optional(node: Node | undefined, scope: Scope): Code {
    return node === undefined ? (): Value => null : this.code(node, scope)
  }

  thunk(node: Node, scope: Scope): (env: Env) => Thunk {
    if (node.kind === 'literal') {
      const ready = Thunk.of(node.value)
      return () => ready
    }
    if (node.kind === 'variable') return scope.resolve(node.name, node.at)
    const code = this.code(node, scope)
    return (env) => Thunk.later(() => code(env))
  }

  /** Code of a function's last step: a call there that is `tailstrict` is left to the caller. */
  #tail(node: Node, scope: Scope): (env: Env) => Value | TailCall {
    switch (node.kind) {
      case 'apply':
        return node.tailstrict ? this.#tailCall(node, scope) : this.code(node, scope)
      case 'if': {
        const condition = this.#condition(node.condition, scope)
        const whenTrue = this.#tail(node.whenTrue, scope)
        const whenFalse = node.whenFalse === undefined ? (): Value => null : this.#tail(node.whenFalse, scope)
        return (env) => (condition(env) ? whenTrue(env) : whenFalse(env))
      }
      case 'local':
        return this.#local(node, scope, (body, inner) => this.#tail(body, inner))
      case 'assert':
        return this.#assert(node, scope, (body) => this.#tail(body, scope))
      default:
        return this.code(node, scope)
    }
  }

  #condition(node: Node, scope: Scope): (env: Env) => boolean {
    const code = this.code(node, scope)
    return this.#located(node.at, scope, (env) => asBoolean(code(env)))
  }

  #if(node: NodeOf<'if'>, scope: Scope): Code {
    const condition = this.code(node.condition, scope)
    const whenTrue = this.code(node.whenTrue, scope)
    const whenFalse = this.#optional(node.whenFalse, scope)
    return (env) => (asBoolean(condition(env)) ? whenTrue(env) : whenFalse(env))
  }

  #assert<T>(node: NodeOf<'assert'>, scope: Scope, rest: (body: Node) => (env: Env) => T): (env: Env) => T {
    const condition = this.code(node.condition, scope)
    const message = node.message === undefined ? undefined : this.code(node.message, scope)
    const body = rest(node.body)
    const check = this.#located(node.at, scope, (env) => {
      if (asBoolean(condition(env))) return
      throw new RuntimeFault(message === undefined ? 'Assertion failed' : toText(message(env)))
    })
    return (env) => {
      check(env)
      return body(env)
    }
  }

  #binary({ operator, left: leftNode, right: rightNode }: NodeOf<'binary'>, scope: Scope): Code {
    const [left, right] = [this.code(leftNode, scope), this.code(rightNode, scope)]
    switch (operator) {
      case '&&':
        return (env) => asBoolean(left(env)) && asBoolean(right(env))
      case '||':
        return (env) => asBoolean(left(env)) || asBoolean(right(env))
      default:
        return (env) => binary(operator, left(env), right(env))
    }
  }

  #ownObject(node: NodeOf<'self' | 'super-index' | 'in-super'>, scope: Scope): Code {
    if (!scope.isInObject) {
      throw staticError(node.at, `Can't use ${node.kind === 'self' ? 'self' : 'super'} outside of an object.`)
    }
    if (node.kind === 'self') return selfOf
    const key = this.code(node.key, scope)
    if (node.kind === 'in-super') return (env) => selfOf(env).hasBelow(asString(key(env)), env.layer)
    return (env) => {
      if (env.layer === 0) throw new RuntimeFault('Attempt to use super when there is no super class.')
      const name = asString(key(env))
      const value = selfOf(env).fromBelow(name, env.layer)
      if (value === undefined) throw new RuntimeFault(`Field does not exist: ${name}`)
      return value
    }
  }

  #function(node: NodeOf<'function'>, scope: Scope): Code {
    const names = node.parameters.map(({ name }) => name)
    const inner = new Scope(names, scope, { inside: `function <${node.name ?? 'anonymous'}>` })
    const parameters = node.parameters.map(({ name, fallback }): FunctionParameter => {
      return { name, fallback: fallback === undefined ? undefined : this.code(fallback, inner) }
    })
    const body = this.#tail(node.body, inner)
    return (env) => {
      return new FunctionValue(
        parameters,
        (slots) => body(new Env(env, slots)),
        (slots) => new Env(env, slots),
      )
    }
  }

  #local<T>(node: NodeOf<'local'>, scope: Scope, rest: (body: Node, inner: Scope) => (env: Env) => T): (env: Env) => T {
    const inner = new Scope(
      node.binds.map(({ name }) => name),
      scope,
    )
    const binds = node.binds.map((bind) => this.#bound(bind, inner))
    const body = rest(node.body, inner)
    return (env) => {
      const slots: Thunk[] = []
      const own = new Env(env, slots)
      for (const bind of binds) slots.push(bind(own))
      return body(own)
    }
  }

  /** Not `thunk`: a variable may stand for one that is bound later in the same list. */
  #bound({ body }: Bind, scope: Scope): (env: Env) => Thunk {
    const code = this.code(body, scope)
    return (env) => Thunk.later(() => code(env))
  }

  #apply(node: NodeOf<'apply'>, scope: Scope): Code {
    const prepare = this.#prepareCall(node, scope)
    const { calls } = this.#options
    return (env) => {
      const { target, slots } = prepare(env)
      calls.place = node.at
      try {
        return calls.run(target, slots)
      } catch (error) {
        if (error instanceof RuntimeFault && error.hasPlace) error.addFrame(node.at, scope.inside)
        throw error
      }
    }
  }

  #tailCall(node: NodeOf<'apply'>, scope: Scope): (env: Env) => TailCall {
    const prepare = this.#prepareCall(node, scope)
    return this.#located(node.at, scope, (env) => {
      const { target, slots } = prepare(env)
      return new TailCall(target, slots)
    })
  }

  #prepareCall(node: NodeOf<'apply'>, scope: Scope): (env: Env) => { target: FunctionValue; slots: Thunk[] } {
    const target = this.code(node.target, scope)
    const positional = node.positional.map((argument) => this.thunk(argument, scope))
    const named = node.named.map(({ name, value }) => [name, this.thunk(value, scope)] as const)
    return (env) => {
      const callee = asFunction(target(env))
      const slots = slotsOf(callee, {
        positional: positional.map((argument) => argument(env)),
        named: named.map(([name, argument]) => [name, argument(env)]),
      })
      if (node.tailstrict) for (const slot of slots) slot.force()
      return { target: callee, slots }
    }
  }

  /** Adds the place to what is thrown without one. */
  #located<T>(at: Span, scope: Scope, code: (env: Env) => T): (env: Env) => T {
    return (env) => {
      try {
        return code(env)
      } catch (error) {
        if (error instanceof RuntimeFault && !error.hasPlace) error.addFrame(at, scope.inside)
        throw error
      }
    }
  }
}

function selfOf(env: Env): ObjectValue {
  // The compiler lets only code of an object come here.
  return env.self as ObjectValue
}
