// Cron schedules as the library of the real server reads them (robfig/cron v3, standard parser).
import { messageOf } from '../../base/errors.ts'
import { parseDuration } from '../../lang/go/time/duration.ts'

export interface CronSchedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** A day matches when both fields do if one of them is `*`, else when either does. */
  readonly anyDay: boolean
  /** Of `@every`: whole seconds between two runs, in milliseconds; the fields then count for nothing. */
  readonly everyMs?: number
}

interface CronField {
  readonly minimum: number
  readonly maximum: number
  readonly names: readonly string[]
}

const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const MINUTE: CronField = { minimum: 0, maximum: 59, names: [] }
const HOUR: CronField = { minimum: 0, maximum: 23, names: [] }
const DAY: CronField = { minimum: 1, maximum: 31, names: [] }
const MONTH: CronField = { minimum: 1, maximum: 12, names: MONTHS }
const WEEKDAY: CronField = { minimum: 0, maximum: 6, names: DAYS }

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const EVERY = '@every '
const NANOS_PER_SECOND = 1_000_000_000n
/** Standing before a schedule; the validation of CronJobs refuses it, which has a field of its own for the zone. */
const ZONE = /^(?:CRON_)?TZ=\S+ +/

/** What is wrong with a schedule, in the library's words; undefined where nothing is. */
export function scheduleFault(text: string): string | undefined {
  try {
    parseCron(text)
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

/** Reads a schedule. Throws `RangeError` in the library's words where the text is none. */
export function parseCron(text: string): CronSchedule {
  const schedule = text.replace(ZONE, '').trim()
  if (schedule === '') throw new RangeError('empty spec string')
  return schedule.startsWith('@') ? parseDescriptor(schedule) : parseFields(schedule)
}

function parseDescriptor(text: string): CronSchedule {
  const fields = Object.hasOwn(DESCRIPTORS, text) ? DESCRIPTORS[text] : undefined
  if (fields !== undefined) return parseFields(fields)
  if (!text.startsWith(EVERY)) throw new RangeError(`unrecognized descriptor: ${text}`)
  const seconds = durationOf(text) / NANOS_PER_SECOND
  return { ...parseFields('* * * * *'), everyMs: Math.max(1, Number(seconds)) * 1000 }
}

function durationOf(text: string): bigint {
  try {
    return parseDuration(text.slice(EVERY.length))
  } catch (error) {
    throw new RangeError(`failed to parse duration ${text}: ${messageOf(error)}`, { cause: error })
  }
}

function parseFields(text: string): CronSchedule {
  const fields = text.split(/\s+/)
  if (fields.length !== 5)
    throw new RangeError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields
  return {
    minutes: parseField(minutes, MINUTE),
    hours: parseField(hours, HOUR),
    days: parseField(days, DAY),
    months: parseField(months, MONTH),
    weekdays: parseField(weekdays, WEEKDAY),
    anyDay: isStar(days) || isStar(weekdays),
  }
}

/** `*` or `?` among its parts; every second day is no star any more. */
function isStar(field: string): boolean {
  return field.split(',').some((part) => /^[*?](?:\/0*1)?$/.test(part))
}

function parseField(text: string, field: CronField): ReadonlySet<number> {
  const values = new Set<number>()
  for (const part of text.split(',').filter((one) => one !== '')) {
    const { from, to, by } = parseRange(part, field)
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
function parseRange(range: string, field: CronField): Steps {
  const [span = '', ...steps] = range.split('/')
  const [low = '', ...highs] = span.split('-')
  if (highs.length > 1) throw new RangeError(`too many hyphens: ${range}`)
  if (steps.length > 1) throw new RangeError(`too many slashes: ${range}`)
  const [step] = steps
  const by = step === undefined ? 1 : parseInteger(step)
  if (by === 0) throw new RangeError(`step of range should be a positive number: ${range}`)
  if (low === '*' || low === '?') return { from: field.minimum, to: field.maximum, by }
  const from = parseValue(low, field)
  const openEnd = step === undefined ? from : field.maximum
  const to = highs[0] === undefined ? openEnd : parseValue(highs[0], field)
  checkBounds(range, field, { from, to })
  return { from, to, by }
}

function checkBounds(range: string, { minimum, maximum }: CronField, { from, to }: Omit<Steps, 'by'>): void {
  if (from < minimum) throw new RangeError(`beginning of range (${from}) below minimum (${minimum}): ${range}`)
  if (to > maximum) throw new RangeError(`end of range (${to}) above maximum (${maximum}): ${range}`)
  if (from > to) throw new RangeError(`beginning of range (${from}) beyond end of range (${to}): ${range}`)
}

function parseValue(text: string, field: CronField): number {
  const named = text === '' ? -1 : field.names.indexOf(text.toLowerCase())
  return named >= 0 ? named : parseInteger(text)
}

function parseInteger(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new RangeError(
    `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
  )
}
