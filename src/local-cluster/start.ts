// Starts the embedded cluster: storage, API server, TLS port, controllers, simulated nodes.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { createClient } from '../kube/client/create-client.ts'
import { InformerSet } from '../kube/client/informer-set.ts'
import type { Transport } from '../kube/client/transport.ts'
import { HISTORY_MS, MAX_HISTORY_REVISIONS } from './apiserver/limits.ts'
import type { PodBackend } from './apiserver/hooks.ts'
import { createApiServer, type ApiServer } from './apiserver/server.ts'
import { CLUSTER_ADMIN } from './apiserver/user.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { openDirectoryStore, openMemoryStore } from './storage/open-store.ts'
import type { Store } from './storage/store.ts'
import { bootstrapCluster } from './start-bootstrap.ts'
import { measuredCatalogue } from './start-catalogue.ts'
import { startHttp, type HttpFront } from './start-http.ts'
import { clusterIdentity, type ClusterIdentity } from './start-tls.ts'
import { createTokenIssuer } from './start-tokens.ts'

/** Something that runs on the cluster and is stopped with it. */
export interface Running {
  stop(): Promise<void>
}

/** What a controller or a kubelet is started with. */
export interface RunnerOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Shared by all that runs on the cluster, and started. */
  readonly informers: InformerSet
  /** PEM of the authority that signed the server's certificate. */
  readonly rootCertificate: string
}

export interface LocalClusterOptions {
  /** Where objects and keys are kept; absent: in memory. */
  readonly dataDir?: string
  /** Commits wait for the disk. Default false: they survive kill -9, not a power cut. */
  readonly durable?: boolean
  /** TCP port of the API server; 0 takes a free one; absent: no port at all, in process only. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly address?: string
  /** Starts the controllers; absent: none run. */
  readonly controllers?: (options: RunnerOptions) => Promise<Running>
  /** Starts the simulated nodes; absent: there are none. */
  readonly kubelet?: (options: RunnerOptions) => Promise<Running & PodBackend>
  readonly clock: Clock
  readonly log: Log
  /** Stops the cluster, like `close`. */
  readonly signal?: AbortSignal
}

export interface LocalCluster {
  /** `https://127.0.0.1:6443`; undefined without a port. */
  readonly url: string | undefined
  /** A client inside the process, as an administrator; close it after use. */
  client(userAgent?: string): KubeClient
  /** A transport inside the process, as an administrator. */
  transport(): Transport
  /** Text of a kubeconfig for the administrator; holds a key. Throws where there is no port. */
  kubeconfig(): string
  /** Stops what runs on it, ends watches and connections, gives the data directory back. */
  close(): Promise<void>
}

/** Resolves once the cluster answers and what runs on it has started. Throws `CapstanError` for a data directory or address that cannot be used. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const store = openStore(options)
  const started = new StartedCluster(options, store)
  try {
    await started.start()
  } catch (error) {
    await started.close()
    throw error
  }
  options.signal?.addEventListener('abort', () => void started.close(), { once: true })
  return started
}

function openStore({ dataDir, durable }: LocalClusterOptions): Store {
  if (dataDir === undefined) return openMemoryStore()
  return openDirectoryStore({ directory: dataDir, ...(durable === undefined ? {} : { durable }) })
}

class StartedCluster implements LocalCluster {
  readonly #options: LocalClusterOptions
  readonly #store: Store
  readonly #server: ApiServer
  readonly #identity: ClusterIdentity
  readonly #running: Running[] = []
  readonly #clients: KubeClient[] = []
  #front: HttpFront | undefined
  #kubelet: PodBackend | undefined
  #informers: InformerSet | undefined
  #stopCompaction: () => void = () => {}
  #closing: Promise<void> | undefined

  constructor(options: LocalClusterOptions, store: Store) {
    const { clock, log } = options
    this.#options = options
    this.#store = store
    this.#identity = clusterIdentity({
      directory: options.dataDir,
      address: options.address ?? '127.0.0.1',
      nowMs: clock.now(),
    })
    this.#server = createApiServer({
      store,
      catalogue: measuredCatalogue(),
      clock,
      log,
      tokens: createTokenIssuer({ key: this.#identity.tokenKey, clock, store }),
      // The kubelet starts after the server it registers with.
      pods: { log: async (pod, query) => (await this.#kubelet?.log(pod, query)) ?? '' },
    })
  }

  get url(): string | undefined {
    const { address = '127.0.0.1' } = this.#options
    if (this.#front === undefined) return undefined
    return `https://${address.includes(':') ? `[${address}]` : address}:${this.#front.port}`
  }

  async start(): Promise<void> {
    const { port, address = '127.0.0.1', log } = this.#options
    const isNew = await bootstrapCluster(this.#server, port ?? 6443)
    // Clients never saw what came before the first answer.
    if (isNew) this.#store.compact(this.#store.revision)
    this.#stopCompaction = keepHistoryShort(this.#store, this.#options)
    if (port !== undefined) {
      const { authority, server: certificate } = this.#identity
      this.#front = await startHttp({
        server: this.#server,
        tokens: createTokenIssuer({ key: this.#identity.tokenKey, clock: this.#options.clock, store: this.#store }),
        authority,
        certificate,
        port,
        address,
        log,
      })
    }
    await this.#startRunners()
  }

  async #startRunners(): Promise<void> {
    const { clock, log, controllers, kubelet } = this.#options
    if (controllers === undefined && kubelet === undefined) return
    const informers = new InformerSet({ client: this.client('informers'), clock, log })
    this.#informers = informers
    informers.start()
    const rootCertificate = this.#identity.authority
    const runner = (name: string): RunnerOptions => ({
      client: this.client(name),
      clock,
      log,
      informers,
      rootCertificate,
    })
    const starting: Promise<unknown>[] = []
    if (controllers !== undefined) {
      const started = controllers(runner('kube-controller-manager'))
      starting.push(started.then((running) => this.#running.push(running)))
    }
    if (kubelet !== undefined) {
      const started = kubelet(runner('kubelet')).then((running) => {
        this.#running.push(running)
        this.#kubelet = running
      })
      starting.push(started)
    }
    await Promise.all(starting)
  }

  client(userAgent = 'capstan'): KubeClient {
    const client = createClient(this.transport(), { clock: this.#options.clock, userAgent })
    this.#clients.push(client)
    return client
  }

  transport(): Transport {
    return this.#server.inProcessTransport(CLUSTER_ADMIN)
  }

  kubeconfig(): string {
    const { url } = this
    if (url === undefined) throw new TypeError('a cluster without a port has no kubeconfig')
    return kubeconfigText({ url, authority: this.#identity.authority, admin: this.#identity.admin })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopCompaction()
    await Promise.all(this.#running.map((running) => running.stop()))
    await this.#informers?.stop()
    await Promise.all(this.#clients.map((client) => client.close()))
    await this.#server.close()
    await this.#front?.close()
    await this.#store.close()
  }
}

/** Forgets history older than five minutes, and sooner where there is very much of it. */
function keepHistoryShort(store: Store, { clock, log }: LocalClusterOptions): () => void {
  let before = store.revision
  let cancel = clock.schedule(HISTORY_MS, tick)
  function tick(): void {
    try {
      store.compact(Math.max(before, store.revision - MAX_HISTORY_REVISIONS))
    } catch (error) {
      log.error('history could not be shortened', { error })
    }
    before = store.revision
    cancel = clock.schedule(HISTORY_MS, tick)
  }
  return () => cancel()
}
