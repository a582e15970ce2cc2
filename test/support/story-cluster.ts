// The cluster a story runs on: the embedded one in memory, or with CAPSTAN_TEST_CLUSTER=real a kube-apiserver with etcd.
import { systemClock } from '../../src/base/clock.ts'
import { silentLog, type Log } from '../../src/base/log.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { startKubelet, type VerifyImages } from '../../src/local-cluster/kubelet/start-kubelet.ts'
import { startLocalCluster, type Running } from '../../src/local-cluster/start.ts'
import { startWorkloads, type WorkloadName } from '../../src/local-cluster/workloads/start-workloads.ts'
import { startRealCluster } from './real-cluster.ts'
import { sweepCluster } from './sweep-cluster.ts'

export interface StoryCluster {
  readonly isReal: boolean
  /** A new client as an administrator; closed with the cluster. */
  client(userAgent: string): KubeClient
  /** Path of a kubeconfig; absent in memory. */
  readonly kubeconfig: string | undefined
  /** Ends what runs on it; leaves a shared cluster as it was found. */
  close(): Promise<void>
}

export interface StoryClusterOptions {
  /** Default: all. */
  readonly controllers?: readonly WorkloadName[]
  readonly hasNodes: boolean
  /** The nodes ask registries for images. */
  readonly verifyImages?: VerifyImages
  readonly log?: Log
}

/** Whether stories run on a real API server. */
export function isRealClusterWanted(): boolean {
  return process.env['CAPSTAN_TEST_CLUSTER'] === 'real'
}

/**
 * Starts a cluster for one story; our controllers and nodes run on either. CAPSTAN_TEST_KUBECONFIG names a running
 * API server that stories share one after the other; without it each real one starts its own.
 */
export async function openStoryCluster(options: StoryClusterOptions): Promise<StoryCluster> {
  return isRealClusterWanted() ? openReal(options) : openMemory(options)
}

async function openMemory({
  controllers,
  hasNodes,
  verifyImages,
  log = silentLog,
}: StoryClusterOptions): Promise<StoryCluster> {
  const cluster = await startLocalCluster({
    clock: systemClock,
    log,
    controllers: (given) => startWorkloads(withNames(given, controllers)),
    ...(hasNodes ? { kubelet: (given) => startKubelet({ ...given, ...withImages(verifyImages) }) } : {}),
  })
  return {
    isReal: false,
    kubeconfig: undefined,
    client: (userAgent) => cluster.client(userAgent),
    close: () => cluster.close(),
  }
}

async function openReal(options: StoryClusterOptions): Promise<StoryCluster> {
  const shared = process.env['CAPSTAN_TEST_KUBECONFIG']
  // Sweeping needs the namespace controller; it does nothing unless a namespace is deleted.
  const { controllers } = options
  const withSweeper =
    controllers === undefined ? options : { ...options, controllers: [...controllers, 'namespace'] as const }
  if (shared !== undefined) return runOn(shared, withSweeper, { beforeEnd: sweepCluster })
  const own = await startRealCluster()
  return runOn(own.kubeconfig, options, { atEnd: () => own.stop() })
}

export interface Ends {
  /** Called while controllers and nodes still run. */
  readonly beforeEnd?: (client: KubeClient) => Promise<void>
  readonly atEnd?: () => Promise<void>
}

/** Our controllers and nodes on an API server that runs. */
export async function runOn(
  kubeconfig: string,
  { controllers, hasNodes, verifyImages, log = silentLog }: StoryClusterOptions,
  { beforeEnd = async () => {}, atEnd = async () => {} }: Ends,
): Promise<StoryCluster> {
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  const clients: KubeClient[] = []
  const client = (userAgent: string): KubeClient => {
    const made = createClient(httpTransport(transport), { clock: systemClock, userAgent })
    clients.push(made)
    return made
  }
  const given = { clock: systemClock, log }
  const running: Running[] = [
    await startWorkloads(withNames({ ...given, client: client('controllers') }, controllers)),
    ...(hasNodes ? [await startKubelet({ ...given, client: client('kubelet'), ...withImages(verifyImages) })] : []),
  ]
  return {
    isReal: true,
    kubeconfig,
    client,
    async close() {
      await beforeEnd(client('sweeper'))
      for (const runner of running.toReversed()) await runner.stop()
      await Promise.all(clients.map((opened) => opened.close()))
      await atEnd()
    },
  }
}

function withImages(verifyImages: VerifyImages | undefined): { readonly verifyImages?: VerifyImages } {
  return verifyImages === undefined ? {} : { verifyImages }
}

function withNames<T extends object>(
  options: T,
  enabled: readonly WorkloadName[] | undefined,
): T & { readonly enabled?: readonly WorkloadName[] } {
  return enabled === undefined ? options : { ...options, enabled }
}
