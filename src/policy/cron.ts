// Schedules of sync windows: five fields with the rules of robfig/cron v3.
import { CapstanError } from '../base/errors.ts'

interface Field {
  readonly values: ReadonlySet<number>
  /** Written as `*` or `?`. */
  readonly isAny: boolean
}

export interface Schedule {
  readonly minute: Field
  readonly hour: Field
  readonly dayOfMonth: Field
  readonly month: Field
  readonly dayOfWeek: Field
}

interface Bounds {
  readonly field: string
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const BOUNDS = {
  minute: { field: 'minute', min: 0, max: 59 },
  hour: { field: 'hour', min: 0, max: 23 },
  dayOfMonth: { field: 'day of month', min: 1, max: 31 },
  month: { field: 'month', min: 1, max: 12, names: MONTHS },
  dayOfWeek: { field: 'day of week', min: 0, max: 6, names: DAYS },
} as const satisfies Readonly<Record<string, Bounds>>

/** A schedule is a line a person wrote. */
const MAX_LENGTH = 256

/** Parses `minute hour day month weekday`; throws `bad-input` naming the field. Descriptors such as `@daily` are refused. */
export function parseSchedule(text: string): Schedule {
  const [minute, hour, dayOfMonth, month, dayOfWeek, ...more] = text.trim().split(/\s+/)
  if (text.length > MAX_LENGTH || dayOfWeek === undefined || more.length > 0) {
    throw new CapstanError(
      'bad-input',
      `cannot parse schedule '${text.slice(0, MAX_LENGTH)}': expected exactly 5 fields`,
    )
  }
  return {
    minute: parseField(minute ?? '', BOUNDS.minute),
    hour: parseField(hour ?? '', BOUNDS.hour),
    dayOfMonth: parseField(dayOfMonth ?? '', BOUNDS.dayOfMonth),
    month: parseField(month ?? '', BOUNDS.month),
    dayOfWeek: parseField(dayOfWeek, BOUNDS.dayOfWeek),
  }
}

const PART = /^(?:(?<any>[*?])|(?<from>\w+)(?:-(?<to>\w+))?)(?:\/(?<step>\d+))?$/

function parseField(text: string, bounds: Bounds): Field {
  const values = new Set<number>()
  let isAny = false
  for (const part of text.split(',')) {
    const range = parsePart(part, bounds)
    if (range === undefined) throw wrongField(text, bounds)
    for (let value = range.first; value <= range.last; value += range.step) values.add(value)
    isAny ||= range.isAny
  }
  return { values, isAny }
}

interface Range {
  readonly first: number
  readonly last: number
  readonly step: number
  /** `*` with a step greater than one is no longer any: then the other day field is enough. */
  readonly isAny: boolean
}

function parsePart(part: string, bounds: Bounds): Range | undefined {
  const groups = PART.exec(part)?.groups
  if (groups === undefined) return undefined
  const step = Number(groups['step'] ?? 1)
  const isAny = groups['any'] !== undefined
  const first = isAny ? bounds.min : numberOf(groups['from'] ?? '', bounds)
  // A single number with a step (`5/15`) runs to the end of the field.
  const runsToEnd = isAny || groups['step'] !== undefined
  const open = runsToEnd ? bounds.max : first
  const last = groups['to'] === undefined ? open : numberOf(groups['to'], bounds)
  return step === 0 || first > last ? undefined : { first, last, step, isAny: isAny && step === 1 }
}

function numberOf(text: string, bounds: Bounds): number {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1
  const value = named >= 0 ? named + bounds.min : Number(text)
  if (/^\d+$/.test(text) || named >= 0) if (value >= bounds.min && value <= bounds.max) return value
  throw wrongField(text, bounds)
}

function wrongField(text: string, { field, min, max }: Bounds): CapstanError {
  return new CapstanError('bad-input', `cannot parse schedule: ${field} '${text}' is not within ${min}-${max}`)
}

/** A moment in some time zone. */
export interface WallTime {
  readonly minute: number
  readonly hour: number
  readonly dayOfMonth: number
  /** 1 to 12. */
  readonly month: number
  /** 0 is Sunday. */
  readonly dayOfWeek: number
}

/** True where the schedule fires in the minute; with both day fields given, either is enough. */
export function fires(schedule: Schedule, time: WallTime): boolean {
  if (!firesOnDay(schedule, time)) return false
  return schedule.hour.values.has(time.hour) && schedule.minute.values.has(time.minute)
}

/** True where the schedule fires at some time of the day. */
export function firesOnDay(schedule: Schedule, time: WallTime): boolean {
  if (!schedule.month.values.has(time.month)) return false
  const byDate = schedule.dayOfMonth.values.has(time.dayOfMonth)
  const byWeekday = schedule.dayOfWeek.values.has(time.dayOfWeek)
  const both = schedule.dayOfMonth.isAny || schedule.dayOfWeek.isAny
  return both ? byDate && byWeekday : byDate || byWeekday
}
