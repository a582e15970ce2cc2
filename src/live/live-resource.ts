// What the cache keeps of each object: a reference, its owners and what the tree shows; the whole object only of roots.
import type { InfoItem, ResourceNetworkingInfo } from '../crds/tree.ts'
import type { Health } from '../health/health.ts'
import { keyOf, keyText, type KubeObject, type ObjectKey } from '../kube/object.ts'
import { textAt } from '../kube/field.ts'
import { imagesOf } from './images.ts'
import { inferredParent } from './inferred-parents.ts'
import { claimTemplatesOf } from './stateful-claims.ts'
import { infoOf } from './resource-info.ts'
import { networkingOf } from './resource-networking.ts'

export interface LiveResource extends KubeObject {
  readonly key: ObjectKey
  /** `keyText(key)`. */
  readonly id: string
  /** The application whose mark the object carries. */
  readonly app: string | undefined
  /** Kept for objects of applications and for CRDs. */
  readonly object: KubeObject | undefined
  /** UIDs of owners, and ids of parents that are inferred. */
  readonly parents: readonly string[]
  readonly health: Health | undefined
  readonly images: readonly string[]
  readonly info: readonly InfoItem[]
  readonly networking: ResourceNetworkingInfo | undefined
  /** Names of volumeClaimTemplates of a StatefulSet. */
  readonly claimTemplates: readonly string[]
  readonly isServiceAccountToken: boolean
}

export interface Reading {
  readonly applicationOf: (object: KubeObject) => string | undefined
  readonly health: (object: KubeObject) => Health | undefined
}

/** Reads an object into what is kept of it. */
export function toLiveResource(object: KubeObject, reading: Reading): LiveResource {
  const key = keyOf(object)
  const { metadata } = object
  const owners = (metadata.ownerReferences ?? []).map((owner) => owner.uid)
  // Controllers copy annotations onto what they make: only an object without an owner is an application's own.
  const inferred = owners.length > 0 ? undefined : inferredParent(object)
  const app = owners.length > 0 || inferred !== undefined ? undefined : reading.applicationOf(object)
  const isRoot = app !== undefined || object.kind === 'CustomResourceDefinition'
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: slimMeta(object),
    key,
    id: keyText(key),
    app,
    // With managedFields: ignoring differences by manager reads them.
    object: isRoot ? object : undefined,
    parents: inferred === undefined ? owners : [...owners, keyText(inferred)],
    health: reading.health(object),
    images: imagesOf(object),
    info: infoOf(object),
    networking: networkingOf(object),
    claimTemplates: claimTemplatesOf(object),
    isServiceAccountToken: textAt(object, 'type') === 'kubernetes.io/service-account-token',
  }
}

function slimMeta({ metadata }: KubeObject): KubeObject['metadata'] {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, ownerReferences } = metadata
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  }
}
