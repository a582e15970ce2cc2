// The built-in functions on times.
import { CapstanError } from '../../base/errors.ts'
import { parseDuration } from '../go/time/duration.ts'
import { parseTime } from '../go/time/layout.ts'
import { duration, location, timeValue, zoneOf } from '../go/time/moment.ts'
import { isZone } from '../go/time/zone.ts'
import type { GoValue } from '../go/values.ts'
import type { Builtin } from './builtins-numbers.ts'
import { fault, textOf } from './run.ts'
import type { Run } from './run.ts'

export const TIME_BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['now', now],
  ['duration', (run, [text = null]) => duration(parseDuration(textOf(run, text)))],
  ['date', date],
  ['timezone', (run, [name = null]) => location(zoneNamed(run, textOf(run, name)))],
])

/** What `date` tries one after the other. */
const LAYOUTS = [
  '2006-01-02',
  '15:04:05',
  '2006-01-02 15:04:05',
  '2006-01-02T15:04:05Z07:00',
  '02 Jan 06 15:04 MST',
  'Monday, 02-Jan-06 15:04:05 MST',
  'Mon, 02 Jan 2006 15:04:05 MST',
]

function now(run: Run, args: readonly GoValue[]): GoValue {
  const zone = args.length === 0 ? 'UTC' : zoneOf(args[0] ?? null)
  if (zone === undefined) throw fault(run, `invalid number of arguments (expected 0, got ${args.length})`)
  return timeValue({ epochMs: run.nowMs(), zone })
}

/** time.LoadLocation: a name of the zone database; empty and UTC are UTC. */
function zoneNamed(run: Run, name: string): string {
  if (name === '' || name === 'UTC' || name === 'Local') return 'UTC'
  if (isZone(name)) return name
  throw fault(run, `unknown time zone ${name}`)
}

/** `date([zone,] text [, layout [, zone]])`. */
function date(run: Run, args: readonly GoValue[]): GoValue {
  const given = zoneOf(args[0] ?? null)
  const [text = null, layout, zoneName] = given === undefined ? args : args.slice(1)
  const written = textOf(run, text)
  if (layout === undefined) return guessed(run, written, given ?? 'UTC')
  const zone = zoneName === undefined ? given : zoneNamed(run, textOf(run, zoneName))
  return timeValue(parseTime(textOf(run, layout), written, zone ?? 'UTC'))
}

function guessed(run: Run, text: string, zone: string): GoValue {
  for (const layout of LAYOUTS) {
    try {
      return timeValue(parseTime(layout, text, zone))
    } catch (error) {
      if (!(error instanceof CapstanError)) throw error // the next layout may fit
    }
  }
  throw fault(run, `invalid date ${text}`)
}
