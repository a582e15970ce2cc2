// Keys and certificates for a server of a test on loopback, and for its client.
import { clusterIdentity, type ClusterIdentity } from '../../src/local-cluster/start-tls.ts'

/** An authority, a server's certificate for 127.0.0.1 and a client's, made anew. */
export function loopbackIdentity(): ClusterIdentity {
  return clusterIdentity({ directory: undefined, address: '127.0.0.1', nowMs: Date.now() })
}
