// Remembers what a controller has just created or deleted until its cache shows it, so that it is not done twice.
import type { Clock } from '../../../base/clock.ts'

/** controller_utils.go ExpectationsTimeout: after this long a lost event no longer holds the controller up. */
const TIMEOUT_MS = 300_000

interface Expectation {
  creations: number
  readonly deletions: Set<string>
  readonly atMs: number
}

/** Per owner: how many creations and which deletions are still to be seen. */
export class Expectations {
  readonly #clock: Clock
  readonly #byOwner = new Map<string, Expectation>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether the cache has caught up with what was done for this owner. */
  isSatisfied(owner: string): boolean {
    const expected = this.#byOwner.get(owner)
    if (expected === undefined) return true
    if (expected.creations <= 0 && expected.deletions.size === 0) return true
    return this.#clock.now() - expected.atMs > TIMEOUT_MS
  }

  /** Called before acting. */
  expect(owner: string, creations: number, deletions: readonly string[] = []): void {
    this.#byOwner.set(owner, { creations, deletions: new Set(deletions), atMs: this.#clock.now() })
  }

  /** A creation was seen, or failed. */
  created(owner: string): void {
    const expected = this.#byOwner.get(owner)
    if (expected !== undefined) expected.creations--
  }

  /** A deletion was seen, or failed. */
  deleted(owner: string, uid: string): void {
    this.#byOwner.get(owner)?.deletions.delete(uid)
  }

  forget(owner: string): void {
    this.#byOwner.delete(owner)
  }
}
