// `std.format` and the operator `%` of texts, with the arithmetic of std.jsonnet: digits come out as theirs.
import { RuntimeFault } from './error.ts'
import { parseFormat, type FormatCode } from './format-code.ts'
import { toText } from './json-text.ts'
import { pointCount } from './text-points.ts'
import { ArrayValue, asNumber, ObjectValue, typeOf, type Value } from './values.ts'

/** Of a width or precision: more would fill memory with zeros. */
export const MAX_FORMAT_WIDTH = 1_000_000

/** Formats a list's items in order, an object's fields by name, or one value. */
export function format(text: string, values: Value): string {
  const codes = parseFormat(text)
  if (values instanceof ObjectValue) {
    return codes.map((code) => (typeof code === 'string' ? code : formatField(code, values))).join('')
  }
  const list = values instanceof ArrayValue ? values.items.map((item) => () => item.force()) : [() => values]
  return formatList(codes, list)
}

function formatField(code: FormatCode, values: ObjectValue): string {
  if (code.key === undefined && code.conversion !== '%') throw new RuntimeFault('Mapping keys required.')
  if (code.width === '*') throw new RuntimeFault('Cannot use * field width with object.')
  if (code.precision === '*') throw new RuntimeFault('Cannot use * precision with object.')
  const sizes = { width: code.width, precision: code.precision }
  if (code.conversion === '%') return padded('%', code, code.width)
  const value = values.get(code.key ?? '')
  if (value === undefined) throw new RuntimeFault(`No such field: ${code.key}`)
  return padded(formatValue(value, { ...code, ...sizes }, code.key ?? ''), code, code.width)
}

function formatList(codes: readonly (string | FormatCode)[], list: readonly (() => Value)[]): string {
  let next = 0
  function take(what: string): Value {
    const item = list[next]
    if (item === undefined) {
      throw new RuntimeFault(`Not enough values to format: ${list.length}, expected ${what} ${next}`)
    }
    next++
    return item()
  }
  let result = ''
  for (const code of codes) {
    if (typeof code === 'string') {
      result += code
      continue
    }
    const width = code.width === '*' ? asNumber(take('at least')) : code.width
    const precision = code.precision === '*' ? asNumber(take('at least')) : code.precision
    const position = next
    const shown =
      code.conversion === '%' ? '%' : formatValue(take('more than'), { ...code, width, precision }, String(position))
    result += padded(shown, code, width)
  }
  if (next < list.length) {
    throw new RuntimeFault(`Too many values to format: ${list.length}, expected ${next}`)
  }
  return result
}

function padded(text: string, code: FormatCode, width: number): string {
  const missing = checkedWidth(width) - pointCount(text)
  if (missing <= 0) return text
  return code.isLeft ? text + ' '.repeat(missing) : ' '.repeat(missing) + text
}

function checkedWidth(width: number): number {
  if (width > MAX_FORMAT_WIDTH) throw new RuntimeFault(`format width ${width} is above ${MAX_FORMAT_WIDTH}`)
  return width
}

type Sized = FormatCode & { readonly width: number; readonly precision: number | undefined }

function formatValue(value: Value, code: Sized, position: string): string {
  switch (code.conversion) {
    case 's':
      return toText(value)
    case 'c':
      return character(value)
    case '%':
      return '%'
    default:
      if (typeof value !== 'number')
        throw new RuntimeFault(`Format required number at ${position}, got ${typeOf(value)}`)
      return formatNumber(value, code)
  }
}

function character(value: Value): string {
  if (typeof value === 'number') return String.fromCodePoint(value)
  if (typeof value !== 'string') throw new RuntimeFault(`%c expected number / string, got: ${typeOf(value)}`)
  if (pointCount(value) !== 1) throw new RuntimeFault(`%c expected 1-sized string got: ${pointCount(value)}`)
  return value
}

function formatNumber(value: number, code: Sized): string {
  const zeros = code.fillsWithZero && !code.isLeft ? checkedWidth(code.width) : 0
  const precision = checkedWidth(code.precision ?? 6)
  switch (code.conversion) {
    case 'd':
      return whole(value, code, { radix: 10, prefix: '', zeros })
    case 'o':
      return whole(value, code, { radix: 8, prefix: code.isAlternate ? '0' : '', zeros })
    case 'x':
      return hexadecimal(Math.floor(value), code, zeros)
    case 'f':
      return decimal(value, code, { zeros, precision, keepsZeros: true })
    case 'e':
      return scientific(value, code, { zeros, precision, keepsZeros: true })
    default:
      return general(value, code, { zeros, precision, keepsZeros: code.isAlternate })
  }
}

interface FloatForm {
  /** Width to be filled with zeros. */
  readonly zeros: number
  readonly precision: number
  /** Whether zeros at the end of the fraction stay. */
  readonly keepsZeros: boolean
}

function whole(
  value: number,
  code: Sized,
  form: { readonly radix: number; readonly prefix: string; readonly zeros: number },
): string {
  const sign = signOf(value <= -1, code)
  const digits = digitsOf(Math.floor(Math.abs(value)), form.radix, form.prefix)
  const least = Math.max(form.zeros - sign.length, checkedWidth(code.precision ?? 0))
  return sign + digits.padStart(least, '0')
}

function hexadecimal(value: number, code: Sized, zeros: number): string {
  const sign = signOf(value < 0, code)
  const prefix = code.isAlternate ? '0x' : ''
  const least = Math.max(zeros - sign.length - prefix.length, checkedWidth(code.precision ?? 0))
  const text = prefix + digitsOf(Math.abs(value), 16, '').padStart(least, '0')
  return sign + (code.isUpper ? text.toUpperCase() : text)
}

function decimal(value: number, code: FormatCode, { zeros, precision, keepsZeros }: FloatForm): string {
  const magnitude = Math.abs(value)
  const denominator = 10 ** precision
  const numerator = magnitude * denominator + 0.5
  const wholes = Math.floor(numerator / denominator)
  const fraction = Math.floor(numerator) % denominator
  const hasPoint = precision > 0 || code.isAlternate
  const sign = signOf(value < 0, code)
  const least = zeros - precision - (hasPoint ? 1 : 0) - sign.length
  const text = sign + digitsOf(magnitude === 0 ? 0 : wholes, 10, '').padStart(least, '0')
  if (precision === 0) return code.isAlternate ? `${text}.` : text
  if (!keepsZeros && fraction === 0) return text
  const digits = digitsOf(fraction, 10, '').padStart(precision, '0')
  return `${text}.${keepsZeros ? digits : digits.replace(/0+$/, '')}`
}

function scientific(value: number, code: FormatCode, form: FloatForm): string {
  const exponent = exponentOf(value)
  const digits = String(Math.abs(exponent)).padStart(2, '0')
  const suffix = `${code.isUpper ? 'E' : 'e'}${exponent < 0 ? '-' : '+'}${digits}`
  // 10 ** -324 is zero, and nothing is smaller.
  const mantissa = exponent === -324 ? (value * 10) / 10 ** (exponent + 1) : value / 10 ** exponent
  return decimal(mantissa, code, { ...form, zeros: form.zeros - suffix.length }) + suffix
}

function general(value: number, code: FormatCode, form: FloatForm): string {
  const exponent = exponentOf(value)
  if (exponent < -4 || exponent >= form.precision) {
    return scientific(value, code, { ...form, precision: form.precision - 1 })
  }
  return decimal(value, code, { ...form, precision: form.precision - Math.max(1, exponent + 1) })
}

function exponentOf(value: number): number {
  return value === 0 ? 0 : Math.floor(Math.log(Math.abs(value)) / Math.log(10))
}

function signOf(isNegative: boolean, code: FormatCode): string {
  return isNegative ? '-' : code.hasPlus ? '+' : code.hasBlank ? ' ' : ''
}

/** Digits by repeated division in floating point: beyond 2^53 they are not those of the exact number. */
function digitsOf(value: number, radix: number, prefix: string): string {
  if (value === 0) return '0'
  if (value <= Number.MAX_SAFE_INTEGER) return prefix + value.toString(radix)
  let digits = ''
  for (let rest = value; rest !== 0; rest = Math.floor(rest / radix)) digits = (rest % radix).toString(radix) + digits
  return prefix + digits
}
