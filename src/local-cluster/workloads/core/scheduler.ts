// The scheduler: binds each pod to a node that fits, or says why none does (pkg/scheduler, v1.36, its default filters).
import type { Informer } from '../../../kube/client/informer.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { isStatus, refOf, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Condition, Node, Pod } from '../kit/model.ts'
import { conditionOf, isFinished, timestamp, withCondition } from '../kit/pod-state.ts'
import { chooseNode, type NodeChoice } from './node-fit.ts'

interface Room {
  readonly context: WorkloadContext
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly claims: Informer
  readonly events: EventRecorder
  /** Bound by us, but not yet so in the cache: they take room already. */
  readonly assumed: Map<string, string>
}

/** The scheduler; one worker, so that two pods never count on the same room. */
export async function createScheduler(context: WorkloadContext): Promise<Controller> {
  const [pods, nodes, claims] = await Promise.all([
    context.informers.of<Pod>({ group: '', kind: 'Pod', indexes: { node: (pod) => [pod.spec.nodeName ?? ''] } }),
    context.informers.of<Node>({ group: '', kind: 'Node' }),
    context.informers.of({ group: '', kind: 'PersistentVolumeClaim' }),
  ])
  const events = context.events('default-scheduler')
  const room: Room = { context, pods, nodes, claims, events, assumed: new Map() }
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
  claims.onChange(({ type }) => {
    if (type === 'ADDED') enqueueWaiting(pods, controller)
  })
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

/** A Node's heartbeat changes nothing for pods; its labels, taints and room do. */
function hasNewRoom(old: Node, node: Node): boolean {
  const facts = ({ metadata, spec, status }: Node): string =>
    JSON.stringify([metadata.labels, spec, status?.allocatable])
  return facts(old) !== facts(node)
}

async function schedule(room: Room, request: Request): Promise<ReconcileResult> {
  const pod = room.pods.get(request.namespace, request.name)
  if (pod === undefined || !isWaiting(pod) || room.assumed.has(pod.metadata.uid ?? '')) return 'done'
  const missing = missingClaim(room, pod)
  const choice = chooseNode(pod, [...room.nodes.list()], (node) => podsOn(room, node))
  if (missing !== undefined) await reportUnschedulable(room, pod, { ...choice, node: undefined, message: missing })
  else if (choice.node === undefined) await reportUnschedulable(room, pod, choice)
  else await bind(room, pod, choice.node)
  return 'done'
}

function podsOn(room: Room, node: string): readonly Pod[] {
  const bound = [...room.pods.byIndex('node', node)]
  for (const [uid, assumedNode] of room.assumed) {
    if (assumedNode !== node) continue
    for (const pod of room.pods.byIndex('node', '')) if (pod.metadata.uid === uid) bound.push(pod)
  }
  return bound
}

function missingClaim({ claims, nodes }: Room, pod: Pod): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const name = volume.persistentVolumeClaim?.claimName
    if (name === undefined || claims.get(pod.metadata.namespace, name) !== undefined) continue
    const total = nodes.size
    const reason = `persistentvolumeclaim "${name}" not found`
    return `0/${total} nodes are available: ${reason}. ${unhelpful(total)}`
  }
  return undefined
}

function unhelpful(total: number): string {
  return `no new claims to deallocate, preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`
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
  const old = conditionOf(pod.status?.conditions, 'PodScheduled')
  if (old?.status === 'False' && old.message === choice.message) return
  events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message: choice.message })
  const conditions = unscheduledConditions(pod, choice.message, timestamp(context.clock.now()))
  const ref = refOf(pods.type, pod, 'status')
  const patch = { metadata: { uid: pod.metadata.uid ?? '' }, status: { conditions } }
  try {
    await context.client.patch(ref, 'strategic', patch)
  } catch (error) {
    // Gone meanwhile: nobody is left to tell.
    if (!isStatus(error, 404) && !isStatus(error, 409)) throw error
  }
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
