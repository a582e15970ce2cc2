// How much a message may hold, and how deep.
import { CapstanError } from '../../base/errors.ts'

/** Deepest nesting of messages. Generators of generators nest five messages a level; nothing else comes near. */
export const MAX_MESSAGE_DEPTH = 100

/** Throws `limit` for a message nested too deep. */
export function requireDepth(depth: number): void {
  if (depth <= MAX_MESSAGE_DEPTH) return
  throw new CapstanError('limit', `the message is nested deeper than ${MAX_MESSAGE_DEPTH} levels`)
}
