// How asking for a login failed, and whether asking again can help.
import { CapstanError, type ErrorCode } from '../base/errors.ts'

/** `configuration`: wrong keys, missing rights, nothing changes until a person does. `temporary`: ask again later. */
export type IssueFailure = 'configuration' | 'temporary'

/** Messages name the service, its code and what to do; none holds a key, a token or a password. */
export class IssueError extends CapstanError {
  readonly failure: IssueFailure

  constructor(failure: IssueFailure, message: string, options?: ErrorOptions) {
    super(codeOf(failure), message, options)
    this.name = 'IssueError'
    this.failure = failure
  }
}

function codeOf(failure: IssueFailure): ErrorCode {
  return failure === 'configuration' ? 'unauthenticated' : 'unavailable'
}
