// cluster.ClusterService: the destinations, without their credentials.
import { CapstanError } from '../../base/errors.ts'
import type { Call, Cluster, ServiceHandlers } from '../context.ts'
import { objectField, textField, type RequestFields } from './fields.ts'
import { isAllowed } from './permissions.ts'

export const clusterService: ServiceHandlers = {
  List: listClusters,
  Get: getCluster,
}

/** GET /api/v1/clusters, filtered by server and name. */
async function listClusters(request: RequestFields, call: Call): Promise<unknown> {
  const [server, name] = [textField(request, 'server'), textField(request, 'name')]
  const items = (await permittedClusters(call)).filter(
    (cluster) => (server === '' || cluster.server === server) && (name === '' || cluster.name === name),
  )
  return { metadata: {}, items }
}

/** GET /api/v1/clusters/{id.value}: by server, or by name with `id.type=name`. */
async function getCluster(request: RequestFields, call: Call): Promise<Cluster> {
  const id = objectField(request, 'id') ?? {}
  const wanted = textField(id, 'value')
  const isByName = id['type'] === 'name'
  const found = (await permittedClusters(call)).find((cluster) => (isByName ? cluster.name : cluster.server) === wanted)
  if (found === undefined) throw new CapstanError('forbidden', 'permission denied')
  return found
}

async function permittedClusters(call: Call): Promise<readonly Cluster[]> {
  const clusters = await call.context.clusters()
  return clusters.filter((cluster) => isAllowed(call, 'clusters', 'get', rbacName(cluster)))
}

function rbacName({ project = '', server = '' }: Cluster): string {
  return project === '' ? server : `${project}/${server}`
}
