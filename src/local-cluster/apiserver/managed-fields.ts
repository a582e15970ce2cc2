// Who owns which field: managedFields kept for every writer.
import type { KubeObject } from '../../kube/object.ts'
import type { Resource } from './resource.ts'

export interface ManagedWrite {
  /** The object before the write; undefined at creation. */
  readonly live: KubeObject | undefined
  readonly object: KubeObject
  readonly manager: string
  /** `status`, `scale`, or empty. */
  readonly subresource: string
  readonly resource: Resource
  readonly nowMs: number
}

/** The object with the entry of its writer brought up to date. */
export function trackUpdate(write: ManagedWrite): KubeObject {
  const managedFields = write.live?.metadata.managedFields
  if (write.object.metadata.managedFields !== undefined || managedFields === undefined) return write.object
  return { ...write.object, metadata: { ...write.object.metadata, managedFields } }
}
