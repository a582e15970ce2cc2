// How apimachinery holds a quantity in memory (resource.Quantity, v0.36.3): part of what template hashes are made of.

const SHAPE = /^(?<sign>[+-]?)(?<num>\d*)(?:\.(?<denom>\d*))?(?<suffix>[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/
const DECIMAL = 'numkMGTPE'
const DECIMAL_EXPONENTS = [-9, -6, -3, 3, 6, 9, 12, 15, 18]
const BINARY = 'KMGTPE'
/** Digits an int64 surely holds. */
const INT64_DIGITS = 18
const MAX_INT64 = 2n ** 63n - 1n
/** The finest scale: 10^-9. */
const NANO = 9
const WORD = 2n ** 64n

interface Parts {
  readonly text: string
  readonly negative: boolean
  readonly num: string
  readonly denom: string
  readonly base: 2 | 10
  readonly exponent: number
  readonly format: 'BinarySI' | 'DecimalSI' | 'DecimalExponent'
}

/**
 * The fields of a quantity read from its canonical text as go-spew prints them: an int64 with a scale where that is
 * enough, else a decimal of any size; the text is kept where parsing sees that it is canonical.
 */
export function goQuantity(text: string): string {
  if (text === '0') return small({ value: 0n, scale: 0, kept: text, format: 'DecimalSI' })
  const parts = partsOf(text)
  return (parts.base === 2 ? smallBinary(parts) : smallDecimal(parts)) ?? large(parts)
}

function partsOf(text: string): Parts {
  const { sign, num = '', denom = '', suffix = '' } = SHAPE.exec(text)?.groups ?? {}
  const stripped = num.replace(/^0+/, '')
  return { text, negative: sign === '-', num: stripped === '' ? '0' : stripped, denom, ...scaleOf(suffix) }
}

function scaleOf(suffix: string): Pick<Parts, 'base' | 'exponent' | 'format'> {
  if (suffix.endsWith('i'))
    return { base: 2, exponent: 10 * (BINARY.indexOf(suffix.charAt(0)) + 1), format: 'BinarySI' }
  if (suffix.length > 1) return { base: 10, exponent: Number(suffix.slice(1)), format: 'DecimalExponent' }
  const exponent = suffix === '' ? 0 : (DECIMAL_EXPONENTS[DECIMAL.indexOf(suffix)] ?? 0)
  return { base: 10, exponent, format: 'DecimalSI' }
}

function smallBinary({ text, negative, num, denom, exponent, format }: Parts): string | undefined {
  // Some 3 decimal digits for 10 bits.
  const precision = 15 - num.length - Math.trunc(exponent * 0.3) - 1
  if (denom !== '' || precision < 0) return undefined
  const value = BigInt(num)
  const product = value << BigInt(exponent)
  const kept = (value & 7n) === 0n ? '' : text
  return product > MAX_INT64 ? undefined : small({ value: negative ? -product : product, scale: 0, kept, format })
}

function smallDecimal({ text, negative, num, denom, exponent, format }: Parts): string | undefined {
  const scale = exponent - denom.length
  if (num.length + denom.length > INT64_DIGITS || scale < -NANO) return undefined
  const shifted = num + denom
  const isCanonical = scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0')
  const value = BigInt(shifted)
  return small({ value: negative ? -value : value, scale, kept: isCanonical ? text : '', format })
}

function small(held: { value: bigint; scale: number; kept: string; format: string }): string {
  const { value, scale, kept, format } = held
  const amount = `{value:(int64)${value} scale:(resource.Scale)${scale}}`
  return `{i:(resource.int64Amount)${amount} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${kept} Format:(resource.Format)${format}}`
}

/** Rounded up to billionths, and at most what an int64 holds where it is binary. */
function large({ negative, num, denom, base, exponent, format }: Parts): string {
  const unscaled = BigInt(num + denom) << BigInt(base === 2 ? exponent : 0)
  const scale = base === 2 ? denom.length : denom.length - exponent
  const nanos = unscaled === 0n ? 0n : rescaled(unscaled, scale)
  const isCapped = format === 'BinarySI' && nanos > MAX_INT64 * 10n ** BigInt(NANO)
  const [value, shown] = isCapped ? [MAX_INT64, 0] : [nanos, unscaled === 0n ? scale : NANO]
  const isFraction = format === 'BinarySI' && value > 0n && !isCapped && value < 10n ** BigInt(NANO)
  const words = wordsOf(value)
  const integer = `{neg:(bool)${negative && value !== 0n} abs:(big.nat)${words}}`
  const decimal = `{unscaled:(big.Int)${integer} scale:(inf.Scale)${shown}}`
  const zero = '{value:(int64)0 scale:(resource.Scale)0}'
  return `{i:(resource.int64Amount)${zero} d:(resource.infDecAmount){Dec:(*inf.Dec)${decimal}} s:(string) Format:(resource.Format)${isFraction ? 'DecimalSI' : format}}`
}

function rescaled(unscaled: bigint, scale: number): bigint {
  if (scale <= NANO) return unscaled * 10n ** BigInt(NANO - scale)
  const divisor = 10n ** BigInt(scale - NANO)
  return (unscaled + divisor - 1n) / divisor
}

/** A big.Int keeps words of 64 bits, the lowest first. */
function wordsOf(value: bigint): string {
  const words: string[] = []
  for (let rest = value; rest > 0n; rest /= WORD) words.push(String(rest % WORD))
  return words.length === 0 ? '<nil>' : `[${words.join(' ')}]`
}
