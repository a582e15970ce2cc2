// Destination clusters as the API server needs them: followed by the engine of this process, or by controllers elsewhere.
import { messageOf } from '../base/errors.ts'
import type { ClusterRecord } from '../controllers/applications/cluster-client.ts'
import type { Clusters } from '../controllers/applications/clusters.ts'
import type { ApplicationEngine } from '../controllers/applications/engine.ts'
import type { ApplicationDestination } from '../crds/application.ts'
import { apiVersionsOf } from '../live/api-versions.ts'
import type { ClusterAccess } from '../server/context.ts'
import type { AppState } from '../shared-cache/app-state.ts'

export interface ClusterState {
  readonly connection: { readonly status: string; readonly message: string }
  readonly version?: string
  readonly kinds?: number
  readonly objects?: number
}

export interface ServedClusters {
  /** Throws `bad-input` naming a destination that is no registered cluster. */
  access(destination: ApplicationDestination): Promise<ClusterAccess>
  /** Clusters whose Secrets cannot be read. */
  broken(): readonly ClusterRecord[]
  stateOf(server: string, isUsed: boolean): Promise<ClusterState>
}

/** Of the engine in this process. */
export function engineClusters({ clusters }: ApplicationEngine): ServedClusters {
  return {
    async access(destination) {
      const record = clusters.find(destination)
      const cache = clusters.cacheOf(record)
      return { ...placeOf(record), client: cache.client, ...(await cache.version()) }
    },
    broken: () => brokenOf(clusters),
    stateOf: async (server, isUsed) => stateOf(clusters, server, isUsed),
  }
}

function placeOf({ server, name, project }: ClusterRecord): Pick<ClusterAccess, 'server' | 'name' | 'project'> {
  return { server, name, project }
}

/** How a cluster stands that this process follows. */
export function stateOf(clusters: Clusters, server: string, isUsed: boolean): ClusterState {
  const connection = clusters.connectionOf(server, isUsed)
  const { version, kinds, objects } = clusters.figures().find((figure) => figure.server === server) ?? {}
  return {
    connection,
    ...(version === undefined || kinds === undefined || objects === undefined ? {} : { version, kinds, objects }),
  }
}

/** Talked to from here, while nobody tells of their state. */
export function directClusters(clusters: Clusters): ServedClusters {
  return {
    async access(destination) {
      const record = clusters.find(destination)
      const client = clusters.clientOf(record)
      const [{ gitVersion }, types] = await Promise.all([client.serverVersion(), client.resources()])
      const kubeVersion = gitVersion.replace(/^v/, '')
      return { ...placeOf(record), client, kubeVersion, apiVersions: apiVersionsOf(types) }
    },
    broken: () => brokenOf(clusters),
    async stateOf(server) {
      const record = clusters.list().find((candidate) => candidate.server === server)
      if (record?.fault !== undefined) return { connection: { status: 'Failed', message: record.fault } }
      return { connection: { status: 'Unknown', message: UNTOLD } }
    },
  }
}

/** Of controllers elsewhere: talked to from here, their state as it was told last. */
export function sharedClusters(clusters: Clusters, shared: AppState): ServedClusters {
  const direct = directClusters(clusters)
  return {
    ...direct,
    async stateOf(server, isUsed) {
      const own = await direct.stateOf(server, isUsed)
      if (own.connection.status === 'Failed') return own
      try {
        const info = await shared.clusterInfo(server)
        if (info === undefined) return own
        const { connectionState, serverVersion: version = '', cacheInfo } = info
        const { apisCount: kinds = 0, resourcesCount: objects = 0 } = cacheInfo
        return { connection: connectionState, version, kinds, objects }
      } catch (error) {
        return { connection: { status: 'Unknown', message: messageOf(error) } }
      }
    },
  }
}

const UNTOLD = 'No controller has told of this cluster yet.'

function brokenOf(clusters: Clusters): readonly ClusterRecord[] {
  return clusters.list().filter(({ fault }) => fault !== undefined)
}
