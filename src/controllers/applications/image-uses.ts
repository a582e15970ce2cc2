// Which images an application uses in which namespaces: those of its manifests, of what is live of them, and of the pods it owns.
import type { KubeObject } from '../../kube/object.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import { walkOwned } from '../../live/resource-tree.ts'
import type { LiveResource } from '../../live/live-resource.ts'
import type { Comparison } from './comparison-result.ts'

/** A pod that waits for an image. */
export interface WaitingPod {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly images: readonly string[]
}

export interface ImageUses {
  readonly server: string
  /** By namespace. */
  readonly images: ReadonlyMap<string, ReadonlySet<string>>
  readonly stuck: readonly WaitingPod[]
}

export interface ImageUsesInput {
  readonly comparison: Comparison
  readonly cache: ClusterCache
  readonly read: (object: KubeObject) => readonly string[]
  /** Where objects without a namespace go. */
  readonly namespace: string
  /** False while nothing was ever synced: then manifests are a wish nobody has granted. */
  readonly hasBegun: boolean
}

const WAITING: ReadonlySet<string> = new Set(['ErrImagePull', 'ImagePullBackOff'])

/** What the project forbids counts for nothing, nor do pods that stand beside the application. */
export function imageUsesOf({ comparison, cache, read, namespace, hasBegun }: ImageUsesInput): ImageUses {
  const images = new Map<string, Set<string>>()
  const stuck: WaitingPod[] = []
  const take = (place: string, found: readonly string[]): void => {
    if (found.length === 0) return
    images.set(place, (images.get(place) ?? new Set()).union(new Set(found)))
  }
  const shown = comparison.objects.filter(({ key }) => comparison.isShown(key))
  for (const { key, target, live } of shown) {
    if (live !== undefined) take(key.namespace, read(live))
    if (target !== undefined && hasBegun) take(target.metadata.namespace || namespace, read(target))
  }
  if (hasBegun) for (const hook of comparison.paired.hooks) take(hook.metadata.namespace || namespace, read(hook))
  const roots = shown.map(({ key }) => cache.get(key)).filter((root) => root !== undefined)
  walkOwned(cache, roots, (resource) => {
    if (resource.kind !== 'Pod') return
    take(resource.key.namespace, resource.images)
    if (isWaiting(resource)) stuck.push(waitingPod(resource))
  })
  return { server: comparison.cluster.server, images, stuck }
}

function isWaiting({ info }: LiveResource): boolean {
  return info.some(({ name, value }) => name === 'Status Reason' && WAITING.has((value ?? '').replace(/^Init:/, '')))
}

function waitingPod({ key, metadata, images }: LiveResource): WaitingPod {
  return { namespace: key.namespace, name: key.name, uid: metadata.uid ?? '', images }
}
