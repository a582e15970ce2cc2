// POST of pods/<name>/eviction: a delete that disruption budgets may refuse (pkg/registry/core/pod/storage/eviction.go, kubernetes v1.36.3).
import { isObject } from '../../../kube/json-value.ts'
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { checkDeletePreconditions, type DeleteOptions } from '../delete-options.ts'
import { decodeCall } from '../expected-kind.ts'
import { textOf } from '../json-text.ts'
import { writeOptions } from '../options.ts'
import { keyOf } from '../resource.ts'
import { valueAnswer } from '../respond.ts'
import { badRequest, notFound } from '../status.ts'
import { timeText } from '../strategy.ts'
import { deleteStored } from '../verbs/delete.ts'
import { readStored, storeObject } from '../write-object.ts'
import { budgetsOf, spendBudget, storedBudget } from './disruption-budgets.ts'

type Eviction = KubeObject & { readonly deleteOptions?: JsonObject }
interface Condition {
  readonly type: string
  readonly status: string
}
type Pod = KubeObject & {
  readonly status?: JsonObject & { readonly phase?: string; readonly conditions?: readonly (JsonObject & Condition)[] }
}

const TOO_MANY = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
const SUCCESS: JsonObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/** Deletes the pod where its disruption budget allows it; 429 where it does not, or has not been looked at since it changed. Everything happens in one turn. */
export async function evictPod(call: Call): Promise<ApiResponse> {
  const { server, resource } = call
  const write = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'])
  const gvk = { group: 'policy', version: 'v1', kind: 'Eviction' }
  const eviction = decodeCall(call, write.fieldValidation, { gvk, resource: undefined }) as Eviction
  const name = call.route.name ?? ''
  if (eviction.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  const pod = readStored(call, stored) as Pod
  const options = optionsOf(eviction, write.dryRun)
  const budgets = isGoingAnyway(pod) ? [] : budgetsOf(call, pod)
  if (budgets.length > 1) {
    // Upstream answers 201 with this body, and clients take it for the failure it says.
    return valueAnswer(call, { ...SUCCESS, status: 'Failure', message: TOO_MANY, code: 500 }, 201)
  }
  const [budget] = budgets
  const spent =
    budget === undefined ? undefined : spendBudget(budget, { name, isReady: isReady(pod), nowMs: server.clock.now() })
  checkDeletePreconditions(call, options, pod)
  await remove(call, pod, { options, writes: spent === undefined || options.dryRun ? [] : [storedBudget(call, spent)] })
  return valueAnswer(call, SUCCESS, 201)
}

/** What has ended, has not started, or is being deleted serves nobody. */
function isGoingAnyway({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '')
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true
}

function optionsOf({ deleteOptions = {} }: Eviction, dryRun: boolean): DeleteOptions {
  const { gracePeriodSeconds: grace, propagationPolicy: policy, preconditions } = deleteOptions
  const given = isObject(preconditions) ? preconditions : {}
  const text = (value: unknown): string | undefined => (textOf(value) === '' ? undefined : textOf(value))
  const isTried = Array.isArray(deleteOptions['dryRun']) && deleteOptions['dryRun'].length > 0
  return {
    dryRun: dryRun || isTried,
    gracePeriodSeconds: typeof grace === 'number' ? grace : undefined,
    propagationPolicy: policy === 'Foreground' || policy === 'Background' || policy === 'Orphan' ? policy : undefined,
    uid: text(given['uid']),
    resourceVersion: text(given['resourceVersion']),
  }
}

/** Says in the pod why it goes, and deletes it; with what else is to be written, before anything can come between. */
async function remove(
  call: Call,
  pod: Pod,
  facts: { readonly options: DeleteOptions; readonly writes: readonly Promise<unknown>[] },
): Promise<void> {
  const { server, resource } = call
  const { options } = facts
  const key = keyOf(resource, call.namespace, pod.metadata.name ?? '')
  const before = server.store.get(key)
  const marked = withDisruption(pod, timeText(server.clock.now()))
  const marking = options.dryRun ? [] : [storeObject(call, { key, object: marked, expected: before?.revision ?? 0 })]
  const stored = server.store.get(key)
  if (stored === undefined) throw notFound(resource, pod.metadata.name ?? '')
  const checked = { ...options, uid: undefined, resourceVersion: undefined }
  const deleting = deleteStored(call, stored, readStored(call, stored), checked)
  await Promise.all([...facts.writes, ...marking, deleting])
}

function withDisruption(pod: Pod, now: string): KubeObject {
  const conditions = pod.status?.conditions ?? []
  const old = conditions.find(({ type }) => type === 'DisruptionTarget')
  const lastTransitionTime = old?.status === 'True' ? (old['lastTransitionTime'] ?? now) : now
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  }
  const next = old === undefined ? [...conditions, target] : conditions.map((one) => (one === old ? target : one))
  return { ...pod, status: { ...pod.status, conditions: next } } as KubeObject // a status is JSON
}
