// Wrapping errors: each level puts its place before the message, as kustomize does.
import { CapstanError } from '../../base/errors.ts'
import type { RenderWarning } from '../contract.ts'

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

/** An error of a build that had warned before it failed: kustomize has printed that by then. */
export class WarnedError extends CapstanError {
  readonly warnings: readonly RenderWarning[]

  constructor(cause: CapstanError, warnings: readonly RenderWarning[]) {
    super(cause.code, cause.message, { cause })
    this.name = 'WarnedError'
    this.warnings = warnings
  }
}

/** The warnings of a build that failed, however its error was wrapped since. */
export function warningsBefore(error: unknown): readonly RenderWarning[] {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof WarnedError) return at.warnings
  return []
}

/** An error of one field of a kustomization file: wrapped further out, it still tells where it came from. */
export class PlacedError extends CapstanError {
  readonly file: string
  readonly field: string

  constructor(cause: CapstanError, file: string, field: string) {
    super(cause.code, cause.message, { cause })
    this.name = 'PlacedError'
    this.file = file
    this.field = field
  }
}

/** Runs what a field asks for; an error that has no place yet gets this one. */
export function atField<T>(file: string, name: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof CapstanError) || placeOf(error) !== undefined) throw error
    throw new PlacedError(error, file, name)
  }
}

/** Where an error came from first. */
export function placeOf(error: unknown): PlacedError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof PlacedError) return at
  return undefined
}
