// What a plain scalar means under go-yaml v2's rules (YAML 1.1 without sexagesimal numbers; v2.4.3 resolve.go).

/**
 * A resolved scalar. Integers beyond 2^53 are bigint; a timestamp stays the string it was written as.
 * Numbers may be infinite or NaN: JSON cannot hold those, the caller refuses them.
 */
export type Scalar = null | boolean | number | bigint | string

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
])

const LONGEST_WORD = 5

/** The value of a plain scalar without a tag. */
export function resolvePlain(text: string): Scalar {
  switch (text.charCodeAt(0)) {
    case 0x79: // y Y n N t T f F o O ~
    case 0x59:
    case 0x6e:
    case 0x4e:
    case 0x74:
    case 0x54:
    case 0x66:
    case 0x46:
    case 0x6f:
    case 0x4f:
    case 0x7e:
      return text.length > LONGEST_WORD ? text : wordOr(text)
    case 0x2e: // .
      return resolvePoint(text)
    case 0x2b: // + -
    case 0x2d:
    case 0x30: // 0 to 9
    case 0x31:
    case 0x32:
    case 0x33:
    case 0x34:
    case 0x35:
    case 0x36:
    case 0x37:
    case 0x38:
    case 0x39:
      return resolveNumber(text)
    default:
      return text === '' ? null : text
  }
}

function wordOr(text: string): Scalar {
  const value = WORDS.get(text)
  return value === undefined ? text : value
}

/** Go's strconv.ParseFloat allows single underscores between digits. */
const POINT_FLOAT = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/

function resolvePoint(text: string): Scalar {
  const word = wordOr(text)
  if (word !== text) return word
  return POINT_FLOAT.test(text) ? finiteOr(text.replaceAll('_', ''), text) : text
}

/** Text that starts with a digit or a sign. */
function resolveNumber(text: string): Scalar {
  const small = smallDecimal(text)
  if (small !== undefined) return small
  const word = WORDS.get(text)
  if (word !== undefined) return word
  // The first two characters rule out nearly everything that is no number: dates, addresses, quantities.
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  return parseInteger(plain) ?? parseFloatText(plain, text)
}

/** Decimal integers of up to 15 digits without a leading zero: nearly all numbers there are. */
function smallDecimal(text: string): number | undefined {
  const { length } = text
  const first = text.charCodeAt(0)
  if (length > 15 || (first === 0x30 && length > 1)) return undefined
  if (first < 0x30) return undefined
  let value = 0
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value
}

const INTEGER =
  /^(?<sign>[-+]?)(?:0[xX](?<hex>[0-9a-fA-F]+)|0[bB](?<binary>[01]+)|0[oO]?(?<octal>[0-7]+)|(?<decimal>0|[1-9]\d*))$/

const MAX_INT64 = 2n ** 63n - 1n
const MIN_INT64 = -(2n ** 63n)
const MAX_UINT64 = 2n ** 64n - 1n

/**
 * An integer as Go's strconv.ParseInt and ParseUint read it with base 0 (prefixes 0x, 0o, 0b, 0), underscores already
 * taken out; undefined for what is none or beyond 64 bits. Only numbers without a sign reach beyond int64.
 */
export function parseInteger(text: string): number | bigint | undefined {
  const groups = INTEGER.exec(text)?.groups
  if (groups === undefined) return undefined
  const { sign, hex, binary, octal, decimal } = groups
  const magnitude = toBigInt(hex, '0x') ?? toBigInt(binary, '0b') ?? toBigInt(octal, '0o') ?? toBigInt(decimal, '')
  if (magnitude === undefined) return undefined
  const value = sign === '-' ? -magnitude : magnitude
  if (value < MIN_INT64 || value > (sign === '' ? MAX_UINT64 : MAX_INT64)) return undefined
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}

function toBigInt(digits: string | undefined, prefix: string): bigint | undefined {
  return digits === undefined ? undefined : BigInt(prefix + digits)
}

const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/

function parseFloatText(plain: string, text: string): Scalar {
  return FLOAT.test(plain) ? finiteOr(plain, text) : text
}

/** Go refuses a float that is too large, and the text stays text. */
function finiteOr(digits: string, text: string): number | string {
  const value = Number(digits)
  return Number.isFinite(value) ? value : text
}

/** Is this the text of an integer, given that it resolves to a number? Floats print differently as keys. */
export function isIntegerText(text: string): boolean {
  return parseInteger(text.replaceAll('_', '')) !== undefined
}

const DATE =
  /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[tT]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))|(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?))?$/

/** Would go-yaml take this text for a timestamp? Month, day and time are checked as Go's time.Parse does. */
export function isTimestamp(text: string): boolean {
  if (text.length < 8 || !DATE.test(text)) return false
  const [year = 0, month = 0, day = 0, ...time] = text.split(/[-tT: .Z+]/).map(Number)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false
  return time.slice(0, 3).every((part, i) => part < (i === 0 ? 24 : 60))
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}
