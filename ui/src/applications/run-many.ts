// Does something to many applications, a few at a time, and tells how far it is.

export interface Outcome {
  readonly key: string
  /** The words of what went wrong; undefined: it worked. */
  readonly failure: string | undefined
}

/** So many at once: browsers open six connections to a host, and the server has others to serve. */
export const MANY_AT_ONCE = 4

/** Calls back after each; one that fails does not keep the others from being tried. Ends early when the signal aborts. */
export async function runMany(
  keys: readonly string[],
  act: (key: string) => Promise<unknown>,
  onOutcome: (outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...keys]
  async function work(): Promise<void> {
    for (let key = waiting.shift(); key !== undefined && !signal.aborted; key = waiting.shift()) {
      try {
        await act(key)
        onOutcome({ key, failure: undefined })
      } catch (error) {
        onOutcome({ key, failure: error instanceof Error ? error.message : String(error) })
      }
    }
  }
  await Promise.all(Array.from({ length: MANY_AT_ONCE }, work))
}
