// What every cluster has from its first moment: the standard namespaces, priority classes, the kubernetes service and roles.
import { createClient } from '../kube/client/create-client.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { splitApiVersion, type KubeObject } from '../kube/object.ts'
import type { ApiServer } from './apiserver/server.ts'
import { CLUSTER_ADMIN } from './apiserver/user.ts'

/** The first address of the service range is the API server's. */
export const KUBERNETES_SERVICE_IP = '10.96.0.1'

function standardObjects(port: number): readonly KubeObject[] {
  const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'].map((name) =>
    object('v1', 'Namespace', name),
  )
  const priority = (name: string, value: number, description: string): KubeObject => ({
    ...object('scheduling.k8s.io/v1', 'PriorityClass', name),
    ...fields({ value, description }),
  })
  const spec = {
    type: 'ClusterIP',
    clusterIP: KUBERNETES_SERVICE_IP,
    clusterIPs: [KUBERNETES_SERVICE_IP],
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
  }
  const service = object('v1', 'Service', 'kubernetes', {
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  })
  return [
    ...namespaces,
    priority(
      'system-cluster-critical',
      2_000_000_000,
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    ),
    priority(
      'system-node-critical',
      2_000_001_000,
      'Used for system critical pods that must not be moved from their current node.',
    ),
    { ...service, ...fields({ spec }) },
  ]
}

/** Since when tokens kept in Secrets are tracked: the controller that removes unused ones asks for it. */
function tokenTracking(since: string): KubeObject {
  const metadata = { namespace: 'kube-system' }
  const configMap = object('v1', 'ConfigMap', 'kube-apiserver-legacy-service-account-token-tracking', metadata)
  return { ...configMap, ...fields({ data: { since } }) }
}

/** The day on which the cluster was made, as YYYY-MM-DD. */
async function creationDate(client: KubeClient): Promise<string> {
  const type = await client.resourceOf({ group: '', kind: 'Namespace' })
  const namespace = type === undefined ? undefined : await client.get({ type, name: 'kube-system' })
  return (namespace?.metadata.creationTimestamp ?? '').slice(0, 10)
}

/** Fields beyond those every object has. */
function fields<T extends object>(more: T): T {
  return more
}

function object(apiVersion: string, kind: string, name: string, more: KubeObject['metadata'] = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, ...more } }
}

/** Creates what is missing of the standard objects; true where the cluster was new. */
export async function bootstrapCluster(server: ApiServer, port: number): Promise<boolean> {
  const client = createClient(server.inProcessTransport(CLUSTER_ADMIN), { userAgent: 'kube-apiserver' })
  try {
    let created = 0
    for (const wanted of standardObjects(port)) if (await ensure(client, wanted)) created++
    if (created > 0) await ensure(client, tokenTracking(await creationDate(client)))
    await server.bootstrapRoles()
    return created > 0
  } finally {
    await client.close()
  }
}

async function ensure(client: KubeClient, wanted: KubeObject): Promise<boolean> {
  const { group, version } = splitApiVersion(wanted.apiVersion)
  const type = await client.resourceOf({ group, version, kind: wanted.kind })
  if (type === undefined) return false
  const { name = '', namespace } = wanted.metadata
  const ref = { type, name, ...(namespace === undefined ? {} : { namespace }) }
  if ((await client.get(ref)) !== undefined) return false
  await client.create(type, wanted)
  return true
}
