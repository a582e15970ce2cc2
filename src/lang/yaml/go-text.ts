// Values as Go prints them: float keys, and the `%#v` of error messages.

/** From this decimal exponent on, and below -4, Go's 'g' format with the shortest precision writes an exponent. */
const EXPONENT_FROM = 6

/** strconv.FormatFloat(value, 'g', -1, bits), with YAML's words for what is not finite. */
export function formatFloat(value: number, bits: 32 | 64): string {
  const number = bits === 32 ? Math.fround(value) : value
  if (number === 0 || !Number.isFinite(number)) return formatSpecial(number)
  const [mantissa = '', exponentText = '0'] = shortest(number, bits).split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= EXPONENT_FROM) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  return plainDigits(number < 0 ? '-' : '', mantissa.replace(/[-.]/g, ''), exponent)
}

function formatSpecial(number: number): string {
  if (number === 0) return Object.is(number, -0) ? '-0' : '0'
  if (Number.isNaN(number)) return '.nan'
  return number > 0 ? '.inf' : '-.inf'
}

/** A float64 as Go's `%v` prints it. */
export function goNumber(value: number): string {
  if (Number.isFinite(value)) return formatFloat(value, 64)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

/** In exponent form with as few digits as tell the number from its neighbours. */
function shortest(value: number, bits: 32 | 64): string {
  if (bits === 64) return value.toExponential()
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits)
    if (Math.fround(Number(text)) === value) return text.replace(/\.?0*e/, 'e').replace(/^(-?\d)e/, '$1e')
  }
  return value.toExponential()
}

function plainDigits(sign: string, digits: string, exponent: number): string {
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0')
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}

/** strconv.Quote for the characters that occur in keys. */
export function quoteGo(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u00a0\u00ad\u2028-\u202f\ufeff]/g, (c) => {
    const code = c.charCodeAt(0)
    return code < 0x80 ? `\\x${code.toString(16)}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}
