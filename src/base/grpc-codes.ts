// The status codes of gRPC (google.golang.org/grpc/codes): their names as Go prints them, and which code of ours each is.
import type { ErrorCode } from './errors.ts'

export const GRPC_CODE_NAMES: readonly string[] = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]

/** The status code that answers use for each code of ours. */
export const GRPC_CODES: Readonly<Record<ErrorCode, number>> = {
  unknown: 2,
  'bad-input': 3,
  timeout: 4,
  'not-found': 5,
  'already-exists': 6,
  forbidden: 7,
  limit: 8,
  precondition: 9,
  conflict: 10,
  unsupported: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
}
