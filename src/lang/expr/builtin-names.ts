// The names that are built in, and how many arguments each takes.

export interface PredicateArgument {
  readonly kind: 'value' | 'predicate'
  readonly isOptional: boolean
}

const VALUE: PredicateArgument = { kind: 'value', isOptional: false }
const OPTIONAL_VALUE: PredicateArgument = { kind: 'value', isOptional: true }
const PREDICATE: PredicateArgument = { kind: 'predicate', isOptional: false }
const OPTIONAL_PREDICATE: PredicateArgument = { kind: 'predicate', isOptional: true }

const PREDICATES: ReadonlyMap<string, readonly PredicateArgument[]> = new Map<string, readonly PredicateArgument[]>([
  ...['all', 'none', 'any', 'one', 'filter', 'map', 'find', 'findIndex', 'findLast', 'findLastIndex', 'groupBy'].map(
    (name) => [name, [VALUE, PREDICATE]] as const,
  ),
  ['count', [VALUE, OPTIONAL_PREDICATE]],
  ['sum', [VALUE, OPTIONAL_PREDICATE]],
  ['sortBy', [VALUE, PREDICATE, OPTIONAL_VALUE]],
  ['reduce', [VALUE, PREDICATE, OPTIONAL_VALUE]],
])

/** What a built-in function takes: at least, at most, and what it says where that does not hold. */
export interface Arity {
  readonly least: number
  readonly most: number
  /** `types`: `too many arguments to call x`; a text: `invalid number of arguments (expected 1, got 2)`. */
  readonly says: 'types' | 'counts'
}

function types(least: number, most = least): Arity {
  return { least, most, says: 'types' }
}

function counts(least: number, most = least): Arity {
  return { least, most, says: 'counts' }
}

const ONE_COUNTED = 'len abs ceil floor round int float first last keys values toPairs fromPairs reverse uniq flatten'
const ONE_TYPED = 'type string upper lower toJSON fromJSON toBase64 fromBase64 duration timezone bitnot'
const TWO_TYPED = 'repeat indexOf lastIndexOf hasPrefix hasSuffix bitand bitor bitxor bitnand bitshl bitshr bitushr'
const ONE_OR_TWO_TYPED = 'trim trimPrefix trimSuffix join sort'

const FUNCTIONS: ReadonlyMap<string, Arity> = new Map([
  ...ONE_COUNTED.split(' ').map((name) => [name, counts(1)] as const),
  ...ONE_TYPED.split(' ').map((name) => [name, types(1)] as const),
  ...TWO_TYPED.split(' ').map((name) => [name, types(2)] as const),
  ...ONE_OR_TWO_TYPED.split(' ').map((name) => [name, types(1, 2)] as const),
  ['split', types(2, 3)],
  ['splitAfter', types(2, 3)],
  ['replace', types(3, 4)],
  ['max', types(1, Infinity)],
  ['min', types(1, Infinity)],
  ['mean', types(1, Infinity)],
  ['median', types(1, Infinity)],
  ['concat', counts(1, Infinity)],
  ['now', counts(0, 1)],
  ['date', counts(1, 4)],
  ['get', counts(2)],
  ['take', counts(2)],
])

export function isPredicate(name: string): boolean {
  return PREDICATES.has(name)
}

export function predicateArguments(name: string): readonly PredicateArgument[] {
  return PREDICATES.get(name) ?? []
}

/** True for every built-in name, those with predicates too. */
export function isBuiltin(name: string): boolean {
  return PREDICATES.has(name) || FUNCTIONS.has(name)
}

/** What a built-in function without predicates takes. */
export function arityOf(name: string): Arity | undefined {
  return FUNCTIONS.get(name)
}
