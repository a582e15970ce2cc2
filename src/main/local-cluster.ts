// `capstan local-cluster`: the embedded Kubernetes alone, for kubectl and tests.
import { once } from 'node:events'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { ImageFlags, LocalClusterFlags } from '../cli/processes.ts'
import { writeKubeconfig } from '../local-cluster/kubeconfig.ts'
import { startLocalCluster, type LocalCluster, type LocalClusterOptions } from '../local-cluster/start.ts'
import { createLogOf } from './process-log.ts'

/** Serves until the signal aborts; prints `ready` once clients can connect. Throws where the data directory or the address cannot be used. */
export async function runLocalCluster(flags: LocalClusterFlags, signal: AbortSignal): Promise<void> {
  const cluster = await openLocalCluster({
    ...flags,
    controllers: isOn('--controllers', flags.controllers),
    kubelet: isOn('--kubelet', flags.kubelet),
    log: createLogOf(flags),
  })
  try {
    const file = flags.kubeconfig ?? join(flags.dataDir, 'kubeconfig')
    writeKubeconfig(file, cluster.kubeconfig())
    console.log(`ready ${cluster.url ?? ''}\nkubeconfig ${file}`)
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await cluster.close()
  }
}

export interface OpenOptions extends ImageFlags {
  readonly dataDir: string
  readonly port: number
  readonly address: string
  readonly controllers: boolean
  readonly kubelet: boolean
  readonly log: Log
}

/** The cluster with the controllers and nodes that were asked for; their code is loaded only then. */
export async function openLocalCluster(options: OpenOptions): Promise<LocalCluster> {
  const { dataDir, port, address, log } = options
  return startLocalCluster({
    dataDir,
    port,
    address,
    log,
    clock: systemClock,
    ...(options.controllers ? { controllers: workloads } : {}),
    ...(options.kubelet ? { kubelet: (given) => startNodes(given, options) } : {}),
  })
}

/** Starts the controllers of the embedded cluster. */
const workloads: NonNullable<LocalClusterOptions['controllers']> = async (options) => {
  const { startWorkloads } = await import('../local-cluster/workloads/start-workloads.ts')
  return startWorkloads(options)
}

type StartKubelet = NonNullable<LocalClusterOptions['kubelet']>

/** Starts the simulated nodes. */
async function startNodes(
  options: Parameters<StartKubelet>[0],
  { verifyImages, insecureRegistry = [] }: ImageFlags,
): ReturnType<StartKubelet> {
  const { startKubelet } = await import('../local-cluster/kubelet/start-kubelet.ts')
  return startKubelet(
    verifyImages === true ? { ...options, verifyImages: { insecureHosts: insecureRegistry } } : options,
  )
}

function isOn(flag: string, value: string): boolean {
  if (value === 'on' || value === 'off') return value === 'on'
  throw new CapstanError('bad-input', `${flag} is "on" or "off", not ${JSON.stringify(value)}`)
}
