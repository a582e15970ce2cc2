// How strongly jq's operators bind, and to which side.

export interface Binding {
  readonly level: number
  readonly associates: 'left' | 'right' | 'none'
}

const LEVELS: readonly (readonly [operators: string, associates: Binding['associates']])[] = [
  [',', 'left'],
  ['//', 'right'],
  ['= |= += -= *= /= %= //=', 'none'],
  ['or', 'left'],
  ['and', 'left'],
  ['== != < <= > >=', 'none'],
  ['+ -', 'left'],
  ['* / %', 'left'],
]

/** By operator; `|` stands outside, for what follows it sees bound variables. */
export const BINDING: ReadonlyMap<string, Binding> = new Map(
  LEVELS.flatMap(([operators, associates], level) =>
    operators.split(' ').map((operator) => [operator, { level, associates }] as const),
  ),
)
