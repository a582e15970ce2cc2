// The tree of an application: its objects, what they own, and what stands beside them in its namespace.
import type { ApplicationTree, ResourceNode, ResourceRef } from '../crds/tree.ts'
import { type KubeObject, type ObjectKey, splitApiVersion } from '../kube/object.ts'
import type { ClusterCache } from './cluster-cache.ts'
import type { LiveResource } from './live-resource.ts'

/** How many nodes a tree has at most: a bound for memory, far above what a page can show. */
export const MAX_TREE_NODES = 100_000

export interface TreeRequest {
  /** What the application manages, live or missing. */
  readonly roots: readonly { readonly key: ObjectKey; readonly target: KubeObject | undefined }[]
  /** The namespace whose other objects count as orphans; none are looked for when undefined. */
  readonly orphansOf?: string
  /** True for objects that may stand beside the application unmentioned. */
  readonly isIgnoredOrphan?: (key: ObjectKey) => boolean
  /** False for what is left out with all it owns: what the project forbids. Default: nothing is. */
  readonly isShown?: (key: ObjectKey) => boolean
  /** False for marks of applications that are gone: what they left behind is an orphan. Default: all are there. */
  readonly isApplication?: (mark: string) => boolean
}

/** Builds the tree. Owners that form a circle are visited once, copies of one UID in several groups shown once. */
export function resourceTree(cache: ClusterCache, request: TreeRequest): ApplicationTree {
  const { isShown = () => true } = request
  const walk: Walk = { cache, isShown, seen: new Set(), uids: new Set(), nodes: [] }
  for (const { key, target } of request.roots) {
    const live = cache.get(key)
    if (live === undefined) walk.nodes.push(missingNode(key, target))
    else visit(walk, live)
  }
  const nodes = walk.nodes
  if (request.orphansOf === undefined) return { nodes }
  return { nodes, orphanedNodes: orphans(walk, request.orphansOf, request) }
}

/** Calls `visitor` for the objects and all they own, each once. */
export function walkOwned(
  cache: ClusterCache,
  roots: Iterable<LiveResource>,
  visitor: (resource: LiveResource) => void,
): void {
  const seen = new Set<string>()
  const pending = [...roots]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.id) || seen.size >= MAX_TREE_NODES) continue
    seen.add(next.id)
    visitor(next)
    pending.push(...cache.childrenOf(next))
  }
}

interface Walk {
  readonly cache: ClusterCache
  readonly isShown: (key: ObjectKey) => boolean
  readonly seen: Set<string>
  readonly uids: Set<string>
  readonly nodes: ResourceNode[]
}

function visit(walk: Walk, root: LiveResource): void {
  const pending: LiveResource[] = [root]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const uid = next.metadata.uid ?? ''
    if (walk.seen.has(next.id) || (uid !== '' && walk.uids.has(uid)) || walk.nodes.length >= MAX_TREE_NODES) continue
    walk.seen.add(next.id)
    walk.uids.add(uid)
    if (!walk.isShown(next.key)) continue
    walk.nodes.push(nodeOf(next, walk.cache.parentsOf(next)))
    pending.push(...walk.cache.childrenOf(next).toReversed())
  }
}

/** One live object as a node. */
export function nodeOf(resource: LiveResource, parents: readonly LiveResource[]): ResourceNode {
  const { health, images, info, networking, metadata } = resource
  return {
    ...refOf(resource),
    ...(parents.length > 0 ? { parentRefs: parents.map(parentRef) } : {}),
    ...(info.length > 0 ? { info } : {}),
    ...(networking === undefined ? {} : { networkingInfo: networking }),
    ...(images.length > 0 ? { images } : {}),
    ...(health === undefined ? {} : { health }),
    ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
    ...(metadata.creationTimestamp ? { createdAt: metadata.creationTimestamp } : {}),
  }
}

function refOf({ key, apiVersion, metadata }: LiveResource): ResourceRef {
  return {
    ...parted(key),
    version: splitApiVersion(apiVersion).version,
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
  }
}

function parentRef({ key, metadata }: LiveResource): ResourceRef {
  return { ...parted(key), ...(metadata.uid === undefined ? {} : { uid: metadata.uid }) }
}

function parted(key: ObjectKey): ResourceRef {
  return {
    ...(key.group === '' ? {} : { group: key.group }),
    kind: key.kind,
    ...(key.namespace === '' ? {} : { namespace: key.namespace }),
    name: key.name,
  }
}

function missingNode(key: ObjectKey, target: KubeObject | undefined): ResourceNode {
  const version = target === undefined ? '' : splitApiVersion(target.apiVersion).version
  return { ...parted(key), ...(version === '' ? {} : { version }), health: { status: 'Missing' } }
}

/** Objects every namespace has by itself (argo-cd v3.5.1 `controller/appcontroller.go` isKnownOrphanedResourceExclusion). */
function isNatural({ key, isServiceAccountToken }: LiveResource): boolean {
  if (key.group !== '') return false
  if (key.kind === 'Service') return key.namespace === 'default' && key.name === 'kubernetes'
  if (key.kind === 'ServiceAccount') return key.name === 'default'
  if (key.kind === 'ConfigMap') return key.name === 'kube-root-ca.crt'
  return key.kind === 'Secret' && isServiceAccountToken
}

function orphans(walk: Walk, namespace: string, request: TreeRequest): readonly ResourceNode[] {
  const { isIgnoredOrphan: isIgnored = () => false, isApplication = () => true } = request
  const nodes: ResourceNode[] = []
  for (const resource of walk.cache.ofNamespace(namespace)) {
    if (walk.seen.has(resource.id) || isNatural(resource) || isIgnored(resource.key)) continue
    if (resource.app !== undefined && isApplication(resource.app)) continue
    if (walk.cache.parentsOf(resource).length > 0) continue
    walkOwned(walk.cache, [resource], (owned) => {
      if (walk.isShown(owned.key)) nodes.push(nodeOf(owned, walk.cache.parentsOf(owned)))
    })
  }
  return nodes
}
