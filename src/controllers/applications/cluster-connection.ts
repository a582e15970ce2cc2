// How the connection to a cluster stands, in upstream's words.
import { messageOf } from '../../base/errors.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import type { ClusterRecord } from './cluster-client.ts'

export interface ClusterConnectionState {
  readonly status: 'Successful' | 'Failed' | 'Unknown'
  readonly message: string
}

/** Upstream's state of a cluster nobody uses (argo-cd v3.5.1 `controller/clusterinfoupdater.go`). */
const UNUSED: ClusterConnectionState = {
  status: 'Unknown',
  message: 'Cluster has no applications and is not being monitored.',
}

const UNREAD = 'The cluster is being read for the first time.'

/** Never throws: what cannot be connected to is Failed, with the reason. */
export function connectionState(
  record: ClusterRecord,
  isUsed: boolean,
  open: (record: ClusterRecord) => ClusterCache,
): ClusterConnectionState {
  if (record.fault !== undefined) return { status: 'Failed', message: record.fault }
  if (!isUsed) return UNUSED
  try {
    const { connectionError: error, isReady } = open(record)
    if (error !== undefined) return { status: 'Failed', message: error }
    return isReady ? { status: 'Successful', message: '' } : { status: 'Unknown', message: UNREAD }
  } catch (error) {
    return { status: 'Failed', message: messageOf(error) }
  }
}
