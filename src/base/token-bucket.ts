// A token bucket: so many actions a second on average, with bursts up to its size.

export interface TokenBucketOptions {
  readonly perSecond: number
  readonly burst: number
}

/** Hands out the times at which actions may start. */
export class TokenBucket {
  readonly #options: TokenBucketOptions
  #tokens: number
  #atMs: number | undefined

  constructor(options: TokenBucketOptions) {
    this.#options = options
    this.#tokens = options.burst
  }

  /** Takes one token and says how many ms from now it is there; 0 while the burst lasts. */
  reserve(nowMs: number): number {
    this.#refill(nowMs)
    this.#tokens--
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#options.perSecond
  }

  /** Takes one token if one is there. */
  tryTake(nowMs: number): boolean {
    this.#refill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  #refill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - (this.#atMs ?? nowMs))
    this.#atMs = nowMs
    this.#tokens = Math.min(this.#options.burst, this.#tokens + (passedMs * this.#options.perSecond) / 1000)
  }
}
