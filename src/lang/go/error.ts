// The error of everything here that follows Go: its message is Go's own text.
import { CapstanError } from '../../base/errors.ts'
import type { ErrorCode } from '../../base/errors.ts'

/** What a Go function would return as its error, or panic with. `limit` where one of our own bounds was reached. */
export class GoError extends CapstanError {
  constructor(message: string, options?: ErrorOptions & { readonly code?: ErrorCode }) {
    super(options?.code ?? 'bad-input', message, options)
    this.name = 'GoError'
  }
}

/** The error for a size or depth we refuse although Go would try. */
export function limitError(what: string): GoError {
  return new GoError(what, { code: 'limit' })
}
