// What a plain scalar means under yaml.v3's rules, which kustomize follows (v3.0.4 resolve.go).
import type { Scalar } from './resolve.ts'
import { isTimestamp, parseInteger, resolvePlain } from './resolve.ts'

export type ScalarTypeV3 = 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'str' | 'merge'

export interface ScalarV3 {
  readonly type: ScalarTypeV3
  /** Integers beyond 2^53 are bigint; a timestamp is text as Go prints it (RFC 3339, no trailing zeros). */
  readonly value: Scalar
}

const BOOLEANS: ReadonlySet<string> = new Set(['true', 'True', 'TRUE', 'false', 'False', 'FALSE'])

/** Type and value of a plain scalar: as under v2, but yes, no, on, off, y and n are strings, and dates are timestamps. */
export function resolvePlainV3(text: string): ScalarV3 {
  if (text === '<<') return { type: 'merge', value: text }
  if (isTimestamp(text)) return { type: 'timestamp', value: normalizeTimestamp(text) }
  const value = resolvePlain(text)
  switch (typeof value) {
    case 'boolean':
      return BOOLEANS.has(text) ? { type: 'bool', value } : { type: 'str', value: text }
    case 'bigint':
      return { type: 'int', value }
    case 'number':
      return { type: parseInteger(text.replaceAll('_', '')) === undefined ? 'float' : 'int', value }
    case 'string':
      return { type: 'str', value }
    default:
      return { type: 'null', value: null }
  }
}

const PARTS =
  /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:[tT ](?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2})(?<fraction>\.\d+)?(?<zone>Z|[-+]\d\d:\d\d)?)?$/

/** `2001-12-14t21:59:43.10-05:00` → `2001-12-14T21:59:43.1-05:00`; without a zone it is UTC, without a time midnight. */
function normalizeTimestamp(text: string): string {
  const groups = PARTS.exec(text)?.groups
  if (groups === undefined) return text
  const two = (part: string | undefined): string => (part ?? '0').padStart(2, '0')
  const { year, month, day, hour, minute, second, fraction = '', zone = 'Z' } = groups
  const digits = fraction.slice(0, 10).replace(/\.?0+$/, '')
  const shownZone = zone === '+00:00' || zone === '-00:00' ? 'Z' : zone
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${digits}${shownZone}`
}
