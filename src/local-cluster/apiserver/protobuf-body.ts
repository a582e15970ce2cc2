// Protobuf request bodies of the built-in kinds.
import type { RawBody } from './body.ts'
import { unsupportedMediaType } from './body.ts'

/** Reads the envelope and the object in it. */
export function decodeProtobufBody(_body: string | Uint8Array | undefined, _kind: string): RawBody {
  throw unsupportedMediaType('application/json, application/yaml')
}
