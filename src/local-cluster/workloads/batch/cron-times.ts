// When cron schedules run.
import type { CronSchedule } from '../../kinds/cron-schedule.ts'

/** robfig/cron gives up after five years: 30 February never comes. */
const MAX_YEARS = 5
const MINUTE_MS = 60_000

/** The first time after `afterMs` that a schedule names; undefined where it never comes. */
export function nextRun(schedule: CronSchedule, afterMs: number, timeZone = 'UTC'): number | undefined {
  const { everyMs } = schedule
  if (everyMs !== undefined) return Math.floor(afterMs / 1000) * 1000 + everyMs
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
