// PodDisruptionBudgets: how many pods are healthy, must be, and may be evicted (pkg/controller/disruption, v1.36.3).
import { messageOf } from '../../../base/errors.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { labelSelectorOf, matchesLabels, type LabelSelectorObject } from '../../../kube/selector.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { scaledValue } from '../apps/rollout-arithmetic.ts'
import { isStatus, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Condition, IntOrString, Pod } from '../kit/model.ts'
import { printedSelector } from '../kit/printed-selector.ts'
import { conditionOf, isReady, isTerminating, timestamp, withoutCondition } from '../kit/pod-state.ts'
import { createOwnerScales, type OwnerScales } from './owner-scale.ts'

/** A pod that was to be evicted and is still there after this long is counted again (DeletionTimeout). */
const DELETION_TIMEOUT_MS = 120_000

interface BudgetStatus {
  readonly observedGeneration?: number
  readonly disruptedPods?: Readonly<Record<string, string>>
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  readonly expectedPods: number
  readonly conditions?: readonly Condition[]
}

interface Budget extends KubeObject {
  readonly spec: {
    readonly selector?: LabelSelectorObject
    readonly minAvailable?: IntOrString
    readonly maxUnavailable?: IntOrString
  }
  readonly status?: BudgetStatus
}

interface Room {
  readonly context: WorkloadContext
  readonly budgets: Informer<Budget>
  readonly pods: Informer<Pod>
  readonly scales: OwnerScales
  readonly events: EventRecorder
}

/** The disruption controller. */
export async function createDisruptionController(context: WorkloadContext): Promise<Controller> {
  const byNamespace = { namespace: (object: KubeObject) => [object.metadata.namespace ?? ''] }
  const [budgets, pods, scales] = await Promise.all([
    context.informers.of<Budget>({ group: 'policy', kind: 'PodDisruptionBudget', indexes: byNamespace }),
    context.informers.of<Pod>({ group: '', kind: 'Pod', indexes: byNamespace }),
    createOwnerScales(context),
  ])
  const room: Room = { context, budgets, pods, scales, events: context.events('controllermanager') }
  const controller = workloadController(context, {
    name: 'disruption',
    reconcile: (request) => reconcileBudget(room, request),
  })
  enqueueOnChange(budgets, controller)
  pods.onChange(({ object, old }) => {
    for (const budget of budgets.byIndex('namespace', object.metadata.namespace ?? '')) {
      if (selectsPod(budget, object) || (old !== undefined && selectsPod(budget, old))) {
        controller.enqueue(requestFor(budget))
      }
    }
  })
  return controller
}

function selectsPod(budget: Budget, pod: Pod): boolean {
  return matchesLabels(labelSelectorOf(budget.spec.selector), pod.metadata.labels)
}

async function reconcileBudget(room: Room, request: Request): Promise<ReconcileResult> {
  const budget = room.budgets.get(request.namespace, request.name)
  if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return 'done'
  try {
    return await count(room, budget)
  } catch (error) {
    // A conflict is no reason to close the budget: the next look has the newer object.
    if (isStatus(error, 409)) throw error
    await failSafe(room, budget, messageOf(error))
    return 'done'
  }
}

async function count(room: Room, budget: Budget): Promise<ReconcileResult> {
  const { context, pods: informer } = room
  const nowMs = context.clock.now()
  const pods = [...informer.byIndex('namespace', budget.metadata.namespace ?? '')].filter((pod) =>
    selectsPod(budget, pod),
  )
  if (pods.length === 0) {
    room.events.record(budget, { type: 'Normal', reason: 'NoPods', message: 'No matching pods found' })
  }
  const expected = await expectedPods(room, budget, pods)
  const disrupted = disruptedPods(room, budget, { pods, nowMs })
  const healthy = pods.filter(
    (pod) => !isTerminating(pod) && disrupted[pod.metadata.name ?? ''] === undefined && isReady(pod),
  )
  const status = statusOf(budget, { ...expected, currentHealthy: healthy.length, disrupted }, timestamp(nowMs))
  if (!deepEqual(status, budget.status)) await updateStatus(context, room.budgets.type, budget, status)
  const recheckAt = Object.values(disrupted).map((time) => Date.parse(time) + DELETION_TIMEOUT_MS)
  return recheckAt.length === 0 ? 'done' : { retryAfterMs: Math.max(1, Math.min(...recheckAt) - nowMs) }
}

interface Expected {
  readonly expectedPods: number
  readonly desiredHealthy: number
}

async function expectedPods(room: Room, budget: Budget, pods: readonly Pod[]): Promise<Expected> {
  const { minAvailable, maxUnavailable } = budget.spec
  if (maxUnavailable !== undefined) {
    const total = await scaleOfOwners(room, budget, pods)
    return { expectedPods: total, desiredHealthy: Math.max(0, total - scaledValue(maxUnavailable, total, true)) }
  }
  if (typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable }
  if (minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 }
  const total = await scaleOfOwners(room, budget, pods)
  return { expectedPods: total, desiredHealthy: scaledValue(minAvailable, total, true) }
}

/** How many pods the controllers of these pods want together; pods without one count for nothing. */
async function scaleOfOwners({ scales, events }: Room, budget: Budget, pods: readonly Pod[]): Promise<number> {
  try {
    const { total, unmanaged } = await scales.totalOf(pods)
    if (unmanaged.length > 0) {
      const selector = printedSelector(budget.spec.selector)
      const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`
      events.record(budget, { type: 'Warning', reason: 'UnmanagedPods', message })
    }
    return total
  } catch (error) {
    const message = `Failed to calculate the number of expected pods: ${messageOf(error)}`
    events.record(budget, { type: 'Warning', reason: 'CalculateExpectedPodCountFailed', message })
    throw error
  }
}

/** Pods whose eviction was allowed and that are still there, for as long as that may take. */
function disruptedPods(
  { events }: Room,
  budget: Budget,
  { pods, nowMs }: { readonly pods: readonly Pod[]; readonly nowMs: number },
): Readonly<Record<string, string>> {
  const known = budget.status?.disruptedPods ?? {}
  const left: Record<string, string> = {}
  for (const pod of pods) {
    const time = known[pod.metadata.name ?? '']
    if (time === undefined || isTerminating(pod)) continue
    if (Date.parse(time) + DELETION_TIMEOUT_MS >= nowMs) {
      left[pod.metadata.name ?? ''] = time
      continue
    }
    const { namespace } = budget.metadata
    // Upstream names the namespace twice.
    const message = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`
    events.record(pod, { type: 'Warning', reason: 'NotDeleted', message })
  }
  return left
}

function statusOf(
  budget: Budget,
  facts: Expected & { readonly currentHealthy: number; readonly disrupted: Readonly<Record<string, string>> },
  now: string,
): BudgetStatus {
  const { expectedPods: expected, desiredHealthy, currentHealthy, disrupted } = facts
  // A budget that selects nothing yet allows nothing: its first pods must not go before they are counted.
  const disruptionsAllowed = expected <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy)
  const observedGeneration = budget.metadata.generation ?? 0
  const allowed = disruptionsAllowed > 0
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status: allowed ? 'True' : 'False',
    observedGeneration,
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  }
  return {
    observedGeneration,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy,
    expectedPods: expected,
    conditions: putCondition(budget.status?.conditions, condition, now),
  }
}

/** apimeta.SetStatusCondition. */
function putCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
  now: string,
): readonly Condition[] {
  const old = conditionOf(conditions, condition.type)
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now
  return [...withoutCondition(conditions, condition.type), { ...condition, lastTransitionTime }]
}

/** Where nobody knows how many pods there should be, none may be evicted. */
async function failSafe(room: Room, budget: Budget, why: string): Promise<void> {
  const { status } = budget
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status?.observedGeneration ?? 0,
    reason: 'SyncFailed',
    message: why,
  }
  const now = timestamp(room.context.clock.now())
  const closed: BudgetStatus = {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...status,
    disruptionsAllowed: 0,
    conditions: putCondition(status?.conditions, condition, now),
  }
  if (!deepEqual(closed, status)) await updateStatus(room.context, room.budgets.type, budget, closed)
}
