// The errors people see: a closed code, a message that says what to do, and the cause.

/** Every way an operation can fail for a reason a person can act on. The edge maps them to exit, HTTP and gRPC codes. */
export type ErrorCode =
  | 'bad-input'
  | 'not-found'
  | 'already-exists'
  | 'conflict'
  | 'forbidden'
  | 'unauthenticated'
  | 'precondition'
  | 'limit'
  | 'timeout'
  | 'unavailable'
  | 'unsupported'
  | 'internal'
  /** What upstream reports as `Unknown`: a refusal without a code of its own. */
  | 'unknown'

/** An error with a text for people: what is wrong, where, and what to do. Never holds a secret. */
export class CapstanError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CapstanError'
    this.code = code
  }
}

/** The text of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
