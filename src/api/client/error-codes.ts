// gRPC's status codes as ours.
import type { ErrorCode } from '../../base/errors.ts'

const CODES: Readonly<Record<number, ErrorCode>> = {
  2: 'unknown',
  3: 'bad-input',
  4: 'timeout',
  5: 'not-found',
  6: 'already-exists',
  7: 'forbidden',
  8: 'limit',
  9: 'precondition',
  10: 'conflict',
  12: 'unsupported',
  14: 'unavailable',
  16: 'unauthenticated',
}

export function codeOf(status: number): ErrorCode {
  return CODES[status] ?? 'internal'
}
