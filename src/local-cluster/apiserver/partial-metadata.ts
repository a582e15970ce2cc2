// Objects of which only the metadata is wanted.
import type { JsonObject, KubeObject } from '../../kube/object.ts'

/** metadata alone, under its own kind. */
export function partialMetadata(object: KubeObject, version: 'v1' | 'v1beta1'): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata as unknown as JsonObject, // metadata holds JSON values only
  }
}
