// What the nodes of a jq program share while it runs: items, and the run that makes them and counts its steps.
import type { Budget } from './budget.ts'
import type { Path } from './paths.ts'
import type { Scope } from './scope.ts'
import type { Node } from './syntax.ts'
import type { Json } from './values.ts'

/** A value; with where it stands in the input while paths are asked for, `undefined` for one that stands nowhere. */
export interface Item {
  readonly value: Json
  readonly path: Path | undefined
}

export type Items = Generator<Item, void, undefined>

/** A function that jq itself cannot express. */
export type Special = (run: Run, args: readonly Node[], item: Item, scope: Scope) => Items
/** A function of values: for each combination of arguments one answer. */
export type Plain = (input: Json, args: readonly Json[], budget: Budget) => Json

export interface Library {
  readonly specials: ReadonlyMap<string, Special>
  readonly plains: ReadonlyMap<string, Plain>
}

/** One execution, as nodes and functions see it. */
export interface Run extends Budget {
  readonly library: Library
  /** The items a node makes of one. */
  items(node: Node, item: Item, scope: Scope): Items
  /** The values of a node, wherever they stand. */
  values(node: Node, value: Json, scope: Scope): Generator<Json, void, undefined>
  /** The places a node names in a value. Throws for a node that makes new values. */
  paths(node: Node, value: Json, scope: Scope): Generator<Path, void, undefined>
  /** Counts work that no node does by itself. Throws `JqLimitError` where it is too much. */
  step(): void
}

/** An item that stands nowhere in the input. */
export function made(value: Json): Item {
  return { value, path: undefined }
}
