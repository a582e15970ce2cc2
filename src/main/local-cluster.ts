// `capstan local-cluster`: the embedded Kubernetes alone, for kubectl and tests.
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { writeKubeconfig } from '../local-cluster/kubeconfig.ts'
import { startLocalCluster, type LocalCluster, type LocalClusterOptions } from '../local-cluster/start.ts'

export interface LocalClusterRun {
  readonly dataDir: string
  readonly port: number
  readonly address: string
  /** Where the kubeconfig goes; default `<data-dir>/kubeconfig`. */
  readonly kubeconfig?: string
  readonly controllers: boolean
  readonly kubelet: boolean
  readonly log: Log
  /** Receives `ready` and where the kubeconfig is. */
  readonly print: (line: string) => void
  /** Ends the run. */
  readonly signal: AbortSignal
}

/** Serves until the signal aborts. Rejects where the data directory or the address cannot be used. */
export async function runLocalCluster(run: LocalClusterRun): Promise<void> {
  const cluster = await openLocalCluster(run)
  try {
    const file = run.kubeconfig ?? join(run.dataDir, 'kubeconfig')
    writeKubeconfig(file, cluster.kubeconfig())
    run.print(`ready ${cluster.url ?? ''}`)
    run.print(`kubeconfig ${file}`)
    if (!run.signal.aborted) await once(run.signal, 'abort')
  } finally {
    await cluster.close()
  }
}

/** The cluster with the controllers and nodes that were asked for; their code is loaded only then. */
export async function openLocalCluster(
  run: Pick<LocalClusterRun, 'dataDir' | 'port' | 'address' | 'controllers' | 'kubelet' | 'log'>,
): Promise<LocalCluster> {
  return startLocalCluster({
    dataDir: run.dataDir,
    port: run.port,
    address: run.address,
    clock: systemClock,
    log: run.log,
    ...(run.controllers ? { controllers: workloads } : {}),
    ...(run.kubelet ? { kubelet: nodes } : {}),
  })
}

const workloads: NonNullable<LocalClusterOptions['controllers']> = async (options) => {
  const { startWorkloads } = await import('../local-cluster/workloads/start-workloads.ts')
  return startWorkloads(options)
}

const nodes: NonNullable<LocalClusterOptions['kubelet']> = async (options) => {
  const { startKubelet } = await import('../local-cluster/kubelet/start-kubelet.ts')
  return startKubelet(options)
}
