// The canonical text of resource quantities (apimachinery v0.36.3 `pkg/api/resource/quantity.go`).
import type { JsonValue } from '../kube/object.ts'

/** Quantities beyond this are mistakes: the largest real one is an exabyte. */
const MAX_DIGITS = 64

const QUANTITY =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})?$/
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const NANO_DIGITS = 9

/** `1000m` → `1`, `0.5Gi` → `512Mi`, `1` → `"1"`; undefined where the value is no quantity. */
export function canonicalQuantity(value: JsonValue): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const number = parseQuantity(String(value))
  if (number === undefined) return undefined
  const { digits, fractionDigits, suffix } = number
  const sign = number.isNegative && digits !== 0n ? '-' : ''
  if (suffix.endsWith('i')) return sign + binaryText(digits, fractionDigits, suffix)
  const hasExponent = /^[eE]./.test(suffix)
  const exponent = hasExponent ? Number(suffix.slice(1)) : (DECIMAL[suffix] ?? 0)
  return sign + decimalText(toNanos(digits, exponent - fractionDigits), hasExponent)
}

interface ParsedQuantity {
  readonly isNegative: boolean
  /** All digits, without the point. */
  readonly digits: bigint
  readonly fractionDigits: number
  readonly suffix: string
}

function parseQuantity(text: string): ParsedQuantity | undefined {
  const { sign, whole = '', fraction = '', suffix = '' } = QUANTITY.exec(text)?.groups ?? {}
  const all = whole + fraction
  if (all === '' || all.length > MAX_DIGITS) return undefined
  return { isNegative: sign === '-', digits: BigInt(all), fractionDigits: fraction.length, suffix }
}

/** In billionths, rounded up: nothing smaller can be told apart. */
function toNanos(digits: bigint, exponent: number): bigint {
  const shift = exponent + NANO_DIGITS
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  return divideUp(digits, 10n ** BigInt(-shift))
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

function decimalText(nanos: bigint, hasExponent: boolean): string {
  if (nanos === 0n) return '0'
  let value = nanos
  let step = 0
  while (value % 1000n === 0n && (hasExponent || step < DECIMAL_SUFFIXES.length - 1)) {
    value /= 1000n
    step++
  }
  const exponent = step * 3 - NANO_DIGITS
  if (!hasExponent) return `${value}${DECIMAL_SUFFIXES[step] ?? ''}`
  return exponent === 0 ? String(value) : `${value}e${exponent}`
}

function binaryText(digits: bigint, fractionDigits: number, suffix: string): string {
  const scale = 1024n ** BigInt(BINARY_SUFFIXES.indexOf(suffix))
  const divisor = 10n ** BigInt(fractionDigits)
  const value = divideUp(digits * scale, divisor)
  // Below 1024 there is nothing binary about a number.
  if (value < 1024n) return decimalText(divideUp(digits * scale * 10n ** BigInt(NANO_DIGITS), divisor), false)
  let rest = value
  let step = 0
  while (rest % 1024n === 0n && step < BINARY_SUFFIXES.length - 1) {
    rest /= 1024n
    step++
  }
  return `${rest}${BINARY_SUFFIXES[step] ?? ''}`
}
