// Gathers the live objects an application is compared with: those marked as its own, and those its manifests name.
import { keyOf, keyText, kindOf, type KubeObject, splitApiVersion } from '../../kube/object.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import type { LiveResource } from '../../live/live-resource.ts'
import { candidateKeys } from '../../sync/pair-objects.ts'

export interface LiveInput {
  readonly cache: ClusterCache
  /** The application's name in tracking marks. */
  readonly mark: string
  readonly namespace: string
  readonly targets: readonly KubeObject[]
  /** Live objects the project forbids are nobody's. */
  readonly isPermitted: (object: KubeObject) => boolean
  /** A state read before, by object id: used again while the object has not changed. */
  readonly remembered: (id: string) => KubeObject | undefined
  readonly signal: AbortSignal
}

/** By `keyText`. Objects without a mark are not kept by the cache and read from the cluster. */
export async function gatherLive(input: LiveInput): Promise<ReadonlyMap<string, KubeObject>> {
  const live = new Map<string, KubeObject>()
  for (const object of ownObjects(input.cache, input.mark)) {
    if (input.isPermitted(object)) live.set(keyText(keyOf(object)), object)
  }
  const { cache, namespace } = input
  const reads: Promise<unknown>[] = []
  for (const target of input.targets) {
    const { group, kind } = kindOf(target)
    if (!cache.follows({ group, kind })) {
      reads.push(readUnfollowed(input, target).then((object) => object && live.set(keyText(keyOf(object)), object)))
      continue
    }
    for (const key of candidateKeys(target, namespace, (kind) => cache.scopeOf(kind))) {
      const resource = cache.get(key)
      if (resource === undefined) continue
      const known = live.get(resource.id)
      if (known !== undefined && known.apiVersion === target.apiVersion) continue
      reads.push(readLive(input, target, resource).then((object) => put(live, resource.id, object)))
    }
  }
  await Promise.all(reads)
  return live
}

/** Objects that carry the mark of an application themselves: what hangs on another only has a copy of it. */
export function ownObjects(cache: ClusterCache, mark: string): readonly KubeObject[] {
  const objects: KubeObject[] = []
  for (const resource of cache.ofApp(mark)) {
    const isChild = resource.kind === 'PersistentVolumeClaim' && cache.parentsOf(resource).length > 0
    if (resource.object !== undefined && !isChild) objects.push(resource.object)
  }
  return objects
}

function put(live: Map<string, KubeObject>, id: string, object: KubeObject | undefined): void {
  if (object !== undefined) live.set(id, object)
}

/** The object in the version the target is written in. */
async function readLive(
  { cache, remembered, signal }: LiveInput,
  target: KubeObject,
  resource: LiveResource,
): Promise<KubeObject | undefined> {
  const isFit = (object: KubeObject | undefined): object is KubeObject =>
    object?.metadata.resourceVersion === resource.metadata.resourceVersion && object?.apiVersion === target.apiVersion
  if (isFit(resource.object)) return resource.object
  const before = remembered(resource.id)
  if (isFit(before)) return before
  const { group, version } = splitApiVersion(target.apiVersion)
  const type = await cache.client.resourceOf({ group, version, kind: target.kind }, signal)
  if (type === undefined) return resource.object
  const ref = { type, namespace: resource.key.namespace, name: resource.key.name }
  return cache.client.get(ref, signal)
}

/** A kind that was defined a moment ago is served before the cache follows it. */
async function readUnfollowed(
  { cache, namespace, signal }: LiveInput,
  target: KubeObject,
): Promise<KubeObject | undefined> {
  const kind = kindOf(target)
  const { name = '', generateName } = target.metadata
  if ((name === '' && generateName !== undefined) || !(await cache.serves(kind, signal))) return undefined
  const type = await cache.client.resourceOf(kind, signal)
  if (type === undefined) return undefined
  return cache.client.get({ type, namespace: target.metadata.namespace || namespace, name }, signal)
}
