// Where things live on an API server: paths and queries, percent-encoded.
import type { KubeObject } from '../object.ts'
import type { DeleteOptions, ListOptions, PatchOptions, ResourceRef, ResourceType, WriteOptions } from './client.ts'

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** `/api/v1/namespaces/a/pods`; without a namespace the collection of all namespaces. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`
  const scope = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${scope}/${type.resource}`
}

/** The path of one object, or of its subresource. */
export function objectPath(ref: ResourceRef): string {
  const subresource = ref.subresource === undefined ? '' : `/${ref.subresource}`
  return `${collectionPath(ref.type, ref.namespace)}/${encodeURIComponent(ref.name)}${subresource}`
}

/** Where an object is posted to: its collection, or a subresource of the object it names. */
export function creationPath(type: ResourceType, object: KubeObject, subresource: string | undefined): string {
  const { namespace, name = '' } = object.metadata
  if (subresource === undefined) return collectionPath(type, namespace)
  return objectPath({ type, name, subresource, ...(namespace === undefined ? {} : { namespace }) })
}

/** Appends the values that are set. */
export function withQuery(path: string, query: Query): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parts.push(`${name}=${encodeURIComponent(value)}`)
  }
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`
}

export function selectorQuery(options: ListOptions): Query {
  return { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }
}

export function writeQuery(options: PatchOptions & WriteOptions): Query {
  return {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun === true ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
    force: options.force,
  }
}

/** The body of a DELETE: meta/v1 DeleteOptions. */
export function deleteBody(options: DeleteOptions): string {
  const { propagationPolicy, gracePeriodSeconds, preconditions } = options
  const dryRun = options.dryRun === true ? ['All'] : undefined
  return JSON.stringify({
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds,
    preconditions,
    propagationPolicy,
    dryRun,
  })
}
