// Protobuf request bodies of the built-in kinds.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { GroupVersionKind } from '../../kube/object.ts'
import { decodeObject } from '../../kube/protobuf/decode-object.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { bodySample, tooLarge, type RawBody } from './raw-body.ts'
import { apiVersionOf } from './resource.ts'
import { badRequest } from './status.ts'

/** `k8s\0`. */
const MAGIC = Buffer.from('k8s\0')

/** Reads the envelope and the object in it. Throws 400 for bytes that are none, 413 for too many. */
export function decodeProtobufBody(body: string | Uint8Array | undefined, expected: GroupVersionKind): RawBody {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : (body ?? new Uint8Array())
  if (bytes.byteLength > MAX_BODY_BYTES) throw tooLarge()
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) {
    throw unrecognized(
      bytes,
      expected,
      `provided data does not appear to be a protobuf message, expected prefix [${[...MAGIC].join(' ')}]`,
    )
  }
  try {
    return {
      value: decodeObject(bytes, { apiVersion: apiVersionOf(expected), kind: expected.kind }).object,
      complaints: [],
    }
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw unrecognized(bytes, expected, error.message.startsWith('no kind') ? error.message : goText(messageOf(error)))
  }
}

/** Go's reader says no more than this of a message that ends too early. */
function goText(text: string): string {
  return /ends|truncated|beyond|EOF/i.test(text) ? 'unexpected EOF' : text
}

function unrecognized(bytes: Uint8Array, expected: GroupVersionKind, why: string): Error {
  return badRequest(
    `the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${bodySample(bytes)})`,
  )
}
