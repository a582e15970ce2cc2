// The embedded API server and a real one, as transports that tests ask the same things.
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { Transport } from '../../src/kube/client/transport.ts'
import { startLocalCluster } from '../../src/local-cluster/start.ts'
import { startRealCluster } from './real-cluster.ts'

/** An embedded one, in this process; closed with the test. */
export async function embeddedTransport(t: TestContext): Promise<Transport> {
  const cluster = await startLocalCluster({ clock: systemClock, log: silentLog })
  t.after(() => cluster.close())
  return cluster.transport()
}

/** A kube-apiserver with etcd; stopped with the test. */
export async function realTransport(t: TestContext): Promise<Transport> {
  const cluster = await startRealCluster()
  const { transport } = await loadKubeConfig({ path: cluster.kubeconfig, env: {} })
  const client = httpTransport(transport)
  t.after(async () => {
    await client.close()
    await cluster.stop()
  })
  return client
}
