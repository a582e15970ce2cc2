// When a failed operation is tried again.
import type { RetryStrategy } from '../../crds/application.ts'
import { parseDurationOrSecondsMs } from '../../lang/go/time/duration.ts'

const DEFAULT_DURATION_MS = 5_000
const DEFAULT_FACTOR = 2
const DEFAULT_MAX_MS = 180_000

/** min(maxDuration, duration × factor^attempt). Throws with upstream's text for a duration that cannot be read. */
export function retryDelay(strategy: RetryStrategy, retryCount: number): number {
  const { duration, factor, maxDuration } = strategy.backoff ?? {}
  const baseMs = durationOf(duration, DEFAULT_DURATION_MS)
  const maxMs = durationOf(maxDuration, DEFAULT_MAX_MS)
  return Math.min(maxMs, baseMs * (factor ?? DEFAULT_FACTOR) ** retryCount)
}

/** A negative limit never ends. */
export function mayRetry(strategy: RetryStrategy | undefined, retryCount: number): boolean {
  const limit = strategy?.limit ?? 0
  return limit < 0 || retryCount < limit
}

/** Go's time.Kitchen, in UTC: `3:04PM`. */
export function kitchenTime(ms: number): string {
  const date = new Date(ms)
  const hours = date.getUTCHours()
  const minutes = String(date.getUTCMinutes()).padStart(2, '0')
  return `${hours % 12 === 0 ? 12 : hours % 12}:${minutes}${hours < 12 ? 'AM' : 'PM'}`
}

function durationOf(text: string | undefined, fallbackMs: number): number {
  if (text === undefined || text === '') return fallbackMs
  const ms = parseDurationOrSecondsMs(text)
  if (ms === undefined) throw new Error(`time: invalid duration ${JSON.stringify(text)}`)
  return ms
}
