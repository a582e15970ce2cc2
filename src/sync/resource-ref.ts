// Finds the resource that serves an object's kind.
import { CapstanError } from '../base/errors.ts'
import type { KubeClient, ResourceRef } from '../kube/client/client.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import { unknownKindText } from './result-texts.ts'

/** Where an object is found in the cluster. Throws `not-found` for a kind the cluster does not serve. */
export async function resourceRefOf(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<ResourceRef> {
  const kind = kindOf(object)
  const type = await client.resourceOf(kind, signal)
  const { namespace = '', name = '' } = object.metadata
  if (type === undefined) {
    const served = await client.resources(signal)
    throw new CapstanError('not-found', unknownKindText(kind, `${namespace}/${name}`, served))
  }
  return type.namespaced ? { type, namespace, name } : { type, name }
}
