// Time zones: what the clock shows in a place, its offset and the abbreviation Go prints.

/** Abbreviations of zones that Intl shows as an offset only: standard time, then summer time. */
const ABBREVIATIONS: Readonly<Record<string, readonly [string, string?]>> = {
  'Asia/Tokyo': ['JST'],
  'Asia/Seoul': ['KST'],
  'Asia/Shanghai': ['CST'],
  'Asia/Hong_Kong': ['HKT'],
  'Asia/Kolkata': ['IST'],
  'Asia/Calcutta': ['IST'],
  'Asia/Jerusalem': ['IST', 'IDT'],
  'Australia/Sydney': ['AEST', 'AEDT'],
  'Australia/Melbourne': ['AEST', 'AEDT'],
  'Australia/Brisbane': ['AEST'],
  'Australia/Perth': ['AWST'],
  'Pacific/Auckland': ['NZST', 'NZDT'],
  'Europe/London': ['GMT', 'BST'],
  'Europe/Dublin': ['GMT', 'IST'],
  'Europe/Lisbon': ['WET', 'WEST'],
  'Europe/Moscow': ['MSK'],
  'Africa/Cairo': ['EET', 'EEST'],
  'Africa/Johannesburg': ['SAST'],
}
const EASTERN_EUROPE = /^Europe\/(?:Athens|Helsinki|Kiev|Kyiv|Bucharest|Sofia|Riga|Tallinn|Vilnius|Chisinau|Mariehamn)$/

/** True for the name of a zone of the tz database. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // Intl throws a RangeError for names it does not know
  }
}

/** Minutes east of UTC at a moment. */
export function offsetMinutes(zone: string, epochMs: number): number {
  if (zone === 'UTC') return 0
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(epochMs)
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0)
  const shown = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  )
  return Math.round((shown - Math.floor(epochMs / 1000) * 1000) / 60_000)
}

/** The zone's abbreviation at a moment, or its offset where it has none, as Go prints `MST`. */
export function abbreviationOf(zone: string, epochMs: number): string {
  if (zone === 'UTC' || zone === 'GMT') return zone
  const offset = offsetMinutes(zone, epochMs)
  const known = ABBREVIATIONS[zone] ?? europeanNames(zone)
  if (known !== undefined) return known[isSummer(zone, epochMs, offset) ? 1 : 0] ?? known[0]
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' }).formatToParts(epochMs)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
  return /^[A-Z]{3,5}$/.test(name) ? name : offsetName(offset)
}

function europeanNames(zone: string): readonly [string, string?] | undefined {
  if (EASTERN_EUROPE.test(zone)) return ['EET', 'EEST']
  return /^Europe\/(?!Istanbul|Minsk|Samara|Saratov|Volgograd|Ulyanovsk|Astrakhan|Kaliningrad)/.test(zone)
    ? ['CET', 'CEST']
    : undefined
}

function isSummer(zone: string, epochMs: number, offset: number): boolean {
  const year = new Date(epochMs).getUTCFullYear()
  const winter = Math.min(offsetMinutes(zone, Date.UTC(year, 0, 1)), offsetMinutes(zone, Date.UTC(year, 6, 1)))
  return offset > winter
}

/** `+0530` as `+05` or `+0530`. */
function offsetName(minutes: number): string {
  const sign = minutes < 0 ? '-' : '+'
  const size = Math.abs(minutes)
  const hours = String(Math.floor(size / 60)).padStart(2, '0')
  return sign + hours + (size % 60 === 0 ? '' : String(size % 60).padStart(2, '0'))
}
