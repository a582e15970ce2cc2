// Arithmetic of Sprig's addf, subf, mulf, divf: on decimal digits, as shopspring/decimal does it.
import { GoError } from '../go/error.ts'

/** Digits after the point of a quotient (decimal.DivisionPrecision). */
const DIVISION_PRECISION = 16n

interface Decimal {
  readonly coefficient: bigint
  /** The power of ten it is multiplied with. */
  readonly exponent: bigint
}

export function addDecimals(a: number, b: number): number {
  const [x, y] = aligned(decimalOf(a), decimalOf(b))
  return numberOf({ coefficient: x.coefficient + y.coefficient, exponent: x.exponent })
}

export function subtractDecimals(a: number, b: number): number {
  const [x, y] = aligned(decimalOf(a), decimalOf(b))
  return numberOf({ coefficient: x.coefficient - y.coefficient, exponent: x.exponent })
}

export function multiplyDecimals(a: number, b: number): number {
  const x = decimalOf(a)
  const y = decimalOf(b)
  return numberOf({ coefficient: x.coefficient * y.coefficient, exponent: x.exponent + y.exponent })
}

/** The quotient rounded half away from zero to 16 digits after the point. */
export function divideDecimals(a: number, b: number): number {
  const x = decimalOf(a)
  const y = decimalOf(b)
  if (y.coefficient === 0n) throw new GoError('decimal division by 0')
  const shift = x.exponent - y.exponent + DIVISION_PRECISION
  const numerator = shift >= 0n ? x.coefficient * 10n ** shift : x.coefficient
  const denominator = shift >= 0n ? y.coefficient : y.coefficient * 10n ** -shift
  const quotient = numerator / denominator
  const isUp = 2n * absolute(numerator % denominator) >= absolute(denominator)
  const away = numerator < 0n === denominator < 0n ? 1n : -1n
  return numberOf({ coefficient: isUp ? quotient + away : quotient, exponent: -DIVISION_PRECISION })
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value))
    throw new GoError(`Cannot create a Decimal from ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
  const [mantissa = '0', power = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return { coefficient: BigInt(whole + fraction), exponent: BigInt(power) - BigInt(fraction.length) }
}

function aligned(a: Decimal, b: Decimal): [Decimal, Decimal] {
  const exponent = a.exponent < b.exponent ? a.exponent : b.exponent
  return [scaled(a, exponent), scaled(b, exponent)]
}

function scaled(value: Decimal, exponent: bigint): Decimal {
  return { coefficient: value.coefficient * 10n ** (value.exponent - exponent), exponent }
}

function numberOf(value: Decimal): number {
  return Number(`${value.coefficient}e${value.exponent}`)
}
