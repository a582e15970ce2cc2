// Counts failed logins per account, so that guessing ends at once.
import type { Clock } from '../../base/clock.ts'

/** Upstream's ARGOCD_SESSION_FAILURE_MAX_FAIL_COUNT, _WINDOW_SECONDS and ARGOCD_SESSION_MAX_CACHE_SIZE. */
export const MAX_FAILURES = 5
export const WINDOW_MS = 300_000
export const MAX_ACCOUNTS = 10_000

interface Failures {
  readonly count: number
  readonly lastMs: number
}

/** Remembers failures for a window after the last one; forgets a random account when full, as upstream does. */
export class LoginFailures {
  readonly #clock: Clock
  readonly #byName = new Map<string, Failures>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isBlocked(name: string): boolean {
    const failures = this.#byName.get(name)
    if (failures === undefined) return false
    if (this.#clock.now() - failures.lastMs >= WINDOW_MS) {
      this.#byName.delete(name)
      return false
    }
    return failures.count >= MAX_FAILURES
  }

  failed(name: string): void {
    const known = this.#byName.get(name)
    if (known === undefined && this.#byName.size >= MAX_ACCOUNTS) {
      const [oldest] = this.#byName.keys()
      if (oldest !== undefined) this.#byName.delete(oldest)
    }
    this.#byName.set(name, { count: (known?.count ?? 0) + 1, lastMs: this.#clock.now() })
  }

  succeeded(name: string): void {
    this.#byName.delete(name)
  }
}
