// Go's time layouts: cutting them into elements, writing times by them, reading times by them.
import { GoError } from '../error.ts'
import { bytesOfText } from '../text.ts'
import { abbreviationOf, offsetMinutes } from './zone.ts'

/** A moment (milliseconds since 1970) in a zone; `nanoseconds` are what milliseconds cannot say, 0 to 999,999. */
export interface GoTime {
  readonly epochMs: number
  readonly zone: string
  /** The abbreviation a text gave, where the zone is only an offset. */
  readonly zoneName?: string
  /** Minutes east of UTC, where the zone is only an offset. */
  readonly fixedOffset?: number
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const SHORT = 3

const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|__2|_2(?!006)|[2-5]|PM|pm|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|[.,](?:0+|9+)(?![0-9])/g

/** Time.Format. */
export function formatTime(time: GoTime, layout: string): string {
  const clock = clockOf(time)
  return layout.replaceAll(ELEMENT, (element) => formatElement(clock, element))
}

interface Clock {
  readonly date: Date
  readonly offset: number
  readonly time: GoTime
}

function clockOf(time: GoTime): Clock {
  const offset = time.fixedOffset ?? offsetMinutes(time.zone, time.epochMs)
  return { date: new Date(time.epochMs + offset * 60_000), offset, time }
}

type Writer = (clock: Clock) => string

const WRITERS: Readonly<Record<string, Writer>> = {
  '2006': ({ date }) => pad(date.getUTCFullYear(), 4),
  '06': ({ date }) => pad(date.getUTCFullYear() % 100, 2),
  January: ({ date }) => MONTHS[date.getUTCMonth()] ?? '',
  Jan: ({ date }) => (MONTHS[date.getUTCMonth()] ?? '').slice(0, SHORT),
  '01': ({ date }) => pad(date.getUTCMonth() + 1, 2),
  '1': ({ date }) => String(date.getUTCMonth() + 1),
  Monday: ({ date }) => DAYS[date.getUTCDay()] ?? '',
  Mon: ({ date }) => (DAYS[date.getUTCDay()] ?? '').slice(0, SHORT),
  '02': ({ date }) => pad(date.getUTCDate(), 2),
  _2: ({ date }) => String(date.getUTCDate()).padStart(2, ' '),
  '2': ({ date }) => String(date.getUTCDate()),
  '002': ({ date }) => pad(dayOfYear(date), 3),
  __2: ({ date }) => String(dayOfYear(date)).padStart(3, ' '),
  '15': ({ date }) => pad(date.getUTCHours(), 2),
  '03': ({ date }) => pad(date.getUTCHours() % 12 || 12, 2),
  '3': ({ date }) => String(date.getUTCHours() % 12 || 12),
  '04': ({ date }) => pad(date.getUTCMinutes(), 2),
  '4': ({ date }) => String(date.getUTCMinutes()),
  '05': ({ date }) => pad(date.getUTCSeconds(), 2),
  '5': ({ date }) => String(date.getUTCSeconds()),
  PM: ({ date }) => (date.getUTCHours() >= 12 ? 'PM' : 'AM'),
  pm: ({ date }) => (date.getUTCHours() >= 12 ? 'pm' : 'am'),
  MST: ({ time }) => time.zoneName ?? abbreviationOf(time.zone, time.epochMs),
}

function formatElement(clock: Clock, element: string): string {
  const writer = WRITERS[element]
  if (writer !== undefined) return writer(clock)
  if (element.startsWith('Z') || element.startsWith('-')) return formatOffset(clock.offset, element)
  const digits = pad(((clock.time.epochMs % 1000) + 1000) % 1000, 3)
    .padEnd(9, '0')
    .slice(0, element.length - 1)
  if (element[1] === '0') return element[0] + digits
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : element[0] + trimmed
}

function formatOffset(offset: number, element: string): string {
  if (element.startsWith('Z') && offset === 0) return 'Z'
  const sign = offset < 0 ? '-' : '+'
  const hours = pad(Math.floor(Math.abs(offset) / 60), 2)
  const minutes = pad(Math.abs(offset) % 60, 2)
  const colon = element.includes(':') ? ':' : ''
  const form = element.slice(1).replaceAll(':', '').length
  return sign + hours + (form > 2 ? colon + minutes : '') + (form > 4 ? `${colon}00` : '')
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}

interface Fields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millisecond: number
  isAfternoon: boolean | undefined
  offset: number | undefined
  zoneName: string | undefined
  yearDay: number | undefined
  /** The whole text, for errors. */
  readonly text: string
}

/** time.ParseInLocation. Throws a GoError with Go's text. */
export function parseTime(layout: string, text: string, zone: string): GoTime {
  const fields: Fields = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    millisecond: 0,
    isAfternoon: undefined,
    offset: undefined,
    zoneName: undefined,
    yearDay: undefined,
    text,
  }
  let rest = text
  let end = 0
  const fail = (element: string, left: string): GoError => {
    const shown = `cannot parse ${quoteBytes(left)} as ${quoteBytes(element)}`
    return new GoError(`parsing time ${quoteBytes(text)} as ${quoteBytes(layout)}: ${shown}`)
  }
  for (const match of layout.matchAll(ELEMENT)) {
    const literal = layout.slice(end, match.index)
    rest = afterLiteral(rest, literal, fail)
    const taken = readElement(fields, match[0], rest)
    if (taken === undefined) throw fail(match[0], rest)
    rest = rest.slice(taken)
    end = match.index + match[0].length
  }
  const tail = layout.slice(end)
  rest = afterLiteral(rest, tail, fail)
  if (rest !== '') throw new GoError(`parsing time ${quoteBytes(text)}: extra text: ${quoteBytes(rest)}`)
  return momentOf(fields, text, zone)
}

/** What follows a layout's plain text; spaces stand for any number of them. */
function afterLiteral(text: string, literal: string, fail: (element: string, left: string) => GoError): string {
  let rest = text
  for (let index = 0; index < literal.length; index += 1) {
    const isSpace = literal[index] === ' '
    if (isSpace ? rest !== '' && !rest.startsWith(' ') : !rest.startsWith(literal[index] ?? ''))
      throw fail(literal.slice(index), rest)
    rest = isSpace ? rest.replace(/^ +/, '') : rest.slice(1)
  }
  return rest
}

const NUMBER_FIELDS: Readonly<Record<string, readonly [keyof Fields, RegExp]>> = {
  '2006': ['year', /^\d{4}/],
  '06': ['year', /^\d{2}/],
  '01': ['month', /^\d{2}/],
  '1': ['month', /^\d{1,2}/],
  '02': ['day', /^\d{2}/],
  _2: ['day', /^ ?\d{1,2}/],
  '2': ['day', /^\d{1,2}/],
  '15': ['hour', /^\d{1,2}/],
  '03': ['hour', /^\d{2}/],
  '3': ['hour', /^\d{1,2}/],
  '04': ['minute', /^\d{2}/],
  '4': ['minute', /^\d{1,2}/],
  '002': ['yearDay', /^\d{3}/],
  __2: ['yearDay', /^ {0,2}\d{1,3}/],
  '05': ['second', /^\d{2}/],
  '5': ['second', /^\d{1,2}/],
}

/** How package time quotes: bytes beyond ASCII and control characters as \xNN. */
function quoteBytes(text: string): string {
  let quoted = ''
  for (const byte of bytesOfText(text)) {
    const char = String.fromCharCode(byte)
    if (byte < 0x20 || byte >= 0x80) quoted += `\\x${byte.toString(16).padStart(2, '0')}`
    else quoted += char === '"' || char === '\\' ? `\\${char}` : char
  }
  return `"${quoted}"`
}

/** How many characters the element took, or undefined where it does not stand here. */
function readElement(target: Fields, element: string, text: string): number | undefined {
  const number = NUMBER_FIELDS[element]
  if (number !== undefined) return readNumber(target, element, number, text)
  if (element.startsWith('Jan') || element.startsWith('Mon')) return readName(target, element, text)
  if (element === 'PM' || element === 'pm') return readHalf(target, element, text)
  if (element === 'MST') return readZoneName(target, text)
  if (element.startsWith('Z') || element.startsWith('-')) return readOffset(target, element, text)
  return readFraction(target, element, text)
}

function readNumber(
  target: Fields,
  element: string,
  [field, pattern]: readonly [keyof Fields, RegExp],
  text: string,
): number | undefined {
  const digits = pattern.exec(text)?.[0]
  if (digits === undefined) return undefined
  const value = Number(digits)
  const century = value >= 69 ? 1900 : 2000
  Object.assign(target, { [field]: element === '06' ? century + value : value })
  requireRange(target, field, element.endsWith('3') ? 12 : 23)
  if (field !== 'second') return digits.length
  const fraction = /^[.,]\d+/.exec(text.slice(digits.length))?.[0] ?? '' // a fraction may follow though the layout has none
  Object.assign(target, { millisecond: Math.floor(Number(`0.${fraction.slice(1)}0`) * 1000) })
  return digits.length + fraction.length
}

function readName(target: Fields, element: string, text: string): number | undefined {
  const names = element.startsWith('Jan') ? MONTHS : DAYS
  const length = element.length === SHORT ? SHORT : Infinity
  const index = names.findIndex((name) => text.toLowerCase().startsWith(name.slice(0, length).toLowerCase()))
  if (index < 0) return undefined
  if (names === MONTHS) Object.assign(target, { month: index + 1 })
  return Math.min(names[index]?.length ?? 0, length)
}

function readHalf(target: Fields, element: string, text: string): number | undefined {
  const half = text.slice(0, 2)
  const expected = element === 'PM' ? ['AM', 'PM'] : ['am', 'pm']
  if (!expected.includes(half)) return undefined
  Object.assign(target, { isAfternoon: half === expected[1] })
  return 2
}

function readZoneName(target: Fields, text: string): number | undefined {
  const name = /^(?:UTC|GMT[+-]\d{1,2}|[A-Z]{3,5}|[+-]\d{2,4})/.exec(text)?.[0]
  if (name === undefined) return undefined
  Object.assign(target, { zoneName: name, offset: target.offset ?? 0 })
  return name.length
}

function readOffset(target: Fields, element: string, text: string): number | undefined {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    Object.assign(target, { offset: 0 })
    return 1
  }
  const colon = element.includes(':') ? ':' : ''
  const isShort = element.slice(1).length === 2
  const pattern = new RegExp(`^(?<sign>[+-])(?<hours>\\d{2})${isShort ? '' : `${colon}(?<minutes>\\d{2})`}`)
  const match = pattern.exec(text)
  if (match === null) return undefined
  const minutes = Number(match.groups?.['hours']) * 60 + Number(match.groups?.['minutes'] ?? 0)
  Object.assign(target, { offset: match.groups?.['sign'] === '-' ? -minutes : minutes })
  return match[0].length
}

function readFraction(target: Fields, element: string, text: string): number | undefined {
  const digits = /^[.,]\d+/.exec(text)?.[0]
  if (digits === undefined) return element[1] === '9' || target.millisecond > 0 ? 0 : undefined
  Object.assign(target, { millisecond: Math.floor(Number(`0.${digits.slice(1)}`) * 1000) })
  return digits.length
}

const RANGES: readonly (readonly [keyof Fields, number, number])[] = [
  ['month', 1, 12],
  ['hour', 0, 23],
  ['minute', 0, 59],
  ['second', 0, 59],
]

function requireRange(fields: Fields, field: keyof Fields, lastHour: number): void {
  const range = RANGES.find(([name]) => name === field)
  const value = Number(fields[field])
  if (range !== undefined && (value < range[1] || value > (field === 'hour' ? lastHour : range[2]))) {
    throw new GoError(`parsing time ${quoteBytes(fields.text)}: ${field} out of range`)
  }
}

function momentOf(fields: Fields, text: string, zone: string): GoTime {
  const lastDay = new Date(Date.UTC(2000, fields.month, 0)).getUTCDate()
  const isLeap = new Date(Date.UTC(fields.year, 1, 29)).getUTCMonth() === 1
  const days = fields.month === 2 && !isLeap ? 28 : lastDay
  if (fields.day < 1 || fields.day > days) throw new GoError(`parsing time ${quoteBytes(text)}: day out of range`)
  const hour = fields.isAfternoon === undefined ? fields.hour : (fields.hour % 12) + (fields.isAfternoon ? 12 : 0)
  const date = new Date(0)
  const isByYearDay = fields.yearDay !== undefined
  date.setUTCFullYear(fields.year, isByYearDay ? 0 : fields.month - 1, fields.yearDay ?? fields.day)
  date.setUTCHours(hour, fields.minute, fields.second, fields.millisecond)
  return inZone(date.getTime(), fields, zone)
}

function inZone(local: number, fields: Fields, zone: string): GoTime {
  if (fields.offset === undefined) return { epochMs: local - offsetMinutes(zone, local) * 60_000, zone }
  const epochMs = local - fields.offset * 60_000
  if (fields.offset === 0 && (fields.zoneName ?? 'UTC') === 'UTC') return { epochMs, zone: 'UTC' }
  const named = fields.zoneName === undefined ? {} : { zoneName: fields.zoneName }
  return { epochMs, zone: 'UTC', fixedOffset: fields.offset, zoneName: formatOffset(fields.offset, '-0700'), ...named }
}
