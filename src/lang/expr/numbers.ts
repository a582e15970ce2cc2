// Numbers of all of Go's types in one: what they are worth, and what conversion to int and float makes of them.
import { truncateToInt64 } from '../go/numbers.ts'
import { GoTyped, isIntegerKind } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { fault, typeName } from './run.ts'
import type { Run } from './run.ts'

/** An integer as bigint, a float as number; undefined for what is no number. A named type (time.Duration) is none. */
export function numberOf(value: GoValue): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value
  if (!(value instanceof GoTyped) || value.type.isNamed === true) return undefined
  if (typeof value.value === 'bigint' && isIntegerKind(value.type.kind)) return value.value
  return typeof value.value === 'number' ? value.value : undefined
}

/** An int of 64 bits, going round as Go's does. */
export function wrap(value: bigint): bigint {
  return value >= -0x8000_0000_0000_0000n && value <= 0x7fff_ffff_ffff_ffffn ? value : BigInt.asIntN(64, value)
}

/** runtime.ToInt: floats are cut. */
export function toInt(run: Run, value: GoValue): bigint {
  const number = numberOf(value)
  if (typeof number === 'bigint') return wrap(number)
  if (number === undefined) throw fault(run, `invalid operation: int(${typeName(value)})`)
  return truncateToInt64(number)
}

/** The same where it counts or points: a JavaScript number, exact as far as any list is long. */
export function toCount(run: Run, value: GoValue): number {
  return Number(toInt(run, value))
}

/** runtime.ToFloat64. */
export function toFloat(run: Run, value: GoValue): number {
  const number = numberOf(value)
  if (number === undefined) throw fault(run, `invalid operation: float(${typeName(value)})`)
  return Number(number)
}
