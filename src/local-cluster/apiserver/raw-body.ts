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
