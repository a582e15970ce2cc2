// How a gRPC call ends: status, message and deadline as headers carry them.
import { errorAnswer } from '../errors.ts'

export interface GrpcStatus {
  readonly code: number
  readonly message: string
}

export const OK: GrpcStatus = { code: 0, message: '' }

/** The status of anything thrown. */
export function statusOf(error: unknown): GrpcStatus {
  const { body } = errorAnswer(error)
  return { code: body.code, message: body.message }
}

/** Longest message in a header; Go's clients refuse header lists of more than 16 KiB unless told otherwise. */
export const MAX_MESSAGE_BYTES = 8192

/** `grpc-status` and `grpc-message`. */
export function statusHeaders({ code, message }: GrpcStatus): Record<string, string> {
  const status = { 'grpc-status': String(code) }
  return message === '' ? status : { ...status, 'grpc-message': encodeMessage(message) }
}

/** Percent-encodes what is no printable ASCII, and `%`, as gRPC's protocol has it. */
function encodeMessage(message: string): string {
  const bytes = Buffer.from(message, 'utf8').subarray(0, MAX_MESSAGE_BYTES)
  let text = ''
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    text += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  // Headers neither begin nor end with a space.
  return text.replace(/^ | $/g, '%20')
}

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/** Milliseconds of a `grpc-timeout` header such as `10S`; undefined where there is none or it cannot be read. */
export function readTimeout(header: string | undefined): number | undefined {
  const parts = /^(?<amount>\d{1,8})(?<unit>[HMSmun])$/.exec(header ?? '')?.groups
  if (parts === undefined) return undefined
  return Math.ceil(Number(parts['amount']) * (UNIT_MS[parts['unit'] ?? ''] ?? 0))
}
