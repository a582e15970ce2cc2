// Access tokens until shortly before they expire, each asked for once at a time.
import type { Clock } from '../../base/clock.ts'
import { LruCache } from '../../base/lru.ts'
import type { Secret } from '../../base/secret.ts'

/** A token is renewed this long before its end, or with a fifth of its time left where it lives shorter (argo-cd v3.5.1: 5 min). */
export const RENEWAL_MARGIN_MS = 300_000
/** A refusal is repeated from memory for so long: a thousand applications of one credential make one request. */
export const REFUSAL_MS = 5_000
/** Tokens kept; an installation has a handful. */
export const MAX_TOKENS = 1_000

export interface AccessToken {
  readonly token: Secret
  readonly expiresAtMs: number
}

interface Kept {
  readonly outcome: Promise<AccessToken>
  /** Undefined while it is being asked for. */
  untilMs?: number
}

/** Keys must tell credentials apart without holding them: digests. */
export class TokenCache {
  readonly #clock: Clock
  readonly #kept = new LruCache<Kept>({ maxSize: MAX_TOKENS })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The token kept under a key, or what `ask` gives. A failure is thrown to all who wait, and for a moment after. */
  async get(key: string, ask: () => Promise<AccessToken>): Promise<AccessToken> {
    const known = this.#kept.get(key)
    if (known !== undefined && (known.untilMs ?? Infinity) > this.#clock.now()) return known.outcome
    const kept: Kept = { outcome: ask() }
    this.#kept.set(key, kept)
    try {
      const { expiresAtMs } = await kept.outcome
      const now = this.#clock.now()
      kept.untilMs = expiresAtMs - Math.min(RENEWAL_MARGIN_MS, (expiresAtMs - now) / 5)
    } catch {
      kept.untilMs = this.#clock.now() + REFUSAL_MS // thrown below, to this caller too
    }
    return kept.outcome
  }
}
