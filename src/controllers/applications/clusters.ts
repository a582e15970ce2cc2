// The clusters applications may go to: the one the control plane lives in, and those of cluster Secrets; a cache of each in use.
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { ApplicationDestination } from '../../crds/application.ts'
import { assessHealth } from '../../health/assess.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { type ChangeEvent, Informer } from '../../kube/client/informer.ts'
import type { Transport } from '../../kube/client/transport.ts'
import type { KubeObject } from '../../kube/object.ts'
import { fieldAt, textAt } from '../../kube/field.ts'
import { ClusterCache, type LiveChange } from '../../live/cluster-cache.ts'
import { applicationOf } from '../../live/tracking.ts'
import { IN_CLUSTER, IN_CLUSTER_NAME, IN_CLUSTER_SERVER, parseCluster } from '../../settings/clusters.ts'
import { type ClusterRecord, connectCluster } from './cluster-client.ts'
import { type ClusterConnectionState, connectionState } from './cluster-connection.ts'
import type { ClusterFigures } from './engine-metrics.ts'
import type { EngineSettings } from './engine-settings.ts'
import { REFRESH_ANNOTATION } from './refresh-decision.ts'

const CLUSTER_LABEL = 'argocd.argoproj.io/secret-type=cluster'

export interface ClustersOptions {
  /** The control plane's own cluster. */
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Namespace of the control plane. */
  readonly namespace: string
  readonly settings: () => EngineSettings
  /** Makes a client for a cluster of a Secret. Default: HTTP. */
  readonly connect?: (record: ClusterRecord) => KubeClient
  /** Around the transport of such a client. */
  readonly measure?: (transport: Transport, server: string) => Transport
  /** How often clusters are asked whether they still answer. Default: the cache's. */
  readonly probeMs?: number
}

interface Connected {
  readonly record: ClusterRecord
  readonly cache: ClusterCache
  /** Closed with the cache; absent for the control plane's own. */
  readonly ownClient: KubeClient | undefined
}

type ChangeListener = (server: string, change: LiveChange | undefined) => void

/** Follows cluster Secrets from `start` to `stop`; caches start when first asked for. */
export class Clusters {
  readonly #options: ClustersOptions
  readonly #records = new Map<string, ClusterRecord>()
  /** Connections being given up: their last requests end before the clients under them do. */
  readonly #closing = new Set<Promise<void>>()
  readonly #connected = new Map<string, Connected>()
  /** Of clusters that are talked to and not followed. */
  readonly #clients = new Map<string, KubeClient>()
  readonly #listeners = new Set<ChangeListener>()
  #informer: Informer | undefined
  #version = 0

  constructor(options: ClustersOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { client, clock, log, namespace } = this.#options
    const type = await client.resourceOf({ group: '', kind: 'Secret', version: 'v1' })
    if (type === undefined) throw new CapstanError('unavailable', 'the cluster serves no Secrets')
    this.#informer = new Informer({ client, type, clock, log, namespace, labelSelector: CLUSTER_LABEL })
    this.#informer.onChange((event) => this.#onSecret(event))
    this.#informer.start()
    await this.#informer.hasSynced
  }

  async stop(): Promise<void> {
    await this.#informer?.stop()
    const servers = [...this.#connected.keys(), ...this.#clients.keys()]
    await Promise.all([...this.#closing, ...servers.map((server) => this.#close(server))])
  }

  /** Called with each change in a cluster, without a change when its kinds or its Secret have changed. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Another number after each change of a Secret. */
  get version(): number {
    return this.#version
  }

  /** All clusters by server, the control plane's own included unless `cluster.inClusterEnabled` says otherwise. */
  list(): readonly ClusterRecord[] {
    const own = this.#records.get(IN_CLUSTER_SERVER) ?? IN_CLUSTER
    const ours = this.#options.settings().inClusterEnabled ? [own] : []
    return [...ours, ...[...this.#records.values()].filter((record) => record.server !== IN_CLUSTER_SERVER)]
  }

  /** The clusters registered for one project alone. */
  ofProject(project: string): readonly ClusterRecord[] {
    return this.list().filter((record) => record.project !== '' && record.project === project)
  }

  /** How the connection to a cluster stands; one that is used is connected to now. */
  connectionOf(server: string, isUsed: boolean): ClusterConnectionState {
    const record = this.list().find((candidate) => candidate.server === server)
    if (record === undefined) return { status: 'Unknown', message: `there is no cluster ${server}` }
    // What is followed already is known, used or not.
    return connectionState(record, isUsed || this.#connected.has(server), (used) => this.cacheOf(used))
  }

  /** What is known of each cluster, for metrics. */
  figures(): readonly ClusterFigures[] {
    return this.list().map(({ server, name, labels }) => {
      const cache = this.#connected.get(server)?.cache
      return {
        server,
        name,
        version: versionText(cache?.knownVersion),
        isConnected: cache !== undefined && cache.isReady && cache.connectionError === undefined,
        kinds: cache?.kindCount ?? 0,
        objects: cache?.size ?? 0,
        ageMs: cache?.ageMs,
        labels,
      }
    })
  }

  /** The cluster a destination names. Throws `bad-input` that names the bad destination. */
  find(destination: ApplicationDestination): ClusterRecord {
    const { name = '', server = '' } = destination
    if (name !== '' && server !== '') {
      throw new CapstanError(
        'bad-input',
        `application destination can't have both name and server defined: ${name} ${server}`,
      )
    }
    if (name === '' && server === '') throw new CapstanError('bad-input', 'Destination server missing from app spec')
    return name === '' ? this.#byServer(server) : this.#byName(name)
  }

  /** The server a destination goes to; empty where it names none that is known. */
  serverOf(destination: ApplicationDestination): string {
    try {
      return this.find(destination).server
    } catch {
      return '' // the application's own conditions say why
    }
  }

  /** The cache of a cluster, started now if it was not. */
  cacheOf(record: ClusterRecord): ClusterCache {
    const known = this.#connected.get(record.server)
    if (known !== undefined) return known.cache
    if (record.fault !== undefined) throw new CapstanError('bad-input', `cluster ${record.name}: ${record.fault}`)
    const ownClient = record.server === IN_CLUSTER_SERVER ? undefined : this.#connect(record)
    const cache = this.#createCache(record, ownClient ?? this.#options.client)
    this.#connected.set(record.server, { record, cache, ownClient })
    cache.start()
    return cache
  }

  /** The cache of a cluster that is followed already. */
  startedCache(server: string): ClusterCache | undefined {
    return this.#connected.get(server)?.cache
  }

  /** While the cluster of a destination is read for the first time: resolves when that has ended, well or not. */
  pendingOf(destination: ApplicationDestination): Promise<void> | undefined {
    try {
      const cache = this.cacheOf(this.find(destination))
      if (cache.isReady || cache.error !== undefined) return undefined
      return cache.whenReady().catch(() => undefined) // whoever reads it next is told why
    } catch {
      return undefined // the application's own conditions say why
    }
  }

  /** A client for a cluster, without following what is there. Throws `bad-input` where its Secret cannot be used. */
  clientOf(record: ClusterRecord): KubeClient {
    if (record.server === IN_CLUSTER_SERVER) return this.#options.client
    const known = this.#connected.get(record.server)?.cache.client ?? this.#clients.get(record.server)
    if (known !== undefined) return known
    if (record.fault !== undefined) throw new CapstanError('bad-input', `cluster ${record.name}: ${record.fault}`)
    const client = this.#connect(record)
    this.#clients.set(record.server, client)
    return client
  }

  /** Lets go of the clusters that are no longer looked after here. */
  release(isOurs: (record: ClusterRecord) => boolean): void {
    for (const { record } of this.#connected.values()) if (!isOurs(record)) this.#disconnect(record.server)
  }

  /** What the settings decide of every object has changed: all caches are read anew. */
  reset(): void {
    for (const server of this.#connected.keys()) this.#disconnect(server)
  }

  #onSecret({ type, object, old }: ChangeEvent): void {
    this.#version++
    const before = old === undefined ? undefined : recordOf(old)
    if (before !== undefined) this.#records.delete(before.server)
    const record = recordOf(object)
    if (type === 'DELETED') this.#records.delete(record.server)
    else this.#records.set(record.server, record)
    if (type === 'MODIFIED' && old !== undefined && saysTheSame(old, object)) return
    for (const server of new Set([record.server, before?.server ?? record.server])) this.#disconnect(server)
  }

  #byServer(text: string): ClusterRecord {
    const server = text.replace(/\/+$/, '')
    const found = this.list().find((record) => record.server === server)
    if (found !== undefined) return found
    if (server === IN_CLUSTER_SERVER) throw new CapstanError('bad-input', `cluster "${server}" is disabled`)
    const hint = isUrl(server) ? '' : ': this is no valid URL, expected https://<host>[:<port>]'
    throw new CapstanError('bad-input', `there is no cluster with server "${text}" configured${hint}`)
  }

  #byName(name: string): ClusterRecord {
    const named = this.list().filter((record) => record.name === name)
    // The control plane's own answers to its first name whatever it was registered as (`GetClusterServersByName`).
    const own = this.list().filter((record) => record.server === IN_CLUSTER_SERVER)
    const found = named.length === 0 && name === IN_CLUSTER_NAME ? own : named
    if (found[0] === undefined) throw new CapstanError('bad-input', `there are no clusters with this name: ${name}`)
    if (found.length > 1) {
      const servers = found.map((record) => record.server).join(' ')
      throw new CapstanError('bad-input', `there are ${found.length} clusters with the same name: [${servers}]`)
    }
    return found[0]
  }

  #connect(record: ClusterRecord): KubeClient {
    const { connect, clock, measure } = this.#options
    if (connect !== undefined) return connect(record)
    return connectCluster(record, { clock, env: process.env, ...(measure === undefined ? {} : { measure }) })
  }

  #createCache(record: ClusterRecord, client: KubeClient): ClusterCache {
    const { clock, log, settings } = this.#options
    const tell: ChangeListener = (server, change) => {
      for (const listener of this.#listeners) listener(server, change)
    }
    return new ClusterCache({
      client,
      clock,
      log: log.with({ cluster: record.name }),
      namespaces: record.namespaces,
      clusterResources: record.clusterResources,
      ...(this.#options.probeMs === undefined ? {} : { probeMs: this.#options.probeMs }),
      isExcluded: (kind) => settings().isExcluded(kind, record.server),
      respectRbac: () => settings().respectRbac,
      applicationOf: (object: KubeObject) => applicationOf(object, settings().tracking),
      health: (object: KubeObject) => assessHealth(object, settings().healthOverride),
      onChange: (change) => tell(record.server, change),
      onKinds: () => tell(record.server, undefined),
    })
  }

  #disconnect(server: string): void {
    if (!this.#connected.has(server) && !this.#clients.has(server)) return
    const closing = this.#close(server)
      .catch((error: unknown) => this.#options.log.warn('cluster not closed', { server, error }))
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
    for (const listener of this.#listeners) listener(server, undefined)
  }

  async #close(server: string): Promise<void> {
    const connected = this.#connected.get(server)
    const client = this.#clients.get(server)
    this.#connected.delete(server)
    this.#clients.delete(server)
    await connected?.cache.stop()
    await connected?.ownClient?.close()
    await client?.close()
  }
}

/** A host name has no empty label and a URL no dot after its scheme. */
function isUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return /^https?:\/\//.test(text) && (protocol === 'https:' || protocol === 'http:') && !hostname.startsWith('.')
}

/**
 * Whether what was read of a cluster still holds. Other labels, annotations and versions say nothing of the connection; upstream
 * reads a cluster anew, too, when its refresh annotation asks for it (argo-cd v3.5.1 controller/cache/cache.go handleModEvent).
 */
function saysTheSame(before: KubeObject, after: KubeObject): boolean {
  const asked = after.metadata.annotations?.[REFRESH_ANNOTATION] ?? ''
  return (
    before.metadata.uid === after.metadata.uid &&
    isDeepStrictEqual(fieldAt(before, 'data'), fieldAt(after, 'data')) &&
    (asked === '' || asked === before.metadata.annotations?.[REFRESH_ANNOTATION])
  )
}

/** A Secret that cannot be read still names its cluster, so that applications there are told why. */
function recordOf(secret: KubeObject): ClusterRecord {
  const id = secret.metadata.uid ?? ''
  try {
    return { ...parseCluster(secret), id }
  } catch (error) {
    const data = textAt(secret, 'data', 'server')
    const server = Buffer.from(data, 'base64').toString('utf8').trim().replace(/\/$/, '')
    return { ...IN_CLUSTER, id, name: secret.metadata.name ?? server, server, fault: messageOf(error) }
  }
}

/** `v<major>.<minor>.<patch>`, as upstream tells versions of clusters (gitops-engine `GetServerVersion`, v3.5.1). */
function versionText(known = ''): string {
  const numbers = /^v?(?<numbers>\d+(?:\.\d+)*)/.exec(known)?.groups?.['numbers']
  return numbers === undefined ? known : `v${numbers}`
}
