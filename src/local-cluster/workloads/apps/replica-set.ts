// ReplicaSets: as many pods as asked for (pkg/controller/replicaset, v1.36).
import { messageOf } from '../../../base/errors.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { Controller, ReconcileContext } from '../../../reconcile/controller.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import type { Request } from '../../../reconcile/request.ts'
import { ownedInformer, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Condition, LabelSelector, Pod, ReplicaSet } from '../kit/model.ts'
import { claimChildren } from '../kit/ownership.ts'
import {
  conditionOf,
  isActive,
  isAvailable,
  isReady,
  isTerminating,
  msUntilAvailable,
  timestamp,
  withCondition,
  withoutCondition,
  withoutZeros,
} from '../kit/pod-state.ts'
import { enqueueForOrphans, PodControl, podFromTemplate } from '../kit/replicas.ts'
import { hasLabels } from '../kit/labels.ts'
import { compareForDeletion } from './deletion-order.ts'

/** The ReplicaSet controller. */
export function createReplicaSetController(context: WorkloadContext): Promise<Controller> {
  return createReplicaController(context, {
    kind: { group: 'apps', kind: 'ReplicaSet' },
    name: 'replicaset',
    component: 'replicaset-controller',
    selectorOf: ({ spec }) => spec.selector,
  })
}

/** The ReplicationController controller: the same over an older kind, whose selector is a plain map. */
export function createReplicationController(context: WorkloadContext): Promise<Controller> {
  return createReplicaController(context, {
    kind: { group: '', kind: 'ReplicationController' },
    name: 'replicationcontroller',
    component: 'replication-controller',
    // The one kind whose `selector` holds labels themselves.
    selectorOf: ({ spec }) => ({ matchLabels: spec.selector as NonNullable<LabelSelector['matchLabels']> }),
  })
}

interface ReplicaKind {
  readonly kind: { readonly group: string; readonly kind: string }
  readonly name: string
  /** Of events. */
  readonly component: string
  readonly selectorOf: (owner: ReplicaSet) => LabelSelector
}

async function createReplicaController(context: WorkloadContext, what: ReplicaKind): Promise<Controller> {
  const [replicaSets, pods] = await Promise.all([
    ownedInformer<ReplicaSet>(context, what.kind),
    ownedInformer<Pod>(context, { group: '', kind: 'Pod' }),
  ])
  const events = context.events(what.component)
  const podControl = new PodControl({ context, pods, events, ownerKind: what.kind.kind })
  const { selectorOf } = what
  const room: Room = { context, replicaSets, pods, podControl, selectorOf }
  const reconcile = (request: Request, call: ReconcileContext): Promise<ReconcileResult> =>
    reconcileReplicaSet(room, request, call)
  const controller = workloadController(context, { name: what.name, reconcile })
  enqueueOnChange(replicaSets, controller)
  podControl.watch(controller)
  enqueueForOrphans(pods, replicaSets, controller, selectorOf)
  return controller
}

interface Room {
  readonly selectorOf: ReplicaKind['selectorOf']
  readonly context: WorkloadContext
  readonly replicaSets: Informer<ReplicaSet>
  readonly pods: Informer<Pod>
  readonly podControl: PodControl
}

async function reconcileReplicaSet(room: Room, request: Request, { log }: ReconcileContext): Promise<ReconcileResult> {
  const { context, podControl } = room
  const replicaSet = room.replicaSets.get(request.namespace, request.name)
  if (replicaSet === undefined) return 'done'
  const uid = replicaSet.metadata.uid ?? ''
  const { client, clock } = context
  const claimed = await claimChildren({
    client,
    cache: room.pods,
    owner: replicaSet,
    selector: room.selectorOf(replicaSet),
  })
  let failure: Failure | undefined
  if (replicaSet.metadata.deletionTimestamp === undefined && podControl.expectations.isSatisfied(uid)) {
    failure = await manageReplicas(room, replicaSet, claimed.filter(isActive))
    if (failure !== undefined) log.debug('replicas not as wanted', { error: failure.error })
  }
  const status = statusOf(replicaSet, claimed, { nowMs: clock.now(), failure })
  if (!deepEqual(status, replicaSet.status)) await updateStatus(context, room.replicaSets.type, replicaSet, status)
  if (failure !== undefined) throw failure.error
  return untilAvailable(replicaSet, claimed, clock.now())
}

interface Failure {
  readonly reason: 'FailedCreate' | 'FailedDelete'
  readonly error: Error
}

async function manageReplicas(
  room: Room,
  replicaSet: ReplicaSet,
  active: readonly Pod[],
): Promise<Failure | undefined> {
  const missing = (replicaSet.spec.replicas ?? 1) - active.length
  if (missing === 0) return undefined
  try {
    if (missing > 0) {
      const pod = podFromTemplate(replicaSet, replicaSet.spec.template)
      await room.podControl.create(
        replicaSet,
        Array.from({ length: missing }, () => pod),
      )
    } else {
      const victims = active.toSorted(compareForDeletion(active, room.context.clock.now())).slice(0, -missing)
      await room.podControl.delete(replicaSet, victims)
    }
    return undefined
  } catch (error) {
    const reason = missing > 0 ? 'FailedCreate' : 'FailedDelete'
    return { reason, error: error instanceof Error ? error : new Error(messageOf(error)) }
  }
}

/** Status from the pods as the cache has them (replica_set_utils.go calculateStatus). */
function statusOf(
  replicaSet: ReplicaSet,
  claimed: readonly Pod[],
  facts: { readonly nowMs: number; readonly failure: Failure | undefined },
): NonNullable<ReplicaSet['status']> {
  const { nowMs, failure } = facts
  const active = claimed.filter(isActive)
  const { template, minReadySeconds = 0 } = replicaSet.spec
  const templateLabels = template.metadata?.labels ?? {}
  const ready = active.filter(isReady)
  const now = timestamp(nowMs)
  const old = replicaSet.status?.conditions
  const conditions = failure === undefined ? withoutCondition(old, 'ReplicaFailure') : withFailure(old, failure, now)
  const counts = {
    fullyLabeledReplicas: active.filter((pod) => hasLabels(pod.metadata.labels, templateLabels)).length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
  }
  return {
    replicas: active.length,
    ...withoutZeros(counts),
    terminatingReplicas: claimed.filter(isTerminating).length,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  }
}

/** A failure for the reason already told keeps its condition, or each attempt would change the status and call for the next (replica_set_utils.go SetCondition). */
function withFailure(old: readonly Condition[] | undefined, failure: Failure, now: string): readonly Condition[] {
  const { reason, error } = failure
  const known = conditionOf(old, 'ReplicaFailure')
  if (old !== undefined && known?.status === 'True' && known.reason === reason) return old
  return withCondition(old, { type: 'ReplicaFailure', status: 'True', reason, message: error.message }, now)
}

/** Ready pods that are not yet available make it look again when the first of them is. */
function untilAvailable(replicaSet: ReplicaSet, claimed: readonly Pod[], nowMs: number): ReconcileResult {
  const { minReadySeconds = 0 } = replicaSet.spec
  if (minReadySeconds === 0) return 'done'
  const waits = claimed
    .filter((pod) => isActive(pod) && isReady(pod))
    .map((pod) => msUntilAvailable(pod, minReadySeconds, nowMs))
    .filter((ms) => ms > 0)
  return waits.length === 0 ? 'done' : { retryAfterMs: Math.min(...waits) }
}
