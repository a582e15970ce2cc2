// The application engine: follows Applications, projects and clusters, and reconciles each application when something touches it.
import type { Application } from '../../crds/application.ts'
import { keyText, type KubeObject } from '../../kube/object.ts'
import type { LiveChange } from '../../live/cluster-cache.ts'
import type { LiveResource } from '../../live/live-resource.ts'
import { createController, type Controller, type ReconcileContext } from '../../reconcile/controller.ts'
import type { ReconcileResult } from '../../reconcile/outcome.ts'
import { parseRequestKey, type Request, requestFor, requestKey } from '../../reconcile/request.ts'
import { releaseAbandonedHooks } from './abandoned-hooks.ts'
import { AppMemories } from './app-memory.ts'
import { markedName, projectOf, requestOfMark } from './application-name.ts'
import { Clusters } from './clusters.ts'
import type { Comparison } from './comparison-result.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { EngineDependencies } from './dependencies.ts'
import { createEngineMetrics, type EngineMetrics } from './engine-metrics.ts'
import { type FollowedObjects, followObjects } from './followed-objects.ts'
import { levelOfChange } from './live-change.ts'
import { reconcileApplication } from './reconcile-application.ts'
import { type CompareLevel, higherLevel } from './refresh-decision.ts'
import { SourceFollower } from './source-follower.ts'
import { countOrphans } from './summary.ts'
import { TargetIndex } from './target-index.ts'

const DEFAULT_WORKERS = 20
/** Errors of a pass itself (conflicts, an API server that is away) are retried quickly. */
const BACKOFF = { baseMs: 20, maxMs: 30_000 }

/**
 * After a pass an application rests for this many times the pass' duration, in which changes in the cluster are gathered: a
 * storm of events costs no more than two hundredths of a processor, whatever the application's size.
 */
const REST_FACTOR = 50
const MAX_REST_MS = 1000

type TreeListener = (request: Request) => void

/** Runs from `start` to `stop`. */
export class ApplicationEngine {
  readonly clusters: Clusters
  readonly memories: AppMemories
  readonly #dependencies: EngineDependencies
  readonly #controller: Controller
  readonly #targets = new TargetIndex()
  readonly #follower: SourceFollower
  readonly #metrics: EngineMetrics | undefined
  readonly #treeListeners = new Set<TreeListener>()
  /** Keys of applications whose cluster is being read for the first time. */
  readonly #waiting = new Set<string>()
  readonly #ends: (() => unknown)[] = []
  /** Changes of a cluster that came since the last turn, by server. */
  readonly #batches = new Map<string, { size: number; readonly startMs: number }>()
  #followed: FollowedObjects | undefined

  constructor(dependencies: EngineDependencies) {
    const { clock, log, workers } = dependencies
    this.#dependencies = dependencies
    this.clusters = new Clusters(dependencies)
    this.memories = new AppMemories(dependencies.random)
    this.#metrics = dependencies.metrics === undefined ? undefined : this.#measure(dependencies.metrics)
    this.#controller = createController({
      name: 'applications',
      reconcile: (request, context) => this.#reconcile(request, context),
      clock,
      log,
      workers: workers ?? DEFAULT_WORKERS,
      backoff: BACKOFF,
    })
    this.#follower = new SourceFollower({
      clock,
      desired: dependencies.desired,
      memories: this.memories,
      applications: () => this.applications(),
      refresh: (request, level) => this.refresh(request, level),
      follow: (request) => this.#lookAt(request),
      isBusy: () => this.#controller.statistics().depth > 0,
    })
  }

  async start(): Promise<void> {
    this.clusters.onChange((server, change) => this.#onLiveChange(server, change))
    await this.clusters.start()
    const followed = this.#dependencies.followed ?? (await this.#follow())
    this.#followed = followed
    this.#ends.push(
      followed.applications.onChange(({ object }) => this.enqueue(requestFor(object))),
      followed.projects.onChange(({ object }) => this.#onProject(object)),
    )
    this.#follower.start()
    this.#controller.start()
  }

  async stop(): Promise<void> {
    await this.#follower.stop()
    await this.#controller.stop()
    await Promise.all(this.#ends.map((end) => end()))
    await this.clusters.stop()
  }

  /** Resolves when no application is due now. */
  idle(): Promise<void> {
    return this.#controller.idle()
  }

  enqueue(request: Request): void {
    const { namespace, allowsNamespace } = this.#dependencies
    if (request.namespace !== namespace && allowsNamespace?.(request.namespace) !== true) return
    this.#controller.enqueue(request)
  }

  /** Asks for a comparison of an application at least at the level. */
  refresh(request: Request, level: CompareLevel): void {
    this.memories.ask(requestKey(request), level)
    this.enqueue(request)
  }

  /** A ref of a repository has moved: applications it changes are compared at once, the others get their revision later. */
  onSourceMoved(repoURL: string): void {
    this.#follower.moved(repoURL)
  }

  /** All applications as last seen. */
  applications(): readonly Application[] {
    return [...(this.#followed?.applications.list() ?? [])]
  }

  /** One application as last seen; undefined where there is none. */
  application(request: Request): Application | undefined {
    return this.#followed?.applications.get(request.namespace, request.name)
  }

  /** The comparison of an application once it has been made; undefined where that takes longer. */
  async firstComparison(request: Request, timeoutMs: number): Promise<Comparison | undefined> {
    const done = Promise.withResolvers<void>()
    const key = requestKey(request)
    const stop = this.onTreeChange((changed) => {
      if (requestKey(changed) === key && this.memories.get(key)?.comparison !== undefined) done.resolve()
    })
    const cancel = this.#dependencies.clock.schedule(timeoutMs, done.resolve)
    try {
      await done.promise
    } finally {
      cancel()
      stop()
    }
    return this.memories.get(key)?.comparison
  }

  /** Calls `listener` when an object in an application's tree has changed. */
  onTreeChange(listener: TreeListener): () => void {
    this.#treeListeners.add(listener)
    return () => this.#treeListeners.delete(listener)
  }

  /** Other clusters may be ours now: those that are not are let go, all applications are looked at. */
  onShards(): void {
    const { isOurs = () => true } = this.#dependencies
    this.clusters.release(isOurs)
    for (const object of this.applications()) this.enqueue(requestFor(object))
  }

  /** The settings have changed in what they decide of live objects. */
  onSettings(): void {
    this.clusters.reset()
    for (const object of this.applications()) this.refresh(requestFor(object), 'recent')
  }

  /** What all projects permit may have changed: global projects, repositories that belong to one. */
  onProjects(): void {
    for (const object of this.applications()) this.refresh(requestFor(object), 'recent')
  }

  #lookAt(request: Request): void {
    const memory = this.memories.get(requestKey(request))
    if (memory === undefined) return
    memory.isToLook = true
    this.enqueue(request)
  }

  #measure(metrics: Metrics): EngineMetrics {
    return createEngineMetrics(metrics, {
      applications: () => this.applications(),
      serverOf: ({ spec }) => this.clusters.serverOf(spec.destination),
      applicationLabels: this.#dependencies.metricsLabels ?? [],
      clusterLabels: this.#dependencies.clusterMetricsLabels ?? [],
      clusters: () => this.clusters.figures(),
      orphansOf: (application) => this.#orphansOf(requestFor(application)),
      queue: () => this.#controller.statistics(),
      watchFault: () => this.#followed?.applications.error,
      clock: this.#dependencies.clock,
    })
  }

  #orphansOf(request: Request): number | undefined {
    const comparison = this.memories.get(requestKey(request))?.comparison
    const cache = comparison === undefined ? undefined : this.clusters.startedCache(comparison.cluster.server)
    return comparison === undefined || cache === undefined ? undefined : countOrphans(cache, comparison)
  }

  async #follow(): Promise<FollowedObjects> {
    const followed = await followObjects(this.#dependencies)
    this.#ends.push(() => followed.stop())
    return followed
  }

  async #reconcile(request: Request, context: ReconcileContext): Promise<ReconcileResult> {
    const key = requestKey(request)
    const object = this.application(request)
    if (object === undefined || this.#followed === undefined) {
      await this.#letHooksGo(request, context.signal)
      this.memories.forget(key)
      this.#metrics?.forget(request)
      this.#targets.set(key, [])
      return 'done'
    }
    if (!this.#isOurs(object)) {
      this.memories.forget(key)
      this.#targets.set(key, [])
      return 'done'
    }
    if (this.#waitsForCluster(object)) return 'done'
    const memory = this.memories.open(key)
    const before = memory.comparison
    const { clock } = this.#dependencies
    const startMs = clock.now()
    const result = await reconcileApplication({
      dependencies: this.#dependencies,
      clusters: this.clusters,
      followed: this.#followed,
      metrics: this.#metrics,
      memory,
      object,
      signal: context.signal,
      log: context.log,
    })
    memory.restUntilMs = clock.now() + Math.min(MAX_REST_MS, REST_FACTOR * (clock.now() - startMs))
    if (memory.comparison !== before) {
      this.#metrics?.reconciled(object, this.clusters.serverOf(object.spec.destination), clock.now() - startMs)
      this.#targets.set(key, memory.comparison?.objects.map((compared) => keyText(compared.key)) ?? [])
      this.#tellTree(request)
    }
    return result
  }

  /**
   * A cluster that is still being read holds up nobody but its own applications, and no worker: they come again when it is
   * there, or when it has failed and they are to say so.
   */
  #waitsForCluster(object: Application): boolean {
    const pending = this.clusters.pendingOf(object.spec.destination)
    if (pending === undefined) return false
    const request = requestFor(object)
    const key = requestKey(request)
    if (this.#waiting.has(key)) return true
    this.#waiting.add(key)
    const again = (): void => {
      this.#waiting.delete(key)
      this.enqueue(request)
    }
    // Why a cluster failed is said by the pass that follows.
    void pending.then(again)
    return true
  }

  /** Upstream: an application that goes to no known cluster is of the first shard. */
  #isOurs({ spec }: Application): boolean {
    const { isOurs } = this.#dependencies
    if (isOurs === undefined) return true
    const server = this.clusters.serverOf(spec.destination)
    return isOurs(this.clusters.list().find((record) => record.server === server))
  }

  async #letHooksGo(request: Request, signal: AbortSignal): Promise<void> {
    const cluster = this.memories.get(requestKey(request))?.comparison?.cluster
    if (cluster === undefined) return
    const cache = this.clusters.cacheOf(cluster)
    if (cache.isReady) await releaseAbandonedHooks(cache, markedName(request, this.#dependencies.namespace), signal)
  }

  #onLiveChange(server: string, change: LiveChange | undefined): void {
    if (change === undefined) {
      for (const request of this.#requestsOf(server)) this.refresh(request, 'recent')
      return
    }
    const changed = change.next ?? change.old
    if (changed !== undefined) this.#count(server, changed)
    const level = levelOfChange(change, this.#dependencies.settings())
    for (const [name, part] of this.#touchedBy(change)) {
      const request = parseRequestKey(name)
      const asked = level[part]
      if (asked !== undefined) this.#refreshAfterChange(request, asked)
      this.#tellTree(request)
    }
  }

  /** What arrives together counts as one batch, as upstream works through its events. */
  #count(server: string, changed: LiveResource): void {
    const metrics = this.#metrics
    if (metrics === undefined) return
    metrics.changed(server, changed.key)
    const batch = this.#batches.get(server)
    if (batch !== undefined) {
      batch.size++
      return
    }
    const { clock } = this.#dependencies
    const begun = { size: 1, startMs: clock.now() }
    this.#batches.set(server, begun)
    clock.schedule(0, () => {
      this.#batches.delete(server)
      metrics.handled(server, begun.size, clock.now() - begun.startMs)
    })
  }

  /** At once, unless the application was just compared and may rest; a running operation waits for nothing. */
  #refreshAfterChange(request: Request, level: CompareLevel): void {
    const object = this.application(request)
    if (object === undefined) return
    const memory = this.memories.open(requestKey(request))
    memory.asked = higherLevel(memory.asked, level)
    const restMs = memory.restUntilMs - this.#dependencies.clock.now()
    if (restMs <= 0 || object.operation !== undefined) this.enqueue(request)
    else this.#controller.enqueueAfter(request, restMs)
  }

  /** Keys of the applications a change concerns, and whether the object is one of theirs or one that theirs own. */
  #touchedBy({ apps, next, old }: LiveChange): ReadonlyMap<string, 'root' | 'owned'> {
    const touched = new Map<string, 'root' | 'owned'>()
    for (const app of apps) {
      const isRoot = next?.app === app || old?.app === app
      touched.set(requestKey(requestOfMark(app, this.#dependencies.namespace)), isRoot ? 'root' : 'owned')
    }
    const id = (next ?? old)?.id
    for (const name of id === undefined ? [] : this.#targets.get(id)) touched.set(name, 'root')
    return touched
  }

  #requestsOf(server: string): readonly Request[] {
    return this.applications()
      .filter(
        (object) =>
          this.memories.get(requestKey(requestFor(object)))?.comparison?.cluster.server === server ||
          this.#isFailing(object),
      )
      .map(requestFor)
  }

  /** An application that could not be compared may have waited for just this cluster. */
  #isFailing(object: KubeObject): boolean {
    return this.memories.get(requestKey(requestFor(object)))?.comparison === undefined
  }

  /** A global project counts for others, whichever its selector fits. */
  #onProject(project: KubeObject): void {
    const { name } = project.metadata
    const isGlobal = this.#dependencies.settings().globalProjects.some(({ projectName }) => projectName === name)
    for (const object of this.applications()) {
      if (isGlobal || projectOf(object.spec) === name) this.refresh(requestFor(object), 'recent')
    }
  }

  #tellTree(request: Request): void {
    for (const listener of this.#treeListeners) listener(request)
  }
}
