// Kubernetes objects as plain JSON values: what every object has, and how one is named.

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** metadata of any object; fields not named here survive as they came. Times stay RFC 3339 strings. */
export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string | null
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly JsonObject[]
}

/** Any Kubernetes object. Typed views narrow it (`interface Application extends KubeObject`); none drops a field. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

export interface GroupKind {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
}

export interface GroupVersionKind extends GroupKind {
  readonly version: string
}

/** Names one object of a cluster regardless of its version; `namespace` is empty for cluster scope. */
export interface ObjectKey extends GroupKind {
  readonly namespace: string
  readonly name: string
}

/** `apps/v1` → group `apps`, version `v1`; `v1` → the core group. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return { group: '', version: apiVersion }
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** The inverse of `splitApiVersion`. */
export function joinApiVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`
}

/** Group, version and kind an object claims for itself. */
export function kindOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): GroupVersionKind {
  return { ...splitApiVersion(object.apiVersion), kind: object.kind }
}

/** Group, kind, namespace and name of an object. */
export function keyOf(object: KubeObject): ObjectKey {
  const { group } = splitApiVersion(object.apiVersion)
  return { group, kind: object.kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }
}

/** A key as text, fit for a Map: `group/kind/namespace/name`. Names cannot hold a slash. */
export function keyText(key: ObjectKey): string {
  return `${key.group}/${key.kind}/${key.namespace}/${key.name}`
}
