// The disruption budget of a pod that is to be evicted: may it go, and what is left then (eviction.go checkAndDecrement, kubernetes v1.36.3).
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { labelSelectorOf, matchesLabels, type LabelSelectorObject } from '../../../kube/selector.ts'
import type { Call } from '../call.ts'
import { trackUpdate } from '../managed-fields.ts'
import { ApiError, forbidden, noSuchResource } from '../status.ts'
import { timeText } from '../strategy.ts'
import { storeObject } from '../write-object.ts'

/** MaxDisruptedPodSize: so many evictions that its controller has not seen are too many. */
export const MAX_DISRUPTED_PODS = 2000
/** What clients should wait while a budget is being looked at. */
const RETRY_SECONDS = 10
const REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget."

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
  readonly lastTransitionTime?: string
}

interface BudgetStatus {
  readonly observedGeneration?: number
  readonly disruptionsAllowed?: number
  readonly currentHealthy?: number
  readonly desiredHealthy?: number
  readonly disruptedPods?: Readonly<Record<string, string>>
  readonly conditions?: readonly Condition[]
}

export interface Budget extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelectorObject; readonly unhealthyPodEvictionPolicy?: string }
  readonly status?: BudgetStatus
}

/** The budgets that select a pod. */
export function budgetsOf(call: Call, pod: KubeObject): readonly Budget[] {
  const { store, codec } = call.server
  const all = store.list({ prefix: `policy/poddisruptionbudgets/${call.namespace}/` }).items
  return all
    .map((stored) => codec.parse(stored) as Budget)
    .filter((budget) => matchesLabels(labelSelectorOf(budget.spec?.selector), pod.metadata.labels))
}

export interface Disruption {
  /** Of the pod that goes. */
  readonly name: string
  readonly isReady: boolean
  readonly nowMs: number
}

/** The budget with one disruption less; undefined where this pod takes none. Throws 429 where none is left, or it is not known yet. */
export function spendBudget(budget: Budget, disruption: Disruption): Budget | undefined {
  if (!disruption.isReady && mayGoUnhealthy(budget)) return undefined
  const { status = {} } = budget
  checkAllowed(budget, status)
  const left = (status.disruptionsAllowed ?? 0) - 1
  const now = timeText(disruption.nowMs)
  const conditions = left > 0 ? status.conditions : exhausted(status, now)
  const next: BudgetStatus = {
    ...status,
    disruptionsAllowed: left,
    disruptedPods: { ...status.disruptedPods, [disruption.name]: now },
    ...(conditions === undefined ? {} : { conditions }),
  }
  return { ...budget, status: next }
}

function checkAllowed({ metadata }: Budget, status: BudgetStatus): void {
  const { name = '', generation = 0 } = metadata
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {} } = status
  if (observedGeneration < generation) throw unknownYet(name)
  const resource = { group: 'policy', resource: 'poddisruptionbudget' }
  if (disruptionsAllowed < 0) throw forbidden(resource, name, 'pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbidden(resource, name, why)
  }
  if (disruptionsAllowed === 0) throw tooManyRequests(refusalOf(name, status))
}

/** A pod that is not ready is no loss: where the policy says so, or while enough others are. */
function mayGoUnhealthy({ spec, status = {} }: Budget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

function refusalOf(name: string, status: BudgetStatus): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions = [] } = status
  const condition = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const { reason = '', message = '' } = condition?.status === 'False' ? condition : {}
  const subject = `The disruption budget ${name}`
  if (message !== '' && reason === 'SyncFailed') {
    return `${subject} does not allow evicting pods currently because it failed sync: ${message}`
  }
  if (currentHealthy <= desiredHealthy) {
    return `${subject} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  }
  const more = message === '' ? '' : ` (${reason}): ${message}`
  return `${subject} does not allow evicting pods currently${more}`
}

function tooManyRequests(why: string): ApiError {
  return new ApiError(429, 'TooManyRequests', REFUSAL, { details: { causes: [cause(why)] } })
}

function unknownYet(name: string): ApiError {
  const causes = [cause(`The disruption budget ${name} is still being processed by the server.`)]
  return new ApiError(429, 'TooManyRequests', REFUSAL, {
    details: { causes, retryAfterSeconds: RETRY_SECONDS },
    headers: { 'retry-after': String(RETRY_SECONDS) },
  })
}

function cause(message: string): JsonObject {
  return { reason: 'DisruptionBudget', message }
}

function exhausted(status: BudgetStatus, now: string): readonly Condition[] {
  const conditions = status.conditions ?? []
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const next: Condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status.observedGeneration ?? 0,
    lastTransitionTime: old?.status === 'False' ? (old.lastTransitionTime ?? now) : now,
    reason: 'InsufficientPods',
    message: '',
  }
  return [...conditions.filter((one) => one !== old), next]
}

/** Writes the status of a budget that was spent. */
export function storedBudget(call: Call, budget: Budget): Promise<KubeObject> {
  const { server, namespace } = call
  const resource = server.registry.find('policy', 'v1', 'poddisruptionbudgets')
  const key = `policy/poddisruptionbudgets/${namespace}/${budget.metadata.name ?? ''}`
  const stored = server.store.get(key)
  if (resource === undefined || stored === undefined) throw noSuchResource()
  const live = server.codec.parse(stored)
  const nowMs = server.clock.now()
  const object = trackUpdate({
    live,
    object: budget,
    manager: 'kube-apiserver',
    subresource: 'status',
    resource,
    nowMs,
  })
  return storeObject({ ...call, resource }, { key, object, expected: stored.revision })
}
