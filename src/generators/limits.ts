// How much generators may give.
import { CapstanError } from '../base/errors.ts'
import { MAX_PARAMETERS } from './contract.ts'

/** Throws `limit` where a generator gives more parameter sets than are allowed. */
export function requireFewParameters(count: number, generator: string): void {
  if (count <= MAX_PARAMETERS) return
  throw new CapstanError(
    'limit',
    `the ${generator} generator gives more than the ${MAX_PARAMETERS} parameter sets allowed: narrow its selection`,
  )
}
