// Protobuf request bodies of the built-in kinds.
import { unsupportedMediaType, type RawBody } from './raw-body.ts'

/** Reads the envelope and the object in it. */
export function decodeProtobufBody(_body: string | Uint8Array | undefined, _kind: string): RawBody {
  throw unsupportedMediaType('application/json, application/yaml')
}
