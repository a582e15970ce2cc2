// The embedded cluster and a real kube-apiserver with the same controllers and nodes, for the same commands.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './git.ts'
import { startCapstan } from './processes.ts'
import { startRealCluster } from './real-cluster.ts'
import { runOn } from './story-cluster.ts'

/** Starts `capstan local-cluster`; gives the path of its kubeconfig. */
export async function startEmbedded(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t)
  const file = join(folder, 'kubeconfig')
  const flags = ['--data-dir', join(folder, 'data'), '--port', '0', '--kubeconfig', file]
  await startCapstan(t, ['local-cluster', ...flags], /^ready /m)
  return file
}

/** Starts kube-apiserver and etcd with our controllers and nodes on them; gives the path of a kubeconfig. */
export async function startReal(t: TestContext): Promise<string> {
  const cluster = await startRealCluster()
  const running = await runOn(cluster.kubeconfig, { hasNodes: true }, { atEnd: () => cluster.stop() })
  t.after(() => running.close())
  return cluster.kubeconfig
}
