// A failure of one source of an application, which callers name by its number.
import { CapstanError } from '../base/errors.ts'

/** Carries code and message of what failed; Argo CD words the rest as `failed to generate manifest for source 1 of 2`. */
export class SourceError extends CapstanError {
  /** From 1. */
  readonly sourceNumber: number
  readonly sourceCount: number

  constructor(cause: CapstanError, sourceNumber: number, sourceCount: number) {
    super(cause.code, cause.message, { cause })
    this.name = 'SourceError'
    this.sourceNumber = sourceNumber
    this.sourceCount = sourceCount
  }
}

/** Awaits work on one source; a `CapstanError` of it becomes a `SourceError`, anything else passes as it is. */
export async function ofSource<T>(work: Promise<T>, index: number, count: number): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof CapstanError ? new SourceError(error, index + 1, count) : error
  }
}
