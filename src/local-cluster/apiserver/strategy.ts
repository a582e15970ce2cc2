// What the registry does to objects of every kind before they are stored: identity, generation, spec and status kept apart.
import { rfc3339Seconds } from '../../base/rfc3339.ts'
import { deepEqual } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject, ObjectMeta } from '../../kube/object.ts'
import type { KindContext } from '../kinds/contract.ts'
import { emptyStatus } from '../kinds/codec/decode.ts'
import { gvkOf, type Resource } from './resource.ts'

/** Whether metadata.generation of a resource is kept by the server. */
export function hasGeneration(resource: Resource): boolean {
  return resource.custom !== undefined || resource.rules?.generationParts !== undefined || isDefinition(resource)
}

/** CustomResourceDefinitions have rules of their own in this server, and none in the catalogue. */
export function isDefinition(resource: Pick<Resource, 'group' | 'resource'>): boolean {
  return resource.group === 'apiextensions.k8s.io' && resource.resource === 'customresourcedefinitions'
}

export function hasStatusSubresource(resource: Resource): boolean {
  return resource.subresources.some((subresource) => subresource.name === 'status')
}

export interface NewIdentity {
  readonly uid: string
  readonly nowMs: number
  readonly namespace: string
}

/** Resources that may be created with a status: a kubelet registers its node that way. */
const KEEPS_STATUS: ReadonlySet<string> = new Set(['/nodes'])

/** Gives a new object its identity and drops what a client may not decide at creation. */
export function fillIdentity(object: KubeObject, resource: Resource, identity: NewIdentity): KubeObject {
  const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, namespace: _n, ...kept } = object.metadata
  const { selfLink: _s, ...metadata } = kept as ObjectMeta & { readonly selfLink?: string }
  const filled: ObjectMeta = {
    ...metadata,
    ...(resource.namespaced ? { namespace: identity.namespace } : {}),
    uid: identity.uid,
    creationTimestamp: timeText(identity.nowMs),
    ...(hasGeneration(resource) ? { generation: 1 } : {}),
  }
  if (!hasStatusSubresource(resource) || KEEPS_STATUS.has(`${resource.group}/${resource.resource}`))
    return { ...object, metadata: filled }
  const { status: _status, ...rest } = object as KubeObject & { readonly status?: JsonValue }
  const status = resource.custom === undefined ? emptyStatus(gvkOf(resource)) : undefined
  return { ...rest, metadata: filled, ...(status === undefined ? {} : { status }) }
}

/** What a write through the main resource may not touch: status, identity, deletion. */
export function keepOnUpdate(object: KubeObject, old: KubeObject, resource: Resource): KubeObject {
  const metadata = keepIdentity(object.metadata, old.metadata)
  return hasStatusSubresource(resource) ? withField({ ...object, metadata }, old, 'status') : { ...object, metadata }
}

/** What a write through /status leaves of the object sent: its status; custom resources and most built-in kinds keep everything else. */
export function keepOnStatusUpdate(object: KubeObject, old: KubeObject, resource: Resource): KubeObject {
  const { metadata } = object
  const kept: ObjectMeta =
    resource.custom === undefined
      ? { ...keepIdentity(metadata, old.metadata), ...ownedByMain(old.metadata) }
      : { ...old.metadata, ...(metadata.managedFields === undefined ? {} : { managedFields: metadata.managedFields }) }
  return withField({ ...old, metadata: kept }, object, 'status')
}

/** Through /status of a built-in kind, labels and annotations may change, owners and finalizers as well; deletion may not. */
function ownedByMain(old: ObjectMeta): Partial<ObjectMeta> {
  return old.generation === undefined ? {} : { generation: old.generation }
}

function withField(target: KubeObject, source: KubeObject, field: string): KubeObject {
  const { [field]: value } = source as unknown as JsonObject
  const copy = { ...target } as unknown as Record<string, JsonValue>
  if (value === undefined) delete copy[field]
  else copy[field] = value
  return copy as unknown as KubeObject
}

function keepIdentity(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { deletionTimestamp: _d, deletionGracePeriodSeconds: _g, generation: _n, ...kept } = metadata
  const { selfLink: _s, ...rest } = kept as ObjectMeta & { readonly selfLink?: string }
  return {
    ...rest,
    ...(old.name === undefined ? {} : { name: metadata.name ?? old.name }),
    ...(old.namespace === undefined ? {} : { namespace: metadata.namespace ?? old.namespace }),
    ...(old.uid === undefined ? {} : { uid: metadata.uid ?? old.uid }),
    ...(old.generateName === undefined ? {} : { generateName: old.generateName }),
    ...(old.creationTimestamp === undefined ? {} : { creationTimestamp: old.creationTimestamp }),
    ...(old.generation === undefined ? {} : { generation: old.generation }),
    ...(old.deletionTimestamp === undefined ? {} : { deletionTimestamp: old.deletionTimestamp }),
    ...(old.deletionGracePeriodSeconds === undefined
      ? {}
      : { deletionGracePeriodSeconds: old.deletionGracePeriodSeconds }),
  }
}

/** Raises the generation where anything but metadata and status changed. */
export function withGeneration(object: KubeObject, old: KubeObject, resource: Resource): KubeObject {
  if (!hasGeneration(resource)) return object
  if (deepEqual(desired(object, resource), desired(old, resource))) return object
  return { ...object, metadata: { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 } }
}

function desired(object: KubeObject, resource: Resource): JsonValue {
  const parts = resource.rules?.generationParts?.(object)
  if (parts !== undefined) return parts.map((part) => part ?? null)
  const { metadata: _m, apiVersion: _a, kind: _k, ...rest } = object as KubeObject & JsonObject
  if (!hasStatusSubresource(resource)) return rest
  const { status: _s, ...spec } = rest as JsonObject
  return spec
}

/** Whether a write changes nothing: managedFields count only where something else does, resourceVersion never. */
export function isSameObject(object: KubeObject, old: KubeObject): boolean {
  return deepEqual(comparable(object), comparable(old))
}

function comparable(object: KubeObject): JsonValue {
  const { resourceVersion: _r, ...metadata } = object.metadata
  return { ...object, metadata } as unknown as JsonValue // an object and its metadata hold JSON values only
}

/** A time as Kubernetes writes it: RFC 3339 in whole seconds. */
export function timeText(ms: number): string {
  return rfc3339Seconds(ms)
}

/** A generated name: the prefix, cut so that the whole stays a label, and five random characters. */
export function generatedName(prefix: string, context: KindContext): string {
  return `${prefix.slice(0, 58)}${context.randomSuffix(5)}`
}
