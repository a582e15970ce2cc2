// What every namespace is born with: the default ServiceAccount and the cluster's certificate.
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { isStatus, refOf, requestsByNamespace, workloadController, type WorkloadContext } from '../kit/context.ts'
import { deepEqual } from '../../../kube/json-value.ts'

const CA_NAME = 'kube-root-ca.crt'
/** rootcacertpublisher's words. */
const CA_DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Makes `default` and `kube-root-ca.crt` in every namespace, and again when somebody deletes them. */
export async function createServiceAccountController(context: WorkloadContext): Promise<Controller> {
  const [namespaces, accounts, configMaps] = await Promise.all([
    context.informers.of({ group: '', kind: 'Namespace' }),
    context.informers.of({ group: '', kind: 'ServiceAccount' }),
    context.informers.of<ConfigMap>({ group: '', kind: 'ConfigMap' }),
  ])
  const controller = workloadController(context, {
    name: 'service-account',
    async reconcile({ name }) {
      const namespace = namespaces.get('', name)
      if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return
      if (accounts.get(name, 'default') === undefined) await ensure(context, accounts.type, account(name))
      const wanted = certificate(name, context.rootCertificate ?? '')
      const found = configMaps.get(name, CA_NAME)
      if (found === undefined) await ensure(context, configMaps.type, wanted)
      else if (!deepEqual(found.data, wanted.data)) {
        await context.client.update(refOf(configMaps.type, found), { ...found, data: wanted.data } as KubeObject)
      }
    },
  })
  namespaces.onChange(({ type, object }) => {
    if (type === 'ADDED') controller.enqueue({ namespace: '', name: object.metadata.name ?? '' })
  })
  for (const [informer, kept] of [
    [accounts, 'default'],
    [configMaps, CA_NAME],
  ] as const) {
    informer.onChange((event) => {
      if (event.type === 'ADDED' || event.object.metadata.name !== kept) return
      for (const request of requestsByNamespace(event.object)) controller.enqueue(request)
    })
  }
  return controller
}

async function ensure(
  context: WorkloadContext,
  type: Parameters<WorkloadContext['client']['create']>[0],
  object: KubeObject,
): Promise<void> {
  try {
    await context.client.create(type, object)
  } catch (error) {
    // There already, or the namespace is on its way out.
    if (![403, 404, 409].some((status) => isStatus(error, status))) throw error
  }
}

function account(namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'default' } }
}

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

function certificate(namespace: string, pem: string): ConfigMap {
  const annotations = { 'kubernetes.io/description': CA_DESCRIPTION }
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name: CA_NAME, annotations },
    data: { 'ca.crt': pem },
  }
  return configMap
}
