// cluster.ClusterService: the destinations, without their credentials (server/cluster/cluster.go, v3.5.1).
import type { Call, Cluster, ServiceHandlers } from '../../context.ts'
import { objectField, textField, type RequestFields } from '../fields.ts'
import { isAllowed } from '../permissions.ts'
import { objectOf, readQuery, requireCluster } from './find.ts'
import { rotateAuth } from './rotate.ts'
import { createCluster, deleteCluster, invalidateCache, updateCluster } from './write.ts'

export const clusterService: ServiceHandlers = {
  List: listClusters,
  async Get(request, call): Promise<Cluster> {
    return requireCluster(call, request, { action: 'get', words: 'error verifying access to update cluster' })
  },
  Create: createCluster,
  Update: updateCluster,
  Delete: deleteCluster,
  RotateAuth: rotateAuth,
  InvalidateCache: invalidateCache,
}

/** GET /api/v1/clusters, filtered by server, name and id. */
async function listClusters(request: RequestFields, call: Call): Promise<object> {
  const [server, name] = [textField(request, 'server'), textField(request, 'name')]
  const id = objectField(request, 'id') === undefined ? undefined : readQuery(request)
  const items = (await call.context.clusters()).filter((cluster) => {
    if (id !== undefined && cluster[id.by] !== id.value) return false
    if ((server !== '' && cluster.server !== server) || (name !== '' && cluster.name !== name)) return false
    return isAllowed(call, 'clusters', 'get', objectOf(cluster))
  })
  return { metadata: {}, items }
}
