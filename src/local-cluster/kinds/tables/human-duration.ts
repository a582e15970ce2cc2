// Spans of time as kubectl shows them (apimachinery pkg/util/duration, 1.36.3).
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

interface Step {
  /** Up to here, in seconds; the last has none. */
  readonly below: number
  readonly unit: number
  readonly name: string
  /** What is told beside the unit, where it is not zero. */
  readonly rest?: { readonly unit: number; readonly name: string }
}

const STEPS: readonly Step[] = [
  { below: 2 * MINUTE, unit: 1, name: 's' },
  { below: 10 * MINUTE, unit: MINUTE, name: 'm', rest: { unit: 1, name: 's' } },
  { below: 3 * HOUR, unit: MINUTE, name: 'm' },
  { below: 8 * HOUR, unit: HOUR, name: 'h', rest: { unit: MINUTE, name: 'm' } },
  { below: 2 * DAY, unit: HOUR, name: 'h' },
  { below: 8 * DAY, unit: DAY, name: 'd', rest: { unit: HOUR, name: 'h' } },
  { below: 2 * YEAR, unit: DAY, name: 'd' },
  { below: 8 * YEAR, unit: YEAR, name: 'y', rest: { unit: DAY, name: 'd' } },
  { below: Number.POSITIVE_INFINITY, unit: YEAR, name: 'y' },
]

/** `5m30s`, `3h`, `2y324d`; `<invalid>` for what lies more than a second ahead. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  const step = STEPS.find((candidate) => seconds < candidate.below)
  if (step === undefined) return '<invalid>'
  const { unit, name, rest } = step
  const whole = `${Math.floor(seconds / unit)}${name}`
  const left = rest === undefined ? 0 : Math.floor((seconds % unit) / rest.unit)
  return left === 0 ? whole : `${whole}${left}${rest?.name ?? ''}`
}

/** The time since then; `<unknown>` where there is no time. */
export function ageOf(time: unknown, nowMs: number): string {
  const then = typeof time === 'string' ? Date.parse(time) : Number.NaN
  return Number.isNaN(then) ? '<unknown>' : humanDuration(nowMs - then)
}
