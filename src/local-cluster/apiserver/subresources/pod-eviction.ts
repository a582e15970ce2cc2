// POST of pods/<name>/eviction: a delete that disruption budgets may refuse.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { labelSelectorOf, matchesLabels, type LabelSelectorObject } from '../../../kube/selector.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions } from '../options.ts'
import { keyOf } from '../resource.ts'
import { valueAnswer } from '../respond.ts'
import { ApiError, notFound } from '../status.ts'
import { deleteStored } from '../verbs/delete.ts'
import { readStored } from '../write-object.ts'

type Budget = KubeObject & {
  readonly spec?: { readonly selector?: LabelSelectorObject }
  readonly status?: { readonly disruptionsAllowed?: number }
}
type Eviction = KubeObject & { readonly deleteOptions?: JsonObject }

/** Deletes the pod where every disruption budget that selects it allows; 429 where one does not. */
export async function evictPod(call: Call): Promise<ApiResponse> {
  const { server, resource } = call
  const options = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'])
  const gvk = { group: 'policy', version: 'v1', kind: 'Eviction' }
  const eviction = decodeCall(call, options.fieldValidation, { gvk, resource: undefined }) as Eviction
  const name = call.route.name ?? ''
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  const pod = readStored(call, stored)
  checkBudgets(call, pod)
  const grace = eviction.deleteOptions?.['gracePeriodSeconds']
  await deleteStored(call, stored, pod, {
    dryRun: options.dryRun,
    gracePeriodSeconds: typeof grace === 'number' ? grace : undefined,
    propagationPolicy: undefined,
    uid: undefined,
    resourceVersion: undefined,
  })
  return valueAnswer(call, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201)
}

function checkBudgets(call: Call, pod: KubeObject): void {
  const { store, codec } = call.server
  for (const stored of store.list({ prefix: `policy/poddisruptionbudgets/${call.namespace}/` }).items) {
    const budget = codec.parse(stored) as Budget
    if (!matchesLabels(labelSelectorOf(budget.spec?.selector), pod.metadata.labels)) continue
    if ((budget.status?.disruptionsAllowed ?? 0) > 0) continue
    const message = "Cannot evict pod as it would violate the pod's disruption budget."
    const cause = {
      reason: 'DisruptionBudget',
      message: `The disruption budget ${budget.metadata.name ?? ''} does not allow evicting pods currently`,
    }
    throw new ApiError(429, 'TooManyRequests', message, { details: { causes: [cause] } })
  }
}
