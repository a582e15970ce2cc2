// Endpoints and EndpointSlices: the addresses behind each Service (pkg/controller/endpoint and endpointslice, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { isStatus, refOf, workloadController, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { Pod } from '../kit/model.ts'
import { hasLabels } from '../kit/labels.ts'
import { endpointsOf, slicesOf, type Service } from './endpoint-objects.ts'

const SERVICE_LABEL = 'kubernetes.io/service-name'

interface Room {
  readonly context: WorkloadContext
  readonly services: Informer<Service>
  readonly pods: Informer<Pod>
  readonly endpoints: Informer
  readonly slices: Informer
}

/** Keeps both kinds of endpoints of every Service with a selector. */
export async function createEndpointsController(context: WorkloadContext): Promise<Controller> {
  const [services, pods, endpoints, slices] = await Promise.all([
    context.informers.of<Service>({ group: '', kind: 'Service' }),
    context.informers.of<Pod>({
      group: '',
      kind: 'Pod',
      indexes: { namespace: (pod) => [pod.metadata.namespace ?? ''] },
    }),
    context.informers.of({ group: '', kind: 'Endpoints' }),
    context.informers.of({
      group: 'discovery.k8s.io',
      kind: 'EndpointSlice',
      indexes: { service: (slice) => [`${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_LABEL]}`] },
    }),
  ])
  const room: Room = { context, services, pods, endpoints, slices }
  const controller = workloadController(context, {
    name: 'endpoints',
    reconcile: (request) => reconcileService(room, request),
  })
  enqueueOnChange(services, controller)
  pods.onChange(({ type, object, old }) => {
    if (type === 'MODIFIED' && old !== undefined && isSameEndpoint(old, object)) return
    for (const service of services.list()) {
      if (service.metadata.namespace !== object.metadata.namespace) continue
      const isBehind = [object, old].some((pod) => pod !== undefined && isSelected(service, pod))
      if (isBehind) controller.enqueue(requestFor(service))
    }
  })
  slices.onChange(({ type, object }) => {
    const name = object.metadata.labels?.[SERVICE_LABEL]
    if (type === 'DELETED' && name !== undefined)
      controller.enqueue({ namespace: object.metadata.namespace ?? '', name })
  })
  return controller
}

function isSelected(service: Service, pod: Pod): boolean {
  const selector = service.spec?.selector
  return selector !== undefined && Object.keys(selector).length > 0 && hasLabels(pod.metadata.labels, selector)
}

/** Most changes of a pod are none for those who call it. */
function isSameEndpoint(old: Pod, pod: Pod): boolean {
  const facts = (one: Pod): unknown => [
    one.metadata.labels,
    one.metadata.deletionTimestamp,
    one.status?.podIPs,
    one.status?.phase,
    one.status?.conditions?.find(({ type }) => type === 'Ready')?.status,
  ]
  return deepEqual(facts(old), facts(pod))
}

async function reconcileService(room: Room, request: Request): Promise<ReconcileResult> {
  const { context, endpoints, slices } = room
  const { namespace, name } = request
  const service = room.services.get(namespace, name)
  const found = [...slices.byIndex('service', `${namespace}/${name}`)].filter(isOurs)
  if (service === undefined || service.metadata.deletionTimestamp !== undefined) {
    const old = endpoints.get(namespace, name)
    if (old !== undefined && service === undefined) await context.client.delete(refOf(endpoints.type, old))
    await Promise.all(found.map((slice) => context.client.delete(refOf(slices.type, slice))))
    return 'done'
  }
  if (service.spec?.selector === undefined || service.spec.type === 'ExternalName') return 'done'
  const pods = [...room.pods.byIndex('namespace', namespace)].filter((pod) => isSelected(service, pod))
  await put(room, endpoints, { wanted: endpointsOf(service, pods), found: endpoints.get(namespace, name) })
  const wanted = slicesOf(service, pods)
  const surplus = found.slice(wanted.length)
  for (const [index, slice] of wanted.entries()) await put(room, slices, { wanted: slice, found: found[index] })
  await Promise.all(surplus.map((slice) => context.client.delete(refOf(slices.type, slice))))
  return 'done'
}

function isOurs(slice: KubeObject): boolean {
  return slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io'
}

/** Creates, or updates where something differs; metadata that others set stays. */
async function put(
  room: Room,
  informer: Informer,
  facts: { readonly wanted: KubeObject; readonly found: KubeObject | undefined },
): Promise<void> {
  const { wanted, found } = facts
  const { client } = room.context
  if (found === undefined) {
    try {
      await client.create(informer.type, wanted)
    } catch (error) {
      // The namespace is on its way out.
      if (!isStatus(error, 403) && !isStatus(error, 404)) throw error
    }
    return
  }
  const { metadata: wantedMeta, ...content } = wanted
  const { metadata: foundMeta } = found
  const isSame = Object.entries(content).every(([field, value]) => deepEqual(value, found[field as keyof KubeObject]))
  const labels = { ...foundMeta.labels, ...wantedMeta.labels }
  if (isSame && deepEqual(labels, foundMeta.labels ?? {})) return
  await client.update(refOf(informer.type, found), { ...found, ...content, metadata: { ...foundMeta, labels } })
}
