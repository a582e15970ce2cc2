// What the macros of CEL cost: the loops cel-go makes of them (`parser/macro.go`, `ext/comprehensions.go`), counted by hand.
import { entriesOf, exactly, union, UNKNOWN, type Estimate } from './size-range.ts'

export interface LoopShape {
  readonly variables: 1 | 2
  /** Whether its result is as large as what it loops over. */
  readonly gathers: boolean
  /** Of what stands before and after the loop. */
  readonly around: number
  /** What one turn costs, by the expressions after the variables and by the variable. */
  readonly turn: (expressions: readonly Estimate[], variable: Estimate) => Pick<Estimate, 'cost' | 'entries'>
}

type Shape = Omit<LoopShape, 'variables'>

const first = (expressions: readonly Estimate[]): number => expressions[0]?.cost ?? 0
const last = (expressions: readonly Estimate[]): number => expressions.at(-1)?.cost ?? 0

/** `@not_strictly_false(accu)`, then `accu && …`. */
const ALL: Shape = { gathers: false, around: 1, turn: (parts) => ({ cost: 3 + first(parts) }) }
/** `@not_strictly_false(!accu)`, then `accu || …`. */
const EXISTS: Shape = { gathers: false, around: 1, turn: (parts) => ({ cost: 4 + first(parts) }) }
/** `… ? accu + 1 : accu`, and `accu == 1` at the end. */
const EXISTS_ONE: Shape = { gathers: false, around: 2, turn: (parts) => ({ cost: 2 + first(parts) }) }
/** `accu + […]` from an empty list. */
const MAP: Shape = { gathers: true, around: 11, turn: (parts) => ({ cost: 12 + last(parts), entries: listOf(parts.at(-1)) }) } // prettier-ignore
const MAP_FILTERED: Shape = { ...MAP, turn: (parts) => ({ cost: first(parts) + 12 + last(parts), entries: listOf(parts.at(-1)) }) } // prettier-ignore
/** `… ? accu + [x] : accu`. */
const FILTER: Shape = { ...MAP, turn: (parts, variable) => ({ cost: 13 + first(parts), entries: listOf(variable) }) }
/** `cel.@mapInsert(accu, key, …)` from an empty map. */
const INSERT: Shape = { gathers: true, around: 31, turn: (parts) => ({ cost: 3 + last(parts) }) }
const INSERT_FILTERED: Shape = { ...INSERT, turn: (parts) => ({ cost: first(parts) + 3 + last(parts) }) }
const MERGE: Shape = { ...INSERT, turn: (parts) => ({ cost: 2 + last(parts) }) }
const MERGE_FILTERED: Shape = { ...INSERT, turn: (parts) => ({ cost: first(parts) + 2 + last(parts) }) }

/** By name and number of arguments. */
const LOOPS: ReadonlyMap<string, LoopShape> = new Map(
  (
    [
      ['all/2', 1, ALL],
      ['exists/2', 1, EXISTS],
      ['exists_one/2', 1, EXISTS_ONE],
      ['map/2', 1, MAP],
      ['map/3', 1, MAP_FILTERED],
      ['filter/2', 1, FILTER],
      ['all/3', 2, ALL],
      ['exists/3', 2, EXISTS],
      ['existsOne/3', 2, EXISTS_ONE],
      ['exists_one/3', 2, EXISTS_ONE],
      ['transformList/3', 2, MAP],
      ['transformList/4', 2, MAP_FILTERED],
      ['transformMap/3', 2, INSERT],
      ['transformMap/4', 2, INSERT_FILTERED],
      ['transformMapEntry/3', 2, MERGE],
      ['transformMapEntry/4', 2, MERGE_FILTERED],
    ] as const
  ).map(([key, variables, shape]) => [key, { variables, ...shape }]),
)

/** The loop a macro stands for; undefined for macros that are none. */
export function loopOf(name: string, args: number): LoopShape | undefined {
  return LOOPS.get(`${name}/${args}`)
}

/** The empty list the loop begins with, or one with the item. */
function listOf(item: Estimate | undefined): Estimate['entries'] {
  const { isList, key, value } = entriesOf(true, exactly(1), [])
  return { isList, key, value: union(value, item?.size ?? UNKNOWN) }
}
