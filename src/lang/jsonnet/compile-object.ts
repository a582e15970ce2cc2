// Objects and comprehensions as code.
import { RuntimeFault } from './error.ts'
import { toText } from './json-text.ts'
import { add } from './operators.ts'
import { ROOT, Scope, type CompileContext } from './scope.ts'
import type { AssertSyntax, Bind, Clause, FieldSyntax, NodeOf } from './syntax.ts'
import {
  ArrayValue,
  asBoolean,
  duplicateField,
  Env,
  ObjectValue,
  Thunk,
  typeOf,
  type Code,
  type Field,
  type Value,
} from './values.ts'

interface CompiledField {
  readonly key: Code
  readonly value: Code
  readonly syntax: FieldSyntax
}

/** An object's code: its keys belong to the scope around it, its values and locals to its own. */
export function compileObject(node: NodeOf<'object'>, scope: Scope, context: CompileContext): Code {
  const inner = objectScope(node.locals, scope)
  const locals = node.locals.map(({ body }) => context.code(body, inner))
  const isRoot = !scope.isInObject
  const fields = node.fields.map((syntax): CompiledField => {
    return { syntax, key: context.code(syntax.key, scope), value: context.code(syntax.value, inner) }
  })
  const asserts = node.asserts.map((syntax) => compileAssert(syntax, inner, context))
  return (env) => {
    function scopeOf(self: ObjectValue, layer: number): Env {
      return self.scopeOf(layer, () => objectEnv({ env, locals, isRoot }, self, layer))
    }
    const layer = new Map<string, Field>()
    for (const field of fields) addField(layer, field, { name: field.key(env), scopeOf })
    return new ObjectValue([
      {
        fields: layer,
        asserts: asserts.map(
          (check) =>
            (self, index): void =>
              check(scopeOf(self, index)),
        ),
      },
    ])
  }
}

function objectScope(locals: readonly Bind[], scope: Scope): Scope {
  const names = locals.map(({ name }) => name)
  return new Scope(scope.isInObject ? names : [...names, ROOT], scope, { isInObject: true })
}

function objectEnv(
  parts: { readonly env: Env; readonly locals: readonly Code[]; readonly isRoot: boolean },
  self: ObjectValue,
  layer: number,
): Env {
  const slots: Thunk[] = []
  const env = new Env(parts.env, slots, self, layer)
  for (const local of parts.locals) slots.push(Thunk.later(() => local(env)))
  if (parts.isRoot) slots.push(Thunk.of(self))
  return env
}

function addField(
  layer: Map<string, Field>,
  { syntax, value }: CompiledField,
  place: { readonly name: Value; readonly scopeOf: (self: ObjectValue, layer: number) => Env },
): void {
  const { name, scopeOf } = place
  if (name === null) return // a computed key that is null: the field is left out
  if (typeof name !== 'string') throw new RuntimeFault(`Field name must be string, got ${typeOf(name)}`)
  if (layer.has(name)) throw duplicateField(name)
  const { visibility } = syntax
  if (!syntax.adds) {
    layer.set(name, { visibility, evaluate: (self, index) => value(scopeOf(self, index)) })
    return
  }
  layer.set(name, {
    visibility,
    evaluate: (self, index) => {
      const below = self.fromBelow(name, index)
      const own = value(scopeOf(self, index))
      return below === undefined ? own : add(below, own)
    },
  })
}

/** A check that throws where the condition does not hold. */
function compileAssert(syntax: AssertSyntax, scope: Scope, context: CompileContext): (env: Env) => void {
  const condition = context.code(syntax.condition, scope)
  const message = syntax.message === undefined ? undefined : context.code(syntax.message, scope)
  return (env) => {
    try {
      if (asBoolean(condition(env))) return
      throw new RuntimeFault(message === undefined ? 'Object assertion failed.' : toText(message(env)))
    } catch (error) {
      if (error instanceof RuntimeFault && !error.hasPlace) error.addFrame(syntax.at, scope.inside)
      throw error
    }
  }
}

/** `[body for x in list if …]`. */
export function compileListComprehension(
  node: NodeOf<'array-comprehension'>,
  scope: Scope,
  context: CompileContext,
): Code {
  const { each, inner } = compileClauses(node.clauses, scope, context)
  const body = context.thunk(node.body, inner)
  return (env) => {
    const items: Thunk[] = []
    each(env, (one) => items.push(body(one)))
    return new ArrayValue(items)
  }
}

/** `{[key]: value for x in list}`. */
export function compileObjectComprehension(
  node: NodeOf<'object-comprehension'>,
  scope: Scope,
  context: CompileContext,
): Code {
  const { each, inner } = compileClauses(node.clauses, scope, context)
  const own = objectScope(node.locals, inner)
  const isRoot = !scope.isInObject
  const locals = node.locals.map(({ body }) => context.code(body, own))
  const { field: syntax } = node
  const field = { syntax, key: context.code(syntax.key, inner), value: context.code(syntax.value, own) }
  return (env) => {
    const layer = new Map<string, Field>()
    each(env, (one) => {
      const scopeOf = (self: ObjectValue, index: number): Env => objectEnv({ env: one, locals, isRoot }, self, index)
      addField(layer, field, { name: field.key(one), scopeOf })
    })
    return new ObjectValue([{ fields: layer, asserts: [] }])
  }
}

type Each = (env: Env, visit: (env: Env) => void) => void

/** Runs through all combinations that the clauses allow; `inner` is the scope of what is visited. */
function compileClauses(
  clauses: readonly Clause[],
  scope: Scope,
  context: CompileContext,
): { readonly each: Each; readonly inner: Scope } {
  const [clause, ...rest] = clauses
  if (clause === undefined) return { inner: scope, each: (env, visit) => visit(env) }
  if (clause.kind === 'if') {
    const condition = context.code(clause.condition, scope)
    const { each, inner } = compileClauses(rest, scope, context)
    return {
      inner,
      each: (env, visit) => {
        if (asBoolean(condition(env))) each(env, visit)
      },
    }
  }
  const list = context.code(clause.list, scope)
  const { each, inner } = compileClauses(rest, new Scope([clause.name], scope), context)
  return {
    inner,
    each: (env, visit) => {
      for (const item of listOf(list(env)).items) each(new Env(env, [item]), visit)
    },
  }
}

function listOf(value: Value): ArrayValue {
  if (value instanceof ArrayValue) return value
  // Upstream makes comprehensions of calls of std.flatMap, and its words are known.
  throw new RuntimeFault(`std.flatMap second param must be array / string, got ${typeOf(value)}`)
}
