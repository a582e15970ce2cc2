// StatefulSets: pods with lasting names, made and replaced in order (pkg/controller/statefulset, v1.36).
import { messageOf } from '../../../base/errors.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange, ownerRequests } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import type { Request } from '../../../reconcile/request.ts'
import {
  isStatus,
  ownedInformer,
  refOf,
  updateStatus,
  workloadController,
  type WorkloadContext,
} from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Pod, RollingUpdate } from '../kit/model.ts'
import { claimChildren } from '../kit/ownership.ts'
import { isAvailable, isFinished, isReady, isTerminating, withoutZeros } from '../kit/pod-state.ts'
import { enqueueForOrphans } from '../kit/replicas.ts'
import { scaledValue } from './rollout-arithmetic.ts'
import { keepClaims } from './stateful-claims.ts'
import { STATEFUL_NAMING, syncRevisions, trimRevisions, type ControllerRevision, type History } from './revisions.ts'
import { claimsOf, ordinalOf, revisionOf, statefulPod, type StatefulSet } from './stateful-pod.ts'

interface Room {
  readonly context: WorkloadContext
  readonly sets: Informer<StatefulSet>
  readonly pods: Informer<Pod>
  readonly revisions: Informer<ControllerRevision>
  readonly naming: typeof STATEFUL_NAMING
  readonly claims: Informer
  readonly events: EventRecorder
}

/** The StatefulSet controller. */
export async function createStatefulSetController(context: WorkloadContext): Promise<Controller> {
  const [sets, pods, revisions, claims] = await Promise.all([
    context.informers.of<StatefulSet>({ group: 'apps', kind: 'StatefulSet' }),
    ownedInformer<Pod>(context, { group: '', kind: 'Pod' }),
    ownedInformer<ControllerRevision>(context, { group: 'apps', kind: 'ControllerRevision' }),
    context.informers.of({ group: '', kind: 'PersistentVolumeClaim' }),
  ])
  const events = context.events('statefulset-controller')
  const room: Room = { context, sets, pods, revisions, naming: STATEFUL_NAMING, claims, events }
  const controller = workloadController(context, {
    name: 'statefulset',
    reconcile: (request) => reconcileStatefulSet(room, request),
  })
  enqueueOnChange(sets, controller)
  enqueueOnChange(pods, controller, ownerRequests('StatefulSet'))
  enqueueForOrphans(pods, sets, controller, ({ spec }) => spec.selector)
  return controller
}

async function reconcileStatefulSet(room: Room, request: Request): Promise<ReconcileResult> {
  const set = room.sets.get(request.namespace, request.name)
  if (set === undefined) return 'done'
  const { client, clock } = room.context
  const pods = await claimChildren({ client, cache: room.pods, owner: set, selector: set.spec.selector })
  const history = await syncRevisions(room, set)
  const current = currentRevision(set, history)
  const scope = { room, set, pods, update: history.update, current }
  if (set.metadata.deletionTimestamp === undefined) {
    await keepClaims(room, set, pods)
    await act(scope)
  }
  const status = { ...statusOf(scope, clock.now()), collisionCount: history.collisionCount ?? 0 }
  if (!deepEqual(status, set.status)) await updateStatus(room.context, room.sets.type, set, status)
  const inUse = new Set([current.metadata.name ?? '', ...pods.map((pod) => revisionOf(pod) ?? '')])
  await trimRevisions(room, set, { history, inUse })
  return (set.spec.minReadySeconds ?? 0) > 0 && status.availableReplicas !== status.readyReplicas
    ? { retryAfterMs: 1000 }
    : 'done'
}

interface Scope {
  readonly room: Room
  readonly set: StatefulSet
  readonly pods: readonly Pod[]
  readonly update: ControllerRevision
  readonly current: ControllerRevision
}

function currentRevision(set: StatefulSet, history: History): ControllerRevision {
  return history.all.find((one) => one.metadata.name === set.status?.currentRevision) ?? history.update
}

/** One step: the first thing that is not as it should be; with Parallel management all of them at once. */
async function act(scope: Scope): Promise<void> {
  const { set } = scope
  const isParallel = set.spec.podManagementPolicy === 'Parallel'
  const { start, end } = ordinals(set)
  const byOrdinal = new Map(scope.pods.map((pod) => [ordinalOf(set, pod), pod]))
  for (let ordinal = start; ordinal < end; ordinal++) {
    const settled = await settle(scope, ordinal, byOrdinal.get(ordinal))
    if (!settled && !isParallel) return
  }
  const condemned = scope.pods.filter((pod) => ordinalOf(set, pod) < start || ordinalOf(set, pod) >= end)
  for (const pod of condemned.toSorted((a, b) => ordinalOf(set, b) - ordinalOf(set, a))) {
    if (!isTerminating(pod)) await remove(scope, pod)
    if (!isParallel) return
  }
  await replaceOutdated(scope, byOrdinal)
}

function ordinals(set: StatefulSet): { readonly start: number; readonly end: number } {
  const start = set.spec.ordinals?.start ?? 0
  return { start, end: start + (set.spec.replicas ?? 1) }
}

/** Makes a missing pod, replaces a finished one; true once it is there and available. */
async function settle(scope: Scope, ordinal: number, pod: Pod | undefined): Promise<boolean> {
  const { set, room } = scope
  if (pod === undefined) {
    await make(scope, ordinal)
    return false
  }
  if (isTerminating(pod)) return false
  if (isFinished(pod)) {
    room.events.record(set, {
      type: 'Warning',
      reason: 'RecreatingFailedPod',
      message: `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating failed Pod ${pod.metadata.name}`,
    })
    await remove(scope, pod)
    return false
  }
  return isUp(set, pod, room.context.clock.now())
}

/** Ordinals below the partition, and all while the set is at its current revision, keep that one. */
async function make(scope: Scope, ordinal: number): Promise<void> {
  const { room, set, update, current } = scope
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  const isOld = set.spec.updateStrategy?.type !== 'OnDelete' && ordinal < partition
  const revision = isOld ? current : update
  for (const claim of claimsOf(set, ordinal)) await ensureClaim(room, set, claim)
  const pod = statefulPod(set, ordinal, revision)
  const { name } = pod.metadata
  try {
    await room.context.client.create(room.pods.type, pod)
    room.events.record(set, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `create Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    })
  } catch (error) {
    if (isStatus(error, 409)) return
    room.events.record(set, {
      type: 'Warning',
      reason: 'FailedCreate',
      message: `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${messageOf(error)}`,
    })
    throw error
  }
}

async function ensureClaim(room: Room, set: StatefulSet, claim: KubeObject): Promise<void> {
  if (room.claims.get(claim.metadata.namespace, claim.metadata.name ?? '') !== undefined) return
  try {
    await room.context.client.create(room.claims.type, claim)
    const message = `create Claim ${claim.metadata.name} Pod in StatefulSet ${set.metadata.name} success`
    room.events.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message })
  } catch (error) {
    // Claims outlive their pods: it may be there from before.
    if (!isStatus(error, 409)) throw error
  }
}

async function remove({ room, set }: Scope, pod: Pod): Promise<void> {
  const { uid = '', name } = pod.metadata
  await room.context.client.delete(refOf(room.pods.type, pod), { preconditions: { uid } })
  room.events.record(set, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`,
  })
}

/** From the highest ordinal down to the partition, as many at a time as may be unavailable. */
async function replaceOutdated(scope: Scope, byOrdinal: ReadonlyMap<number, Pod>): Promise<void> {
  const { set, update, room } = scope
  const { type, rollingUpdate = {} } = set.spec.updateStrategy ?? {}
  if (type === 'OnDelete') return
  const { start, end } = ordinals(set)
  const lowest = Math.max(start, rollingUpdate.partition ?? 0)
  let left = atOnce(rollingUpdate, end - start)
  for (let ordinal = end - 1; ordinal >= lowest && left > 0; ordinal--) {
    const pod = byOrdinal.get(ordinal)
    if (pod === undefined) return
    const isOld = revisionOf(pod) !== update.metadata.name && !isTerminating(pod)
    if (isOld) await remove(scope, pod)
    if (isOld || !isUp(set, pod, room.context.clock.now())) left--
  }
}

/** How many pods may be away: one at least (getStatefulSetMaxUnavailable). */
function atOnce({ maxUnavailable = 1 }: RollingUpdate, replicas: number): number {
  return Math.max(1, scaledValue(maxUnavailable, replicas, false))
}

function isUp(set: StatefulSet, pod: Pod, nowMs: number): boolean {
  return isAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)
}

function statusOf({ set, pods, update, current }: Scope, nowMs: number): NonNullable<StatefulSet['status']> {
  const living = pods.filter((pod) => !isTerminating(pod))
  const atRevision = (revision: ControllerRevision): number =>
    living.filter((pod) => revisionOf(pod) === revision.metadata.name).length
  const ready = living.filter(isReady)
  const updated = atRevision(update)
  const wanted = set.spec.replicas ?? 1
  const isComplete = isRolledOut(set) && [updated, ready.length, pods.length].every((count) => count === wanted)
  const shown = isComplete ? update : current
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    ...withoutZeros({ readyReplicas: ready.length, currentReplicas: atRevision(shown), updatedReplicas: updated }),
    currentRevision: shown.metadata.name ?? '',
    updateRevision: update.metadata.name ?? '',
    availableReplicas: ready.filter((pod) => isUp(set, pod, nowMs)).length,
  }
}

/** When all pods are new the update revision becomes the current one (completeRollingUpdate). */
function isRolledOut(set: StatefulSet): boolean {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {}
  return type !== 'OnDelete' && (rollingUpdate?.partition ?? 0) === 0
}
