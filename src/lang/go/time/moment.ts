// Go's time.Time, time.Duration and what belongs to them, as values with their methods.
import { BOOL, FLOAT64, GoStruct, GoTyped, INT, INT64, int64, integerOf, STRING, stringOf } from '../values.ts'
import type { GoMethod, GoType, GoValue } from '../values.ts'
import { formatDuration } from './duration.ts'
import { formatTime } from './layout.ts'
import type { GoTime } from './layout.ts'
import { offsetMinutes } from './zone.ts'

/** 0001-01-01, Go's zero time. */
const ZERO_MS = -62_135_596_800_000
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const NANOSECONDS_PER_MS = 1_000_000n

export const ZERO_TIME: GoTime = { epochMs: ZERO_MS, zone: 'UTC' }

const DURATION_METHODS: Readonly<Record<string, GoMethod>> = {
  Hours: { params: [], result: FLOAT64, call: (self) => Number(nanosecondsOf(self)) / 3.6e12 },
  Minutes: { params: [], result: FLOAT64, call: (self) => Number(nanosecondsOf(self)) / 6e10 },
  Seconds: { params: [], result: FLOAT64, call: (self) => Number(nanosecondsOf(self)) / 1e9 },
  Milliseconds: { params: [], result: INT64, call: (self) => int64(nanosecondsOf(self) / NANOSECONDS_PER_MS) },
  Microseconds: { params: [], result: INT64, call: (self) => int64(nanosecondsOf(self) / 1000n) },
  Nanoseconds: { params: [], result: INT64, call: (self) => int64(nanosecondsOf(self)) },
  String: { params: [], result: STRING, call: (self) => formatDuration(nanosecondsOf(self)) },
  Abs: { params: [], call: (self) => duration(sizeOf(nanosecondsOf(self))) },
  Truncate: { params: [INT64], call: (self, [unit = null]) => duration(cut(nanosecondsOf(self), nanosecondsOf(unit))) },
  Round: { params: [INT64], call: (self, [unit = null]) => duration(round(nanosecondsOf(self), nanosecondsOf(unit))) },
}

/** time.Duration: nanoseconds. */
export const DURATION: GoType = {
  name: 'time.Duration',
  kind: 'int64',
  isNamed: true,
  hasFieldsInJson: true,
  methods: DURATION_METHODS,
  text: (value) => formatDuration(nanosecondsOf(value)),
}

/** A time.Duration of so many nanoseconds. */
export function duration(nanoseconds: bigint): GoTyped {
  return new GoTyped(DURATION, BigInt.asIntN(64, nanoseconds))
}

/** The nanoseconds of a duration or of a bare integer; 0 for anything else. */
function nanosecondsOf(value: GoValue): bigint {
  return integerOf(value) ?? 0n
}

/** The nanoseconds of a time.Duration; undefined for every other value. */
export function durationOf(value: GoValue): bigint | undefined {
  return value instanceof GoTyped && value.type === DURATION && typeof value.value === 'bigint'
    ? value.value
    : undefined
}

function sizeOf(value: bigint): bigint {
  return value < 0n ? -value : value
}

function cut(value: bigint, unit: bigint): bigint {
  return unit <= 0n ? value : value - (value % unit)
}

/** To the nearest, halves away from zero. */
function round(value: bigint, unit: bigint): bigint {
  if (unit <= 0n) return value
  const size = sizeOf(value)
  const rest = size % unit
  const rounded = rest + rest < unit ? size - rest : size + unit - rest
  return value < 0n ? -rounded : rounded
}

function named(name: string, layout: string, first: number): GoType {
  const text = (value: GoValue): string => {
    const shown = new Date(Date.UTC(2023, 0, 1)) // a Sunday, and the first of January
    if (layout === 'January') shown.setUTCMonth(Number(integerOf(value) ?? 0n) - first)
    else shown.setUTCDate(1 + Number(integerOf(value) ?? 0n) - first)
    return formatTime({ epochMs: shown.getTime(), zone: 'UTC' }, layout)
  }
  const methods = { String: { params: [], result: STRING, call: text } }
  return { name, kind: 'int', isNamed: true, hasFieldsInJson: true, methods, text }
}

const MONTH = named('time.Month', 'January', 1)
const WEEKDAY = named('time.Weekday', 'Monday', 0)

/** *time.Location; its text is the zone's name. */
export const LOCATION: GoType = {
  name: '*time.Location',
  kind: 'ptr',
  methods: { String: { params: [], result: STRING, call: (self) => zoneOf(self) ?? '' } },
  text: (value) => zoneOf(value) ?? '',
}

/** A zone as *time.Location. */
export function location(zone: string): GoStruct {
  return new GoStruct(LOCATION, new Map(), zone)
}

/** The zone of a *time.Location; undefined for every other value. */
export function zoneOf(value: GoValue): string | undefined {
  return value instanceof GoStruct && value.type === LOCATION ? String(value.payload) : undefined
}

function part(layout: string): GoMethod {
  return { params: [], result: INT, call: (self) => BigInt(Number(formatTime(own(self), layout))) }
}

/** The receiver's time. */
function own(value: GoValue): GoTime {
  return timeOf(value) ?? ZERO_TIME
}

function other(args: readonly GoValue[]): GoTime {
  return own(args[0] ?? null)
}

/** Where a type refers to itself its name must do: time.Time as a parameter. */
const TIME_PARAMETER: GoType = { name: 'time.Time', kind: 'struct' }

const METHODS: Readonly<Record<string, GoMethod>> = {
  Format: {
    params: [STRING],
    result: STRING,
    call: (self, [layout = '']) => formatTime(own(self), stringOf(layout) ?? ''),
  },
  String: { params: [], result: STRING, call: (self) => timeText(own(self)) },
  Unix: { params: [], result: INT64, call: (self) => int64(BigInt(Math.floor(own(self).epochMs / 1000))) },
  UnixMilli: { params: [], result: INT64, call: (self) => int64(epochMs(self)) },
  UnixMicro: { params: [], result: INT64, call: (self) => int64(epochMs(self) * 1000n) },
  UnixNano: { params: [], result: INT64, call: (self) => int64(epochMs(self) * NANOSECONDS_PER_MS) },
  IsZero: { params: [], result: BOOL, call: (self) => timeOf(self)?.epochMs === ZERO_MS },
  AddDate: { params: [INT, INT, INT], call: (self, args) => timeValue(laterBy(own(self), args)) },
  Add: { params: [DURATION], call: (self, [by = null]) => timeValue(addDuration(own(self), nanosecondsOf(by))) },
  Sub: { params: [TIME_PARAMETER], call: (self, args) => timeBetween(own(self), other(args)) },
  Before: { params: [TIME_PARAMETER], result: BOOL, call: (self, args) => own(self).epochMs < other(args).epochMs },
  After: { params: [TIME_PARAMETER], result: BOOL, call: (self, args) => own(self).epochMs > other(args).epochMs },
  Equal: { params: [TIME_PARAMETER], result: BOOL, call: (self, args) => own(self).epochMs === other(args).epochMs },
  Compare: { params: [TIME_PARAMETER], result: INT, call: (self, args) => compareTimes(own(self), other(args)) },
  Truncate: { params: [DURATION], call: (self, [unit = null]) => cutTime(self, nanosecondsOf(unit), cut) },
  Round: { params: [DURATION], call: (self, [unit = null]) => cutTime(self, nanosecondsOf(unit), round) },
  UTC: { params: [], call: (self) => timeValue({ epochMs: own(self).epochMs, zone: 'UTC' }) },
  Local: { params: [], call: (self) => timeValue({ epochMs: own(self).epochMs, zone: 'UTC' }) },
  In: { params: [LOCATION], call: (self, [zone = null]) => timeValue(inZone(own(self), zoneOf(zone) ?? 'UTC')) },
  Location: { params: [], call: (self) => location(own(self).zone) },
  Year: part('2006'),
  Day: part('2'),
  Hour: part('15'),
  Minute: part('4'),
  Second: part('5'),
  YearDay: part('002'),
  Nanosecond: { params: [], result: INT, call: (self) => BigInt(millisecond(own(self))) * NANOSECONDS_PER_MS },
  Month: { params: [], call: (self) => new GoTyped(MONTH, BigInt(Number(formatTime(own(self), '1')))) },
  Weekday: { params: [], call: (self) => new GoTyped(WEEKDAY, BigInt(shownDate(own(self)).getUTCDay())) },
}

function millisecond({ epochMs: moment }: GoTime): number {
  return ((moment % 1000) + 1000) % 1000
}

function epochMs(self: GoValue): bigint {
  return BigInt(Math.floor(own(self).epochMs))
}

function compareTimes(a: GoTime, b: GoTime): bigint {
  return BigInt(Math.sign(a.epochMs - b.epochMs))
}

/** Counted from Go's zero time, as Go does. */
function cutTime(self: GoValue, unit: bigint, how: (value: bigint, unit: bigint) => bigint): GoStruct {
  const time = own(self)
  const since = BigInt(Math.floor(time.epochMs - ZERO_MS)) * NANOSECONDS_PER_MS
  return timeValue({ ...time, epochMs: ZERO_MS + Number(how(since, unit) / NANOSECONDS_PER_MS) })
}

function inZone(time: GoTime, zone: string): GoTime {
  return { epochMs: time.epochMs, zone }
}

/** The date that the clock of the time's own zone shows, as if it were UTC. */
function shownDate(time: GoTime): Date {
  return new Date(time.epochMs + offsetMs(time, time.epochMs))
}

function offsetMs(time: GoTime, at: number): number {
  return (time.fixedOffset ?? offsetMinutes(time.zone, at)) * MINUTE_MS
}

/** The same time of day so many years, months and days later; February 30 is March 1 or 2. */
function laterBy(time: GoTime, args: readonly GoValue[]): GoTime {
  const [years = 0, months = 0, days = 0] = args.map((value) => Number(integerOf(value) ?? 0n))
  const shown = shownDate(time)
  const timeOfDay = ((shown.getTime() % DAY_MS) + DAY_MS) % DAY_MS
  shown.setUTCFullYear(shown.getUTCFullYear() + years, shown.getUTCMonth() + months, shown.getUTCDate() + days)
  shown.setUTCHours(0, 0, 0, timeOfDay)
  const local = shown.getTime()
  return { ...time, epochMs: local - offsetMs(time, local) }
}

/** The moment so many nanoseconds later (a part of a millisecond is lost). */
export function addDuration(time: GoTime, nanoseconds: bigint): GoTime {
  return { ...time, epochMs: time.epochMs + Number(nanoseconds / NANOSECONDS_PER_MS) }
}

/** The duration from the second time to the first. */
export function timeBetween(end: GoTime, start: GoTime): GoTyped {
  return duration(BigInt(Math.round(end.epochMs - start.epochMs)) * NANOSECONDS_PER_MS)
}

/** time.Time. */
export const TIME: GoType = {
  name: 'time.Time',
  kind: 'struct',
  fields: [],
  methods: METHODS,
  text: (value) => timeText(own(value)),
}

/** A time as a Go value. */
export function timeValue(time: GoTime): GoStruct {
  return new GoStruct(TIME, new Map(), time)
}

/** The time of a time.Time; undefined for every other value. */
export function timeOf(value: GoValue): GoTime | undefined {
  return value instanceof GoStruct && value.type === TIME ? (value.payload as GoTime) : undefined // timeValue puts it there
}

function timeText(time: GoTime): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')
}
