// Errors at the edge: how each code of ours becomes a gRPC code and an HTTP status.
import { CapstanError, messageOf } from '../base/errors.ts'
import { GRPC_CODES } from '../base/grpc-codes.ts'

/** HTTP statuses of gRPC codes, as grpc-gateway's `HTTPStatusFromCode` has them. */
const HTTP_STATUS: Readonly<Record<number, number>> = {
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  12: 501,
  13: 500,
  14: 503,
  16: 401,
}

export interface ErrorAnswer {
  readonly status: number
  /** What grpc-gateway writes: the message twice and the gRPC code. */
  readonly body: { readonly error: string; readonly code: number; readonly message: string }
}

/** Upstream answers 415 (server.go `enforceContentTypes`, v3.5.1). */
export class UnsupportedContentType extends CapstanError {
  constructor() {
    super('bad-input', 'Invalid content type')
    this.name = 'UnsupportedContentType'
  }
}

/** The answer to anything thrown. What is no `CapstanError` is a fault of ours and shows no detail. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const code = error instanceof CapstanError ? error.code : 'internal'
  const message = error instanceof CapstanError ? messageOf(error) : 'internal server error'
  const grpc = GRPC_CODES[code]
  const status = error instanceof UnsupportedContentType ? 415 : (HTTP_STATUS[grpc] ?? 500)
  return { status, body: { error: message, code: grpc, message } }
}
