// Pods leave nodes whose NoExecute taints they do not tolerate, at once or when their time is over (pkg/controller/tainteviction, v1.36.3).
import type { Informer } from '../../../kube/client/informer.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { isStatus, refOf, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Node, Pod } from '../kit/model.ts'
import { isTerminating, timestamp, withCondition } from '../kit/pod-state.ts'
import { toleratesTaint, type Taint } from './node-fit.ts'

interface Room {
  readonly context: WorkloadContext
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly events: EventRecorder
  /** Since when a pod's time on its node runs, by uid. */
  readonly since: Map<string, number>
}

/** The taint eviction controller. */
export async function createTaintEvictionController(context: WorkloadContext): Promise<Controller> {
  const [pods, nodes] = await Promise.all([
    context.informers.of<Pod>({ group: '', kind: 'Pod', indexes: { node: (pod) => [pod.spec.nodeName ?? ''] } }),
    context.informers.of<Node>({ group: '', kind: 'Node' }),
  ])
  const events = context.events('taint-eviction-controller')
  const room: Room = { context, pods, nodes, events, since: new Map() }
  const controller = workloadController(context, {
    name: 'taint-eviction',
    reconcile: (request) => reconcilePod(room, request),
  })
  pods.onChange(({ type, object, old }) => {
    if (type === 'DELETED') room.since.delete(object.metadata.uid ?? '')
    else if (type === 'ADDED' || isPlacedAnew(old, object)) {
      if (executing(nodes.get('', object.spec.nodeName ?? '')).length > 0) controller.enqueue(requestFor(object))
    }
  })
  nodes.onChange(({ type, object, old }) => {
    if (type === 'DELETED' || deepEqual(executing(old), executing(object))) return
    for (const pod of pods.byIndex('node', object.metadata.name ?? '')) controller.enqueue(requestFor(pod))
  })
  return controller
}

function isPlacedAnew(old: Pod | undefined, pod: Pod): boolean {
  return old?.spec.nodeName !== pod.spec.nodeName || !deepEqual(old?.spec.tolerations, pod.spec.tolerations)
}

function executing(node: Node | undefined): readonly Taint[] {
  return (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
}

async function reconcilePod(room: Room, request: Request): Promise<ReconcileResult> {
  const pod = room.pods.get(request.namespace, request.name)
  if (pod === undefined || isTerminating(pod)) return 'done'
  const seconds = secondsLeft(pod, executing(room.nodes.get('', pod.spec.nodeName ?? '')))
  const uid = pod.metadata.uid ?? ''
  if (seconds === undefined) {
    if (room.since.delete(uid)) record(room, pod, `Cancelling deletion of Pod ${request.namespace}/${request.name}`)
    return 'done'
  }
  const nowMs = room.context.clock.now()
  const since = room.since.get(uid) ?? nowMs
  const leftMs = since + seconds * 1000 - nowMs
  if (leftMs > 0) {
    room.since.set(uid, since)
    return { retryAfterMs: leftMs }
  }
  record(room, pod, `Marking for deletion Pod ${request.namespace}/${request.name}`)
  await evict(room, pod)
  room.since.delete(uid)
  return 'done'
}

/** How long a pod may stay on a node with these taints; undefined: for good. */
function secondsLeft(pod: Pod, taints: readonly Taint[]): number | undefined {
  const tolerations = pod.spec.tolerations ?? []
  let least: number | undefined
  for (const taint of taints) {
    const used = tolerations.find((toleration) => toleratesTaint(toleration, taint))
    if (used === undefined) return 0
    if (used.tolerationSeconds === undefined) continue
    least = Math.min(least ?? Number.POSITIVE_INFINITY, Math.max(0, used.tolerationSeconds))
  }
  return least
}

function record(room: Room, pod: Pod, message: string): void {
  room.events.record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message })
}

async function evict({ context, pods }: Room, pod: Pod): Promise<void> {
  const { uid = '' } = pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  } as const
  const conditions = withCondition(pod.status?.conditions, condition, timestamp(context.clock.now()))
  const patch = { metadata: { uid }, status: { conditions: conditions.map((one) => ({ ...one })) } }
  try {
    await context.client.patch(refOf(pods.type, pod, 'status'), 'strategic', patch)
    await context.client.delete(refOf(pods.type, pod), { preconditions: { uid } })
  } catch (error) {
    // Gone meanwhile, which is what was wanted.
    if (!isStatus(error, 404)) throw error
  }
}
