// When a sync window opens next, by the server's own reading of schedules.
import '../manifest/buffer.ts'
import type { SyncWindow } from '../../../src/crds/app-project.ts'
import { describeWindow, openSpans, type OpenSpan } from '../../../src/policy/sync-windows.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** How far ahead is looked: a schedule of one day a year is told too. */
const HORIZON_MS = 366 * DAY_MS
/** A week of windows that open each minute; more cannot be told apart on a line. */
const MAX_SPANS_A_WEEK = 500

/** What is wrong with a window, in the server's words. */
export function windowFaults(window: SyncWindow): readonly string[] {
  return describeWindow(window)
}

/** The next times it is open, the one that is open now first; none where it cannot be read. */
export function nextSpans(window: SyncWindow, nowMs: number, count: number): readonly OpenSpan[] {
  return spansOf(window, { fromMs: nowMs, toMs: nowMs + HORIZON_MS }, count)
}

/** A part of a day, from 0 at midnight to 1 at the next. */
export interface DayPart {
  readonly from: number
  readonly to: number
}

/** What of each of seven days a window is open, the first beginning at `midnightMs`. */
export function weekOf(window: SyncWindow, midnightMs: number): readonly (readonly DayPart[])[] {
  const week = { fromMs: midnightMs, toMs: midnightMs + 7 * DAY_MS }
  const spans = spansOf(window, week, MAX_SPANS_A_WEEK)
  return Array.from({ length: 7 }, (_, day) => {
    const start = midnightMs + day * DAY_MS
    return spans
      .filter(({ fromMs, toMs }) => fromMs < start + DAY_MS && toMs > start)
      .map(({ fromMs, toMs }) => ({
        from: Math.max(0, (fromMs - start) / DAY_MS),
        to: Math.min(1, (toMs - start) / DAY_MS),
      }))
  })
}

function spansOf(window: SyncWindow, { fromMs, toMs }: OpenSpan, max: number): readonly OpenSpan[] {
  try {
    return openSpans(window, fromMs, toMs, max)
  } catch {
    return [] // what is wrong is told by windowFaults
  }
}
