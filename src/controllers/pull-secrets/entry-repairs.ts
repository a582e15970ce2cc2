// Who takes our entries out of ServiceAccounts, and how soon they are put back: at once, then ever later while it goes on.
import { backoffDelayMs } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'

const BACKOFF = { baseMs: 1000, maxMs: 300_000 }
/** An account that was left alone for so long starts anew. */
const QUIET_MS = 600_000

interface Account {
  /** Names that were seen in it. */
  readonly names: Set<string>
  /** Names that somebody took out. */
  readonly taken: Set<string>
  removals: number
  lastMs: number
}

/** By key of an account: cluster, namespace and name. */
export class EntryRepairs {
  readonly #accounts = new Map<string, Account>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes what stands in an account now. Answers the names that stood there before. */
  saw(key: string, names: readonly string[]): readonly string[] {
    const known = this.#accounts.get(key)
    if (known === undefined && names.length === 0) return []
    const account = known ?? { names: new Set(), taken: new Set(), removals: 0, lastMs: 0 }
    this.#accounts.set(key, account)
    const missing = [...account.names].filter((name) => !names.includes(name))
    account.names.clear()
    for (const name of names) account.names.add(name)
    return missing
  }

  /** Somebody took out a name that is wanted. */
  removed(key: string, names: readonly string[]): void {
    const account = this.#accounts.get(key)
    if (account === undefined) return
    const nowMs = this.#clock.now()
    if (nowMs - account.lastMs > QUIET_MS) account.removals = 0
    account.removals++
    account.lastMs = nowMs
    for (const name of names) account.taken.add(name)
  }

  /** How long the account is to be left alone before the names are put back: nothing for the first time. */
  delayMs(key: string, names: readonly string[]): number {
    const account = this.#accounts.get(key)
    if (account === undefined || !names.every((name) => account.taken.has(name))) return 0
    const waitMs = backoffDelayMs(BACKOFF, account.removals - 1)
    return Math.max(0, account.lastMs + waitMs - this.#clock.now())
  }

  forget(key: string): void {
    this.#accounts.delete(key)
  }
}
