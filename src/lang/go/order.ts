// The order in which Go's templates and fmt walk a map: by key, numbers by size, strings by bytes.
import { compareText } from './text.ts'
import type { GoMap, GoValue } from './values.ts'
import { floatOf, integerOf, stringOf } from './values.ts'

/** A map's keys in walking order (internal/fmtsort). */
export function sortedKeys(map: GoMap): GoValue[] {
  const keys = [...map.keys()]
  return keys.length < 2 ? keys : keys.sort(compareKeys)
}

/** Negative, zero or positive for two keys of one type; different types keep bool, number, string. */
function compareKeys(a: GoValue, b: GoValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  const textA = stringOf(a)
  const textB = stringOf(b)
  if (textA !== undefined && textB !== undefined) return compareText(textA, textB)
  return compareNumbers(numberOf(a), numberOf(b))
}

function rankOf(key: GoValue): number {
  if (key === null) return 0
  if (typeof key === 'boolean') return 1
  return stringOf(key) === undefined ? 2 : 3
}

function numberOf(key: GoValue): bigint | number {
  return integerOf(key) ?? floatOf(key) ?? (key === true ? 1 : 0)
}

function compareNumbers(a: bigint | number, b: bigint | number): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
