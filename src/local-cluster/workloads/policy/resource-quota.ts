// ResourceQuotas: their status says what is limited and what is used (pkg/controller/resourcequota, v1.36).
import type { ResourceType } from '../../../kube/client/client.ts'
import type { ChangeEvent, Informer } from '../../../kube/client/informer.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { compareQuantities } from '../../../kube/quantity.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { amountOf, amountTexts, type AmountTexts } from '../../apiserver/admission/pod-amounts.ts'
import { isEnding, type QuotaPod } from '../../apiserver/admission/quota/pod-usage.ts'
import { evaluatorOf, totalUsage, type ResourceQuota } from '../../apiserver/admission/quota/usage.ts'
import { refOf, updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { followResources } from '../kit/resource-watch.ts'
import { isFinished } from '../kit/pod-state.ts'
import type { Pod } from '../kit/model.ts'

/** resourcequota.resyncPeriod: what no event tells, such as a pod whose time to go is over, is seen after this. */
const RESYNC_MS = 300_000

interface Room {
  readonly context: WorkloadContext
  readonly quotas: Informer<ResourceQuota>
}

/** Counts anew what a quota limits when its spec changes and when something it counts goes; what comes is counted by admission. */
export async function createResourceQuotaController(context: WorkloadContext): Promise<Controller> {
  const quotas = await context.informers.of<ResourceQuota>({
    group: '',
    kind: 'ResourceQuota',
    indexes: { namespace: (quota) => [quota.metadata.namespace ?? ''] },
  })
  const room: Room = { context, quotas }
  const controller = workloadController(context, {
    name: 'resource-quota',
    reconcile: (request) => reconcileQuota(room, request),
  })
  quotas.onChange(({ type, object, old }) => {
    if (type !== 'DELETED' && !deepEqual(old?.spec, object.spec)) controller.enqueue(requestFor(object))
  })
  await followResources(context, isCounted, (type) => {
    const evaluator = evaluatorOf(type)
    const isRead = type.group === '' && MAY_RELEASE[type.resource] !== undefined
    const objects = isRead ? context.informers.ofType(type) : context.informers.metadataOf(type)
    objects.onChange((event) => {
      if (!isReleased(type, event)) return
      for (const quota of quotas.byIndex('namespace', event.object.metadata.namespace ?? '')) {
        const names = Object.keys(quota.spec?.hard ?? {})
        if (names.some((name) => evaluator?.measures(name))) controller.enqueue(requestFor(quota))
      }
    })
  })
  return controller
}

function isCounted(type: ResourceType): boolean {
  const isFollowed = ['list', 'watch', 'delete'].every((verb) => type.verbs.includes(verb))
  return type.namespaced && isFollowed && evaluatorOf(type) !== undefined
}

/** Whether something may count for less than before. */
function isReleased(type: ResourceType, { type: change, object, old }: ChangeEvent): boolean {
  if (change === 'DELETED') return true
  if (change === 'ADDED' || type.group !== '' || old === undefined) return false
  const facts = MAY_RELEASE[type.resource]
  return facts !== undefined && !deepEqual(facts(old), facts(object))
}

/** What of an object decides how much it counts for (pkg/quota/v1/install/update_filter.go). */
const MAY_RELEASE: Readonly<Record<string, (object: KubeObject) => JsonValue>> = {
  pods: (object) => {
    const { spec } = object as QuotaPod
    const containers = (spec?.containers ?? []).map(({ resources = {} }) => resources)
    return [isFinished(object as Pod), isEnding(object as QuotaPod), containers as unknown as JsonValue] // JSON as it came
  },
  services: (object) => fieldsOf(object, 'spec', ['type', 'ports', 'allocateLoadBalancerNodePorts']),
  persistentvolumeclaims: (object) => [
    fieldsOf(object, 'spec', ['resources', 'volumeAttributesClassName']),
    fieldsOf(object, 'status', ['allocatedResources', 'currentVolumeAttributesClassName', 'modifyVolumeStatus']),
  ],
}

function fieldsOf(object: KubeObject, part: 'spec' | 'status', names: readonly string[]): JsonValue {
  const fields = (object as KubeObject & { readonly [part in 'spec' | 'status']?: JsonObject })[part] ?? {}
  return names.map((name) => fields[name] ?? null)
}

/** Reads the quota before what it counts: whatever is admitted in between makes the write of its status a conflict. */
async function reconcileQuota(room: Room, request: Request): Promise<ReconcileResult> {
  const { context, quotas } = room
  const known = quotas.get(request.namespace, request.name)
  if (known === undefined) return 'done'
  const quota = (await context.client.get(refOf(quotas.type, known))) as ResourceQuota | undefined
  if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return 'done'
  const hard = quota.spec?.hard ?? {}
  const used = await usedBy(context, quota)
  const status = { hard, used }
  const isSame = sameAmounts(hard, quota.status?.hard) && sameAmounts(used, quota.status?.used)
  if (!isSame) await updateStatus(context, quotas.type, quota, status)
  return { retryAfterMs: RESYNC_MS }
}

async function usedBy(context: WorkloadContext, quota: ResourceQuota): Promise<AmountTexts> {
  const names = Object.keys(quota.spec?.hard ?? {})
  const namespace = quota.metadata.namespace ?? ''
  const used: Record<string, string> = {}
  for (const type of await context.client.resources(context.signal)) {
    const evaluator = isCounted(type) ? evaluatorOf(type) : undefined
    if (evaluator === undefined || !names.some(evaluator.measures)) continue
    const { items } = await context.client.list(type, { namespace })
    Object.assign(used, amountTexts(totalUsage(evaluator, quota, { objects: items, nowMs: context.clock.now() })))
  }
  return used
}

function sameAmounts(a: AmountTexts, b: AmountTexts | undefined): boolean {
  if (b === undefined || Object.keys(a).length !== Object.keys(b).length) return false
  return Object.entries(a).every(([name, text]) => {
    const other = b[name]
    return other !== undefined && compareQuantities(amountOf(text), amountOf(other)) === 0
  })
}
