// The names a place in a program can see: values of variables, and functions with where they were defined.
import { JqError } from './error.ts'
import type { Definition, Node } from './syntax.ts'
import type { Json } from './values.ts'

export interface Closure {
  readonly params: readonly string[]
  readonly body: Node
  /** What the body sees. */
  readonly scope: Scope
}

/** A chain, newest name first. */
export interface Scope {
  readonly parent: Scope | undefined
  /** `$x`, or `f/1`. */
  readonly name: string
  readonly value?: Json
  readonly closure?: Closure
}

export const EMPTY_SCOPE: Scope = { parent: undefined, name: '' }

export function bindValue(parent: Scope, name: string, value: Json): Scope {
  return { parent, name, value }
}

/** A definition sees itself and what stands before it; an argument sees what its caller sees. */
export function bindFunction(parent: Scope, { name, params, body }: Definition, seen?: Scope): Scope {
  const own: { parent: Scope; name: string; closure?: Closure } = { parent, name: `${name}/${params.length}` }
  own.closure = { params, body, scope: seen ?? own }
  return own
}

export function valueOf(scope: Scope, name: string): Json {
  const found = find(scope, name)
  if (found?.value === undefined) throw new JqError(`variable not defined: ${name}`)
  return found.value
}

/** Undefined for a name the program does not define itself. */
export function closureOf(scope: Scope, name: string): Closure | undefined {
  return find(scope, name)?.closure
}

function find(scope: Scope, name: string): Scope | undefined {
  for (let current: Scope | undefined = scope; current !== undefined; current = current.parent) {
    if (current.name === name) return current
  }
  return undefined
}
