// Cron schedules as the library of the real server reads them (robfig/cron v3, standard parser).

interface CronField {
  readonly minimum: number
  readonly maximum: number
  readonly names: readonly string[]
}

const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly CronField[] = [
  { minimum: 0, maximum: 59, names: [] },
  { minimum: 0, maximum: 23, names: [] },
  { minimum: 1, maximum: 31, names: [] },
  { minimum: 1, maximum: 12, names: MONTHS },
  { minimum: 0, maximum: 6, names: DAYS },
]
const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])
const EVERY = /^@every (?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/
const ZONE = /^(?:CRON_)?TZ=\S+ +/

/** What is wrong with a schedule, in the library's words; undefined where nothing is. */
export function scheduleFault(text: string): string | undefined {
  const schedule = text.replace(ZONE, '').trim()
  if (schedule === '') return 'empty spec string'
  if (schedule.startsWith('@')) {
    const isKnown = DESCRIPTORS.has(schedule) || EVERY.test(schedule)
    return isKnown ? undefined : `unrecognized descriptor: ${schedule}`
  }
  const fields = schedule.split(/\s+/)
  if (fields.length !== FIELDS.length) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  for (const [index, field] of FIELDS.entries()) {
    const fault = fieldFault(fields[index] ?? '', field)
    if (fault !== undefined) return fault
  }
  return undefined
}

function fieldFault(text: string, field: CronField): string | undefined {
  for (const range of text.split(',').filter((part) => part !== '')) {
    const fault = rangeFault(range, field)
    if (fault !== undefined) return fault
  }
  return undefined
}

function rangeFault(range: string, field: CronField): string | undefined {
  const [span = '', ...steps] = range.split('/')
  const [low = '', ...highs] = span.split('-')
  if (highs.length > 1) return `too many hyphens: ${range}`
  if (steps.length > 1) return `too many slashes: ${range}`
  const [step] = steps
  if (step !== undefined && !/^\d+$/.test(step)) return numberFault(step)
  if (step !== undefined && Number(step) === 0) return `step of range should be a positive number: ${range}`
  return low === '*' || low === '?' ? undefined : spanFault(range, field, low, highs[0] ?? low)
}

function spanFault(range: string, field: CronField, low: string, high: string): string | undefined {
  const [start, end] = [numberOf(low, field), numberOf(high, field)]
  if (start === undefined) return numberFault(low)
  return end === undefined ? numberFault(high) : boundsFault(range, field, start, end)
}

function boundsFault(range: string, field: CronField, start: number, end: number): string | undefined {
  if (start < field.minimum) return `beginning of range (${start}) below minimum (${field.minimum}): ${range}`
  if (end > field.maximum) return `end of range (${end}) above maximum (${field.maximum}): ${range}`
  return start > end ? `beginning of range (${start}) beyond end of range (${end}): ${range}` : undefined
}

function numberOf(text: string, field: CronField): number | undefined {
  const named = text === '' ? -1 : field.names.indexOf(text.toLowerCase())
  if (named >= 0) return named
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function numberFault(text: string): string {
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
}
