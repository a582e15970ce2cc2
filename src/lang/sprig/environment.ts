// What functions take from outside: randomness, the clock, the time zone.

/** Sources that a rendering is given, so that it can be repeated. */
export interface SprigEnvironment {
  /** So many random bytes. */
  readonly random: (count: number) => Uint8Array
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** The zone of `date` without a zone; UTC where the product renders. */
  readonly timeZone: string
}

/** An integer from 0 up to, not including, `limit` (at most 2^32), every one as likely. */
export function randomBelow(environment: SprigEnvironment, limit: number): number {
  const bound = 2 ** 32 - (2 ** 32 % limit)
  for (;;) {
    const bytes = environment.random(4)
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
    if (value < bound) return value % limit
  }
}
