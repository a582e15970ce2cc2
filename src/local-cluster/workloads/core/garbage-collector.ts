// The garbage collector: removes objects whose owners are gone, in the background, in the foreground, or lets them be
// orphans (pkg/controller/garbagecollector, v1.36).
import { LruCache } from '../../../base/lru.ts'
import type { ResourceType } from '../../../kube/client/client.ts'
import type { ChangeEvent } from '../../../kube/client/informer.ts'
import type { ObjectMeta, OwnerReference } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { refOf, isStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { followResources } from '../kit/resource-watch.ts'
import { OwnerGraph, type GraphNode } from './owner-graph.ts'

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'
/** As upstream's absentOwnerCache, larger: an entry that is lost costs one question to the server. */
const MAX_ABSENT = 5000

interface Room {
  readonly context: WorkloadContext
  readonly graph: OwnerGraph
  /** Owners that the server said do not exist, by uid: a reference to them is void. */
  readonly absent: LruCache<true>
}

/** The garbage collector. It follows every resource that can be listed, watched and deleted, custom ones too. */
export async function createGarbageCollector(context: WorkloadContext): Promise<Controller> {
  const room: Room = { context, graph: new OwnerGraph(), absent: new LruCache({ maxSize: MAX_ABSENT }) }
  const controller = workloadController(context, {
    name: 'garbage-collector',
    reconcile: async ({ name }) => {
      await collect(room, name)
      return 'done'
    },
  })
  const enqueue = (uid: string): void => controller.enqueue({ namespace: '', name: uid })
  const isCollected = (type: ResourceType): boolean =>
    ['list', 'watch', 'delete'].every((verb) => type.verbs.includes(verb)) && type.resource !== 'events'
  await followResources(context, isCollected, (type) => {
    context.informers.metadataOf(type).onChange((event) => observe(room, type, event, enqueue))
  })
  return controller
}

function observe(room: Room, type: ResourceType, event: ChangeEvent, enqueue: (uid: string) => void): void {
  const { graph, absent } = room
  const { metadata } = event.object
  const uid = metadata.uid ?? ''
  if (event.type === 'DELETED') {
    absent.set(uid, true)
    for (const dependent of graph.remove(uid)) enqueue(dependent)
    for (const owner of metadata.ownerReferences ?? []) enqueue(owner.uid)
    return
  }
  graph.put(uid, { type, object: event.object })
  for (const owner of unblocked(event.old?.metadata, metadata)) enqueue(owner)
  if (metadata.deletionTimestamp !== undefined || hasOwners(metadata)) enqueue(uid)
  if (metadata.deletionTimestamp !== undefined) for (const dependent of graph.dependents(uid)) enqueue(dependent)
}

/** Owners that an object held up and does so no longer (graph_builder.go addUnblockedOwnersToDeleteQueue). */
function unblocked(before: ObjectMeta | undefined, after: ObjectMeta): readonly string[] {
  const blocked = (metadata: ObjectMeta | undefined): readonly string[] =>
    (metadata?.ownerReferences ?? []).filter((owner) => owner.blockOwnerDeletion === true).map(({ uid }) => uid)
  const still = new Set(blocked(after))
  return blocked(before).filter((uid) => !still.has(uid))
}

function hasOwners(metadata: ObjectMeta): boolean {
  return (metadata.ownerReferences ?? []).length > 0
}

async function collect(room: Room, uid: string): Promise<void> {
  const node = room.graph.get(uid)
  if (node === undefined) return
  const { finalizers = [], deletionTimestamp } = node.object.metadata
  if (deletionTimestamp !== undefined) {
    if (finalizers.includes(ORPHAN)) await orphanDependents(room, uid, node)
    else if (finalizers.includes(FOREGROUND)) await deleteInForeground(room, uid, node)
    return
  }
  await attemptToDelete(room, node)
}

/** Deletes an object none of whose owners exist; void references beside a living owner are taken away. */
async function attemptToDelete(room: Room, node: GraphNode): Promise<void> {
  const references = node.object.metadata.ownerReferences ?? []
  if (references.length === 0) return
  const solid: OwnerReference[] = []
  const waiting: OwnerReference[] = []
  const dangling: OwnerReference[] = []
  for (const reference of references) {
    const state = await ownerState(room, node, reference)
    if (state === 'absent') dangling.push(reference)
    else if (state === 'waiting') waiting.push(reference)
    else solid.push(reference)
  }
  if (solid.length > 0) {
    if (dangling.length + waiting.length > 0) await dropReferences(room, node, [...dangling, ...waiting])
    return
  }
  const uid = node.object.metadata.uid ?? ''
  const blocksOwner = waiting.length > 0 && room.graph.dependents(uid).length > 0
  await deleteNode(room, node, blocksOwner ? 'Foreground' : defaultPolicy(node))
}

/** A deletion that was begun with a policy keeps it (garbagecollector.go attemptToDeleteItem). */
function defaultPolicy(node: GraphNode): 'Orphan' | 'Foreground' | 'Background' {
  const { finalizers = [] } = node.object.metadata
  if (finalizers.includes(ORPHAN)) return 'Orphan'
  return finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background'
}

/** `waiting`: the owner is being deleted in the foreground and waits for this dependent. */
async function ownerState(
  room: Room,
  node: GraphNode,
  reference: OwnerReference,
): Promise<'solid' | 'waiting' | 'absent'> {
  const owner = room.graph.get(reference.uid)
  if (owner === undefined) return (await exists(room, node, reference)) ? 'solid' : 'absent'
  if (!isReachable(node, owner)) return 'absent'
  const { deletionTimestamp, finalizers = [] } = owner.object.metadata
  return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? 'waiting' : 'solid'
}

/** Owners live in the dependent's namespace or in none; anywhere else they count as absent. */
function isReachable(node: GraphNode, owner: GraphNode): boolean {
  const ownerNamespace = owner.object.metadata.namespace
  return ownerNamespace === undefined || ownerNamespace === node.object.metadata.namespace
}

/** Asks the server about an owner that no cache knows; it may be new, or of a kind that is not followed. */
async function exists(room: Room, node: GraphNode, reference: OwnerReference): Promise<boolean> {
  const { context, absent } = room
  if (absent.has(reference.uid)) return false
  const [group, version] = splitVersion(reference.apiVersion)
  const type = await context.client.resourceOf({ group, version, kind: reference.kind })
  // Of a kind that is not served nothing can be said: upstream retries until it is.
  if (type === undefined) return true
  const namespace = node.object.metadata.namespace
  if (type.namespaced && namespace === undefined) return markAbsent(room, node, reference)
  const owner = await context.client.get({
    type,
    name: reference.name,
    ...(namespace === undefined ? {} : { namespace }),
  })
  if (owner?.metadata.uid === reference.uid) return true
  absent.set(reference.uid, true)
  return false
}

/** A cluster-scoped object cannot be owned by a namespaced one: upstream warns and leaves it alone. */
function markAbsent({ context }: Room, node: GraphNode, reference: OwnerReference): boolean {
  const message = `ownerRef [${reference.apiVersion}/${reference.kind}, namespace: , name: ${reference.name}, uid: ${reference.uid}] does not exist in namespace ""`
  context
    .events('garbage-collector-controller')
    .record(node.object, { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message })
  return true
}

function splitVersion(apiVersion: string): readonly [string, string] {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
}

/** The owner waits for the dependents that block it; they are deleted first. */
async function deleteInForeground(room: Room, uid: string, node: GraphNode): Promise<void> {
  const dependents = room.graph
    .dependents(uid)
    .map((one) => room.graph.get(one))
    .filter((one) => one !== undefined)
  const blocking = dependents.filter((one) => {
    const reference = one.object.metadata.ownerReferences?.find((owner) => owner.uid === uid)
    return reference?.blockOwnerDeletion === true
  })
  for (const dependent of dependents) {
    if (dependent.object.metadata.deletionTimestamp === undefined) await attemptToDelete(room, dependent)
  }
  if (blocking.length === 0) await removeFinalizer(room, node, FOREGROUND)
}

async function orphanDependents(room: Room, uid: string, node: GraphNode): Promise<void> {
  for (const dependentUid of room.graph.dependents(uid)) {
    const dependent = room.graph.get(dependentUid)
    const references = dependent?.object.metadata.ownerReferences ?? []
    if (dependent !== undefined)
      await dropReferences(
        room,
        dependent,
        references.filter((one) => one.uid === uid),
      )
  }
  await removeFinalizer(room, node, ORPHAN)
}

async function dropReferences(room: Room, node: GraphNode, dropped: readonly OwnerReference[]): Promise<void> {
  const { uid = '', resourceVersion = '' } = node.object.metadata
  const gone = new Set(dropped.map((reference) => reference.uid))
  const kept = (node.object.metadata.ownerReferences ?? []).filter((reference) => !gone.has(reference.uid))
  const ownerReferences = kept.length === 0 ? null : kept.map((reference) => ({ ...reference }))
  await patchMetadata(room, node, { uid, resourceVersion, ownerReferences })
}

async function removeFinalizer(room: Room, node: GraphNode, finalizer: string): Promise<void> {
  const { uid = '', resourceVersion = '', finalizers = [] } = node.object.metadata
  const kept = finalizers.filter((one) => one !== finalizer)
  await patchMetadata(room, node, { uid, resourceVersion, finalizers: kept.length === 0 ? null : kept })
}

type MetadataPatch = Readonly<
  Record<string, string | null | readonly (string | Readonly<Record<string, string | boolean>>)[]>
>

async function patchMetadata(room: Room, node: GraphNode, metadata: MetadataPatch): Promise<void> {
  try {
    await room.context.client.patch(refOf(node.type, node.object), 'merge', { metadata })
  } catch (error) {
    // Gone already: what was wanted.
    if (!isStatus(error, 404)) throw error
  }
}

async function deleteNode(
  room: Room,
  node: GraphNode,
  propagationPolicy: 'Orphan' | 'Foreground' | 'Background',
): Promise<void> {
  const { uid = '', resourceVersion = '' } = node.object.metadata
  const preconditions = { uid, resourceVersion }
  await room.context.client.delete(refOf(node.type, node.object), { propagationPolicy, preconditions })
}
