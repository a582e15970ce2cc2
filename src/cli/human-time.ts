// Times as the originals print them: local RFC 3339, and how long ago (dustin/go-humanize).

/** Seconds since 1970 as local time with its offset, to the second. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000)
  const offset = -date.getTimezoneOffset()
  const shifted = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19)
  if (offset === 0) return `${shifted}Z`
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
  return `${shifted}${offset < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`
}

/** An RFC 3339 text as Go's Time.String prints it in the zone of this machine: `2026-01-31 12:00:00 +0000 UTC`. */
export function goTime(text: string): string {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) return text
  const local = localTime(Math.floor(ms / 1000))
  const offset = local.endsWith('Z') ? '+0000' : local.slice(-6).replace(':', '')
  const zone = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(ms)
  const name = zone.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${offset} ${name}`
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, '0')
}

/** `2023-10-08T15:21:40+01:00 (4 minutes ago)` */
export function humanTime(seconds: number, nowMs: number): string {
  return `${localTime(seconds)} (${ago(seconds, nowMs)})`
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WEEK = 7 * DAY
const MONTH = 30 * DAY
const YEAR = 12 * MONTH

/** Below how many seconds which words are used, and what one of them is. */
const MAGNITUDES: readonly (readonly [below: number, words: string, unit: number])[] = [
  [1, 'now', 1],
  [2, '1 second', 1],
  [MINUTE, '# seconds', 1],
  [2 * MINUTE, '1 minute', 1],
  [HOUR, '# minutes', MINUTE],
  [2 * HOUR, '1 hour', 1],
  [DAY, '# hours', HOUR],
  [2 * DAY, '1 day', 1],
  [WEEK, '# days', DAY],
  [2 * WEEK, '1 week', 1],
  [MONTH, '# weeks', WEEK],
  [2 * MONTH, '1 month', 1],
  [YEAR, '# months', MONTH],
  [18 * MONTH, '1 year', 1],
  [2 * YEAR, '2 years', 1],
  [37 * YEAR, '# years', YEAR],
]

function ago(seconds: number, nowMs: number): string {
  const past = Math.trunc(nowMs / 1000 - seconds)
  const length = Math.abs(past)
  const [, words, unit] = MAGNITUDES.find(([below]) => length < below) ?? [0, 'a long while', 1]
  const text = words.replace('#', `${Math.floor(length / unit)}`)
  if (text === 'now') return text
  return `${text} ${past > 0 ? 'ago' : 'from now'}`
}
