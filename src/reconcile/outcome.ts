// How a reconcile ends: done, again at a time, or with an error that says whether to try again.
import { CapstanError, type ErrorCode } from '../base/errors.ts'

/** What a step answers: go on with the next, stop here, or come back later. */
export type StepResult = 'continue' | 'done' | { readonly retryAfterMs: number }

/** What a whole reconcile answers; `done` until something changes, or again after a time. */
export type ReconcileResult = 'done' | { readonly retryAfterMs: number }

/** Trying again cannot help until the object changes: it is reported and not retried. */
export class TerminalError extends CapstanError {
  constructor(message: string, options?: ErrorOptions & { readonly code?: ErrorCode }) {
    super(options?.code ?? 'bad-input', message, options)
    this.name = 'TerminalError'
  }
}

/** Something else has to happen first: tried again at the time given, without back-off. */
export class WaitingError extends CapstanError {
  readonly retryAfterMs: number

  constructor(retryAfterMs: number, message: string, options?: ErrorOptions) {
    super('precondition', message, options)
    this.name = 'WaitingError'
    this.retryAfterMs = retryAfterMs
  }
}
