// Sprig's functions on times and durations.
import { CapstanError } from '../../base/errors.ts'
import { parseInteger } from '../go/numbers.ts'
import { formatDuration, parseDuration, SECOND } from '../go/time/duration.ts'
import { formatTime, parseTime } from '../go/time/layout.ts'
import type { GoTime } from '../go/time/layout.ts'
import { TIME, timeOf, timeValue, ZERO_TIME } from '../go/time/moment.ts'
import { isZone } from '../go/time/zone.ts'
import { ANY, GoStruct, GoTyped, INT64, integerOf, STRING } from '../go/values.ts'
import type { GoValue } from '../go/values.ts'
import { fixed, textAt, valueAt } from './define.ts'
import type { FunctionTable } from './define.ts'
import type { SprigEnvironment } from './environment.ts'

function epochSeconds(time: GoTime): bigint {
  return BigInt(Math.floor(time.epochMs / 1000))
}

/** All functions on dates; `environment` gives now and the local zone. */
export function dateFunctions(environment: SprigEnvironment): FunctionTable {
  const local = environment.timeZone
  const inZone = fixed([STRING, ANY, STRING], (args) => {
    return formatIn(environment, momentOf(environment, valueAt(args, 1)), textAt(args, 0), textAt(args, 2))
  })
  const modify = fixed([STRING, TIME], (args) => {
    try {
      return modified(args)
    } catch (error) {
      if (error instanceof CapstanError) return valueAt(args, 1) // Sprig leaves the date as it is
      throw error
    }
  })
  const mustModify = fixed([STRING, TIME], modified)
  return {
    now: fixed([], () => timeValue({ epochMs: environment.nowMs(), zone: local })),
    date: fixed([STRING, ANY], (args) => {
      return formatIn(environment, momentOf(environment, valueAt(args, 1)), textAt(args, 0), 'Local')
    }),
    dateInZone: inZone,
    date_in_zone: inZone,
    htmlDate: fixed([ANY], (args) => {
      return formatIn(environment, momentOf(environment, valueAt(args, 0)), '2006-01-02', 'Local')
    }),
    htmlDateInZone: fixed([ANY, STRING], (args) => {
      return formatIn(environment, momentOf(environment, valueAt(args, 0)), '2006-01-02', textAt(args, 1))
    }),
    dateModify: modify,
    date_modify: modify,
    mustDateModify: mustModify,
    must_date_modify: mustModify,
    toDate: fixed([STRING, STRING], (args) => toDate(args, local)),
    mustToDate: fixed([STRING, STRING], (args) => timeValue(parseTime(textAt(args, 0), textAt(args, 1), local))),
    unixEpoch: fixed([TIME], (args) => String(epochSeconds(timeOf(valueAt(args, 0)) ?? ZERO_TIME))),
    ago: fixed([ANY], (args) => {
      const passedMs = environment.nowMs() - momentOf(environment, valueAt(args, 0)).epochMs
      return formatDuration(BigInt(Math.sign(passedMs) * Math.round(Math.abs(passedMs) / 1000)) * SECOND)
    }),
    duration: fixed([ANY], (args) => formatDuration(secondsOf(valueAt(args, 0)) * SECOND)),
    durationRound: fixed([ANY], (args) => roundDuration(durationOf(environment, valueAt(args, 0)))),
  }
}

function formatIn(environment: SprigEnvironment, moment: GoTime, layout: string, zone: string): string {
  const wanted = zone === 'Local' ? environment.timeZone : zone === '' ? 'UTC' : zone
  return formatTime({ epochMs: moment.epochMs, zone: isZone(wanted) ? wanted : 'UTC' }, layout)
}

/** A time, or seconds since 1970 as int, int32 or int64; anything else is now. */
function momentOf(environment: SprigEnvironment, value: GoValue): GoTime {
  const target = value instanceof GoTyped && value.value instanceof GoStruct ? value.value : value
  const seconds = integerOf(value)
  const time = timeOf(target)
  if (time !== undefined) return time
  return { epochMs: seconds === undefined ? environment.nowMs() : Number(seconds) * 1000, zone: 'UTC' }
}

function modified(args: readonly GoValue[]): GoValue {
  const time = timeOf(valueAt(args, 1)) ?? ZERO_TIME
  return timeValue({ ...time, epochMs: time.epochMs + Number(parseDuration(textAt(args, 0)) / 1_000_000n) })
}

function toDate(args: readonly GoValue[], zone: string): GoValue {
  try {
    return timeValue(parseTime(textAt(args, 0), textAt(args, 1), zone))
  } catch (error) {
    if (error instanceof CapstanError) return timeValue(ZERO_TIME) // Sprig drops the error and keeps the zero time
    throw error
  }
}

function secondsOf(value: GoValue): bigint {
  if (typeof value === 'string') {
    const parsed = parseInteger(value, 10)
    return typeof parsed === 'bigint' ? parsed : 0n
  }
  return value instanceof GoTyped && value.type === INT64 ? (integerOf(value) ?? 0n) : 0n
}

function durationOf(environment: SprigEnvironment, value: GoValue): bigint {
  const time = timeOf(value)
  if (time !== undefined) return BigInt(Math.round(environment.nowMs() - time.epochMs)) * 1_000_000n
  if (typeof value !== 'string') return value instanceof GoTyped ? (integerOf(value) ?? 0n) : 0n
  try {
    return parseDuration(value)
  } catch (error) {
    if (error instanceof CapstanError) return 0n // as Sprig does
    throw error
  }
}

const HOUR = 3600n * SECOND
const ROUND_UNITS: readonly (readonly [string, bigint])[] = [
  ['y', 365n * 24n * HOUR],
  ['mo', 30n * 24n * HOUR],
  ['d', 24n * HOUR],
  ['h', HOUR],
  ['m', 60n * SECOND],
  ['s', SECOND],
]

function roundDuration(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const unit = ROUND_UNITS.find(([, length]) => size > length)
  return unit === undefined ? '0s' : `${size / unit[1]}${unit[0]}`
}
