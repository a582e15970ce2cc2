// HorizontalPodAutoscalers on simulated figures: sizes workloads by what their pods seem to use (podautoscaler/horizontal.go, v1.36.3).
import { messageOf } from '../../../base/errors.ts'
import type { ResourceRef } from '../../../kube/client/client.ts'
import type { Informer } from '../../../kube/client/informer.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import { splitApiVersion, type JsonObject, type KubeObject } from '../../../kube/object.ts'
import { matchesLabels, parseLabelSelector, type LabelSelector } from '../../../kube/selector.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { EventRecord, EventRecorder } from '../../../reconcile/events.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import type { Condition, Pod } from '../kit/model.ts'
import { conditionOf, timestamp, withoutCondition } from '../kit/pod-state.ts'
import { proposeReplicas } from './metric-proposals.ts'
import type { Autoscaler, AutoscalerStatus, Scale } from './model.ts'
import { decide, newHistory, rememberScale, type ScalingHistory, type ScalingRequest } from './scaling-rules.ts'
import { isSameUsage } from './simulated-usage.ts'

/** horizontal-pod-autoscaler-sync-period. */
const SYNC_MS = 15_000

/** What is remembered of an autoscaler between two looks. */
interface Memory {
  readonly history: ScalingHistory
  selector: string
}

interface Room {
  readonly context: WorkloadContext
  readonly autoscalers: Informer<Autoscaler>
  readonly pods: Informer<Pod>
  readonly events: EventRecorder
  readonly memories: Map<string, Memory>
}

/** One look at one autoscaler; its status is written from it once, at the end. */
interface Scope {
  readonly room: Room
  readonly autoscaler: Autoscaler
  readonly nowMs: number
  conditions: readonly Condition[]
  status: Omit<AutoscalerStatus, 'conditions'>
}

/** The autoscaler controller. It looks every 15 s, and at once when a pod's figures change. */
export async function createAutoscalerController(context: WorkloadContext): Promise<Controller> {
  const byNamespace = { namespace: (object: KubeObject) => [object.metadata.namespace ?? ''] }
  const [autoscalers, pods] = await Promise.all([
    context.informers.of<Autoscaler>({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler', indexes: byNamespace }),
    context.informers.of<Pod>({ group: '', kind: 'Pod', indexes: byNamespace }),
  ])
  const events = context.events('horizontal-pod-autoscaler')
  const room: Room = { context, autoscalers, pods, events, memories: new Map() }
  const controller = workloadController(context, {
    name: 'horizontal-pod-autoscaler',
    reconcile: (request) => reconcileAutoscaler(room, request),
  })
  enqueueOnChange(autoscalers, controller, ({ type, object, old }) =>
    type === 'MODIFIED' && old !== undefined && deepEqual(old.spec, object.spec) ? [] : [requestFor(object)],
  )
  pods.onChange(({ object, old }) => {
    if (old === undefined || isSameUsage(old, object)) return
    for (const one of autoscalers.byIndex('namespace', object.metadata.namespace ?? '')) {
      controller.enqueue(requestFor(one))
    }
  })
  return controller
}

async function reconcileAutoscaler(room: Room, request: Request): Promise<ReconcileResult> {
  const autoscaler = room.autoscalers.get(request.namespace, request.name)
  if (autoscaler === undefined) {
    room.memories.delete(keyOf(request.namespace, request.name))
    return 'done'
  }
  const { status } = autoscaler
  const scope: Scope = {
    room,
    autoscaler,
    nowMs: room.context.clock.now(),
    conditions: status?.conditions ?? [],
    status: { desiredReplicas: 0, ...status },
  }
  await look(scope)
  const next: AutoscalerStatus = { ...scope.status, conditions: scope.conditions }
  if (!deepEqual(next, status)) await updateStatus(room.context, room.autoscalers.type, autoscaler, next)
  return { retryAfterMs: SYNC_MS }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

async function look(scope: Scope): Promise<void> {
  const target = await readTarget(scope)
  if (target === undefined) return
  setCondition(scope, 'AbleToScale', true, [
    'SucceededGetScale',
    "the HPA controller was able to get the target's current scale",
  ])
  const current = target.scale.spec?.replicas ?? 0
  const memory = memoryOf(scope, current)
  const wanted = wantedSize(scope, target.scale, memory)
  if (wanted === undefined) return
  if (wanted.replicas === current) {
    scope.status = { ...scope.status, currentReplicas: current, desiredReplicas: current }
    return
  }
  await rescale(scope, target, { ...wanted, memory })
}

function memoryOf({ room, autoscaler, nowMs }: Scope, current: number): Memory {
  const { namespace = '', name = '' } = autoscaler.metadata
  const known = room.memories.get(keyOf(namespace, name))
  if (known !== undefined) return known
  const memory: Memory = { history: newHistory(current, nowMs), selector: '' }
  room.memories.set(keyOf(namespace, name), memory)
  return memory
}

interface Target {
  readonly ref: ResourceRef
  readonly scale: Scale
}

async function readTarget(scope: Scope): Promise<Target | undefined> {
  const { room, autoscaler } = scope
  const { kind, name, apiVersion = '' } = autoscaler.spec.scaleTargetRef
  const { group } = splitApiVersion(apiVersion)
  const { client } = room.context
  try {
    const type = await client.resourceOf({ group, kind })
    if (type === undefined) throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`) // prettier-ignore
    const ref = { type, name, namespace: autoscaler.metadata.namespace ?? '', subresource: 'scale' }
    const scale = (await client.get(ref)) as Scale | undefined
    const plural = group === '' ? type.resource : `${type.resource}.${group}`
    if (scale === undefined) throw new Error(`${plural} "${name}" not found`)
    return { ref, scale }
  } catch (error) {
    const why = messageOf(error)
    record(scope, { type: 'Warning', reason: 'FailedGetScale', message: why })
    const message = `the HPA controller was unable to get the target's current scale: ${why}`
    setCondition(scope, 'AbleToScale', false, ['FailedGetScale', message])
    return undefined
  }
}

interface Wanted {
  readonly replicas: number
  readonly reason: string
  readonly request: ScalingRequest
}

/** The size it should have; undefined where nothing is to be changed, and the status says why. */
function wantedSize(scope: Scope, scale: Scale, memory: Memory): Wanted | undefined {
  const { autoscaler, nowMs } = scope
  const { minReplicas: min = 1, maxReplicas: max, behavior } = autoscaler.spec
  const current = scale.spec?.replicas ?? 0
  const request: ScalingRequest = { current, desired: current, min, max, behavior, nowMs }
  const outside =
    current > max ? (['above Spec.MaxReplicas', max] as const) : (['below Spec.MinReplicas', min] as const)
  if (current === 0) {
    const message = 'scaling is disabled since the replica count of the target is zero'
    setCondition(scope, 'ScalingActive', false, ['ScalingDisabled', message])
    scope.status = { ...withoutMetrics(scope.status), currentReplicas: 0, desiredReplicas: 0 }
    return undefined
  }
  if (current > max || current < min) {
    scope.status = withoutMetrics(scope.status)
    return { replicas: outside[1], reason: `Current number of replicas ${outside[0]}`, request }
  }
  return measuredSize(scope, { scale, memory, request })
}

function withoutMetrics(status: Scope['status']): Scope['status'] {
  return { ...status, currentMetrics: null }
}

function measuredSize(
  scope: Scope,
  { scale, memory, request }: { readonly scale: Scale; readonly memory: Memory; readonly request: ScalingRequest },
): Wanted | undefined {
  const { autoscaler, nowMs } = scope
  const { current } = request
  const selector = checkedSelector(scope, scale.status?.selector ?? '', memory)
  if (typeof selector === 'string') return giveUp(scope, { current, statuses: null, why: selector })
  const pods = podsOf(scope, selector)
  const proposals = proposeReplicas(autoscaler, { pods, currentReplicas: current, nowMs })
  const { failure, statuses, metric, replicas } = proposals
  for (const { reason, message } of failure?.all ?? []) record(scope, { type: 'Warning', reason, message })
  if (replicas === undefined) {
    const { reason = '', message = '', summary = '' } = failure ?? {}
    const text = `the HPA was unable to compute the replica count: ${message}`
    setCondition(scope, 'ScalingActive', false, [reason, text])
    return giveUp(scope, { current, statuses, why: summary })
  }
  scope.status = { ...scope.status, currentMetrics: statuses }
  const decided = decidedSize(scope, memory, { ...request, desired: replicas }, metric)
  return { replicas: decided, reason: reasonFor(current, replicas, metric), request }
}

function reasonFor(current: number, replicas: number, metric: string): string {
  if (replicas === current) return ''
  return replicas > current ? `${metric} above target` : 'All metrics below target'
}

function decidedSize(scope: Scope, memory: Memory, request: ScalingRequest, metric: string): number {
  const found = `the HPA was able to successfully calculate a replica count from ${metric}`
  setCondition(scope, 'ScalingActive', true, ['ValidMetricFound', found])
  const decision = decide(memory.history, request)
  setCondition(scope, 'AbleToScale', true, [decision.ableReason, decision.ableMessage])
  setCondition(scope, 'ScalingLimited', decision.isLimited, [decision.limitReason, decision.limitMessage])
  return decision.replicas
}

function giveUp(
  scope: Scope,
  facts: { readonly current: number; readonly statuses: readonly JsonObject[] | null; readonly why: string },
): undefined {
  scope.status = { ...scope.status, currentReplicas: facts.current, currentMetrics: facts.statuses }
  record(scope, { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: facts.why })
}

/** The selector of the target's pods; a text says why it cannot be used. */
function checkedSelector(scope: Scope, text: string, memory: Memory): LabelSelector | string {
  if (text === '') {
    record(scope, { type: 'Warning', reason: 'SelectorRequired', message: 'selector is required' })
    setCondition(scope, 'ScalingActive', false, ['InvalidSelector', "the HPA target's scale is missing a selector"])
    return 'selector is required'
  }
  memory.selector = text
  const selector = parsed(text)
  const rivals = typeof selector === 'string' ? [] : autoscalersOf(scope, podsOf(scope, selector))
  if (typeof selector !== 'string' && rivals.length <= 1) return selector
  const [reason, why] =
    typeof selector === 'string'
      ? ['InvalidSelector', `couldn't convert selector into a corresponding internal selector object: ${selector}`]
      : ['AmbiguousSelector', `pods by selector ${text} are controlled by multiple HPAs: [${rivals.join(' ')}]`]
  record(scope, { type: 'Warning', reason, message: why })
  setCondition(scope, 'ScalingActive', false, [reason, why])
  return why
}

function parsed(text: string): LabelSelector | string {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    return messageOf(error)
  }
}

function podsOf({ room, autoscaler }: Scope, selector: LabelSelector): readonly Pod[] {
  const all = room.pods.byIndex('namespace', autoscaler.metadata.namespace ?? '')
  return [...all].filter((pod) => matchesLabels(selector, pod.metadata.labels))
}

/** Every autoscaler of the namespace that sizes one of these pods, as Go prints their keys. */
function autoscalersOf({ room, autoscaler }: Scope, pods: readonly Pod[]): readonly string[] {
  const { namespace = '' } = autoscaler.metadata
  const names: string[] = []
  for (const { metadata } of room.autoscalers.byIndex('namespace', namespace)) {
    const { name = '' } = metadata
    const selector = parsed(room.memories.get(keyOf(namespace, name))?.selector ?? '')
    if (typeof selector === 'string' || selector.length === 0) continue
    if (pods.some((pod) => matchesLabels(selector, pod.metadata.labels))) names.push(`{${name} ${namespace}}`)
  }
  return names.toSorted()
}

async function rescale(scope: Scope, target: Target, wanted: Wanted & { readonly memory: Memory }): Promise<void> {
  const { room, nowMs } = scope
  const { replicas, reason, request, memory } = wanted
  const { current } = request
  try {
    const scale = { ...target.scale, spec: { ...target.scale.spec, replicas } }
    await room.context.client.update(target.ref, scale)
  } catch (error) {
    const why = messageOf(error)
    const text = `New size: ${replicas}; reason: ${reason}; error: ${why}`
    record(scope, { type: 'Warning', reason: 'FailedRescale', message: text })
    const message = `the HPA controller was unable to update the target scale: ${why}`
    setCondition(scope, 'AbleToScale', false, ['FailedUpdateScale', message])
    scope.status = { ...scope.status, currentReplicas: current }
    return
  }
  const message = `the HPA controller was able to update the target scale to ${replicas}`
  setCondition(scope, 'AbleToScale', true, ['SucceededRescale', message])
  record(scope, { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${replicas}; reason: ${reason}` })
  rememberScale(memory.history, request, replicas)
  scope.status = {
    ...scope.status,
    currentReplicas: current,
    desiredReplicas: replicas,
    lastScaleTime: timestamp(nowMs),
  }
}

function record({ room, autoscaler }: Scope, event: EventRecord): void {
  room.events.record(autoscaler, event)
}

function setCondition(
  scope: Scope,
  type: string,
  isTrue: boolean,
  [reason, message]: readonly [reason: string, message: string],
): void {
  const old = conditionOf(scope.conditions, type)
  const status = isTrue ? 'True' : 'False'
  const now = timestamp(scope.nowMs)
  const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now
  const next: Condition = { type, status, lastTransitionTime, reason, message }
  scope.conditions =
    old === undefined
      ? [...withoutCondition(scope.conditions, type), next]
      : scope.conditions.map((one) => (one === old ? next : one))
}
