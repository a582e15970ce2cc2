// Numbers out of any value, as spf13/cast 1.7 converts them for Sprig.
import { parseFloat64, parseInteger, truncateToInt64 } from '../go/numbers.ts'
import { floatOf, integerOf, stringOf } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'

/** Sprig's toInt64: what is no number is 0, a fraction is cut off. */
export function toInteger(value: GoValue): bigint {
  const integer = integerOf(value)
  if (integer !== undefined) return BigInt.asIntN(64, integer)
  if (typeof value === 'boolean') return value ? 1n : 0n
  const float = floatOf(value)
  if (float !== undefined) return truncateToInt64(float)
  const text = stringOf(value)
  const parsed = text === undefined ? 0n : parseInteger(text.replace(/\.0*$/, ''), 0)
  return typeof parsed === 'bigint' ? parsed : 0n
}

/** Sprig's toFloat64: what is no number is 0. */
export function toFloat(value: GoValue): number {
  const float = floatOf(value)
  if (float !== undefined) return float
  const integer = integerOf(value)
  if (integer !== undefined) return Number(integer)
  if (typeof value === 'boolean') return value ? 1 : 0
  const text = stringOf(value)
  const parsed = text === undefined ? 0 : parseFloat64(text)
  return typeof parsed === 'number' ? parsed : 0
}
