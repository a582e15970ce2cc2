// How a registry failed: what containerd would say of it, and what kind of failure it is.
import { CapstanError, type ErrorCode } from '../base/errors.ts'

export type RegistryFailure =
  /** The registry or its token server refused the credential, or wants one. */
  | 'denied'
  /** No such repository, tag or platform. */
  | 'not-found'
  /** Some other answer than was asked for. */
  | 'status'
  /** No answer: no such host, no connection, no trusted certificate. */
  | 'unreachable'
  | 'timeout'
  /** An answer that cannot be read, or content that is not what its digest says. */
  | 'invalid-answer'
  /** An answer larger than allowed. */
  | 'limit'
  /** Not even tried: it would have shown a password or left https. */
  | 'unsafe'

const CODES: Readonly<Record<RegistryFailure, ErrorCode>> = {
  denied: 'unauthenticated',
  'not-found': 'not-found',
  status: 'unavailable',
  unreachable: 'unavailable',
  timeout: 'timeout',
  'invalid-answer': 'unavailable',
  limit: 'limit',
  unsafe: 'forbidden',
}

/** Messages follow containerd 2.1 (core/remotes/docker) and Go's net/http; none holds a password or a token. */
export class RegistryError extends CapstanError {
  readonly failure: RegistryFailure
  /** The HTTP status, where there was one. */
  readonly status: number | undefined

  constructor(failure: RegistryFailure, message: string, more: ErrorOptions & { readonly status?: number } = {}) {
    super(CODES[failure], message, more)
    this.name = 'RegistryError'
    this.failure = failure
    this.status = more.status
  }
}

/** The same failure, with words before its message. */
export function withContext(context: string, error: RegistryError): RegistryError {
  const { failure, message, status } = error
  return new RegistryError(failure, `${context}: ${message}`, {
    cause: error,
    ...(status === undefined ? {} : { status }),
  })
}
