// Calls about clusters.
import type { Message } from '../../../src/crds/message-type.ts'
import { apiPath, callApi } from './request.ts'

export type Cluster = Message<'Cluster'>

export async function listRegisteredClusters(signal?: AbortSignal): Promise<readonly Cluster[]> {
  return (await callApi<{ readonly items?: readonly Cluster[] | null }>(apiPath`/clusters`, { signal })).items ?? []
}

export interface ClusterChange {
  readonly server: string
  readonly name: string
  readonly namespaces: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** The rest of the cluster stays as it is. */
export function updateCluster({ server, ...fields }: ClusterChange): Promise<unknown> {
  const names = Object.keys(fields).map((name) => `updatedFields=${name}`)
  return callApi(`${apiPath`/clusters/${server}`}?id.type=url&${names.join('&')}`, {
    method: 'PUT',
    body: { server, ...fields },
  })
}

export function rotateCluster(server: string): Promise<unknown> {
  return callApi(`${apiPath`/clusters/${server}/rotate-auth`}?id.type=url`, { method: 'POST', body: {} })
}

/** What is known of its live objects is read anew. */
export function invalidateCluster(server: string): Promise<Cluster> {
  return callApi(`${apiPath`/clusters/${server}/invalidate-cache`}?id.type=url`, { method: 'POST', body: {} })
}

export function deleteCluster(server: string): Promise<unknown> {
  return callApi(`${apiPath`/clusters/${server}`}?id.type=url`, { method: 'DELETE' })
}
