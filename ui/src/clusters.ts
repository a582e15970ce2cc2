// What the page needs to know of clusters.
import type { ClusterInfo } from './api/shapes.ts'

/** Set by the embedded cluster on its nodes, and by the server on the cluster itself. */
const SIMULATED = 'capstan.dev/simulated'

/** Says whether the only cluster is the embedded one, whose nodes are simulated. */
export function isSimulated(clusters: readonly ClusterInfo[]): boolean {
  const [only, ...others] = clusters
  if (only === undefined || others.length > 0) return false
  return [only.labels, only.annotations].some((values) => values?.[SIMULATED] === 'true')
}
