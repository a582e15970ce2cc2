// Who controls what: controller references, and taking in or letting go of objects by selector.
import { KubeError, type KubeClient, type ResourceType } from '../../../kube/client/client.ts'
import type { KubeObject, OwnerReference } from '../../../kube/object.ts'
import { labelSelectorOf, matchesLabels } from '../../../kube/selector.ts'
import type { LabelSelector } from './model.ts'

/** The owner that controls an object. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true)
}

/** A controlling reference to `owner`, as metav1.NewControllerRef makes it. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Index functions for children: by the uid of their controller, and orphans by namespace. */
export const OWNER_INDEXES: Readonly<Record<'controller' | 'orphans', (object: KubeObject) => readonly string[]>> = {
  controller: (object) => {
    const uid = controllerOf(object)?.uid
    return uid === undefined ? [] : [uid]
  },
  orphans: (object) => (controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : []),
}

/** What is asked of an informer with `OWNER_INDEXES`. */
export interface OwnedCache<T extends KubeObject> {
  readonly type: ResourceType
  byIndex(index: string, value: string): ReadonlySet<T>
}

export interface ClaimOptions<T extends KubeObject> {
  readonly client: KubeClient
  readonly cache: OwnedCache<T>
  readonly owner: KubeObject
  readonly selector: LabelSelector
}

/**
 * The children of an owner: those it controls and whose labels match, plus orphans that match, which it adopts; those
 * that no longer match are released (controller_ref_manager.go, v1.36).
 */
export async function claimChildren<T extends KubeObject>(options: ClaimOptions<T>): Promise<readonly T[]> {
  const { cache, owner } = options
  const selector = labelSelectorOf(options.selector)
  const claimed: T[] = []
  for (const child of cache.byIndex('controller', owner.metadata.uid ?? '')) {
    if (matchesLabels(selector, child.metadata.labels)) claimed.push(child)
    else await release(options, child)
  }
  if (owner.metadata.deletionTimestamp !== undefined || selector === undefined || selector.length === 0) return claimed
  for (const child of cache.byIndex('orphans', owner.metadata.namespace ?? '')) {
    const wanted = child.metadata.deletionTimestamp === undefined && matchesLabels(selector, child.metadata.labels)
    if (wanted && (await adopt(options, child))) claimed.push(child)
  }
  return claimed
}

async function adopt<T extends KubeObject>(options: ClaimOptions<T>, child: T): Promise<boolean> {
  const references = [...(child.metadata.ownerReferences ?? []), controllerReference(options.owner)]
  return patchOwners(options, child, references)
}

async function release<T extends KubeObject>(options: ClaimOptions<T>, child: T): Promise<void> {
  if (child.metadata.deletionTimestamp !== undefined) return
  const references = (child.metadata.ownerReferences ?? []).filter((one) => one.uid !== options.owner.metadata.uid)
  await patchOwners(options, child, references)
}

/** False where the child is gone or another was quicker; the uid in the patch guards against a child of the same name. */
async function patchOwners<T extends KubeObject>(
  options: ClaimOptions<T>,
  child: T,
  references: readonly OwnerReference[],
): Promise<boolean> {
  const { namespace, name, uid, resourceVersion } = child.metadata
  const ref = { type: options.cache.type, ...(namespace === undefined ? {} : { namespace }), name: name ?? '' }
  const ownerReferences = references.map((reference) => ({ ...reference }))
  const metadata = { ownerReferences, uid: uid ?? '', resourceVersion: resourceVersion ?? '' }
  try {
    await options.client.patch(ref, 'merge', { metadata })
    return true
  } catch (error) {
    if (error instanceof KubeError && [404, 409, 422].includes(error.status)) return false
    throw error
  }
}
