// What looking into values may cost a jq program, and how long its texts may grow.
import { JqLimitError } from './error.ts'

/**
 * Counts what one step may hide: a value that holds the same list twice at each of a hundred levels is small in memory, but
 * without end for whoever prints or compares it.
 */
export interface Budget {
  /** One for each value looked into. Throws `JqLimitError` where it is too much. */
  spend(visits: number): void
}

/** Values that one execution looks into while it prints, compares, merges and flattens: about a second, as its steps. */
export const MAX_VISITS = 20_000_000

/** The longest text that a program may make. */
export const MAX_TEXT = 10_000_000

/** So many characters cost as much as one value. */
const CHARACTERS_A_VISIT = 8

/** The cost of looking through a text. */
export function visitsOfText(length: number): number {
  return 1 + Math.floor(length / CHARACTERS_A_VISIT)
}

/** Throws `JqLimitError` for a text that would be too long. */
export function checkTextLength(length: number): void {
  if (length > MAX_TEXT) throw new JqLimitError(`jq text longer than ${MAX_TEXT} characters`)
}
