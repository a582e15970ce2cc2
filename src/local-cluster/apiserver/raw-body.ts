// Bodies before anyone looks at their kind: size, text, and what cannot be read at all.
import type { JsonValue, KubeObject } from '../../kube/object.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { ApiError } from './status.ts'

/** A body before its kind is looked at. */
export interface RawBody {
  readonly value: JsonValue
  /** Complaints of strict decoding, worded as warnings: `duplicate field "data.k"`. */
  readonly complaints: readonly string[]
  /** The stored object the value was made from: what both share went through decoding before. */
  readonly known?: KubeObject
  /** Whole numbers beyond 32 bits lose what does not fit, as they do where Go converts by reflection. */
  readonly wraps?: boolean
}

/** As much of a body as an error shows (`summarizeData`, apiserver v1.36). */
const SAMPLE_BYTES = 30

/** A body in an error: the beginning of JSON as it stands, of anything else in hexadecimal. */
export function bodySample(body: string | Uint8Array): string {
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (bytes.length === 0) return '<empty>'
  const shown = bytes.subarray(0, SAMPLE_BYTES).toString(bytes[0] === 0x7b ? 'utf8' : 'hex')
  return bytes.length > SAMPLE_BYTES ? `${shown} ...` : shown
}

/** The text of a body; throws 413 where it is too large. */
export function bodyText(body: string | Uint8Array | undefined): string {
  if (body === undefined) return ''
  const size = typeof body === 'string' ? body.length : body.byteLength
  if (size > MAX_BODY_BYTES) throw tooLarge()
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}

export function tooLarge(): ApiError {
  return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`)
}

export function unsupportedMediaType(accepted: string): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`
  return new ApiError(415, 'UnsupportedMediaType', message)
}
