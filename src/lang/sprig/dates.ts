// Sprig's functions on times and durations.
import { CapstanError } from '../../base/errors.ts'
import { parseInteger } from '../go/numbers.ts'
import { formatDuration, parseDuration, SECOND } from '../go/time/duration.ts'
import { formatTime, parseTime } from '../go/time/layout.ts'
import type { GoTime } from '../go/time/layout.ts'
import { isZone, offsetMinutes } from '../go/time/zone.ts'
import { ANY, BOOL, GoStruct, GoTyped, INT, int64, INT64, integerOf, STRING } from '../go/values.ts'
import type { GoMethod, GoType, GoValue } from '../go/values.ts'
import { fixed, textAt, valueAt } from './define.ts'
import type { FunctionTable } from './define.ts'
import type { SprigEnvironment } from './environment.ts'

/** 0001-01-01, Go's zero time. */
const ZERO_MS = -62_135_596_800_000

function part(layout: string): GoMethod {
  return { params: [], result: INT, call: (self) => BigInt(Number(formatTime(timeOf(self) ?? ZERO, layout))) }
}

const ZERO: GoTime = { epochMs: ZERO_MS, zone: 'UTC' }

const METHODS: Readonly<Record<string, GoMethod>> = {
  Format: { params: [STRING], call: (self, args) => formatTime(timeOf(self) ?? ZERO, textAt(args, 0)) },
  String: { params: [], call: (self) => timeText(timeOf(self) ?? ZERO) },
  Unix: { params: [], result: INT64, call: (self) => int64(epochSeconds(timeOf(self) ?? ZERO)) },
  UnixMilli: { params: [], result: INT64, call: (self) => int64(BigInt((timeOf(self) ?? ZERO).epochMs)) },
  UnixNano: { params: [], result: INT64, call: (self) => int64(BigInt((timeOf(self) ?? ZERO).epochMs) * 1_000_000n) },
  IsZero: { params: [], result: BOOL, call: (self) => timeOf(self)?.epochMs === ZERO_MS },
  AddDate: { params: [INT, INT, INT], call: (self, args) => timeValue(laterBy(timeOf(self) ?? ZERO, args)) },
  UTC: { params: [], call: (self) => timeValue({ epochMs: (timeOf(self) ?? ZERO).epochMs, zone: 'UTC' }) },
  Year: part('2006'),
  Day: part('2'),
  Hour: part('15'),
  Minute: part('4'),
  Second: part('5'),
  YearDay: part('002'),
  Month: { params: [], call: (self) => formatTime(timeOf(self) ?? ZERO, 'January') },
  Weekday: { params: [], call: (self) => formatTime(timeOf(self) ?? ZERO, 'Monday') },
}

/** The same time of day so many years, months and days later; February 30 is March 1 or 2. */
function laterBy(time: GoTime, args: readonly GoValue[]): GoTime {
  const [years = 0, months = 0, days = 0] = args.map((value) => Number(integerOf(value) ?? 0n))
  const offsetAt = (epochMs: number): number => (time.fixedOffset ?? offsetMinutes(time.zone, epochMs)) * MINUTE_MS
  const shown = new Date(time.epochMs + offsetAt(time.epochMs))
  shown.setUTCFullYear(shown.getUTCFullYear() + years, shown.getUTCMonth() + months, shown.getUTCDate() + days)
  const local = shown.getTime()
  return { ...time, epochMs: local - offsetAt(local) }
}

const MINUTE_MS = 60_000

/** time.Time. */
export const TIME: GoType = {
  name: 'time.Time',
  kind: 'struct',
  fields: [],
  methods: METHODS,
  text: (value) => timeText(timeOf(value) ?? ZERO),
}

export function timeValue(time: GoTime): GoStruct {
  return new GoStruct(TIME, new Map(), time)
}

function timeOf(value: GoValue): GoTime | undefined {
  return value instanceof GoStruct && value.type === TIME ? (value.payload as GoTime) : undefined // timeValue puts it there
}

function timeText(time: GoTime): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')
}

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
    unixEpoch: fixed([TIME], (args) => String(epochSeconds(timeOf(valueAt(args, 0)) ?? ZERO))),
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
  const time = timeOf(valueAt(args, 1)) ?? ZERO
  return timeValue({ ...time, epochMs: time.epochMs + Number(parseDuration(textAt(args, 0)) / 1_000_000n) })
}

function toDate(args: readonly GoValue[], zone: string): GoValue {
  try {
    return timeValue(parseTime(textAt(args, 0), textAt(args, 1), zone))
  } catch (error) {
    if (error instanceof CapstanError) return timeValue(ZERO) // Sprig drops the error and keeps the zero time
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
