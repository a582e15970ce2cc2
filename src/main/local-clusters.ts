// Loads what the `local-cluster` commands do only when one of them is called.
import type { LocalClusters } from '../cli/local-cluster.ts'

export function localClusters(defaultDataDir: string, signal: AbortSignal): LocalClusters {
  return {
    defaultDataDir,
    run: async (flags) => (await import('./local-cluster.ts')).runLocalCluster(flags, signal),
    list: async (dataDir) => (await import('./local-cluster-admin.ts')).listRows(dataDir),
    stop: async (dataDir, name) => (await import('./local-cluster-admin.ts')).stopCluster(dataDir, name, signal),
    delete: async (dataDir, name) => (await import('./local-cluster-admin.ts')).removeCluster(dataDir, name),
    snapshot: async (from) => (await import('./local-cluster-admin.ts')).takeSnapshot(from, signal),
    restore: async (to) => (await import('./local-cluster-admin.ts')).restoreCluster(to),
  }
}
