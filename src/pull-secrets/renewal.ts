// When a login that expires is to be issued anew.

export interface Lifetime {
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** A login is renewed this long before it ends at the latest, where it lives long enough for that. */
export const LATEST_MS = 600_000
/** Renewals of logins that were issued together spread over this share of the time before them. */
const JITTER = 0.1
/** Nobody is asked for logins more often than this because of how short they live. */
export const SHORTEST_MS = 1000

/**
 * At half the life, up to a tenth of that earlier (`random` 0 to 1), never later than ten minutes before the end; a life
 * of less than ten minutes leaves only its half. Clocks that differ by minutes change the time by their half at most; where
 * they make a login end before it began, it is asked for again after `retryMs`.
 */
export function renewAtMs({ issuedAt, expiresAt }: Lifetime, random: number, retryMs: number): number {
  const [startMs, endMs] = [issuedAt.getTime(), expiresAt.getTime()]
  const lifeMs = endMs - startMs
  if (lifeMs <= 0) return startMs + retryMs
  const halfMs = lifeMs / 2
  const latestMs = lifeMs - LATEST_MS
  const afterMs = latestMs <= 0 ? halfMs : Math.min(halfMs, latestMs)
  return startMs + Math.max(Math.min(SHORTEST_MS, halfMs), afterMs * (1 - JITTER * random))
}

/** A login that was just had is not renewed sooner than this, or than half of what is left of it. */
export const SOONEST_MS = 60_000

/** How long until a login is renewed, from now. */
export function renewalDelayMs(life: Lifetime, nowMs: number, random: number, retryMs: number): number {
  const leftMs = life.expiresAt.getTime() - nowMs
  const soonestMs = leftMs > 0 ? Math.min(SOONEST_MS, leftMs / 2) : SOONEST_MS
  return Math.max(soonestMs, renewAtMs(life, random, retryMs) - nowMs)
}

/** `in 42 minutes`, `3 minutes ago`: how long a login still lasts. */
export function timeLeft(expiresAt: Date, nowMs: number): string {
  const ms = expiresAt.getTime() - nowMs
  const minutes = Math.round(Math.abs(ms) / 60_000)
  const amount = minutes >= 120 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`
  return ms >= 0 ? `in ${amount}` : `${amount} ago`
}
