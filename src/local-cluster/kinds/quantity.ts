// Quantities of resources (`1500m`, `1Gi`) as Kubernetes parses, compares and prints them.

/** How a quantity prints: decimal suffixes, binary suffixes, or an exponent. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export interface Quantity {
  /** The value in billionths, rounded away from zero: the smallest unit Kubernetes keeps. */
  readonly nano: bigint
  readonly format: QuantityFormat
}

/** What apimachinery `resource.ParseQuantity` says of text that is no quantity. */
export const QUANTITY_FAULT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const NANO = 1_000_000_000n
/** Longer texts are refused: a bigint of ten thousand digits costs more than any resource needs. */
const MAX_TEXT = 64
/** 10^18 is `E`; an exponent beyond a few dozen names no resource, and would make numbers of any length. */
const MAX_EXPONENT = 40

const QUANTITY =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[numkMGTPE]|[KMGTPE]i)?(?:[eE](?<exponent>[+-]?\d+))?$/
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL_SUFFIXES: Readonly<Record<number, string>> = {
  [-9]: 'n',
  [-6]: 'u',
  [-3]: 'm',
  0: '',
  3: 'k',
  6: 'M',
  9: 'G',
  12: 'T',
  15: 'P',
  18: 'E',
}

/** Parses a quantity; undefined where the text is none. */
export function parseQuantity(text: string): Quantity | undefined {
  const parts = text.length > MAX_TEXT ? undefined : QUANTITY.exec(text)
  if (parts === null || parts === undefined) return undefined
  const [, sign, whole = '', fraction = '', suffix, exponent] = parts
  if (whole + fraction === '') return undefined
  if (exponent !== undefined && !isExponent(suffix, exponent)) return undefined
  const binary = Math.max(BINARY.indexOf(suffix ?? ''), 0)
  const power = exponent === undefined ? suffixPower(suffix) : Number(exponent)
  const magnitude = scaled(BigInt(whole + fraction), power + 9 - fraction.length, binary)
  const format = quantityFormat(exponent !== undefined, binary > 0)
  return { nano: sign === '-' ? -magnitude : magnitude, format }
}

function isExponent(suffix: string | undefined, exponent: string): boolean {
  return suffix === undefined && Math.abs(Number(exponent)) <= MAX_EXPONENT
}

function suffixPower(suffix: string | undefined): number {
  return DECIMAL[suffix ?? ''] ?? 0
}

function quantityFormat(hasExponent: boolean, isBinary: boolean): QuantityFormat {
  if (hasExponent) return 'DecimalExponent'
  return isBinary ? 'BinarySI' : 'DecimalSI'
}

/** digits × 1024^binary × 10^power, rounded up. */
function scaled(digits: bigint, power: number, binary: number): bigint {
  const value = digits * 1024n ** BigInt(binary)
  if (power >= 0) return value * 10n ** BigInt(power)
  const divisor = 10n ** BigInt(-power)
  return (value + divisor - 1n) / divisor
}

/** The one text Kubernetes gives a quantity (`CanonicalizeBytes`): `1.50` is `1500m`, `1024Mi` is `1Gi`. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  const sign = nano < 0n ? '-' : ''
  const magnitude = nano < 0n ? -nano : nano
  const isBinary = format === 'BinarySI' && magnitude % NANO === 0n && magnitude >= 1024n * NANO
  if (isBinary) return sign + binaryText(magnitude / NANO)
  return sign + decimalText(magnitude, format === 'DecimalExponent')
}

function binaryText(whole: bigint): string {
  let [rest, step] = [whole, 0]
  while (rest % 1024n === 0n && step < BINARY.length - 1) {
    rest /= 1024n
    step += 1
  }
  return `${rest}${BINARY[step]}`
}

function decimalText(nano: bigint, withExponent: boolean): string {
  let [rest, exponent] = [nano, -9]
  while (rest % 1000n === 0n && exponent < 18) {
    rest /= 1000n
    exponent += 3
  }
  if (!withExponent) return `${rest}${DECIMAL_SUFFIXES[exponent]}`
  return exponent === 0 ? String(rest) : `${rest}e${exponent}`
}

const SHORT = /^(?<digits>[1-9]\d{0,2})(?<suffix>m|Ki|Mi|Gi)?$/

/** The canonical text of a quantity; undefined where it is none. Texts of up to three digits are their own, which saves the arithmetic. */
export function canonicalQuantity(text: string): string | undefined {
  if (SHORT.test(text)) return text
  const quantity = parseQuantity(text)
  return quantity === undefined ? undefined : formatQuantity(quantity)
}

/** Rounds up to thousandths, the precision of resource lists (`SetDefaults_ResourceList`). */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const unit = 1_000_000n
  const rest = quantity.nano % unit
  if (rest === 0n) return quantity
  return { ...quantity, nano: quantity.nano - rest + (rest > 0n ? unit : 0n) }
}
