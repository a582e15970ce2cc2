// Decodes the leaves of objects: strings, numbers, bytes, quantities and times, with Go's words for what does not fit.
import { Buffer } from 'node:buffer'
import { CapstanError } from '../../../base/errors.ts'
import { jsonText } from '../../../kube/json-digits.ts'
import { kindOfJson } from '../../../kube/json-value.ts'
import type { JsonValue } from '../../../kube/object.ts'
import { MAX_QUANTITY_LENGTH, canonicalQuantity } from '../../../kube/quantity.ts'
import type { FieldShape, SpecialType } from './shapes.ts'
import { reportError, reportType, type Walk } from './walk.ts'

/** The value as the server writes it, or undefined where it was null or could not be read (the walk then holds the error). */
export function decodeScalar(value: JsonValue, field: LeafShape, walk: Walk): JsonValue | undefined {
  const { type } = field
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : refuse(walk, value, itemType(field) ?? 'string')
    case 'bool':
      return typeof value === 'boolean' ? value : refuse(walk, value, 'bool')
    case 'int32':
    case 'int64':
      return decodeInteger(value, type, walk)
    case 'double':
      return kindOfJson(value) === 'number' ? value : refuse(walk, value, 'float64')
    case 'bytes':
      return decodeBytes(value, walk)
    case 'any':
    case 'struct':
      return value
    default:
      return decodeSpecial(value, type, walk)
  }
}

export interface LeafShape {
  readonly type: FieldShape['type']
  /** As in `FieldShape`. */
  readonly named: string | undefined
}

/** `v1.FinalizerName` of `[]v1.FinalizerName`. */
function itemType({ named }: LeafShape): string | undefined {
  return named?.replace(/^(?:\[\]|map\[[\w.]+\])/, '')
}

function decodeSpecial(value: JsonValue, type: SpecialType, walk: Walk): JsonValue | undefined {
  switch (type) {
    case 'quantity':
      return decodeQuantity(value, walk)
    case 'int-or-string':
      return decodeIntOrString(value, walk)
    case 'time':
      return decodeTime(value, false, walk)
    case 'micro-time':
      return decodeTime(value, true, walk)
    case 'strings':
      return Array.isArray(value) ? value : refuse(walk, value, '[]string')
    case 'any':
      return value
    case 'duration':
      return typeof value === 'string' ? value : refuse(walk, value, 'string')
  }
}

function decodeIntOrString(value: JsonValue, walk: Walk): number | string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && fitsInteger(value, 'int32')) return value
  if (value !== null) reportType(walk, value, 'int32')
  return undefined
}

function refuse(walk: Walk, value: JsonValue, goType: string): undefined {
  if (value !== null) reportType(walk, value, goType)
  return undefined
}

const INT32 = 2 ** 31
const INT64 = 2 ** 63

function decodeInteger(value: JsonValue, type: 'int32' | 'int64', walk: Walk): JsonValue | undefined {
  if (typeof value === 'number' && fitsInteger(value, type)) return value
  // oxlint-disable-next-line no-bitwise -- keeping 32 bits is what is meant
  if (walk.wraps && type === 'int32' && Number.isInteger(value)) return Number(value) | 0
  // Read from 64 bits: see kube/json-digits.ts.
  if (type === 'int64' && typeof value === 'bigint') return value
  return refuse(walk, value, type)
}

function fitsInteger(value: number, type: 'int32' | 'int64'): boolean {
  const bound = type === 'int64' ? INT64 : INT32
  return Number.isInteger(value) && value >= -bound && value < bound
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const BASE64_CHARACTER = /[A-Za-z0-9+/]/

function decodeBytes(value: JsonValue, walk: Walk): string | undefined {
  if (typeof value !== 'string') {
    refuse(walk, value, '[]uint8')
    return undefined
  }
  // Go's decoder skips line ends, and what it writes has none.
  const text = value.includes('\n') || value.includes('\r') ? value.replaceAll(/[\r\n]/g, '') : value
  if (BASE64.test(text)) return text.endsWith('=') ? withPlainEnd(text) : text
  reportError(walk, `illegal base64 data at input byte ${firstIllegalByte(text)}`)
  return undefined
}

/** What is written again has no bits set beyond the last byte. */
function withPlainEnd(text: string): string {
  return text.slice(0, -4) + Buffer.from(text.slice(-4), 'base64').toString('base64')
}

/** Where encoding/base64 stops: at the first character outside the alphabet, at misplaced padding, or at the group that is cut short. */
function firstIllegalByte(text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === '=' && index % 4 >= 2) return paddingFault(text, index)
    if (!BASE64_CHARACTER.test(character)) return index
  }
  return Math.floor(text.length / 4) * 4
}

function paddingFault(text: string, index: number): number {
  if (index % 4 === 3) return index + 1
  if (index + 1 >= text.length) return text.length
  return text[index + 1] === '=' ? index + 2 : index + 1
}

const QUANTITY_TEXT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

function decodeQuantity(value: JsonValue, walk: Walk): string | undefined {
  if (value === null) return '0'
  if (typeof value === 'string' && value.length > MAX_QUANTITY_LENGTH) {
    reportError(walk, QUANTITY_TEXT)
    return undefined
  }
  try {
    return canonicalQuantity(typeof value === 'string' ? value : jsonText(value))
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    reportError(walk, error.message)
    return undefined
  }
}

const TIME = /^(?<date>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?<fraction>\.\d{1,9})?(?<zone>Z|[+-]\d{2}:\d{2})$/

/** RFC 3339 in UTC, in seconds or with six digits; most times come from a server and are their own canonical form. */
function decodeTime(value: JsonValue, withMicros: boolean, walk: Walk): string | undefined {
  if (value === null) return undefined
  if (typeof value !== 'string') {
    reportType(walk, value, 'string')
    return undefined
  }
  const parts = TIME.exec(value)?.groups
  const milliseconds = parts === undefined ? Number.NaN : Date.parse(`${parts['date']}${parts['zone']}`)
  if (Number.isNaN(milliseconds)) {
    const layout = withMicros ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00'
    reportError(
      walk,
      `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
    )
    return undefined
  }
  const seconds = new Date(milliseconds).toISOString().slice(0, 19)
  const micros = (parts?.['fraction'] ?? '.').slice(1, 7).padEnd(6, '0')
  return withMicros ? `${seconds}.${micros}Z` : `${seconds}Z`
}
