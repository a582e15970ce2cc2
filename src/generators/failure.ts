// Errors of generators: the text of the cause after what was tried, as upstream prints them.
import { CapstanError, messageOf } from '../base/errors.ts'
import { MAX_PARAMETERS } from './contract.ts'

/** An error that says what was being done; its code is the cause's. */
export function failed(doing: string, cause: unknown): CapstanError {
  const code = cause instanceof CapstanError ? cause.code : 'unavailable'
  return new CapstanError(code, `${doing}: ${messageOf(cause)}`, { cause })
}

/** Throws `limit` where a generator gives more parameter sets than are allowed. */
export function requireFewParameters(count: number, generator: string): void {
  if (count <= MAX_PARAMETERS) return
  throw new CapstanError(
    'limit',
    `the ${generator} generator gives more than the ${MAX_PARAMETERS} parameter sets allowed: narrow its selection`,
  )
}
