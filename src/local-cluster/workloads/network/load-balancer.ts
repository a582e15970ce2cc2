// Addresses from outside: what a cloud's load balancer and an ingress controller would report.
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import { updateStatus, workloadController, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import { fnv32a } from '../kit/hash.ts'
import type { Service } from './endpoint-objects.ts'

/** TEST-NET-3: addresses that are nobody's. */
const NETWORK = '203.0.113'
const INGRESS_ADDRESS = `${NETWORK}.1`

interface Ingress extends KubeObject {
  readonly status?: { readonly loadBalancer?: object }
}

/** Services of type LoadBalancer and Ingresses get an address at once. Keys: `Service` and `Ingress` share names. */
export async function createLoadBalancerController(context: WorkloadContext): Promise<Controller> {
  const [services, ingresses] = await Promise.all([
    context.informers.of<Service>({ group: '', kind: 'Service' }),
    context.informers.of<Ingress>({ group: 'networking.k8s.io', kind: 'Ingress' }),
  ])
  const controller = workloadController(context, {
    name: 'load-balancer',
    async reconcile({ namespace, name }) {
      await addressService(context, services, services.get(namespace, name))
      await addressIngress(context, ingresses, ingresses.get(namespace, name))
    },
  })
  enqueueOnChange(services, controller)
  enqueueOnChange(ingresses, controller)
  return controller
}

async function addressService(
  context: WorkloadContext,
  services: Informer,
  service: Service | undefined,
): Promise<void> {
  if (service === undefined || service.spec?.loadBalancerClass !== undefined) return
  const isBalanced = service.spec?.type === 'LoadBalancer'
  const ip = `${NETWORK}.${(fnv32a(`${service.metadata.namespace}/${service.metadata.name}`) % 253) + 2}`
  const loadBalancer = isBalanced ? { ingress: [{ ip, ipMode: 'VIP' }] } : {}
  const has = service.status?.loadBalancer ?? {}
  if (deepEqual(has, loadBalancer)) return
  await updateStatus(context, services.type, service, { ...service.status, loadBalancer })
}

async function addressIngress(
  context: WorkloadContext,
  ingresses: Informer,
  ingress: Ingress | undefined,
): Promise<void> {
  if (ingress === undefined) return
  const loadBalancer = { ingress: [{ ip: INGRESS_ADDRESS }] }
  if (deepEqual(ingress.status?.loadBalancer, loadBalancer)) return
  await updateStatus(context, ingresses.type, ingress, { ...ingress.status, loadBalancer })
}
