// Which variable is meant, known before a program runs: how many scopes out, and which slot there.
import { staticError } from './error.ts'
import type { Span } from './source.ts'
import type { Node } from './syntax.ts'
import type { Code, Env, Thunk } from './values.ts'

/** The name under which an outermost object binds `$`. */
export const ROOT = '$'

export class Scope {
  readonly #parent: Scope | undefined
  readonly #names: ReadonlyMap<string, number>
  readonly isInObject: boolean
  /** What errors say the code belongs to. */
  readonly inside: string

  constructor(
    names: readonly string[],
    parent?: Scope,
    context: { readonly isInObject?: boolean; readonly inside?: string } = {},
  ) {
    this.#names = new Map(names.map((name, index) => [name, index]))
    this.#parent = parent
    this.isInObject = context.isInObject ?? parent?.isInObject ?? false
    this.inside = context.inside ?? parent?.inside ?? ROOT
  }

  /** How to find a variable's thunk while the program runs. Throws for a name that nobody bound. */
  resolve(name: string, at: Span): (env: Env) => Thunk {
    return this.#find(name, 0) ?? unknownVariable(name, at)
  }

  #find(name: string, depth: number): ((env: Env) => Thunk) | undefined {
    const slot = this.#names.get(name)
    if (slot !== undefined) return finder(depth, slot)
    return this.#parent === undefined ? undefined : this.#parent.#find(name, depth + 1)
  }
}

function unknownVariable(name: string, at: Span): never {
  throw staticError(at, name === ROOT ? 'No top-level object found.' : `Unknown variable: ${name}`)
}

function finder(depth: number, slot: number): (env: Env) => Thunk {
  return (env) => {
    let at: Env | undefined = env
    for (let left = depth; left > 0; left--) at = at?.parent
    // The scopes of the compiler and those of the run are built alike: the slot is there.
    return at?.slots[slot] as Thunk
  }
}

/** Turns a node's tree into code. */
export interface CompileContext {
  /** The value of a node. */
  code(node: Node, scope: Scope): Code
  /** The value of a node, put off. */
  thunk(node: Node, scope: Scope): (env: Env) => Thunk
}
