// Stored objects of built-in kinds as protobuf: each is encoded once a version and kept with its parsed form.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { encodeEnvelope, encodeMessage } from '../../kube/protobuf/encode-object.ts'
import type { StoredObject } from '../storage/store.ts'
import type { Call } from './call.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { inVersion } from './write-object.ts'

/** The message of a stored object, as lists carry it. */
export function storedMessage(
  { server, resource }: Pick<Call, 'server' | 'resource'>,
  stored: StoredObject,
): Uint8Array {
  const apiVersion = apiVersionOf(resource)
  return server.codec.message(stored, apiVersion, (object) => messageOf(resource, object))
}

/** The message of an object. */
export function messageOf(resource: Resource, object: KubeObject): Uint8Array {
  // Objects are JSON; the interface only lacks the index signature.
  const plain = inVersion(resource, object) as unknown as JsonObject
  return encodeMessage(plain, apiVersionOf(resource), resource.kind)
}

/** A message of a resource's kind as a body. */
export function messageBody(resource: Resource, message: Uint8Array): Uint8Array {
  return encodeEnvelope(apiVersionOf(resource), resource.kind, message)
}
