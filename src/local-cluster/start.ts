// Starts the embedded cluster: storage, API server, TLS port, controllers, simulated nodes.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { createClient } from '../kube/client/create-client.ts'
import { InformerSet } from '../kube/client/informer-set.ts'
import type { Transport } from '../kube/client/transport.ts'
import { HISTORY_MS } from './apiserver/limits.ts'
import { NodeRefusal, type PodBackend, type TokenIssuer } from './apiserver/hooks.ts'
import { createApiServer, type ApiServer } from './apiserver/server.ts'
import { CLUSTER_ADMIN, type UserInfo } from './apiserver/user.ts'
import { kubeconfigText, type ClusterAccess } from './kubeconfig.ts'
import { openDirectoryStore, openMemorySnapshot, openMemoryStore } from './storage/open-store.ts'
import { snapshotText, type SnapshotAbout } from './storage/snapshot.ts'
import type { Store } from './storage/store.ts'
import { bootstrapCluster } from './start-bootstrap.ts'
import { measuredCatalogue } from './start-catalogue.ts'
import { startHttp, type HttpFront } from './start-http.ts'
import { withSnapshots } from './start-snapshot.ts'
import { clusterIdentity, type ClusterIdentity } from './start-tls.ts'
import { openTokenKeys, type TokenKeys } from './start-token-keys.ts'
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
  /** Commits wait for the disk. Default false: what was answered survives kill -9; a power cut may take the last seconds. */
  readonly durable?: boolean
  /** The text of a snapshot that a cluster in memory begins with. */
  readonly snapshot?: AsyncIterable<string>
  /** The context in its kubeconfig. Default `capstan`. */
  readonly name?: string
  /** Of the program, for snapshots taken over the port. */
  readonly version?: string
  /** TCP port of the API server; 0 takes a free one; absent: no port at all, in process only. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly address?: string
  /** Starts the controllers; absent: none run. */
  readonly controllers?: (options: RunnerOptions) => Promise<Running>
  /** Starts the simulated nodes; absent: there are none. */
  readonly kubelet?: (options: RunnerOptions) => Promise<Running & PodBackend>
  /** Users by static tokens (`parseTokenFile`). */
  readonly staticTokens?: ReadonlyMap<string, UserInfo>
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
  /** What `kubeconfig` is made of, to make one for several clusters. Throws where there is no port. */
  access(): ClusterAccess
  /** The state of now as text; holds every Secret in clear. */
  snapshot(about: Pick<SnapshotAbout, 'capstan'>): AsyncIterable<string>
  /** Stops what runs on it, ends watches and connections, gives the data directory back. */
  close(): Promise<void>
}

/** Resolves once the cluster answers and what runs on it has started. Throws `CapstanError` for a data directory or address that cannot be used. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const store = await openStore(options)
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

async function openStore({ dataDir, durable, snapshot, log }: LocalClusterOptions): Promise<Store> {
  const onCompactionError = (error: unknown): void => log.error('history could not be shortened', { error })
  if (dataDir !== undefined)
    return openDirectoryStore({ directory: dataDir, durable: durable === true, onCompactionError })
  return snapshot === undefined
    ? openMemoryStore({ onCompactionError })
    : openMemorySnapshot(snapshot, { onCompactionError })
}

/** A start has better things to do with the processor; who needs the key sooner makes it. */
const TOKEN_KEY_DELAY_MS = 3000

class StartedCluster implements LocalCluster {
  readonly #options: LocalClusterOptions
  readonly #store: Store
  readonly #server: ApiServer
  readonly #identity: ClusterIdentity
  readonly #tokenKeys: TokenKeys
  readonly #running: Running[] = []
  readonly #clients: KubeClient[] = []
  #front: HttpFront | undefined
  #kubelet: PodBackend | undefined
  #informers: InformerSet | undefined
  #stopCompaction: () => void = () => {}
  #stopTokenKey: () => void = () => {}
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
    this.#tokenKeys = openTokenKeys(options.dataDir)
    this.#server = createApiServer({
      store,
      catalogue: measuredCatalogue(),
      clock,
      log,
      tokens: this.#tokenIssuer(),
      // The kubelet starts after the server it registers with.
      ...(options.kubelet === undefined ? {} : { pods: this.#pods() }),
    })
  }

  #pods(): PodBackend {
    const kubelet = (): PodBackend => {
      if (this.#kubelet === undefined) throw new NodeRefusal(503, 'the simulated kubelet is not running yet')
      return this.#kubelet
    }
    return {
      log: async (pod, query) => kubelet().log(pod, query),
      exec: async (pod, query) => kubelet().exec(pod, query),
      attach: async (pod, query) => kubelet().attach(pod, query),
      forward: async (pod) => kubelet().forward(pod),
    }
  }

  #tokenIssuer(): TokenIssuer {
    const { clock, staticTokens } = this.#options
    const known = staticTokens === undefined ? {} : { staticTokens }
    return createTokenIssuer({ keys: this.#tokenKeys, clock, store: this.#store, ...known })
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
        server: withSnapshots(this.#server, () => this.snapshot({ capstan: this.#options.version ?? 'unknown' })),
        tokens: this.#tokenIssuer(),
        authority,
        certificate,
        port,
        address,
        log,
      })
    }
    await this.#startRunners()
    const { dataDir, clock } = this.#options
    if (dataDir !== undefined) this.#stopTokenKey = clock.schedule(TOKEN_KEY_DELAY_MS, () => this.#makeTokenKey())
  }

  /** Most clusters that are kept need it at some time, and nobody waits for it here. */
  #makeTokenKey(): void {
    const { log } = this.#options
    this.#tokenKeys.signing().catch((error: unknown) => {
      if (this.#closing === undefined) log.error('the key of tokens could not be kept', { error })
    })
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
    return kubeconfigText(this.access())
  }

  access(): ClusterAccess {
    const { url } = this
    if (url === undefined) throw new TypeError('a cluster without a port has no kubeconfig')
    const { authority, admin } = this.#identity
    return { name: this.#options.name ?? 'capstan', url, authority, admin }
  }

  snapshot({ capstan }: Pick<SnapshotAbout, 'capstan'>): AsyncIterable<string> {
    return snapshotText(this.#store, { capstan, nowMs: this.#options.clock.now() })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopCompaction()
    this.#stopTokenKey()
    await Promise.all(this.#running.map((running) => running.stop()))
    await this.#informers?.stop()
    await Promise.all(this.#clients.map((client) => client.close()))
    await this.#server.close()
    await this.#front?.close()
    await this.#store.close()
  }
}

/** Forgets history older than five minutes; where there is very much of it, the store does so by itself. */
function keepHistoryShort(store: Store, { clock }: LocalClusterOptions): () => void {
  let before = store.revision
  let cancel = clock.schedule(HISTORY_MS, tick)
  function tick(): void {
    store.compact(before)
    before = store.revision
    cancel = clock.schedule(HISTORY_MS, tick)
  }
  return () => cancel()
}
