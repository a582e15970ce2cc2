// How fmt prints single numbers, strings and bytes under a verb's flags, width and precision.
import { binaryParts, formatFloat, runeText } from './numbers.ts'
import { canBackquote, isPrintable, quoteRune, quoteText } from './quote.ts'
import { bytesOfText } from './text.ts'

/** What stands between `%` and the verb. */
export interface Format {
  readonly plus: boolean
  readonly minus: boolean
  readonly sharp: boolean
  readonly space: boolean
  readonly zero: boolean
  /** `%+v` and `%#v`, for which plus and sharp are not set. */
  readonly plusV: boolean
  readonly sharpV: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

export const PLAIN_FORMAT: Format = {
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  plusV: false,
  sharpV: false,
  width: undefined,
  precision: undefined,
}

const HEX_PAIR = 2
const FRACTION_NIBBLES = 13

/** The text at the width, counted in characters; zeros only to the left. */
export function pad(format: Format, text: string, allowZero = true): string {
  if (format.width === undefined) return text
  const missing = format.width - characterCount(text)
  if (missing <= 0) return text
  if (format.minus) return text + ' '.repeat(missing)
  return (format.zero && allowZero ? '0' : ' ').repeat(missing) + text
}

function characterCount(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

const BASES: Readonly<Record<string, number>> = { b: 2, d: 10, o: 8, O: 8, v: 10, x: 16, X: 16 }

/** An integer under b, c, d, o, O, q, U, v, x or X; undefined for another verb. */
export function formatInteger(format: Format, value: bigint, verb: string, isUnsigned: boolean): string | undefined {
  const base = BASES[verb]
  if (base === undefined) return formatRune(format, value, verb)
  if (verb === 'v' && format.sharpV && isUnsigned) return radixText({ ...format, sharp: true }, value, 16, 'x')
  return radixText(format, value, base, verb)
}

function formatRune(format: Format, value: bigint, verb: string): string | undefined {
  switch (verb) {
    case 'c':
      return pad(format, runeText(value))
    case 'q':
      return pad(format, quoteRune(runeText(value), format.plus))
    case 'U':
      return pad(format, unicodeText(format, value), false)
    default:
      return undefined
  }
}

function radixText(format: Format, value: bigint, base: number, verb: string): string {
  const isNegative = value < 0n
  if (format.precision === 0 && value === 0n) return ' '.repeat(format.width ?? 0)
  let digits = (isNegative ? -value : value).toString(base)
  if (verb === 'X') digits = digits.toUpperCase()
  digits = digits.padStart(minimumDigits(format, isNegative), '0')
  const sign = isNegative ? '-' : signText(format)
  return pad(format, sign + radixPrefix(format, digits, base, verb) + digits, false)
}

function minimumDigits(format: Format, isNegative: boolean): number {
  if (format.precision !== undefined) return format.precision
  if (!format.zero || format.minus || format.width === undefined) return 0
  return isNegative || format.plus || format.space ? format.width - 1 : format.width
}

function radixPrefix(format: Format, digits: string, base: number, verb: string): string {
  if (verb === 'O') return format.sharp ? '0o0' : '0o'
  if (!format.sharp) return ''
  if (base === 2) return '0b'
  if (base === 8) return digits.startsWith('0') ? '' : '0'
  if (base === 16) return verb === 'X' ? '0X' : '0x'
  return ''
}

function signText(format: Format): string {
  if (format.plus) return '+'
  return format.space ? ' ' : ''
}

function unicodeText(format: Format, value: bigint): string {
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase()
  const text = `U+${digits.padStart(Math.max(format.precision ?? 4, 4), '0')}`
  if (!format.sharp || value < 0n || value > 0x10_ff_ffn) return text
  const char = runeText(value)
  return isPrintable(char) ? `${text} '${char}'` : text
}

/** A float under b, e, E, f, F, g, G, v, x or X; undefined for another verb. */
export function formatFloatVerb(format: Format, value: number, verb: string): string | undefined {
  const number = floatDigits(format, value, verb)
  if (number === undefined) return undefined
  if (!Number.isFinite(value)) return pad(format, specialFloat(format, value, verb), false)
  const sign = number.startsWith('-') ? '-' : signText(format)
  const magnitude = number.startsWith('-') ? number.slice(1) : number
  const cased = 'EGX'.includes(verb) ? magnitude.toUpperCase() : magnitude
  const body = format.sharp && verb !== 'b' ? withTrailingZeros(format, cased, verb) : cased
  const isZeroPadded = format.zero && !format.minus && format.width !== undefined
  return isZeroPadded ? sign + body.padStart((format.width ?? 0) - sign.length, '0') : pad(format, sign + body)
}

function specialFloat(format: Format, value: number, verb: string): string {
  if (Number.isNaN(value)) return `${signText(format)}NaN`
  if (value < 0) return '-Inf'
  return signText(format) === ' ' && verb !== 'v' ? ' Inf' : '+Inf'
}

function floatDigits(format: Format, value: number, verb: string): string | undefined {
  switch (verb) {
    case 'v':
    case 'g':
    case 'G':
      return formatFloat(value, 'g', format.precision ?? -1)
    case 'e':
    case 'E':
      return formatFloat(value, 'e', format.precision ?? 6)
    case 'f':
    case 'F':
      return formatFloat(value, 'f', format.precision ?? 6)
    case 'x':
    case 'X':
      return hexFloat(value, format.precision)
    case 'b':
      return binaryFloat(value)
    default:
      return undefined
  }
}

/** The `#` flag: a decimal point always, and %g keeps its trailing zeros up to 6 digits or the precision. */
function withTrailingZeros(format: Format, magnitude: string, verb: string): string {
  const isHex = verb === 'x' || verb === 'X'
  const split = magnitude.search(isHex ? /[pP]/ : /[eE]/)
  const head = split < 0 ? magnitude : magnitude.slice(0, split)
  const tail = split < 0 ? '' : magnitude.slice(split)
  const counted = head.replaceAll('.', '').replace(/^0+/, '').length
  const wanted = 'efEFX'.includes(verb) ? 0 : (format.precision ?? 6)
  const point = head.includes('.') ? '' : '.'
  const lead = head === '0' ? 1 : 0
  return head + point + '0'.repeat(Math.max(wanted - counted - lead, 0)) + tail
}

function hexFloat(value: number, precision: number | undefined): string {
  if (!Number.isFinite(value)) return formatFloat(value, 'g', -1)
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (value === 0) return `${sign}0x0${fractionText('0'.repeat(precision ?? 0))}p+00`
  const { mantissa, exponent } = normalized(value)
  const kept = Math.min(precision ?? FRACTION_NIBBLES, FRACTION_NIBBLES)
  const roundedUp = roundHalfEven(mantissa, BigInt(4 * (FRACTION_NIBBLES - kept)))
  const carries = roundedUp >> BigInt(4 * kept) === 2n
  const fraction = carries ? '0'.repeat(kept) : roundedUp.toString(16).slice(1)
  const digits = precision === undefined ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0')
  const power = exponent + (carries ? 53 : 52)
  return `${sign}0x1${fractionText(digits)}p${power < 0 ? '-' : '+'}${Math.abs(power).toString().padStart(2, '0')}`
}

function fractionText(digits: string): string {
  return digits === '' ? '' : `.${digits}`
}

/** Mantissa and power of two with the mantissa's 53rd bit set, for subnormal numbers too. */
function normalized(value: number): { mantissa: bigint; exponent: number } {
  let { mantissa, exponent } = binaryParts(Math.abs(value))
  while (mantissa < 1n << 52n) {
    mantissa <<= 1n
    exponent -= 1
  }
  return { mantissa, exponent }
}

function roundHalfEven(value: bigint, shift: bigint): bigint {
  if (shift === 0n) return value
  const kept = value >> shift
  const rest = value & ((1n << shift) - 1n)
  const half = 1n << (shift - 1n)
  return rest > half || (rest === half && kept % 2n === 1n) ? kept + 1n : kept
}

function binaryFloat(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value, 'g', -1)
  const { mantissa, exponent } = binaryParts(Math.abs(value))
  return `${value < 0 ? '-' : ''}${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}

/** A string under q, s, v, x or X; undefined for another verb. */
export function formatText(format: Format, text: string, verb: string): string | undefined {
  switch (verb) {
    case 'v':
      return format.sharpV ? quoted({ ...format, sharp: true }, text) : pad(format, truncated(format, text))
    case 's':
      return pad(format, truncated(format, text))
    case 'q':
      return quoted(format, text)
    case 'x':
    case 'X':
      return hexText(format, bytesOfText(text), verb)
    default:
      return undefined
  }
}

function quoted(format: Format, text: string): string {
  const shown = truncated(format, text)
  if (format.sharp && !format.sharpV && canBackquote(shown)) return pad(format, `\`${shown}\``)
  return pad(format, quoteText(shown, format.plus))
}

function truncated(format: Format, text: string): string {
  if (format.precision === undefined || text.length <= format.precision) return text
  return Array.from(text).slice(0, format.precision).join('')
}

/** Bytes as hexadecimal pairs, with `% x` separated and with `%#x` prefixed. */
export function hexText(format: Format, bytes: Uint8Array, verb: string): string {
  const hex = Buffer.from(bytes.subarray(0, format.precision)).toString('hex')
  const prefix = format.sharp ? '0x' : ''
  const pairs: string[] = []
  for (let index = 0; index < hex.length; index += HEX_PAIR) pairs.push(hex.slice(index, index + HEX_PAIR))
  const text = format.space ? pairs.map((pair) => prefix + pair).join(' ') : hex === '' ? '' : prefix + hex
  return pad(format, verb === 'X' ? text.toUpperCase() : text)
}
