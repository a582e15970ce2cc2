// What the server knows about one served resource in one version, built in or from a custom resource definition.
import type { GroupVersionKind, JsonObject, KubeObject } from '../../kube/object.ts'
import type { TypeSchema } from '../../kube/schema/schema.ts'
import type { FieldFault, KindRules, ServedResource, TableColumn } from '../kinds/contract.ts'

/** One resource in one version. */
export interface Resource extends ServedResource {
  readonly listKind: string
  /** First part of its keys in the store; versions of one resource share it. */
  readonly keyPrefix: string
  readonly rules: KindRules | undefined
  readonly schema: TypeSchema | undefined
  /** Present for custom resources. */
  readonly custom: CustomResource | undefined
}

/** What a definition's version adds to a custom resource. */
export interface CustomResource {
  /** Name of the CustomResourceDefinition. */
  readonly definition: string
  readonly storageVersion: string
  readonly terminating: boolean
  /** Whether its schema has rules, whose engine must be loaded before an object is validated. */
  readonly hasRules: boolean
  /** Drops what the schema does not name and fills in its defaults; `unknown` receives the paths of dropped fields. */
  readonly decode: (object: KubeObject, unknown?: string[]) => KubeObject
  /** A stored object in this version, decoded: itself where that changes nothing. What it gave is remembered as long as the object. */
  readonly read: (stored: KubeObject) => KubeObject
  /** `warn` hears of faults that were there before and may stay. */
  readonly validate: (
    object: KubeObject,
    old: KubeObject | undefined,
    warn: (text: string) => void,
  ) => readonly FieldFault[]
  readonly columns: readonly TableColumn[]
  readonly cells: (object: KubeObject, nowMs: number) => readonly (string | number | boolean | null)[]
  readonly scale: ScalePaths | undefined
  readonly selectableFields: (object: KubeObject) => Readonly<Record<string, string>>
  readonly selectable: readonly string[]
  readonly deprecationWarning: string | undefined
  /** The openAPIV3Schema as the definition has it. */
  readonly openApi: JsonObject | undefined
}

/** JSON paths of the scale subresource, as field names from the top. */
export interface ScalePaths {
  readonly specReplicas: readonly string[]
  readonly statusReplicas: readonly string[]
  readonly labelSelector: readonly string[] | undefined
}

export function gvkOf(resource: Pick<Resource, 'group' | 'version' | 'kind'>): GroupVersionKind {
  return { group: resource.group, version: resource.version, kind: resource.kind }
}

export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** The store key of one object; a cluster-scoped one has no namespace part. */
export function keyOf(resource: Resource, namespace: string, name: string): string {
  return resource.namespaced ? `${resource.keyPrefix}${namespace}/${name}` : `${resource.keyPrefix}${name}`
}

/** The prefix of all objects of a resource, or of those in one namespace. */
export function collectionPrefix(resource: Resource, namespace: string | undefined): string {
  return resource.namespaced && namespace !== undefined && namespace !== ''
    ? `${resource.keyPrefix}${namespace}/`
    : resource.keyPrefix
}
