// What is known of a value's type before an expression runs: literals and what operators make of them.

/** `unknown` goes with everything; the names are those that messages show. */
export interface Nature {
  readonly kind:
    | 'unknown'
    | 'nil'
    | 'int'
    | 'float'
    | 'string'
    | 'bool'
    | 'array'
    | 'map'
    | 'bytes'
    | 'time'
    | 'duration'
  readonly name: string
  /** Of an array: its elements. */
  readonly elem?: Nature
}

export const UNKNOWN: Nature = { kind: 'unknown', name: 'unknown' }
export const NIL: Nature = { kind: 'nil', name: 'nil' }
export const INTEGER: Nature = { kind: 'int', name: 'int' }
export const FLOAT: Nature = { kind: 'float', name: 'float64' }
export const STRING: Nature = { kind: 'string', name: 'string' }
export const BOOL: Nature = { kind: 'bool', name: 'bool' }
export const BYTES: Nature = { kind: 'bytes', name: '[]uint8' }
export const TIME: Nature = { kind: 'time', name: 'time.Time' }
export const DURATION: Nature = { kind: 'duration', name: 'time.Duration' }
export const MAP: Nature = { kind: 'map', name: 'map[string]interface {}' }
export const ARRAY: Nature = { kind: 'array', name: '[]interface {}' }

export function arrayOf(elem: Nature): Nature {
  if (elem.kind === 'unknown' || elem.kind === 'nil') return ARRAY
  return { kind: 'array', name: `[]${elem.name}`, elem }
}

export function isNumber({ kind }: Nature): boolean {
  return kind === 'int' || kind === 'float'
}

type Kinds = readonly Nature['kind'][]

/** Two of one of these kinds, where a number goes with every number; unknown goes with each of them. */
export function areBoth(a: Nature, b: Nature, kinds: Kinds): boolean {
  if (a.kind === 'unknown') return b.kind === 'unknown' || kinds.includes(b.kind)
  if (b.kind === 'unknown') return kinds.includes(a.kind)
  return kinds.includes(a.kind) && kinds.includes(b.kind) && (a.kind === b.kind || (isNumber(a) && isNumber(b)))
}

/** May `==` stand between them? */
export function areComparable(a: Nature, b: Nature): boolean {
  if ([a.kind, b.kind].some((kind) => kind === 'unknown' || kind === 'nil')) return true
  return a.kind === b.kind || (isNumber(a) && isNumber(b))
}

/** The number two numbers make. */
export function promoted(a: Nature, b: Nature): Nature {
  if (!isNumber(a) || !isNumber(b)) return UNKNOWN
  return a.kind === 'float' || b.kind === 'float' ? FLOAT : INTEGER
}

/** What two branches have in common. */
export function merged(a: Nature, b: Nature): Nature {
  if (a.kind === 'nil') return b
  if (b.kind === 'nil' || a.name === b.name) return a
  return UNKNOWN
}
