// POST of pods/<name>/binding: the pod gets its node.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions } from '../options.ts'
import { valueAnswer } from '../respond.ts'
import { conflict } from '../status.ts'
import { timeText } from '../strategy.ts'
import { updateObject } from '../write-object.ts'

type Pod = KubeObject & {
  readonly spec?: JsonObject
  readonly status?: JsonObject & { readonly conditions?: readonly JsonObject[] }
}
type Binding = KubeObject & { readonly target?: { readonly name?: string } }

/** Sets spec.nodeName once; 409 for a pod that has a node, is being deleted, or is gated. */
export async function bindPod(call: Call): Promise<ApiResponse> {
  const options = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'])
  const gvk = { group: '', version: 'v1', kind: 'Binding' }
  const binding = decodeCall(call, options.fieldValidation, { gvk, resource: undefined }) as Binding
  const node = binding.target?.name ?? ''
  await updateObject(call, {
    name: call.route.name ?? '',
    options,
    subresource: 'binding',
    transform: (old) => old,
    keep: (object, old) => bound(call, { ...(old as Pod), metadata: object.metadata }, node),
  })
  return valueAnswer(call, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201)
}

function bound(call: Call, pod: Pod, node: string): KubeObject {
  const name = pod.metadata.name ?? ''
  const refuse = (why: string): Error => conflict({ group: '', resource: 'pods/binding' }, name, why)
  const current = pod.spec?.['nodeName']
  if (pod.metadata.deletionTimestamp !== undefined)
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  if (typeof current === 'string' && current !== '')
    throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(current)}`)
  const gates = pod.spec?.['schedulingGates']
  if (Array.isArray(gates) && gates.length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  return { ...pod, spec: { ...pod.spec, nodeName: node }, status: scheduled(call, pod) } as KubeObject
}

function scheduled(call: Call, pod: Pod): JsonObject {
  const others = (pod.status?.conditions ?? []).filter((condition) => condition['type'] !== 'PodScheduled')
  const condition = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timeText(call.server.clock.now()),
  }
  return { ...pod.status, conditions: [...others, condition] }
}
