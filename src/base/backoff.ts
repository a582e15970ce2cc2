// How long to wait before trying again: delays that grow with each failure, up to a bound.

export interface BackoffOptions {
  /** Delay after the first failure. */
  readonly baseMs: number
  readonly maxMs: number
  /** Each delay is this much the one before. Default 2. */
  readonly factor?: number
  /** Adds up to this share of the delay at random, so that many waiters spread out. Default 0. */
  readonly jitter?: number
  /** 0 (inclusive) to 1; needed with `jitter`. */
  readonly random?: () => number
}

/** The delay after `failures` failures in a row (1 is the first): `baseMs * factor^(failures-1)`, at most `maxMs`. */
export function backoffDelayMs(options: BackoffOptions, failures: number): number {
  const { baseMs, maxMs, factor = 2, jitter = 0, random } = options
  if (failures <= 0) return 0
  const delayMs = Math.min(maxMs, baseMs * factor ** (failures - 1))
  if (jitter === 0 || random === undefined) return delayMs
  return delayMs * (1 + jitter * random())
}

/** Counts failures and says how long to wait after each; `reset` after a success. */
export class Backoff {
  readonly #options: BackoffOptions
  #failures = 0

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  get failures(): number {
    return this.#failures
  }

  nextMs(): number {
    this.#failures++
    return backoffDelayMs(this.#options, this.#failures)
  }

  reset(): void {
    this.#failures = 0
  }
}
