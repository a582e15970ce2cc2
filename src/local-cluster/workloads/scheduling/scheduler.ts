// The scheduler: binds each pod to a node that fits, or says why none does (pkg/scheduler, v1.36, its default filters).
import type { Informer } from '../../../kube/client/informer.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { isStatus, refOf, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Condition, Node, Pod } from '../kit/model.ts'
import { conditionOf, isFinished, timestamp, withCondition } from '../kit/pod-state.ts'
import { chooseNode, hopeless, type NodeChoice } from './choose-node.ts'
import { preempt } from './preempt.ts'
import { podVolumes, bindVolumes, volumeFilter, type VolumeRoom } from './pod-volumes.ts'
import { priorityOf } from './preemption.ts'
import type { Claim, PersistentVolume, StorageClass } from '../storage/volume-model.ts'

interface Room extends VolumeRoom {
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly namespaces: Informer
  readonly events: EventRecorder
  /** Bound by us, but not yet so in the cache: they take room already. */
  readonly assumed: Map<string, string>
}

/** The scheduler; one worker, so that two pods never count on the same room. */
export async function createScheduler(context: WorkloadContext): Promise<Controller> {
  const [pods, nodes, claims, volumes, classes, namespaces] = await Promise.all([
    context.informers.of<Pod>({ group: '', kind: 'Pod', indexes: { node: (pod) => [pod.spec.nodeName ?? ''] } }),
    context.informers.of<Node>({ group: '', kind: 'Node' }),
    context.informers.of<Claim>({ group: '', kind: 'PersistentVolumeClaim' }),
    context.informers.of<PersistentVolume>({ group: '', kind: 'PersistentVolume' }),
    context.informers.of<StorageClass>({ group: 'storage.k8s.io', kind: 'StorageClass' }),
    context.informers.of({ group: '', kind: 'Namespace' }),
  ])
  const events = context.events('default-scheduler')
  const room: Room = { context, pods, nodes, claims, volumes, classes, namespaces, events, assumed: new Map() }
  const reconcile = (request: Request): Promise<ReconcileResult> => schedule(room, request)
  const controller = workloadController(context, { name: 'scheduler', reconcile, workers: 1 })
  pods.onChange(({ type, object }) => {
    if (object.spec.nodeName || type === 'DELETED') room.assumed.delete(object.metadata.uid ?? '')
    if (type !== 'DELETED' && isWaiting(object)) controller.enqueue(requestFor(object))
    // Room has become free: whoever found none may fit now.
    if (type === 'DELETED' || isFinished(object)) enqueueWaiting(pods, controller)
  })
  nodes.onChange(({ object, old }) => {
    if (old === undefined || hasNewRoom(old, object)) enqueueWaiting(pods, controller)
  })
  claims.onChange(({ type, object, old }) => {
    if (type === 'ADDED' || !deepEqual(factsOf(object), factsOf(old))) enqueueWaiting(pods, controller)
  })
  volumes.onChange(({ object, old }) => {
    if (object.status?.phase !== old?.status?.phase) enqueueWaiting(pods, controller)
  })
  classes.onChange(() => enqueueWaiting(pods, controller))
  return controller
}

function enqueueWaiting(pods: Informer<Pod>, controller: Controller): void {
  for (const pod of pods.byIndex('node', '')) if (isWaiting(pod)) controller.enqueue(requestFor(pod))
}

function isWaiting(pod: Pod): boolean {
  const { nodeName, schedulerName = 'default-scheduler' } = pod.spec
  const gated = (pod.spec.schedulingGates ?? []).length > 0
  const ours = schedulerName === 'default-scheduler' && !gated
  return ours && !nodeName && !isFinished(pod) && pod.metadata.deletionTimestamp === undefined
}

function factsOf(claim: Claim | undefined): readonly unknown[] {
  return [claim?.status?.phase, claim?.spec.volumeName, claim?.metadata.annotations]
}

/** A Node's heartbeat changes nothing for pods; its labels, taints and room do. */
function hasNewRoom(old: Node, node: Node): boolean {
  const facts = ({ metadata, spec, status }: Node): string =>
    JSON.stringify([metadata.labels, spec, status?.allocatable])
  return facts(old) !== facts(node)
}

async function schedule(room: Room, request: Request): Promise<ReconcileResult> {
  const pod = room.pods.get(request.namespace, request.name)
  if (pod === undefined || !isWaiting(pod) || room.assumed.has(pod.metadata.uid ?? '')) return 'done'
  const claimed = podVolumes(room, pod)
  if (typeof claimed === 'string') {
    await reportUnschedulable(room, pod, { node: undefined, message: hopeless(claimed, room.nodes.size) })
    return 'done'
  }
  const namespaceLabels = (namespace: string): Readonly<Record<string, string>> =>
    room.namespaces.get('', namespace)?.metadata.labels ?? {}
  const volumes = volumeFilter(room, claimed)
  const about = { namespaceLabels, ...(volumes === undefined ? {} : { volumes }) }
  const choice = chooseNode(pod, [...room.nodes.list()], (node) => podsOn(room, node, pod), about)
  const node = choice.node === undefined ? undefined : room.nodes.get('', choice.node)
  // A pod whose volumes are found or made only now comes back once they are bound.
  if (node !== undefined && (await bindVolumes(room, claimed.delayed, node))) return 'done'
  if (choice.node !== undefined) await bind(room, pod, choice.node)
  else {
    await reportUnschedulable(room, pod, choice)
    if (choice.victims !== undefined) await preempt(room, pod, choice.victims)
  }
  return 'done'
}

/** Pods that take room on a node: bound ones, those bound by us a moment ago, and those it is cleared for that matter as much as this one. */
function podsOn(room: Room, node: string, pod: Pod): readonly Pod[] {
  const bound = [...room.pods.byIndex('node', node)]
  for (const other of room.pods.byIndex('node', '')) {
    const uid = other.metadata.uid ?? ''
    if (uid === pod.metadata.uid) continue
    if (room.assumed.get(uid) === node || isExpected(other, node, pod)) bound.push(other)
  }
  return bound
}

function isExpected(other: Pod, node: string, pod: Pod): boolean {
  if (other.metadata.deletionTimestamp !== undefined || other.status?.nominatedNodeName !== node) return false
  return priorityOf(other) >= priorityOf(pod)
}

async function bind(room: Room, pod: Pod, node: string): Promise<void> {
  const { context, pods, events, assumed } = room
  const { namespace = '', name = '', uid = '' } = pod.metadata
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { namespace, name, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: node },
  }
  assumed.set(uid, node)
  try {
    await context.client.create(pods.type, binding, { subresource: 'binding' })
  } catch (error) {
    assumed.delete(uid)
    // The pod is gone, or another has bound it.
    if (isStatus(error, 404) || isStatus(error, 409)) return
    throw error
  }
  const message = `Successfully assigned ${namespace}/${name} to ${node}`
  events.record(pod, { type: 'Normal', reason: 'Scheduled', message })
}

async function reportUnschedulable(room: Room, pod: Pod, choice: NodeChoice): Promise<void> {
  const { context, pods, events } = room
  const nominated = choice.isWaiting === true ? pod.status?.nominatedNodeName : choice.victims?.node
  if (isTold(pod, choice.message, nominated)) return
  events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message: choice.message })
  const conditions = unscheduledConditions(pod, choice.message, timestamp(context.clock.now()))
  const ref = refOf(pods.type, pod, 'status')
  const patch = {
    metadata: { uid: pod.metadata.uid ?? '' },
    status: { conditions, nominatedNodeName: nominated ?? null },
  }
  try {
    await context.client.patch(ref, 'strategic', patch)
  } catch (error) {
    // Gone meanwhile: nobody is left to tell.
    if (!isStatus(error, 404) && !isStatus(error, 409)) throw error
  }
}

function isTold({ status }: Pod, message: string, nominated: string | undefined): boolean {
  const old = conditionOf(status?.conditions, 'PodScheduled')
  return old?.status === 'False' && old.message === message && status?.nominatedNodeName === nominated
}

function unscheduledConditions(pod: Pod, message: string, now: string): readonly JsonObject[] {
  const { generation } = pod.metadata
  const condition: Condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastProbeTime: null,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
  return withCondition(pod.status?.conditions, condition, now).map((one) => ({ ...one }))
}
