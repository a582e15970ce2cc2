// Dates and times as JSON Schema's formats want them, with the words of helm's validator.
import { quoteText } from '../../../lang/go/quote.ts'

const DATE = /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/

/** What Go's time package says of a text that is no `2006-01-02`. */
export function dateProblem(text: string): string | undefined {
  const parsing = `parsing time ${quoteText(text)}`
  const parts = DATE.exec(text)?.groups
  if (parts === undefined) {
    const [rest, element] = unreadable(text)
    return `${parsing} as "2006-01-02": cannot parse ${quoteText(rest)} as "${element}"`
  }
  const [year, month, day] = [parts['year'], parts['month'], parts['day']].map(Number) as [number, number, number] // three groups
  if (month < 1 || month > 12) return `${parsing}: month out of range`
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return day < 1 || day > days ? `${parsing}: day out of range` : undefined
}

/** What is left of a date where it stops being one, and the element that was expected there. */
function unreadable(text: string): readonly [string, string] {
  const year = /^\d{4}/.exec(text)
  if (year === null) return [text, '2006']
  if (text[4] !== '-') return [text.slice(4), '-']
  if (!/^\d{2}/.test(text.slice(5))) return [text.slice(5), '01']
  if (text[7] !== '-') return [text.slice(7), '-']
  return [text.slice(8), '02']
}

const SHORTEST_TIME = 'hh:mm:ssZ'.length
const TIME = /^(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})(?<fraction>\.\d+)?(?<zone>.*)$/

/** RFC 3339 times with a zone. */
export function timeProblem(text: string): string | undefined {
  if (text.length < SHORTEST_TIME) return 'less than 9 characters long'
  const parts = TIME.exec(text)?.groups
  if (parts === undefined) return 'missing colon in correct place'
  const hour = Number(parts['hour'])
  const minute = Number(parts['minute'])
  const second = Number(parts['second'])
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range'
  const zone = parts['zone'] ?? ''
  return zoneProblem(zone) ?? (second < 60 ? undefined : leapProblem(hour * 60 + minute, zone))
}

const DAY_MINUTES = 24 * 60

/** A leap second is the last of a day in UTC. */
function leapProblem(minutes: number, zone: string): string | undefined {
  const shift = /^[zZ]$/.test(zone) ? 0 : minutesOf(zone)
  const inUtc = (minutes - shift + DAY_MINUTES) % DAY_MINUTES
  return inUtc === DAY_MINUTES - 1 ? undefined : 'invalid leap second'
}

const ZONE = /^[+-](?<hour>\d{2}):(?<minute>\d{2})$/

function zoneProblem(zone: string): string | undefined {
  if (/^[zZ]$/.test(zone)) return undefined
  if (zone.length !== '+hh:mm'.length) return 'offset must be 6 characters long'
  const parts = ZONE.exec(zone)?.groups
  if (parts === undefined)
    return zone[3] === ':' ? 'offset must begin with plus/minus' : 'missing colon in offset in correct place'
  return Number(parts['hour']) > 23 || Number(parts['minute']) > 59 ? 'hour/min in offset out of range' : undefined
}

function minutesOf(zone: string): number {
  const parts = ZONE.exec(zone)?.groups
  const minutes = Number(parts?.['hour']) * 60 + Number(parts?.['minute'])
  return zone.startsWith('-') ? -minutes : minutes
}

const SHORTEST_DATE_TIME = 'yyyy-mm-ddThh:mm:ssZ'.length
const DATE_LENGTH = 'yyyy-mm-dd'.length

export function dateTimeProblem(text: string): string | undefined {
  if (text.length < SHORTEST_DATE_TIME) return 'less than 20 characters long'
  if (!/^[tT]$/.test(text[DATE_LENGTH] ?? '')) return '11th character must be t or T'
  const date = dateProblem(text.slice(0, DATE_LENGTH))
  if (date !== undefined) return `invalid date element: ${date}`
  const time = timeProblem(text.slice(DATE_LENGTH + 1))
  return time === undefined ? undefined : `invalid time element: ${time}`
}
