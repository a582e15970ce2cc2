// Cron schedules as robfig/cron's standard parser reads them: five fields or a macro, in a time zone.

export interface CronSchedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** A day matches when both fields do if one of them is `*`, else when either does. */
  readonly anyDay: boolean
}

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
/** robfig/cron gives up after five years: 30 February never comes. */
const MAX_YEARS = 5
const MINUTE_MS = 60_000

/** Throws `RangeError` where the text is no schedule. */
export function parseCron(text: string): CronSchedule {
  const fields = (MACROS[text.trim()] ?? text.trim()).split(/\s+/)
  const [minutes, hours, days, months, weekdays] = fields
  if (
    fields.length !== 5 ||
    minutes === undefined ||
    hours === undefined ||
    days === undefined ||
    months === undefined ||
    weekdays === undefined
  ) {
    throw new RangeError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  return {
    minutes: parseField(minutes, { min: 0, max: 59 }),
    hours: parseField(hours, { min: 0, max: 23 }),
    days: parseField(days, { min: 1, max: 31 }),
    months: parseField(months, { min: 1, max: 12, names: MONTHS }),
    weekdays: parseField(weekdays, { min: 0, max: 6, names: WEEKDAYS }),
    anyDay: isStar(days) || isStar(weekdays),
  }
}

function isStar(field: string): boolean {
  return field.startsWith('*') || field.startsWith('?')
}

interface FieldRange {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

function parseField(field: string, range: FieldRange): ReadonlySet<number> {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const { from, to, by } = parsePart(part, range)
    for (let value = from; value <= to; value += by) values.add(value)
  }
  return values
}

interface Steps {
  readonly from: number
  readonly to: number
  readonly by: number
}

/** `*`, `5`, `1-5`, each with `/step`; `5/10` runs to the end of the range. */
function parsePart(part: string, range: FieldRange): Steps {
  const { span = '', step } = /^(?<span>[^/]+)(?:\/(?<step>\d{1,4}))?$/.exec(part)?.groups ?? {}
  const by = Number(step ?? '1')
  if (span === '' || by === 0) throw new RangeError(`failed to parse ${JSON.stringify(part)}`)
  const { from, to } = parseSpan(span, range, step !== undefined)
  if (from > to) throw new RangeError(`beginning of range (${from}) beyond end of range (${to}): ${part}`)
  return { from, to, by }
}

function parseSpan(span: string, range: FieldRange, hasStep: boolean): Omit<Steps, 'by'> {
  if (span === '*' || span === '?') return { from: range.min, to: range.max }
  const [first = '', last] = span.split('-', 2)
  const from = parseNumber(first, range)
  if (last !== undefined) return { from, to: parseNumber(last, range) }
  return { from, to: hasStep ? range.max : from }
}

function parseNumber(text: string, { min, max, names }: FieldRange): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  const value = named >= 0 ? named + min : Number(text)
  if (!/^\w+$/.test(text) || !Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${JSON.stringify(text)} is not within ${min}-${max}`)
  }
  return value
}

/** The first time after `afterMs` that a schedule names; undefined where it never comes. */
export function nextRun(schedule: CronSchedule, afterMs: number, timeZone = 'UTC'): number | undefined {
  const wall = new WallClock(timeZone)
  let ms = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS
  const lastMs = afterMs + MAX_YEARS * 366 * 86_400_000
  while (ms <= lastMs) {
    const time = wall.at(ms)
    if (!schedule.months.has(time.month) || !isDay(schedule, time))
      ms += MINUTE_MS * (60 * (23 - time.hour) + 60 - time.minute)
    else if (!schedule.hours.has(time.hour)) ms += MINUTE_MS * (60 - time.minute)
    else if (schedule.minutes.has(time.minute)) return ms
    else ms += MINUTE_MS
  }
  return undefined
}

function isDay(schedule: CronSchedule, time: WallTime): boolean {
  const byDate = schedule.days.has(time.day)
  const byWeekday = schedule.weekdays.has(time.weekday)
  return schedule.anyDay ? byDate && byWeekday : byDate || byWeekday
}

interface WallTime {
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

/** What a clock on the wall of a time zone shows. */
class WallClock {
  readonly #format: Intl.DateTimeFormat | undefined

  constructor(timeZone: string) {
    if (timeZone === 'UTC') return
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      month: 'numeric',
      day: 'numeric',
      year: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  }

  at(ms: number): WallTime {
    const shifted = new Date(this.#format === undefined ? ms : this.#shift(this.#format, ms))
    return {
      month: shifted.getUTCMonth() + 1,
      day: shifted.getUTCDate(),
      weekday: shifted.getUTCDay(),
      hour: shifted.getUTCHours(),
      minute: shifted.getUTCMinutes(),
    }
  }

  #shift(format: Intl.DateTimeFormat, ms: number): number {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute)
  }
}
