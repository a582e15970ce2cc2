// Deployments: rolls a template out over ReplicaSets (pkg/controller/deployment, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { enqueueOnChange, ownerRequests } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import type { Request } from '../../../reconcile/request.ts'
import { ownedInformer, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Condition, Deployment, Pod, ReplicaSet } from '../kit/model.ts'
import { claimChildren, controllerOf } from '../kit/ownership.ts'
import { conditionOf, isFinished } from '../kit/pod-state.ts'
import {
  createNewSet,
  findNewSet,
  refreshNewSet,
  removeHistory,
  resize,
  REVISION,
  revisionOf,
  type SetsRoom,
} from './deployment-sets.ts'
import {
  countedStatus,
  deadlineMs,
  hasDeadline,
  progressing,
  putCondition,
  rolloutStatus,
  type RolloutView,
} from './deployment-status.ts'
import {
  DESIRED_REPLICAS,
  isComplete,
  newSetSize,
  proportionalSizes,
  replicasOf,
  shrinkOldSets,
  type Scaling,
} from './rollout-arithmetic.ts'

interface Room extends SetsRoom {
  readonly deployments: Informer<Deployment>
  readonly pods: Informer<Pod>
}

/** What one reconcile finds out and changes on its way; the status is written from it once, at the end. */
interface Scope {
  readonly room: Room
  deployment: Deployment
  newSet: ReplicaSet | undefined
  old: readonly ReplicaSet[]
  conditions: readonly Condition[]
  collisionCount: number | undefined
  /** The revision annotation the Deployment came with. */
  readonly cachedRevision: string | undefined
}

/** The Deployment controller. */
export async function createDeploymentController(context: WorkloadContext): Promise<Controller> {
  const [deployments, replicaSets, pods] = await Promise.all([
    context.informers.of<Deployment>({ group: 'apps', kind: 'Deployment' }),
    ownedInformer<ReplicaSet>(context, { group: 'apps', kind: 'ReplicaSet' }),
    ownedInformer<Pod>(context, { group: '', kind: 'Pod' }),
  ])
  const room: Room = { context, deployments, replicaSets, pods, events: context.events('deployment-controller') }
  const controller = workloadController(context, {
    name: 'deployment',
    reconcile: (request) => reconcileDeployment(room, request),
  })
  enqueueOnChange(deployments, controller)
  enqueueOnChange(replicaSets, controller, ownerRequests('Deployment'))
  enqueueWhenPodsGo(room, controller)
  return controller
}

/** A Recreate rollout goes on when the last old pod is gone. */
function enqueueWhenPodsGo(room: Room, controller: Controller): void {
  room.pods.onChange(({ type, object }) => {
    if (type !== 'DELETED') return
    const namespace = object.metadata.namespace ?? ''
    const set = room.replicaSets.get(namespace, controllerOf(object)?.name ?? '')
    const owner = set === undefined ? undefined : controllerOf(set)
    if (owner?.kind === 'Deployment') controller.enqueue({ namespace, name: owner.name })
  })
}

async function reconcileDeployment(room: Room, request: Request): Promise<ReconcileResult> {
  const deployment = room.deployments.get(request.namespace, request.name)
  if (deployment === undefined) return 'done'
  const { client } = room.context
  const { selector } = deployment.spec
  const sets = await claimChildren({ client, cache: room.replicaSets, owner: deployment, selector })
  const newSet = findNewSet(deployment, sets)
  const scope: Scope = {
    room,
    deployment,
    newSet,
    old: sets.filter((set) => set !== newSet),
    conditions: deployment.status?.conditions ?? [],
    collisionCount: deployment.status?.collisionCount,
    cachedRevision: deployment.metadata.annotations?.[REVISION],
  }
  if (deployment.metadata.deletionTimestamp !== undefined) return writeStatus(scope, countedStatus)
  notePause(scope)
  if (deployment.spec.paused === true || isScalingEvent(deployment, sets)) return scaleOnly(scope)
  return deployment.spec.strategy?.type === 'Recreate' ? recreate(scope) : rollOver(scope)
}

/** Pausing stops the deadline, resuming starts it anew (checkPausedConditions). */
function notePause(scope: Scope): void {
  const { deployment, room } = scope
  const current = conditionOf(scope.conditions, 'Progressing')
  if (!hasDeadline(deployment) || current?.reason === 'ProgressDeadlineExceeded') return
  const wasPaused = current?.reason === 'DeploymentPaused'
  const isPaused = deployment.spec.paused === true
  if (wasPaused === isPaused) return
  const next = isPaused
    ? progressing('Unknown', 'DeploymentPaused', 'Deployment is paused')
    : progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed')
  scope.conditions = putCondition(scope.conditions, next, room.context.clock.now())
}

/** The Deployment's size has changed since its ReplicaSets were last resized. */
function isScalingEvent(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  const wanted = String(deployment.spec.replicas ?? 1)
  return sets.some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS]
    return replicasOf(set) > 0 && desired !== undefined && desired !== wanted
  })
}

async function scaleOnly(scope: Scope): Promise<ReconcileResult> {
  if (scope.newSet !== undefined) await takeNewSet(scope, scope.newSet)
  for (const { replicaSet, replicas } of scaledSizes(scope)) await resizeIn(scope, replicaSet, replicas)
  if (scope.deployment.spec.paused === true) await removeHistory(scope.room, scope.deployment, scope.old)
  return writeStatus(scope, countedStatus)
}

/** One active ReplicaSet takes the whole size, several share it (sync.go scale). */
function scaledSizes(scope: Scope): readonly Scaling[] {
  const { deployment, newSet, old } = scope
  const all = allSets(scope)
  const active = all.filter((set) => replicasOf(set) > 0)
  const latest = newSet ?? old.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0]
  const only = active.length <= 1 ? (active[0] ?? latest) : undefined
  if (only !== undefined) return [{ replicaSet: only, replicas: deployment.spec.replicas ?? 1 }]
  if (isSaturated(scope)) return old.map((replicaSet) => ({ replicaSet, replicas: 0 }))
  return deployment.spec.strategy?.type === 'Recreate' ? [] : proportionalSizes(deployment, all)
}

function isSaturated(scope: Scope): boolean {
  const { newSet, deployment } = scope
  if (newSet === undefined) return false
  const wanted = deployment.spec.replicas ?? 1
  const desired = newSet.metadata.annotations?.[DESIRED_REPLICAS]
  return replicasOf(newSet) === wanted && desired === String(wanted) && newSet.status?.availableReplicas === wanted
}

async function recreate(scope: Scope): Promise<ReconcileResult> {
  if (scope.newSet !== undefined) await takeNewSet(scope, scope.newSet)
  let shrunk = false
  for (const set of scope.old.filter((one) => replicasOf(one) > 0)) {
    await resizeIn(scope, set, 0)
    shrunk = true
  }
  if (shrunk || hasOldPods(scope)) return writeStatus(scope, rolloutStatus)
  if (!(await ensureNewSet(scope, scope.deployment.spec.replicas ?? 1))) return { retryAfterMs: 1 }
  if (scope.newSet !== undefined) await resizeIn(scope, scope.newSet, scope.deployment.spec.replicas ?? 1)
  return finish(scope)
}

function hasOldPods({ old, room }: Scope): boolean {
  return old.some((set) => {
    if ((set.status?.replicas ?? 0) > 0) return true
    return [...room.pods.byIndex('controller', set.metadata.uid ?? '')].some((pod) => !isFinished(pod))
  })
}

async function rollOver(scope: Scope): Promise<ReconcileResult> {
  const { deployment } = scope
  if (!(await ensureNewSet(scope, undefined)) || scope.newSet === undefined) return { retryAfterMs: 1 }
  const size = newSetSize(deployment, allSets(scope), scope.newSet)
  const wanted = deployment.spec.replicas ?? 1
  const next = replicasOf(scope.newSet) > wanted ? wanted : size
  if (next !== replicasOf(scope.newSet)) {
    await resizeIn(scope, scope.newSet, next)
    return writeStatus(scope, rolloutStatus)
  }
  const shrinking = shrinkOldSets(deployment, scope.newSet, scope.old)
  for (const { replicaSet, replicas } of shrinking) await resizeIn(scope, replicaSet, replicas)
  return shrinking.length > 0 ? writeStatus(scope, rolloutStatus) : finish(scope)
}

async function finish(scope: Scope): Promise<ReconcileResult> {
  const status = countedStatus(viewOf(scope))
  if (isComplete(scope.deployment, status)) await removeHistory(scope.room, scope.deployment, scope.old)
  return writeStatus(scope, rolloutStatus)
}

/** False after a name collision: the status then carries the next collision count. */
async function ensureNewSet(scope: Scope, size: number | undefined): Promise<boolean> {
  if (scope.newSet !== undefined) {
    await takeNewSet(scope, scope.newSet)
    return true
  }
  const { room, deployment, old, collisionCount } = scope
  const empty = { spec: { replicas: 0, selector: {}, template: deployment.spec.template } } as unknown as ReplicaSet
  const replicas = size ?? newSetSize(deployment, old, empty)
  const made = await createNewSet(room, deployment, { old, replicas, collisionCount })
  if ('collided' in made) {
    scope.collisionCount = (collisionCount ?? 0) + 1
    await writeStatus(scope, countedStatus)
    return false
  }
  scope.newSet = made.set
  if (hasDeadline(deployment)) {
    const message = `Created new replica set "${made.set.metadata.name}"`
    const condition = progressing('True', 'NewReplicaSetCreated', message)
    scope.conditions = putCondition(scope.conditions, condition, room.context.clock.now())
  }
  keepRevision(scope, made.set)
  return true
}

/** An existing new ReplicaSet: its revision becomes the Deployment's. */
async function takeNewSet(scope: Scope, set: ReplicaSet): Promise<void> {
  const { room, deployment, old } = scope
  scope.newSet = await refreshNewSet(room, deployment, { set, old })
  if (hasDeadline(deployment) && conditionOf(scope.conditions, 'Progressing') === undefined) {
    const message = `Found new replica set "${set.metadata.name}"`
    scope.conditions = putCondition(
      scope.conditions,
      progressing('True', 'FoundNewReplicaSet', message),
      room.context.clock.now(),
    )
  }
  keepRevision(scope, scope.newSet)
}

/** Written together with the status: an annotation written by itself would raise the Deployment's generation. */
function keepRevision(scope: Scope, newSet: ReplicaSet): void {
  const { metadata } = scope.deployment
  const revision = newSet.metadata.annotations?.[REVISION]
  if (revision === undefined || metadata.annotations?.[REVISION] === revision) return
  const annotations = { ...metadata.annotations, [REVISION]: revision }
  scope.deployment = { ...scope.deployment, metadata: { ...metadata, annotations } }
}

async function resizeIn(scope: Scope, set: ReplicaSet, replicas: number): Promise<void> {
  const resized = await resize(scope.room, scope.deployment, { replicaSet: set, replicas })
  if (scope.newSet === set) scope.newSet = resized
  else scope.old = scope.old.map((one) => (one === set ? resized : one))
}

async function writeStatus(
  scope: Scope,
  compute: (view: RolloutView) => NonNullable<Deployment['status']>,
): Promise<ReconcileResult> {
  const { room, deployment } = scope
  const status = compute(viewOf(scope))
  const revision = deployment.metadata.annotations?.[REVISION]
  const isSame = deepEqual(status, deployment.status) && revision === scope.cachedRevision
  if (!isSame) await updateStatus(room.context, room.deployments.type, deployment, status)
  const retryAfterMs = deadlineMs(deployment, status, room.context.clock.now())
  return retryAfterMs === undefined ? 'done' : { retryAfterMs }
}

function viewOf(scope: Scope): RolloutView {
  const { deployment, newSet, conditions, collisionCount, room } = scope
  return { deployment, newSet, all: allSets(scope), conditions, collisionCount, nowMs: room.context.clock.now() }
}

function allSets({ newSet, old }: Scope): readonly ReplicaSet[] {
  return newSet === undefined ? old : [...old, newSet]
}
