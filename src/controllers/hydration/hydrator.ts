// The source hydrator: renders dry sources, writes the manifests to the branches that applications are synced from.
import { messageOf } from '../../base/errors.ts'
import type { Application } from '../../crds/application.ts'
import { createController, type Controller, type ReconcileContext } from '../../reconcile/controller.ts'
import type { ReconcileResult } from '../../reconcile/outcome.ts'
import { type Request, requestFor, requestKey } from '../../reconcile/request.ts'
import type { HydratorDependencies } from './dependencies.ts'
import { dryRequest } from './dry-source.ts'
import { type GroupOutcome, hydrateGroup } from './hydrate-group.ts'
import { failedStatus, hydratedStatus, hydratingStatus, type StatusWrite, writeStatus } from './hydration-status.ts'
import { type HydratedApplication, hydrationKeyOf, isHydrated, qualifiedName } from './hydrator-spec.ts'
import { FAILED_PAUSE_MS, HYDRATE_ANNOTATION, hydratorStatusOf, needOf } from './needs-hydration.ts'
import { HydrationTemplates } from './templates.ts'

/** argo-cd v3.5.1 `controller.hydration.processors`. */
const GROUP_WORKERS = 5
const LOOK_WORKERS = 5
const BACKOFF = { baseMs: 100, maxMs: 30_000 }

/** Runs from `start` to `stop`. */
export class Hydrator {
  readonly #dependencies: HydratorDependencies
  /** Looks at one application. */
  readonly #looks: Controller
  /** Writes the applications of one key; none is worked on twice at a time. */
  readonly #groups: Controller
  readonly #templates: HydrationTemplates
  /** Keys that wait or are worked on. */
  readonly #busy = new Set<string>()
  /** Keys of which somebody has asked for everything anew. */
  readonly #hard = new Set<string>()
  /** What the last hydration of an application was rendered as. */
  readonly #renderings = new Map<string, string>()
  /** What was written last, until the cache has it. */
  readonly #written = new Map<string, Application>()
  readonly #wishes = new Map<string, string>()
  readonly #ends: (() => void)[] = []

  constructor(dependencies: HydratorDependencies) {
    this.#dependencies = dependencies
    const { clock, log } = dependencies
    this.#templates = new HydrationTemplates(clock)
    const common = { clock, log, backoff: BACKOFF }
    this.#looks = createController({
      ...common,
      name: 'hydration-looks',
      workers: LOOK_WORKERS,
      reconcile: (request, context) => this.#look(request, context),
    })
    this.#groups = createController({
      ...common,
      name: 'hydrations',
      workers: GROUP_WORKERS,
      reconcile: (request, context) => this.#hydrate(request.name, context),
    })
  }

  start(): void {
    const { applications, desired } = this.#dependencies
    this.#ends.push(
      applications.onChange(({ type, object }) => this.#onApplication(object, type === 'DELETED')),
      desired.onRefsMoved((repoURL) => this.#onMoved(repoURL)),
    )
    this.#looks.start()
    this.#groups.start()
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    await Promise.all([this.#looks.stop(), this.#groups.stop()])
  }

  /** Every write of the engine's passes by here: only a new wish is looked at, all else at its time. */
  #onApplication(application: Application, isGone: boolean): void {
    const key = requestKey(requestFor(application))
    if (isGone || !isHydrated(application)) {
      for (const map of [this.#wishes, this.#written, this.#renderings]) map.delete(key)
      return
    }
    if (isNewer(application, this.#written.get(key))) this.#written.delete(key)
    const { spec, metadata } = application
    const wish = JSON.stringify([spec.sourceHydrator, spec.project, metadata.annotations?.[HYDRATE_ANNOTATION]])
    if (this.#wishes.get(key) === wish) return
    this.#wishes.set(key, wish)
    this.#looks.enqueue(requestFor(application))
  }

  #onMoved(repoURL: string): void {
    for (const application of this.#all()) {
      if (application.spec.sourceHydrator.drySource.repoURL === repoURL) this.#looks.enqueue(requestFor(application))
    }
  }

  #all(): readonly HydratedApplication[] {
    const { applications, isOurs } = this.#dependencies
    const all = [...applications.list()].map((one) => this.#written.get(requestKey(requestFor(one))) ?? one)
    return all.filter(isHydrated).filter((one) => isOurs?.(one) !== false)
  }

  #current(request: Request): HydratedApplication | undefined {
    const { applications } = this.#dependencies
    const found = this.#written.get(requestKey(request)) ?? applications.get(request.namespace, request.name)
    return found !== undefined && isHydrated(found) ? found : undefined
  }

  async #look(request: Request, { signal, log }: ReconcileContext): Promise<ReconcileResult> {
    const application = this.#current(request)
    if (application === undefined || application.metadata.deletionTimestamp !== undefined) return 'done'
    const resyncMs = this.#dependencies.resyncMs()
    const again = { retryAfterMs: isFailed(application) ? Math.min(resyncMs, FAILED_PAUSE_MS + 1000) : resyncMs }
    // It may become ours.
    if (this.#dependencies.isOurs?.(application) === false) return again
    const { isNeeded, reason, revision } = await this.#decide(application, signal)
    log.debug(isNeeded ? 'hydrating' : 'no hydration', { reason })
    const key = hydrationKeyOf(application)
    if (application.metadata.annotations?.[HYDRATE_ANNOTATION] === 'hard') this.#hard.add(key)
    // The annotation is taken off whether or not there is anything to do.
    await this.#write(application, { status: withRevision(application, revision) }, signal)
    if (!isNeeded) return again
    this.#busy.add(key)
    this.#groups.enqueue({ namespace: 'hydration', name: key })
    return again
  }

  async #decide(
    application: HydratedApplication,
    signal: AbortSignal,
  ): Promise<{ readonly isNeeded: boolean; readonly reason: string; readonly revision?: string }> {
    const need = needOf(application, this.#dependencies.clock.now())
    const isAbandoned = hydratorStatusOf(application).currentOperation?.phase === 'Hydrating'
    if (isAbandoned && !this.#busy.has(hydrationKeyOf(application))) {
      return { isNeeded: true, reason: 'a hydration was left unfinished' }
    }
    if (need.kind !== 'ask') return { isNeeded: need.kind === 'yes', reason: need.reason }
    try {
      return await this.#compare(application, signal)
    } catch (error) {
      signal.throwIfAborted()
      return { isNeeded: false, reason: `cannot determine if hydration is needed: ${messageOf(error)}` }
    }
  }

  /** Has the dry source moved, and with it anything that the manifests were made of? Reads ids, renders nothing. */
  async #compare(
    application: HydratedApplication,
    signal: AbortSignal,
  ): Promise<{ readonly isNeeded: boolean; readonly reason: string; readonly revision?: string }> {
    const isRequested = application.metadata.annotations?.[HYDRATE_ANNOTATION] !== undefined
    const freshness = isRequested ? 'latest' : 'cached'
    const request = await dryRequest(application, this.#dependencies, { freshness, signal })
    const { revisions, rendering } = await this.#dependencies.desired.glance(request)
    const [revision = ''] = revisions
    if (revision === hydratorStatusOf(application).lastComparedDryRevision) {
      return { isNeeded: false, reason: 'hydration not needed' }
    }
    const known = this.#renderings.get(requestKey(requestFor(application)))
    if (rendering !== undefined && rendering === known && !isFailed(application)) {
      return { isNeeded: false, reason: 'hydration not needed', revision }
    }
    return { isNeeded: true, reason: 'new revision may have changes' }
  }

  async #hydrate(key: string, { signal, log }: ReconcileContext): Promise<ReconcileResult> {
    try {
      const group = this.#groupOf(key)
      if (group.length === 0) return 'done'
      const { clock } = this.#dependencies
      for (const one of group) await this.#write(one, { status: hydratingStatus(one, clock.now()) }, signal)
      const isHard = this.#hard.delete(key)
      const marked = this.#groupOf(key)
      const outcome = await hydrateGroup(marked, this.#dependencies, { templates: this.#templates, isHard, signal })
      if (!outcome.isDone) log.warn('hydration failed', { faults: Object.fromEntries(outcome.faults) })
      for (const one of marked) await this.#conclude(one, outcome, signal)
      return 'done'
    } finally {
      this.#busy.delete(key)
    }
  }

  #groupOf(key: string): readonly HydratedApplication[] {
    return this.#all()
      .filter((one) => hydrationKeyOf(one) === key && one.metadata.deletionTimestamp === undefined)
      .toSorted((a, b) => (qualifiedName(a) < qualifiedName(b) ? -1 : 1))
  }

  async #conclude(application: HydratedApplication, outcome: GroupOutcome, signal: AbortSignal): Promise<void> {
    const request = requestFor(application)
    const nowMs = this.#dependencies.clock.now()
    if (outcome.isDone) {
      const { drySHA, hydratedSHA, renderings } = outcome
      const rendering = renderings.get(qualifiedName(application))
      if (rendering !== undefined) this.#renderings.set(requestKey(request), rendering)
      const status = hydratedStatus(application, { drySHA, hydratedSHA, nowMs })
      await this.#write(application, { status, refresh: true }, signal)
    } else {
      const { drySHA, faults } = outcome
      const text = faults.get(qualifiedName(application)) ?? ''
      await this.#write(application, { status: failedStatus(application, { text, drySHA, nowMs }) }, signal)
    }
    // The dry source may have moved on meanwhile, of which nobody was told: a hydration was under way. Where it was not even
    // found out what that is at, the same would fail at once again.
    if (outcome.drySHA !== '') this.#looks.enqueue(request)
  }

  async #write(application: HydratedApplication, write: StatusWrite, signal: AbortSignal): Promise<void> {
    const written = await writeStatus(this.#dependencies, application, write, signal)
    if (written === undefined) return
    const key = requestKey(requestFor(application))
    const { namespace = '', name = '' } = application.metadata
    const cached = this.#dependencies.applications.get(namespace, name)
    if (cached === undefined || !isNewer(cached, written)) this.#written.set(key, written)
  }
}

function isFailed(application: HydratedApplication): boolean {
  return hydratorStatusOf(application).currentOperation?.phase === 'Failed'
}

function withRevision(application: HydratedApplication, revision: string | undefined): StatusWrite['status'] {
  const status = hydratorStatusOf(application)
  return revision === undefined ? status : { ...status, lastComparedDryRevision: revision }
}

/** Whether an object from the cache is at least as new as what was written; versions of one cluster are numbers. */
function isNewer(cached: Application, written: Application | undefined): boolean {
  if (written === undefined) return false
  const [a = '', b = ''] = [cached.metadata.resourceVersion, written.metadata.resourceVersion]
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return true
  return BigInt(a) >= BigInt(b)
}
