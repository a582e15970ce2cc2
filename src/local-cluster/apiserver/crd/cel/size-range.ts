// Sizes and costs that are estimated: ranges of whole numbers that stop at the largest there is.
import type { Bounds } from './declared-bounds.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

/** A type as the library's checker leaves it with a node. */
export interface CheckedType {
  readonly kind: string
  readonly name: string
  readonly valueType?: CheckedType
}

/** Where in the declared value a result stands: `none` for results that are computed, `lost` for what the schema does not say. */
export type Place = Bounds | 'none' | 'lost'

/** What is known of a part of an expression before it runs. */
export interface Estimate {
  /** At most. */
  readonly cost: number
  /** undefined where nothing is known. */
  readonly size: Range | undefined
  readonly place: Place
  readonly type?: CheckedType | undefined
  readonly entries?: Entries | undefined
  /** Of a literal whole number. */
  readonly literal?: bigint | undefined
}

/** Sizes of what a list or map that the expression makes holds. */
export interface Entries {
  readonly isList: boolean
  readonly key: Range
  readonly value: Range
}

/** `math.MaxUint64`. */
export const MAX_COST: number = 2 ** 64
export const UNKNOWN: Range = { min: 0, max: MAX_COST }
/** `StringTraversalCostFactor`. */
export const TEXT_FACTOR = 0.1
/** `RegexStringLengthCostFactor`. */
export const PATTERN_FACTOR = 0.25

export function exactly(size: number): Range {
  return { min: size, max: size }
}

export function add(a: Range, b: Range): Range {
  return { min: Math.min(MAX_COST, a.min + b.min), max: Math.min(MAX_COST, a.max + b.max) }
}

export function times(a: number, b: number): number {
  return Math.min(MAX_COST, a * b)
}

export function sum(costs: readonly number[]): number {
  return Math.min(
    MAX_COST,
    costs.reduce((total, cost) => total + cost, 0),
  )
}

/** A size by a factor, rounded up. */
export function scaled(size: number, factor: number): number {
  return Math.min(MAX_COST, Math.ceil(size * factor))
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}

/** The entries of a list or map with some values. */
export function entriesOf(isList: boolean, key: Range, values: readonly Estimate[]): Entries {
  const sizes = values.map(({ size }) => size ?? UNKNOWN)
  return { isList, key, value: sizes.length === 0 ? exactly(0) : sizes.reduce(union) }
}
