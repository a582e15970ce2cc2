// gRPC's status codes as ours.
import type { ErrorCode } from '../../base/errors.ts'
import { GRPC_CODES } from '../../base/grpc-codes.ts'

const CODES: ReadonlyMap<number, string> = new Map(Object.entries(GRPC_CODES).map(([code, status]) => [status, code]))

/** Codes that no error of ours has are `internal`. */
export function codeOf(status: number): ErrorCode {
  return (CODES.get(status) as ErrorCode | undefined) ?? 'internal' // keys of a table that has these alone
}
