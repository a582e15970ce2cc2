// Go's time.Duration: nanoseconds as text and back.
import { GoError } from '../error.ts'
import { quoteText } from '../quote.ts'

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
export const SECOND: bigint = 1_000_000_000n
const MAX_DURATION = 2n ** 63n - 1n
const NANOSECONDS_PER_MS = 1e6
/** Longer text is no duration a person wrote. */
const MAX_SETTING_LENGTH = 64

/** time.ParseDuration: `1h30m`, `-1.5s`. Nanoseconds; throws a GoError with Go's text. */
export function parseDuration(text: string): bigint {
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return 0n
  if (body === '') throw invalid(text)
  let total = 0n
  for (const part of body.matchAll(/(?<number>[0-9]*(?:\.[0-9]*)?)(?<unit>[^0-9.]*)/g)) {
    if (part[0] === '' && part.index === body.length) break
    total += partNanoseconds(text, part.groups?.['number'] ?? '', part.groups?.['unit'] ?? '')
  }
  if (total > MAX_DURATION) throw invalid(text)
  return text.startsWith('-') ? -total : total
}

/** The same in milliseconds, for durations of settings and addresses; undefined where the text is none. */
export function parseDurationMs(text: string): number | undefined {
  if (text.length > MAX_SETTING_LENGTH) return undefined
  try {
    return Number(parseDuration(text)) / NANOSECONDS_PER_MS
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** A duration or a bare number of seconds, as `retry.backoff` of applications and kustomize's `?timeout=` allow. */
export function parseDurationOrSecondsMs(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) * 1000 : parseDurationMs(text)
}

function partNanoseconds(text: string, number: string, unitName: string): bigint {
  if (!/[0-9]/.test(number)) throw invalid(text)
  if (unitName === '') throw new GoError(`time: missing unit in duration ${quoteText(text)}`)
  const unit = UNITS[unitName]
  if (unit === undefined) throw new GoError(`time: unknown unit ${quoteText(unitName)} in duration ${quoteText(text)}`)
  const [whole = '', fraction = ''] = number.split('.')
  return (BigInt(whole + fraction) * unit) / 10n ** BigInt(fraction.length)
}

function invalid(text: string): GoError {
  return new GoError(`time: invalid duration ${quoteText(text)}`)
}

/** Duration.String: `1h30m0s`, `1.5s`, `2ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (size < 1000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimalText(size, 1000n)}µs`
  if (size < SECOND) return `${sign}${decimalText(size, 1_000_000n)}ms`
  const seconds = `${decimalText(size % (60n * SECOND), SECOND)}s`
  const minutes = size / (60n * SECOND)
  if (minutes === 0n) return sign + seconds
  const hours = minutes / 60n
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`
}

function decimalText(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '')
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`
}
