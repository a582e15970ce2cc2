// The ApplicationSet controller: follows ApplicationSets and what they depend on, and passes over each when something asks for it.
import { messageOf } from '../../base/errors.ts'
import { Metrics } from '../../base/metrics.ts'
import type { ApplicationSet } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import { ownerNameOf } from '../../generators/plan.ts'
import type { ChangeEvent, Informer } from '../../kube/client/informer.ts'
import { type Controller, createController, type ReconcileContext } from '../../reconcile/controller.ts'
import type { ReconcileResult } from '../../reconcile/outcome.ts'
import { parseRequestKey, type Request, requestFor, requestKey } from '../../reconcile/request.ts'
import type { SetDependencies } from './dependencies.ts'
import { beginPass, noteError, OWNER_INDEX, ownerKeys, type SetPass, writeStatus } from './pass.ts'
import { reconcileSet } from './reconcile-set.ts'
import { resourceStatuses } from './resource-statuses.ts'
import { asksForPass, effectOf, followsClusters, followsRepository } from './set-changes.ts'
import { createSetMetrics, type SetMetrics } from './set-metrics.ts'

const DEFAULT_WORKERS = 10
/** Errors of a pass itself (conflicts, an API server that is away) are retried quickly. */
const BACKOFF = { baseMs: 50, maxMs: 60_000 }
/** Changes of Applications are gathered this long before the status of their set tells of them. */
const STATUS_DELAY_MS = 1000

/** Runs from `start` to `stop`. */
export class ApplicationSetController {
  readonly #dependencies: SetDependencies
  readonly #controller: Controller
  readonly #sets: Informer<ApplicationSet>
  readonly #running = new Set<string>()
  /** Sets as their last pass left them: the cache may show them later than the next pass begins. */
  readonly #written = new Map<string, ApplicationSet>()
  /** Sets whose status is to be told anew, and how to call that off. */
  readonly #telling = new Map<string, () => void>()
  readonly #stopping = new AbortController()
  readonly #ends: (() => unknown)[] = []
  readonly #metrics: SetMetrics | undefined

  constructor(dependencies: SetDependencies) {
    this.#dependencies = dependencies
    this.#sets = dependencies.followed.sets
    const { clock, log, workers, metrics } = dependencies
    this.#controller = createController({
      name: 'application-sets',
      reconcile: (request, context) => this.#reconcile(request, context),
      clock,
      log,
      workers: workers ?? DEFAULT_WORKERS,
      backoff: BACKOFF,
    })
    if (metrics !== undefined) {
      // Figures of their own: forgetting a set must not take those of an Application of the same name.
      const own = new Metrics()
      this.#metrics = createSetMetrics(own, () => dependencies.followed.sets.list(), dependencies.metricsLabels ?? [])
      this.#ends.push(metrics.include(own))
    }
  }

  /** Every ApplicationSet is looked after from now on. */
  start(): void {
    const { applications, projects, followed, onClusterChange } = this.#dependencies
    applications.addIndexes({ [OWNER_INDEX]: ownerKeys })
    this.#ends.push(
      followed.sets.onChange((event) => this.#onSet(event)),
      applications.onChange((event) => this.#onApplication(event)),
      projects.onChange(({ type }) => {
        if (type === 'ADDED') this.#enqueueFailed()
      }),
      onClusterChange(() => this.#onClusters()),
    )
    this.#controller.start()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the ApplicationSet controller stops'))
    for (const callOff of this.#telling.values()) callOff()
    await this.#controller.stop()
    await Promise.all(this.#ends.map((end) => end()))
  }

  /** What the controller may do has changed. */
  onSettings(): void {
    for (const set of this.#sets.list()) this.#controller.enqueue(requestFor(set))
  }

  /** A ref of a repository has moved: what is generated from it is looked at without waiting for its time. */
  onSourceMoved(repoURL: string): void {
    for (const set of this.#sets.list()) {
      if (followsRepository(set, repoURL)) this.#controller.enqueue(requestFor(set))
    }
  }

  /** Resolves when no set is due now. */
  idle(): Promise<void> {
    return this.#controller.idle()
  }

  #onSet({ type, object, old }: ChangeEvent<ApplicationSet>): void {
    const areProgressive = this.#dependencies.settings().areProgressiveSyncsEnabled
    if (type === 'MODIFIED' && old !== undefined && !asksForPass(old, object, areProgressive)) return
    if (type === 'DELETED') {
      this.#metrics?.forget(requestFor(object))
      this.#written.delete(requestKey(requestFor(object)))
    }
    this.#controller.enqueue(requestFor(object))
  }

  #onApplication({ type, object, old }: ChangeEvent<Application>): void {
    const owner = ownerNameOf(object) ?? (old === undefined ? undefined : ownerNameOf(old))
    // One that has just been made is known to the set that made it.
    if (owner === undefined || type === 'ADDED') return
    const request = { namespace: object.metadata.namespace ?? '', name: owner }
    const { settings } = this.#dependencies
    const effect =
      type === 'DELETED' || old === undefined ? 'pass' : effectOf(old, object, settings().areProgressiveSyncsEnabled)
    if (effect === 'pass') this.#controller.enqueue(request)
    if (effect === 'status') this.#tellLater(requestKey(request))
  }

  #onClusters(): void {
    for (const set of this.#sets.list())
      if (followsClusters(set) || hasFailed(set)) this.#controller.enqueue(requestFor(set))
  }

  #enqueueFailed(): void {
    for (const set of this.#sets.list()) if (hasFailed(set)) this.#controller.enqueue(requestFor(set))
  }

  async #reconcile(request: Request, { signal, log }: ReconcileContext): Promise<ReconcileResult> {
    const applicationSet = this.#newest(request)
    if (applicationSet === undefined) return 'done'
    const { clock, settings } = this.#dependencies
    const startMs = clock.now()
    const key = requestKey(request)
    this.#running.add(key)
    try {
      const pass = beginPass({ dependencies: this.#dependencies, settings: settings(), applicationSet, signal, log })
      const fault = this.#dependencies.followed.faultOf(applicationSet)
      if (fault === undefined) return await this.#pass(pass, key)
      noteError(pass, 'ApplicationGenerationFromParamsError', fault)
      await writeStatus(pass)
      return 'done'
    } finally {
      this.#running.delete(key)
      this.#metrics?.reconciled(applicationSet, clock.now() - startMs)
    }
  }

  async #pass(pass: SetPass, key: string): Promise<ReconcileResult> {
    try {
      return await reconcileSet(pass)
    } finally {
      if (pass.written !== undefined) this.#written.set(key, pass.written)
    }
  }

  /** What the cache shows, or what was written last where that is newer. */
  #newest(request: Request): ApplicationSet | undefined {
    const seen = this.#sets.get(request.namespace, request.name)
    const written = this.#written.get(requestKey(request))
    if (seen === undefined || written === undefined || written.metadata.uid !== seen.metadata.uid) return seen
    return versionOf(written) > versionOf(seen) ? written : seen
  }

  #tellLater(key: string): void {
    if (this.#telling.has(key)) return
    const callOff = this.#dependencies.clock.schedule(STATUS_DELAY_MS, () => {
      this.#telling.delete(key)
      if (this.#running.has(key)) this.#tellLater(key)
      else this.#tell(parseRequestKey(key)).catch((error: unknown) => this.#onUntold(key, error))
    })
    this.#telling.set(key, callOff)
  }

  /** Writes how the Applications of a set are, and nothing else. */
  async #tell({ namespace, name }: Request): Promise<void> {
    const applicationSet = this.#newest({ namespace, name })
    if (applicationSet === undefined || applicationSet.metadata.deletionTimestamp !== undefined) return
    const { settings, log } = this.#dependencies
    const { signal } = this.#stopping
    const pass = beginPass({ dependencies: this.#dependencies, settings: settings(), applicationSet, signal, log })
    const { maxResourcesStatusCount } = pass.settings
    const resources = resourceStatuses(pass.status, [...pass.owned.values()], maxResourcesStatusCount)
    if (Object.keys(resources).length === 0) return
    pass.status = { ...pass.status, ...resources }
    await writeStatus(pass)
  }

  /** A whole pass tells it, with back-off where that fails too. */
  #onUntold(key: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    this.#dependencies.log.warn('a status was not written', { applicationSet: key, error: messageOf(error) })
    this.#controller.enqueue(parseRequestKey(key))
  }
}

/** Versions of an API server are numbers that grow; one that is none counts as the oldest. */
function versionOf({ metadata }: ApplicationSet): bigint {
  const { resourceVersion = '' } = metadata
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : -1n
}

function hasFailed({ status }: ApplicationSet): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'ErrorOccurred' && value === 'True') ?? false
}
