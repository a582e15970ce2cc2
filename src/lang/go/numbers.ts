// Numbers as Go's strconv writes and reads them.
import { textOfRune } from './text.ts'

const MIN_INT64 = -(2n ** 63n)
const MAX_INT64 = 2n ** 63n - 1n
const MAX_UINT64 = 2n ** 64n - 1n

export type FloatForm = 'e' | 'f' | 'g'

/** strconv.FormatFloat: `precision` -1 means as few digits as read back the same number. */
export function formatFloat(value: number, form: FloatForm, precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const magnitude = Math.abs(value)
  switch (form) {
    case 'e':
      return sign + exponentForm(precision < 0 ? shortest(magnitude) : rounded(magnitude, precision + 1), precision)
    case 'f':
      return sign + (precision < 0 ? plainForm(shortest(magnitude)) : fixedForm(magnitude, precision))
    case 'g':
      return sign + generalForm(magnitude, precision)
  }
}

interface Digits {
  /** Decimal digits, the first before the point. */
  readonly digits: string
  readonly exponent: number
}

function shortest(value: number): Digits {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) }
}

/** Exactly `count` digits, ties to even, from the exact binary value. */
function rounded(value: number, count: number): Digits {
  if (value === 0) return { digits: '0'.repeat(Math.max(count, 1)), exponent: 0 }
  const { exponent } = shortest(value)
  const scaled = scaleExactly(value, count - 1 - exponent).toString()
  if (scaled.length > count) return { digits: scaled.slice(0, count), exponent: exponent + scaled.length - count }
  return { digits: scaled.padStart(count, '0'), exponent }
}

function fixedForm(value: number, precision: number): string {
  const digits = scaleExactly(value, precision)
    .toString()
    .padStart(precision + 1, '0')
  if (precision === 0) return digits
  return `${digits.slice(0, -precision)}.${digits.slice(-precision)}`
}

/** value × 10^power as an integer, rounded half to even on the exact binary value. */
function scaleExactly(value: number, power: number): bigint {
  const { mantissa, exponent } = binaryParts(value)
  const ten = 10n ** BigInt(Math.abs(power))
  const numerator = mantissa * (power >= 0 ? ten : 1n) * (exponent >= 0 ? 2n ** BigInt(exponent) : 1n)
  const denominator = (power < 0 ? ten : 1n) * (exponent < 0 ? 2n ** BigInt(-exponent) : 1n)
  const quotient = numerator / denominator
  const twice = (numerator % denominator) * 2n
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n)
  return isUp ? quotient + 1n : quotient
}

/** The integer mantissa and the power of two whose product is the number. */
export function binaryParts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const fraction = bits & 0xf_ff_ff_ff_ff_ff_ffn
  const biased = Number((bits >> 52n) & 0x7_ffn)
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 }
}

function exponentForm({ digits, exponent }: Digits, precision: number): string {
  const tail = precision < 0 ? digits.slice(1) : digits.slice(1, precision + 1)
  const power = Math.abs(exponent).toString().padStart(2, '0')
  return `${digits[0]}${tail === '' ? '' : `.${tail}`}e${exponent < 0 ? '-' : '+'}${power}`
}

function plainForm({ digits, exponent }: Digits): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0')
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}

/** Exponent form below 1e-4 and from the precision on; for the shortest form the precision counts as 6 (strconv). */
function generalForm(value: number, precision: number): string {
  const isShortest = precision < 0
  const count = precision === 0 ? 1 : precision
  const source = isShortest ? shortest(value) : rounded(value, count)
  const digits = { digits: source.digits.replace(/0+$/, '') || '0', exponent: source.exponent }
  const length = digits.digits.length
  const bound = count > length && length > digits.exponent ? length : count
  const isLong = digits.exponent < -4 || digits.exponent >= (isShortest ? 6 : bound)
  return isLong ? exponentForm(digits, -1) : plainForm(digits)
}

/** Why a text is no number of the wanted kind, in strconv's words. */
export type NumberFault = 'invalid syntax' | 'value out of range'

/** strconv.ParseInt for 64 bits; base 0 takes Go's prefixes and underscores. */
export function parseInteger(text: string, base: 0 | 10): bigint | NumberFault {
  const parsed = parseMagnitude(text, base)
  if (typeof parsed !== 'bigint') return parsed
  return parsed < MIN_INT64 || parsed > MAX_INT64 ? 'value out of range' : parsed
}

/** strconv.ParseUint for 64 bits. */
export function parseUnsigned(text: string, base: 0 | 10): bigint | NumberFault {
  if (/^[+-]/.test(text)) return 'invalid syntax'
  const parsed = parseMagnitude(text, base)
  return typeof parsed === 'bigint' && parsed > MAX_UINT64 ? 'value out of range' : parsed
}

const DIGIT_FORMS: readonly (readonly [RegExp, string])[] = [
  [/^0[xX](?:_?[0-9a-fA-F])+$/, '0x'],
  [/^0[bB](?:_?[01])+$/, '0b'],
  [/^0[oO](?:_?[0-7])+$/, '0o'],
  [/^0(?:_?[0-7])+$/, '0o'],
  [/^(?:0|[1-9](?:_?[0-9])*)$/, ''],
]

function parseMagnitude(text: string, base: 0 | 10): bigint | NumberFault {
  const isNegative = text.startsWith('-')
  const digits = isNegative || text.startsWith('+') ? text.slice(1) : text
  let magnitude: bigint | undefined
  if (base === 10) {
    magnitude = /^[0-9]+$/.test(digits) ? BigInt(digits) : undefined
  } else {
    const form = DIGIT_FORMS.find(([pattern]) => pattern.test(digits))
    if (form !== undefined) {
      const plain = digits.replaceAll('_', '')
      magnitude = BigInt(form[1] + (form[1] === '' ? plain : plain.replace(/^0[xXbBoO]?/, '')))
    }
  }
  if (magnitude === undefined) return 'invalid syntax'
  return isNegative ? -magnitude : magnitude
}

const DECIMAL_FLOAT = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const HEX_FLOAT = /^(?<sign>[+-]?)0[xX](?<whole>[0-9a-fA-F]*)\.?(?<fraction>[0-9a-fA-F]*)[pP](?<power>[+-]?[0-9]+)$/
const SPECIAL_FLOAT = /^(?<sign>[+-]?)(?:inf|infinity)$/i

/** strconv.ParseFloat for 64 bits. Underscores count only in `parseGoFloatLiteral`. */
export function parseFloat64(text: string): number | NumberFault {
  if (DECIMAL_FLOAT.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? value : 'value out of range'
  }
  if (/^nan$/i.test(text)) return Number.NaN
  const special = SPECIAL_FLOAT.exec(text)
  if (special !== null) return special.groups?.['sign'] === '-' ? -Infinity : Infinity
  const hex = HEX_FLOAT.exec(text)?.groups
  if (hex === undefined || `${hex['whole']}${hex['fraction']}` === '') return 'invalid syntax'
  return hexFloat(hex)
}

function hexFloat(parts: Record<string, string | undefined>): number {
  const fraction = parts['fraction'] ?? ''
  const mantissa = Number(BigInt(`0x${parts['whole'] ?? ''}${fraction}`))
  const value = mantissa * 2 ** (Number(parts['power']) - 4 * fraction.length)
  return parts['sign'] === '-' ? -value : value
}

/** A float literal as Go source writes it, with underscores between digits. */
export function parseGoFloatLiteral(text: string): number | NumberFault {
  if (!text.includes('_')) return parseFloat64(text)
  const isHex = /^[+-]?0[xX]/.test(text)
  const digit = isHex ? '[0-9a-fA-F]' : '[0-9]'
  const misplaced = new RegExp(`_(?!${digit})|(?<!${digit}${isHex ? '|[xX]' : ''})_`)
  return misplaced.test(text) ? 'invalid syntax' : parseFloat64(text.replaceAll('_', ''))
}

/** An integer as Go converts a float64 to int64: toward zero; what does not fit becomes the smallest one (amd64). */
export function truncateToInt64(value: number): bigint {
  if (!Number.isFinite(value)) return MIN_INT64
  const whole = BigInt(Math.trunc(value))
  return whole < MIN_INT64 || whole > MAX_INT64 ? MIN_INT64 : whole
}

/** The character a rune number stands for, for %c and %q; out of range is U+FFFD. */
export function runeText(value: bigint): string {
  return textOfRune(value < 0n || value > 0x10_ff_ffn ? 0xff_fd : Number(value))
}
