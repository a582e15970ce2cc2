// Charging quotas for a write: refused where one would be exceeded, else counted in the same turn as the write (apiserver plugin/resourcequota, kubernetes v1.36.3).
import type { KubeObject } from '../../../../kube/object.ts'
import { compareQuantities, formatQuantity } from '../../../../kube/quantity.ts'
import type { AdmissionRequest, Call } from '../../call.ts'
import { trackUpdate } from '../../managed-fields.ts'
import { forbidden } from '../../status.ts'
import { admittedName } from '../admission.ts'
import {
  addAmounts,
  amountsOf,
  amountTexts,
  maskAmounts,
  NOTHING,
  subtractAmounts,
  type Amounts,
} from '../pod-amounts.ts'
import { evaluatorOf, isCovered, type Evaluator, type ResourceQuota } from './usage.ts'

/** A quota with what it counts after a write. */
export interface Charge {
  readonly key: string
  readonly revision: number
  readonly object: KubeObject
}

/** Which quotas count a write, with their new status. Throws 403 where one forbids it. Nothing is written here. */
export function chargesFor(request: AdmissionRequest): readonly Charge[] {
  const { call } = request
  if (!call.resource.namespaced || call.namespace === '') return []
  const { store, codec } = call.server
  const stored = store.list({ prefix: `/resourcequotas/${call.namespace}/` }).items
  // Most namespaces have none.
  if (stored.length === 0) return []
  const evaluator = evaluatorOf(call.resource)
  if (evaluator === undefined || !evaluator.counts(request)) return []
  const covering = stored
    .map(({ key, revision, value }) => ({
      key,
      revision,
      quota: codec.parse({ key, revision, value }) as ResourceQuota,
    }))
    .filter(({ quota }) => hardNames(evaluator, quota).length > 0 && isCovered(evaluator, quota, request.object))
  for (const { quota } of covering) checkStated(request, evaluator, quota)
  if (covering.length === 0) return []
  const usage = measured(request, evaluator)
  return covering.flatMap(({ key, revision, quota }) => {
    const used = newUsage(request, quota, addedTo(quota, request, { evaluator, usage }))
    return used === undefined ? [] : [{ key, revision, object: withUsed(call, quota, used) }]
  })
}

/** The resources a quota limits as its controller has last seen it, of those measured here. */
function hardNames(evaluator: Evaluator, quota: ResourceQuota): readonly string[] {
  return Object.keys(quota.status?.hard ?? {}).filter(evaluator.measures)
}

function checkStated(request: AdmissionRequest, evaluator: Evaluator, quota: ResourceQuota): void {
  const names = hardNames(evaluator, quota)
  const quotaName = quota.metadata.name ?? ''
  const missing = evaluator.constraint?.(request.object, names)
  if (missing !== undefined) throw refusal(request, `failed quota: ${quotaName}: ${missing}`)
  const used = quota.status?.used ?? {}
  if (names.every((name) => used[name] !== undefined)) return
  throw refusal(request, `status unknown for quota: ${quotaName}, resources: ${names.toSorted().join(',')}`)
}

/** What the object takes as it will be. */
function measured(request: AdmissionRequest, evaluator: Evaluator): Amounts {
  const usage = evaluator.usage(request.object, request.call.server.clock.now())
  const negative = [...usage].filter(([, { nano }]) => nano < 0n).map(([name]) => name)
  if (negative.length === 0) return usage
  throw refusal(request, `quota usage is negative for resource(s): ${negative.toSorted().join(',')}`)
}

/** What the write adds to a quota: of a change the difference, unless the quota did not count the object before. Less is counted by the controller. */
function addedTo(
  quota: ResourceQuota,
  { call, operation, old }: AdmissionRequest,
  { evaluator, usage }: { readonly evaluator: Evaluator; readonly usage: Amounts },
): Amounts {
  const isChange = operation === 'UPDATE' && old !== undefined && isCovered(evaluator, quota, old)
  const added = isChange ? subtractAmounts(usage, evaluator.usage(old, call.server.clock.now())) : usage
  return new Map([...added].filter(([, { nano }]) => nano > 0n))
}

/** What the quota counts afterwards; undefined where the write is none of its business. */
function newUsage(request: AdmissionRequest, quota: ResourceQuota, usage: Amounts): Amounts | undefined {
  const hard = amountsOf(quota.status?.hard)
  const used = amountsOf(quota.status?.used)
  const requested = maskAmounts(usage, hard)
  if (requested.size === 0) return undefined
  const next = addAmounts(used, requested)
  // A status tells what has happened: it is counted, and not refused.
  if (request.subresource === 'status') return next
  const exceeded = [...requested.keys()].filter(
    (name) => compareQuantities(next.get(name) ?? NOTHING, hard.get(name) ?? NOTHING) > 0,
  )
  if (exceeded.length === 0) return next
  const parts = { requested, used, limited: hard }
  const texts = Object.entries(parts).map(([title, amounts]) => `${title}: ${printed(amounts, exceeded)}`)
  throw refusal(request, `exceeded quota: ${quota.metadata.name ?? ''}, ${texts.join(', ')}`)
}

function printed(amounts: Amounts, names: readonly string[]): string {
  const known = names.filter((name) => amounts.has(name)).toSorted()
  return known.map((name) => `${name}=${formatQuantity(amounts.get(name) ?? NOTHING)}`).join(',')
}

function refusal({ call, object }: AdmissionRequest, why: string): Error {
  return forbidden(call.resource, admittedName(object), why)
}

function withUsed(call: Call, quota: ResourceQuota, used: Amounts): KubeObject {
  const resource = call.server.registry.find('', 'v1', 'resourcequotas')
  const object = { ...quota, status: { ...quota.status, used: amountTexts(used) } } as KubeObject // a status is JSON
  if (resource === undefined) return object
  return trackUpdate({
    live: quota,
    object,
    manager: 'kube-apiserver',
    subresource: 'status',
    resource,
    nowMs: call.server.clock.now(),
  })
}
