// May an application be synced now? The sync windows of its project decide.
import { CapstanError } from '../base/errors.ts'
import { matchesGlob } from '../base/glob.ts'
import type { SyncWindow } from '../crds/app-project.ts'
import type { Application } from '../crds/application.ts'
import { parseDurationMs } from '../lang/go/time/duration.ts'
import { fires, firesOnDay, parseSchedule, type WallTime } from './cron.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** A window that is open for longer is open for ever: looking further back costs time and changes nothing. */
const MAX_DURATION_MS = 366 * 24 * HOUR_MS

export interface SyncMoment {
  readonly nowMs: number
  /** A person asks, not the controller. */
  readonly isManual: boolean
  /** When the operation that wants to go on began; absent for one that wants to begin. */
  readonly runningSinceMs?: number
}

/** The windows that name the application, its cluster or its namespace; all lists that are set, with andOperator. */
export function windowsFor(windows: readonly SyncWindow[], application: Application): readonly SyncWindow[] {
  const { name, server, namespace } = application.spec.destination
  return windows.filter((window) => {
    const checks = [
      check(window.applications, [application.metadata.name]),
      check(window.clusters, [server, name]),
      check(window.namespaces, [namespace]),
    ].filter((result) => result !== undefined)
    return window.andOperator ? checks.length > 0 && checks.every(Boolean) : checks.some(Boolean)
  })
}

/** Undefined where the list says nothing. */
function check(patterns: readonly string[] | undefined, names: readonly (string | undefined)[]): boolean | undefined {
  if (patterns === undefined || patterns.length === 0) return undefined
  return patterns.some((pattern) =>
    names.some((name) => name !== undefined && name !== '' && matchesGlob(pattern, name)),
  )
}

/**
 * The decision of windows that fit an application (argo-cd v3.5.1 `app_project_types.go` `CanSync`): an active deny refuses; else
 * an active allow permits; else any allow that is not active refuses. What refuses lets manual syncs through where all of it has
 * manualSync, and a running operation that could begin, where all of it has syncOverrun.
 * Throws `bad-input` for a schedule or duration that does not parse.
 */
export function canSync(windows: readonly SyncWindow[], moment: SyncMoment): boolean {
  const refusing = refusingWindows(windows, moment.nowMs)
  if (refusing.length === 0) return true
  if (moment.isManual && refusing.every((window) => window.manualSync === true)) return true
  const { runningSinceMs, isManual } = moment
  if (runningSinceMs === undefined || !refusing.every((window) => window.syncOverrun === true)) return false
  return canSync(windows, { nowMs: runningSinceMs, isManual })
}

function refusingWindows(windows: readonly SyncWindow[], nowMs: number): readonly SyncWindow[] {
  const allows = windows.filter((window) => window.kind === 'allow')
  const denies = windows.filter((window) => window.kind === 'deny' && isActive(window, nowMs))
  if (denies.length > 0) return denies
  return allows.some((window) => isActive(window, nowMs)) ? [] : allows
}

/** True where the window was opened less than its duration ago. */
export function isActive(window: SyncWindow, nowMs: number): boolean {
  const { schedule, durationMs } = parseWindow(window)
  const zone = zoneOf(window)
  const lastMinute = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
  for (let at = lastMinute; at > nowMs - durationMs;) {
    const time = wallTime(at, zone)
    if (fires(schedule, time)) return true
    // Where day or hour cannot fire, an hour at a time: a longer step might miss a change of the clocks.
    const isNear = firesOnDay(schedule, time) && schedule.hour.values.has(time.hour)
    at -= isNear ? MINUTE_MS : (time.minute + 1) * MINUTE_MS
  }
  return false
}

/** A time a window is open. */
export interface OpenSpan {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The times a window is open that end after `fromMs` and begin before `toMs`, at most `max` of them; those that touch are one.
 * Throws `bad-input` where its schedule or duration cannot be read.
 */
export function openSpans(window: SyncWindow, fromMs: number, toMs: number, max: number): readonly OpenSpan[] {
  const { schedule, durationMs } = parseWindow(window)
  const zone = zoneOf(window)
  const spans: OpenSpan[] = []
  for (let at = Math.floor((fromMs - durationMs) / MINUTE_MS) * MINUTE_MS + MINUTE_MS; at < toMs;) {
    const time = wallTime(at, zone)
    if (fires(schedule, time)) {
      const last = spans.at(-1)
      const isTouching = last !== undefined && at <= last.toMs
      if (!isTouching && spans.length === max) break
      if (isTouching) spans[spans.length - 1] = { fromMs: last.fromMs, toMs: at + durationMs }
      else spans.push({ fromMs: at, toMs: at + durationMs })
    }
    const isNear = firesOnDay(schedule, time) && schedule.hour.values.has(time.hour)
    at += isNear ? MINUTE_MS : (60 - time.minute) * MINUTE_MS
  }
  return spans
}

function parseWindow(window: SyncWindow): { schedule: ReturnType<typeof parseSchedule>; durationMs: number } {
  const durationMs = parseDurationMs(window.duration ?? '')
  if (durationMs === undefined) {
    throw new CapstanError('bad-input', `cannot parse duration '${window.duration ?? ''}': write one such as 1h30m`)
  }
  return { schedule: parseSchedule(window.schedule ?? ''), durationMs: Math.min(durationMs, MAX_DURATION_MS) }
}

/** A formatter of the window's zone; a zone nobody knows is UTC, as upstream has it. */
function zoneOf(window: SyncWindow): Intl.DateTimeFormat | undefined {
  if (!window.timeZone || window.timeZone === 'UTC') return undefined
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: window.timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  } catch {
    return undefined // describeWindow tells people; the window itself goes on in UTC
  }
}

function wallTime(atMs: number, zone: Intl.DateTimeFormat | undefined): WallTime {
  const local = zone === undefined ? new Date(atMs) : new Date(localMs(atMs, zone))
  return {
    minute: local.getUTCMinutes(),
    hour: local.getUTCHours(),
    dayOfMonth: local.getUTCDate(),
    month: local.getUTCMonth() + 1,
    dayOfWeek: local.getUTCDay(),
  }
}

/** The clock of the zone, read as if it were UTC. */
function localMs(atMs: number, zone: Intl.DateTimeFormat): number {
  const parts = new Map(zone.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]))
  const [year = 0, month = 1, day = 1] = [parts.get('year'), parts.get('month'), parts.get('day')]
  return Date.UTC(year, month - 1, day, parts.get('hour') ?? 0, parts.get('minute') ?? 0)
}

const MAX_DESCRIPTION = 255

/** The first fault that upstream's API refuses a window for (argo-cd v3.5.1 `SyncWindow.Validate`), or undefined. */
export function windowFault(window: SyncWindow): string | undefined {
  const kind: string = window.kind ?? ''
  if (kind !== 'allow' && kind !== 'deny') return `kind '${kind}' mismatch: can only be allow or deny`
  try {
    parseSchedule(window.schedule ?? '')
    parseWindow(window)
  } catch (error) {
    if (error instanceof CapstanError) return error.message
    throw error
  }
  const isLong = Buffer.byteLength(window.description ?? '') > MAX_DESCRIPTION
  return isLong ? `description must not exceed ${MAX_DESCRIPTION} characters` : undefined
}

/** What is wrong with a window, for whoever writes a project; none where all is well. */
export function describeWindow(window: SyncWindow): readonly string[] {
  const problems: string[] = []
  const kind: string = window.kind ?? ''
  if (kind !== 'allow' && kind !== 'deny') problems.push(`kind '${kind}' mismatch: can only be allow or deny`)
  try {
    parseWindow(window)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    problems.push(error.message)
  }
  const isZoned = Boolean(window.timeZone) && window.timeZone !== 'UTC'
  if (isZoned && zoneOf(window) === undefined) problems.push(`time zone '${window.timeZone}' is not known: UTC is used`)
  if (
    ![window.applications, window.namespaces, window.clusters].some((list) => list !== undefined && list.length > 0)
  ) {
    problems.push('requires one of application, cluster or namespace to be set')
  }
  return problems
}
