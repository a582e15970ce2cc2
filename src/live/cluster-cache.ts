// Follows everything in one cluster: what is there, who owns it, which application it belongs to, and what changes.
import { sleep, type Clock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { withAbort } from '../base/with-abort.ts'
import { KubeError, type KubeClient, type ResourceType } from '../kube/client/client.ts'
import { Informer } from '../kube/client/informer.ts'
import { type GroupKind, type GroupVersionKind, kindOf, type KubeObject, type ObjectKey } from '../kube/object.ts'
import { apiVersionsOf } from './api-versions.ts'
import { type LiveResource, type Reading, toLiveResource } from './live-resource.ts'
import { ObjectIndex } from './object-index.ts'
import { isRefusal, mayList, RefusedKinds, type RespectRbac } from './refused-kinds.ts'
import { isWatched } from './watched-kinds.ts'

/** How long a cluster that did not answer is left alone. */
const RETRY_MS = 5_000
/** How long the first lists may take before the cluster counts as unreadable. */
const READY_TIMEOUT_MS = 60_000
const PROBE_MS = 15_000
/** How often discovery is read anew where the CRDs of a cluster are not followed. */
const REDISCOVER_MS = 60_000
/** How long `/version` is believed. */
const VERSION_AGE_MS = 60_000
/** How long a kind counts as unserved before the cluster is asked again: an aggregated API may have come. */
const MISS_AGE_MS = 5_000

export interface LiveChange {
  readonly old: LiveResource | undefined
  /** Absent when the object is gone. */
  readonly next: LiveResource | undefined
  /** The applications that own the object, before or after the change. */
  readonly apps: ReadonlySet<string>
}

export interface ClusterCacheOptions extends Reading {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Kinds the settings exclude. */
  readonly isExcluded: (kind: GroupKind) => boolean
  /** Limits what is followed to these namespaces; all when empty. */
  readonly namespaces?: readonly string[]
  /** Follows cluster-scoped kinds too where namespaces limit the others. Default: no, as those would be refused. */
  readonly clusterResources?: boolean
  /** What becomes of kinds that the login may not list. Default: the cluster cannot be read. */
  readonly respectRbac?: () => RespectRbac
  /** How often a cluster that is followed is asked whether it still answers and still knows who asks. Default 15 s. */
  readonly probeMs?: number
  /** Called for each change after the first lists. */
  readonly onChange: (change: LiveChange) => void
  /** Called when kinds have come or gone. */
  readonly onKinds: () => void
}

export interface ClusterVersion {
  /** `1.36.3` */
  readonly kubeVersion: string
  /** `v1`, `apps/v1`, `apps/v1/Deployment` … */
  readonly apiVersions: readonly string[]
}

/** Runs from `start` until `stop`. */
export class ClusterCache {
  readonly #options: ClusterCacheOptions
  readonly #index = new ObjectIndex()
  readonly #informers = new Map<string, readonly Informer<LiveResource>[]>()
  readonly #scopes = new Map<string, boolean>()
  readonly #controller = new AbortController()
  readonly #served = new Set<string>()
  readonly #unserved = new Map<string, number>()
  readonly #refused = new RefusedKinds()
  #types: readonly ResourceType[] = []
  #running: Promise<void> | undefined
  #isReady = false
  /** When the first lists were in. */
  #readAtMs: number | undefined
  #error: string | undefined
  /** Why the last probe failed. */
  #lost: string | undefined
  #probing: Promise<void> | undefined
  #ready = Promise.withResolvers<void>()
  #version: { readonly text: string; readonly atMs: number } | undefined
  /** The request for the version that is under way. */
  #reading: Promise<void> | undefined
  #kinds: Promise<void> | undefined
  #kindsMoved = false
  #kindsVersion = 0
  #apiVersions: { readonly types: readonly ResourceType[]; readonly names: readonly string[] } | undefined

  constructor(options: ClusterCacheOptions) {
    this.#options = options
    this.#ready.promise.catch(() => undefined)
  }

  get client(): KubeClient {
    return this.#options.client
  }

  /** Why the cluster cannot be read; undefined while all is well. */
  get error(): string | undefined {
    return this.#error
  }

  /** Why the cluster cannot be reached now, also where what was read before is still looked at. */
  get connectionError(): string | undefined {
    return this.#error ?? this.#lost
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** How long ago the cluster was listed as a whole; undefined where it never was. Watches have kept it up to date since. */
  get ageMs(): number | undefined {
    return this.#readAtMs === undefined ? undefined : this.#options.clock.now() - this.#readAtMs
  }

  /** The cluster's version, as far as it is known. */
  get knownVersion(): string {
    return this.#version?.text ?? ''
  }

  /** How many kinds are followed. */
  get kindCount(): number {
    return this.#types.length
  }

  /** How many objects are known. */
  get size(): number {
    return this.#index.size
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#controller.abort(new Error('cluster cache stopped'))
    this.#ready.reject(new Error('cluster cache stopped'))
    await this.#running
    await this.#probing
    await this.#kinds
    await Promise.all([...this.#informers.values()].flat().map((informer) => informer.stop()))
  }

  /** Resolves when the first lists are in. Throws `unavailable` with the cluster's error where it cannot be read. */
  async whenReady(): Promise<void> {
    this.start()
    if (this.#error !== undefined) throw new CapstanError('unavailable', this.#error)
    await this.#ready.promise
  }

  get(key: ObjectKey): LiveResource | undefined {
    return this.#index.get(key)
  }

  /** Objects that carry the mark of an application. */
  ofApp(app: string): ReadonlySet<LiveResource> {
    return this.#index.ofApp(app)
  }

  ofNamespace(namespace: string): ReadonlySet<LiveResource> {
    return this.#index.ofNamespace(namespace)
  }

  childrenOf(parent: LiveResource): readonly LiveResource[] {
    return this.#index.childrenOf(parent)
  }

  parentsOf(child: LiveResource): readonly LiveResource[] {
    return this.#index.parentsOf(child)
  }

  /** Changes whenever kinds have come or gone. */
  get kindsVersion(): number {
    return this.#kindsVersion
  }

  /** True: namespaced; false: cluster scope; undefined: the cluster does not serve the kind. */
  scopeOf(kind: GroupKind): boolean | undefined {
    return this.#scopes.get(`${kind.group}/${kind.kind}`)
  }

  /** True where the cluster serves the kind in any or, asked again by the client, in exactly this version. */
  async serves(kind: GroupVersionKind, signal?: AbortSignal): Promise<boolean> {
    const name = `${kind.group}/${kind.version}/${kind.kind}`
    if (this.#served.has(name)) return true
    const { clock } = this.#options
    const missedMs = this.#unserved.get(name)
    if (missedMs !== undefined && clock.now() - missedMs < MISS_AGE_MS) return false
    const found = (await this.client.resourceOf(kind, signal)) !== undefined
    if (found) this.#served.add(name)
    else this.#unserved.set(name, clock.now())
    return found
  }

  /** True where all objects of the kind are known: followed, and listed once. */
  follows(kind: GroupKind): boolean {
    const informers = this.#informersOf(kind)
    return informers.length > 0 && informers.every((informer) => informer.isSynced)
  }

  /** Takes an object as the cluster has just answered it, so that nobody looks at an older one. */
  observe(object: KubeObject): void {
    const { group, kind } = kindOf(object)
    if (this.#informersOf({ group, kind }).length > 0) this.#put(toLiveResource(object, this.#options))
  }

  /** What charts may ask about the cluster. */
  async version(signal?: AbortSignal): Promise<ClusterVersion> {
    await this.whenReady()
    const { clock } = this.#options
    if (this.#version === undefined || clock.now() - this.#version.atMs > VERSION_AGE_MS) {
      await withAbort(this.#readVersion(), signal)
    }
    if (this.#apiVersions?.types !== this.#types) {
      this.#apiVersions = { types: this.#types, names: apiVersionsOf(this.#types) }
    }
    return { kubeVersion: this.knownVersion, apiVersions: this.#apiVersions.names }
  }

  #informersOf({ group, kind }: GroupKind): readonly Informer<LiveResource>[] {
    const type = this.#types.find((one) => one.group === group && one.kind === kind)
    return type === undefined ? [] : (this.#informers.get(typeName(type)) ?? [])
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller
    while (!signal.aborted) {
      try {
        await this.#followAll()
        const hadFailed = this.#error !== undefined
        this.#error = undefined
        this.#isReady = true
        this.#readAtMs = this.#options.clock.now()
        this.#ready.resolve()
        // CRDs that came between discovery and their own list.
        if (this.#kindsMoved) this.#relearn()
        if (hadFailed) this.#options.onKinds()
        this.#probing = this.#probe()
        return
      } catch (error) {
        if (signal.aborted) return
        this.#fail(error)
        await sleep(this.#options.clock, RETRY_MS, signal).catch(() => undefined)
      }
    }
  }

  /** Watches that are open say nothing of a network that is gone or of a login that was revoked. */
  async #probe(): Promise<void> {
    const { clock, log, probeMs = PROBE_MS } = this.#options
    const { signal } = this.#controller
    let rediscoverAtMs = clock.now() + REDISCOVER_MS
    while (!signal.aborted) {
      await sleep(clock, probeMs, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#readVersion()
        if (this.#lost !== undefined) log.info('cluster answers again')
        this.#lost = undefined
      } catch (error) {
        if (this.#lost === undefined && !signal.aborted) log.warn('cluster does not answer', { error })
        this.#lost = messageOf(error)
      }
      if (this.#followsDefinitions() || clock.now() < rediscoverAtMs) continue
      rediscoverAtMs = clock.now() + REDISCOVER_MS
      this.#relearn()
    }
  }

  #followsDefinitions(): boolean {
    return this.#informersOf({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' }).length > 0
  }

  /** One request, however many ask at once; no one of them ends it. */
  #readVersion(): Promise<void> {
    this.#reading ??= this.#askVersion().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #askVersion(): Promise<void> {
    const { gitVersion } = await this.client.serverVersion(this.#controller.signal)
    this.#version = { text: gitVersion.replace(/^v/, ''), atMs: this.#options.clock.now() }
  }

  #fail(error: unknown): void {
    this.#error = messageOf(error)
    this.#options.log.warn('cluster cannot be read', { error })
    const failed = this.#ready
    this.#ready = Promise.withResolvers<void>()
    this.#ready.promise.catch(() => undefined)
    failed.reject(new CapstanError('unavailable', this.#error, { cause: error }))
  }

  async #followAll(): Promise<void> {
    this.#learn(await this.client.resources(this.#controller.signal))
    await this.#firstLists()
  }

  /** Takes in what the cluster serves: starts to follow new kinds, stops for those that have gone. */
  #learn(types: readonly ResourceType[]): void {
    const now = this.#options.clock.now()
    const watched = types.filter(
      (type) =>
        isWatched(type, this.#options.isExcluded) && this.#isInReach(type) && !this.#refused.has(typeName(type), now),
    )
    const names = new Set(watched.map(typeName))
    const served = types.map(typeName).toSorted().join(' ')
    if (served !== this.#types.map(typeName).toSorted().join(' ')) this.#kindsVersion++
    this.#types = types
    this.#scopes.clear()
    this.#served.clear()
    this.#unserved.clear()
    for (const type of types) {
      this.#scopes.set(`${type.group}/${type.kind}`, type.namespaced)
      this.#served.add(`${type.group}/${type.version}/${type.kind}`)
    }
    for (const type of watched) if (!this.#informers.has(typeName(type))) this.#follow(type)
    for (const [name, informers] of this.#informers) if (!names.has(name)) this.#unfollow(name, informers)
  }

  /** A login for some namespaces may not list what stands outside of them. */
  #isInReach({ namespaced }: ResourceType): boolean {
    const { namespaces = [], clusterResources = false } = this.#options
    return namespaced || namespaces.length === 0 || clusterResources
  }

  #follow(type: ResourceType): void {
    const { client, clock, log, namespaces = [] } = this.#options
    const transform = (object: KubeObject): LiveResource => toLiveResource(object, this.#options)
    const limits = type.namespaced && namespaces.length > 0 ? namespaces.map((namespace) => ({ namespace })) : [{}]
    const onFault = (error: unknown): void => {
      if (isRefusal(error)) void this.#respect(type, error)
      else if (!this.#isReady && error instanceof KubeError && error.status === 404) this.#lose(type)
    }
    const informers = limits.map((limit) => {
      const informer = new Informer<LiveResource>({ client, type, clock, log, transform, onFault, ...limit })
      informer.onChange(({ type: change, object }) => {
        if (change === 'DELETED') this.#delete(object)
        else this.#put(object)
      })
      informer.start()
      return informer
    })
    this.#informers.set(typeName(type), informers)
  }

  /** Leaves a kind out that the login may not list, where the settings say so. */
  async #respect(type: ResourceType, error: unknown): Promise<void> {
    const { client, clock, log, respectRbac = () => 'no', namespaces = [], clusterResources = false } = this.#options
    const how = respectRbac()
    const { signal } = this.#controller
    const name = typeName(type)
    if (how === 'no' || !this.#informers.has(name)) return
    try {
      if (how === 'strict' && (await mayList(client, type, { namespaces, clusterResources, signal }))) return
    } catch (fault) {
      if (!signal.aborted) log.warn('cannot ask what may be listed', { resource: type.resource, error: fault })
      return
    }
    const informers = this.#informers.get(name)
    if (informers === undefined) return
    log.info('left out, as it may not be listed', { resource: type.resource, error })
    this.#refused.add(name, clock.now())
    this.#unfollow(name, informers)
  }

  /** A kind that went between discovery and its first list: the others do not wait for it. */
  #lose(type: ResourceType): void {
    const informers = this.#informers.get(typeName(type))
    if (informers === undefined) return
    this.#kindsMoved = true
    this.#unfollow(typeName(type), informers)
  }

  #unfollow(name: string, informers: readonly Informer<LiveResource>[]): void {
    this.#informers.delete(name)
    for (const informer of informers) {
      for (const object of informer.list()) this.#delete(object)
      informer.stop().catch((error: unknown) => this.#options.log.warn('informer did not stop', { error }))
    }
  }

  async #firstLists(): Promise<void> {
    const all = [...this.#informers.values()].flat()
    const synced = all.map(async (informer) => {
      try {
        await informer.hasSynced
      } catch (error) {
        // One that was left out meanwhile is not waited for.
        if (this.#informers.get(typeName(informer.type))?.includes(informer) === true) throw error
      }
    })
    const timeout = Promise.withResolvers<never>()
    const cancel = this.#options.clock.schedule(READY_TIMEOUT_MS, () => timeout.reject(unlisted(all)))
    try {
      await withAbort(Promise.race([Promise.all(synced), timeout.promise]), this.#controller.signal)
    } finally {
      cancel()
    }
  }

  #put(resource: LiveResource): void {
    const { taken, old } = this.#index.put(resource)
    if (!taken) return
    if (resource.kind === 'CustomResourceDefinition') this.#relearn()
    this.#tell(old, resource)
  }

  #delete(resource: LiveResource): void {
    const apps = this.#index.applicationsOf(resource)
    const old = this.#index.delete(resource.id, resource.metadata.uid ?? '')
    if (old === undefined) return
    if (resource.kind === 'CustomResourceDefinition') this.#relearn()
    if (this.#isReady) this.#options.onChange({ old, next: undefined, apps })
  }

  #tell(old: LiveResource | undefined, next: LiveResource): void {
    if (!this.#isReady) return
    const apps = new Set([...this.#index.applicationsOf(next), ...(old?.app === undefined ? [] : [old.app])])
    this.#options.onChange({ old, next, apps })
  }

  /** A CRD came, changed or went: reads discovery anew, several changes at once. */
  #relearn(): void {
    this.#kindsMoved = true
    this.#unserved.clear()
    if (!this.#isReady || this.#kinds !== undefined) return
    this.#kinds = this.#readKinds().finally(() => {
      this.#kinds = undefined
    })
  }

  async #readKinds(): Promise<void> {
    const { clock, log, onKinds } = this.#options
    const { signal } = this.#controller
    let delayMs = SETTLE_MS
    while (this.#kindsMoved && !signal.aborted) {
      try {
        await sleep(clock, delayMs, signal)
        this.#kindsMoved = false
        // A kind nobody serves: the miss makes the client read discovery anew.
        await this.client.resourceOf(UNKNOWN_KIND, signal)
        this.#learn(await this.client.resources(signal))
        delayMs = SETTLE_MS
        onKinds()
      } catch (error) {
        if (signal.aborted) return
        log.warn('cannot read what the cluster serves', { error })
        this.#kindsMoved = true
        delayMs = RETRY_MS
      }
    }
  }
}

/** Between a CRD's change and its kind being served. */
const SETTLE_MS = 50
const UNKNOWN_KIND = { group: 'capstan.invalid', kind: 'Unknown' }

function typeName(type: ResourceType): string {
  return `${type.group}/${type.version}/${type.resource}`
}

function unlisted(informers: readonly Informer<LiveResource>[]): CapstanError {
  const missing = informers.filter((informer) => !informer.isSynced)
  const names = [...new Set(missing.map((informer) => informer.type.resource))].join(', ')
  const cause = missing.find((informer) => informer.error !== undefined)?.error
  const why = cause === undefined ? '' : `: ${messageOf(cause)}`
  return new CapstanError('unavailable', `failed to load initial state of resources ${names}${why}`, { cause })
}
