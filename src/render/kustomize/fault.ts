// Wrapping errors: each level puts its place before the message, as kustomize does.
import { CapstanError } from '../../base/errors.ts'

/** Runs a step; an error gets the place before its message. */
export function inPlace<T>(place: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw prefixed(place, error)
  }
}

/** `place: message`, with the code of the error. */
export function prefixed(place: string, error: unknown): unknown {
  if (!(error instanceof CapstanError)) return error
  return new CapstanError(error.code, `${place}: ${error.message}`, { cause: error })
}

/** The message of an error that a person can act on; anything else is thrown on. */
export function expectedMessage(error: unknown): string {
  if (error instanceof CapstanError) return error.message
  throw error
}
