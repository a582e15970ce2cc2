// Resource quantities (`100m`, `1.5Gi`, `1e3`) with the arithmetic and canonical form of apimachinery v0.36.3 pkg/api/resource.
import { CapstanError } from '../base/errors.ts'

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** An exact amount. Plain data: compare with `compareQuantities`, print with `formatQuantity`. */
export interface Quantity {
  /** The amount in billionths, the finest Kubernetes keeps. */
  readonly nano: bigint
  readonly format: QuantityFormat
  /** The text as it came, where that is canonical already by upstream's quick check. */
  readonly text?: string
}

/** Longest text that is read; the longest sensible one has some 30 characters. */
export const MAX_QUANTITY_LENGTH = 256
/** Largest power of ten an exponent may name; upstream has no limit and then computes with numbers of that many digits. */
export const MAX_QUANTITY_EXPONENT = 512

const NANO_DIGITS = 9
const UNIT = 10n ** 9n
/** Binary amounts end at 2^63-1. */
const MAX_BINARY = (2n ** 63n - 1n) * UNIT
const MAX_INT64 = 2n ** 63n - 1n

const QUANTITY = /^(?<sign>[+-]?)(?<whole>\d*)(?:(?<point>\.)(?<fraction>\d*))?(?<suffix>[eEinumkKMGTP]*[-+]?\d*)$/
const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const BINARY_SUFFIXES: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL_NAMES: ReadonlyMap<number, string> = new Map([...DECIMAL_SUFFIXES].map(([name, power]) => [power, name]))

/** Reads a quantity; a number is read as its text. Throws `bad-input` with upstream's text. */
export function parseQuantity(value: string | number): Quantity {
  const text = String(value).trim()
  if (text.length > MAX_QUANTITY_LENGTH) {
    throw new CapstanError('limit', `a quantity may have at most ${MAX_QUANTITY_LENGTH} characters`)
  }
  const { sign, whole, fraction, suffix } = partsOf(text)
  const scale = scaleOf(suffix)
  const digits = BigInt(whole + fraction)
  const magnitude = amountOf(digits, fraction.length, scale)
  const nano = sign === '-' ? -magnitude : magnitude
  const format = scale.format === 'BinarySI' && magnitude > 0n && magnitude < UNIT ? 'DecimalSI' : scale.format
  return isCanonical({ digits, whole, fraction, scale, text }) ? { nano, format, text } : { nano, format }
}

/** Like `parseQuantity`; undefined for what is no quantity. */
export function quantityOf(value: string | number): Quantity | undefined {
  try {
    return parseQuantity(value)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

interface Parts {
  readonly sign: string
  readonly whole: string
  readonly fraction: string
  readonly suffix: string
}

function partsOf(text: string): Parts {
  const [match, sign = '', whole = '', , fraction = '', suffix = ''] = QUANTITY.exec(text) ?? []
  if (text === '' || match === undefined) throw new CapstanError('bad-input', FORMAT_WRONG)
  if (whole === '' && fraction === '') throw new CapstanError('bad-input', 'unable to parse numeric part of quantity')
  return { sign, whole, fraction, suffix }
}

interface Scale {
  readonly format: QuantityFormat
  /** Of ten, or of 1024 for BinarySI. */
  readonly power: number
}

function scaleOf(suffix: string): Scale {
  const decimal = DECIMAL_SUFFIXES.get(suffix)
  if (decimal !== undefined) return { format: 'DecimalSI', power: decimal }
  const binary = BINARY_SUFFIXES.indexOf(suffix)
  if (binary > 0) return { format: 'BinarySI', power: binary }
  const exponent = /^[eE](?<power>[+-]?\d+)$/.exec(suffix)?.groups?.['power']
  if (exponent === undefined || Math.abs(Number(exponent)) > MAX_QUANTITY_EXPONENT) {
    throw new CapstanError('bad-input', "unable to parse quantity's suffix")
  }
  return { format: 'DecimalExponent', power: Number(exponent) }
}

/** In billionths, rounded away from zero; binary amounts end at 2^63-1. */
function amountOf(digits: bigint, fractionDigits: number, { format, power }: Scale): bigint {
  if (format !== 'BinarySI') return shift(digits, power - fractionDigits + NANO_DIGITS)
  const amount = shift(digits * 1024n ** BigInt(power), NANO_DIGITS - fractionDigits)
  return amount > MAX_BINARY ? MAX_BINARY : amount
}

/** times 10^places, rounded up. */
function shift(value: bigint, places: number): bigint {
  if (places >= 0) return value * 10n ** BigInt(places)
  const divisor = 10n ** BigInt(-places)
  return (value + divisor - 1n) / divisor
}

interface Written {
  readonly digits: bigint
  readonly whole: string
  readonly fraction: string
  readonly scale: Scale
  readonly text: string
}

/** Upstream keeps the text where a quick look shows nothing to shorten; so `1.500` stays and `1500m` does, but `1.5` becomes `1500m`. */
function isCanonical({ digits, whole, fraction, scale, text }: Written): boolean {
  if (text === '0') return true
  const shifted = `${whole.replace(/^0+/, '') || '0'}${fraction}`
  if (scale.format === 'BinarySI') {
    const room = 15 - shifted.length - Math.trunc(scale.power * 3) - 1
    return fraction === '' && room >= 0 && digits % 8n !== 0n
  }
  const power = scale.power - fraction.length
  const fits = shifted.length <= 18 && power >= -NANO_DIGITS && digits <= MAX_INT64
  return fits && power % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0')
}

/** The canonical text: no fraction, the largest suffix that keeps it so (`CanonicalizeBytes`). */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text
  const { nano, format } = quantity
  if (nano === 0n) return '0'
  const isWhole = nano % UNIT === 0n
  const isSmall = nano > -1024n * UNIT && nano < 1024n * UNIT
  if (format === 'BinarySI' && isWhole && !isSmall) return formatBinary(nano / UNIT)
  return formatDecimal(nano, format === 'DecimalExponent')
}

function formatBinary(amount: bigint): string {
  let rest = amount
  let power = 0
  while (rest % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    rest /= 1024n
    power++
  }
  return `${rest}${BINARY_SUFFIXES[power]}`
}

function formatDecimal(nano: bigint, withExponent: boolean): string {
  let rest = nano
  let power = -NANO_DIGITS
  while (rest % 1000n === 0n && (withExponent || power < 18)) {
    rest /= 1000n
    power += 3
  }
  if (!withExponent) return `${rest}${DECIMAL_NAMES.get(power) ?? ''}`
  return power === 0 ? String(rest) : `${rest}e${power}`
}

/** Texts of up to three digits are their own canonical ones, which saves the arithmetic. */
const SHORT = /^[1-9]\d{0,2}(?:m|[KMG]i)?$/

/** The canonical text of a text: what the API server stores and shows. Throws as `parseQuantity` does. */
export function canonicalQuantity(value: string | number): string {
  if (typeof value === 'string' && SHORT.test(value)) return value
  return formatQuantity(parseQuantity(value))
}

/** Rounded up to thousandths, the precision of resource lists (`SetDefaults_ResourceList`); what is no finer stays as it is written. */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const unit = UNIT / 1000n
  const rest = quantity.nano % unit
  if (rest === 0n) return quantity
  return { nano: quantity.nano - rest + (rest > 0n ? unit : 0n), format: quantity.format }
}

/** Below zero, zero or above, as the first is less than, equal to or more than the second. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  if (a.nano === b.nano) return 0
  return a.nano < b.nano ? -1 : 1
}

/** The sum, in the first one's format, or the second one's where the first is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

/** The difference; its format as for a sum. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format }
}

/** The amount as a number, rounded up to whole units (`Quantity.Value`), or to thousandths (`MilliValue`). Inexact beyond 2^53. */
export function wholeUnits(quantity: Quantity, unit: 'unit' | 'milli' = 'unit'): number {
  const size = unit === 'unit' ? UNIT : UNIT / 1000n
  const isUp = quantity.nano > 0n && quantity.nano % size !== 0n
  const isDown = quantity.nano < 0n && quantity.nano % size !== 0n
  return Number(quantity.nano / size + (isUp ? 1n : 0n) - (isDown ? 1n : 0n))
}
