// Propagates registry credentials to where Applications need them: before the pods of a sync, and whenever something changes.
import { sha256Hex } from '../../base/digest.ts'
import { messageOf } from '../../base/errors.ts'
import { withAbort } from '../../base/with-abort.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application } from '../../crds/application.ts'
import type { KubeObject } from '../../kube/object.ts'
import { propagatedIn } from '../../pull-secrets/account-entries.ts'
import type { ImageReader } from '../../pull-secrets/images-in-use.ts'
import type { CredentialMatcher } from '../../pull-secrets/credential-match.ts'
import { type LivePullSecret, pullSecretName } from '../../pull-secrets/secret-object.ts'
import type { NamespaceUse } from '../../pull-secrets/wanted-secrets.ts'
import { createController, type Controller, type ReconcileContext } from '../../reconcile/controller.ts'
import type { ReconcileResult } from '../../reconcile/outcome.ts'
import { parseRequestKey, type Request, requestKey } from '../../reconcile/request.ts'
import { isSwitchedOff } from '../../settings/pull-secrets.ts'
import type { Registries } from '../../settings/registries.ts'
import type { RegistryCredential } from '../../settings/registry-credential.ts'
import { applicationKey, ApplicationPlaces, type Place, placeKey, type PlaceUse } from './application-places.ts'
import { ClusterView, type FollowedAccount, READY_TIMEOUT_MS } from './cluster-view.ts'
import { DEFAULT_TIMES, type PullSecretsDependencies, type PullSecretTimes } from './dependencies.ts'
import { EntryRepairs } from './entry-repairs.ts'
import { Fingerprints } from './fingerprints.ts'
import { holdsPullSecrets } from './leftovers.ts'
import { Logins } from './logins.ts'
import { NeededImages } from './needed-images.ts'
import { Problems } from './problems.ts'
import { matcherOf, type NamespaceReport, propagateNamespace, type RemovalDelay } from './propagate-namespace.ts'
import { PropagationReports } from './propagation-reports.ts'
import { createPullSecretMetrics } from './pull-secret-metrics.ts'
import { restartStuckPods } from './stuck-pods.ts'
import { UsageWriter } from './usage-writer.ts'

const WORKERS = 20
const USE_WORKERS = 4
/** A namespace that takes longer is tried again later: others wait for the worker. */
const RECONCILE_TIMEOUT_MS = 120_000
const BACKOFF = { baseMs: 500, maxMs: 300_000 }
/** A sync does not wait longer for a login or a cluster that does not answer: its pods wait in the kubelet's own back-off. */
const PREPARE_TIMEOUT_MS = 30_000

/** What a sync asks for. */
export interface PrepareRequest {
  readonly application: Application
  readonly server: string
  /** About to be applied. */
  readonly objects: readonly KubeObject[]
  readonly signal: AbortSignal
}

/** Runs from `start` to `stop`. */
export class PullSecretsController {
  readonly #dependencies: PullSecretsDependencies
  readonly #times: PullSecretTimes
  readonly #places = new ApplicationPlaces()
  readonly #problems: Problems
  readonly #repairs: EntryRepairs
  readonly #logins: Logins
  readonly #views = new Map<string, ClusterView>()
  readonly #closing = new Set<Promise<void>>()
  /** Clusters that held nothing of ours. */
  readonly #asked = new Set<string>()
  /** Servers by their short names in requests. */
  readonly #servers = new Map<string, string>()
  readonly #locks = new Map<string, Promise<unknown>>()
  /** Since when a Secret or an entry is wanted by nobody. */
  readonly #unusedSince = new Map<string, number>()
  readonly #applications: Controller
  readonly #namespaces: Controller
  readonly #fingerprints = new Fingerprints()
  readonly #images: NeededImages
  readonly #usage: UsageWriter
  readonly #reports: PropagationReports
  readonly #stopping = new AbortController()
  #taken: { readonly registries: Registries; readonly match: CredentialMatcher<RegistryCredential> } | undefined

  constructor(dependencies: PullSecretsDependencies) {
    this.#dependencies = dependencies
    this.#times = { ...DEFAULT_TIMES, ...dependencies.times }
    const { clock, log, random, issuer, metrics } = dependencies
    this.#problems = new Problems((application) => dependencies.tell(parseRequestKey(application)))
    this.#repairs = new EntryRepairs(clock)
    this.#images = new NeededImages(dependencies.settings)
    this.#logins = new Logins({
      issuer,
      clock,
      random,
      retryMs: this.#times.retryMs,
      isUsed: (credential) => this.#usage.isUsed(credential),
      onChange: (credential) => this.#onLogin(credential),
      onIssued: (credential, error) => this.#reports.issued(credential, error, this.#logins.stateOf(credential.id)),
    })
    this.#usage = new UsageWriter({
      ...dependencies,
      delayMs: this.#times.usageMs,
      stateOf: (id) => this.#logins.stateOf(id),
    })
    const told =
      metrics && createPullSecretMetrics(metrics, { expiries: () => this.#usage.expiries(), nowMs: () => clock.now() })
    this.#reports = new PropagationReports({ ...dependencies, told, problems: this.#problems, usage: this.#usage })
    const common = { clock, log, backoff: BACKOFF }
    this.#applications = createController({
      ...common,
      name: 'pull-secret-uses',
      workers: USE_WORKERS,
      reconcile: (request) => this.#lookAt(request),
    })
    this.#namespaces = createController({
      ...common,
      name: 'pull-secrets',
      workers: WORKERS,
      reconcileTimeoutMs: RECONCILE_TIMEOUT_MS,
      reconcile: (request, context) => this.#reconcile(request, context),
    })
  }

  /** Begins to look after what is there already. */
  start(): void {
    this.#take()
    this.#applications.start()
    this.#namespaces.start()
    this.onAllApplications()
    for (const server of this.#dependencies.servers()) this.#lookForLeftovers(server)
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the propagation of registry credentials stops'))
    await this.#applications.stop()
    await this.#namespaces.stop()
    await this.#logins.stop()
    await Promise.all([...this.#closing, ...[...this.#views.values()].map((view) => view.stop())])
    await this.#usage.stop()
  }

  /** An Application was made, changed, compared or removed, or something of its tree has changed. */
  onApplication(request: Request): void {
    if (this.#isIdle()) return
    this.#applications.enqueueAfter(request, this.#times.settleMs)
  }

  /** Clusters may be others' now, projects or settings permit something else. */
  onAllApplications(): void {
    this.#take()
    for (const application of this.#dependencies.applications())
      this.#applications.enqueue(parseRequestKey(applicationKey(application)))
    for (const key of this.#places.applications()) this.#applications.enqueue(parseRequestKey(key))
    for (const place of this.#places.places()) this.#enqueue(place)
  }

  /** The Secrets of registries may have changed. */
  onRegistries(): void {
    const before = this.#taken?.registries
    this.#take()
    if (this.#taken?.registries === before) return
    this.onAllApplications()
    for (const [server, view] of this.#views)
      for (const namespace of view.occupied()) this.#enqueue({ server, namespace })
  }

  /** What keeps the images of an Application from being pulled. */
  problemsOf(request: Request): readonly string[] {
    return this.#problems.of(requestKey(request))
  }

  /**
   * Sees that the pods of objects that are about to be applied can be pulled. Never rejects but for an abort: what could not be
   * done stands in `problemsOf`, and is tried again.
   */
  async prepare({ application, server, objects, signal }: PrepareRequest): Promise<void> {
    this.#take()
    if (this.#taken?.registries.credentials.length === 0 || !this.#isWanted(application)) return
    const images = this.#images.of(objects, (image) => (this.#taken?.match(image) ?? []).length > 0)
    if (images.size === 0) return
    const timeout = new AbortController()
    const cancel = this.#dependencies.clock.schedule(PREPARE_TIMEOUT_MS, () =>
      timeout.abort(new Error('no answer in time')),
    )
    const within = AbortSignal.any([signal, timeout.signal, this.#stopping.signal])
    const key = applicationKey(application)
    const project = application.spec.project || 'default'
    try {
      const places = Promise.all(
        [...images].map(async ([namespace, names]) => {
          const place = { server, namespace }
          this.#places.claim(key, { project, place, images: names, nowMs: this.#dependencies.clock.now() })
          await this.#locked(place, () => this.#propagate(place, within, true))
        }),
      )
      await withAbort(places, within)
    } catch (error) {
      signal.throwIfAborted()
      this.#dependencies.log.warn('image pull secrets are not in place', { application: key, error })
      this.#problems.set(`sync ${key}`, new Map([[key, [`image pull secrets: ${messageOf(error)}`]]]))
    } finally {
      cancel()
      for (const namespace of images.keys()) this.#enqueue({ server, namespace })
      this.onApplication(parseRequestKey(key))
    }
  }

  /** Reads the images of objects as the settings say. */
  imageReader(): ImageReader {
    return this.#images.reader()
  }

  /** Nothing registered, and nothing of ours anywhere: nothing to do. */
  #isIdle(): boolean {
    return (this.#taken?.registries.credentials.length ?? 0) === 0 && this.#views.size === 0
  }

  #isWanted(application: Application): boolean {
    if (!this.#dependencies.settings().isEnabled || isSwitchedOff(application)) return false
    const project = this.#dependencies.projectOf(application.spec.project || 'default')
    return project !== undefined && !isSwitchedOff(project)
  }

  #take(): void {
    const registries = this.#dependencies.registries()
    if (registries === this.#taken?.registries) return
    this.#taken = { registries, match: matcherOf(registries.credentials) }
    this.#usage.take(registries)
    for (const id of this.#logins.take(registries.credentials)) this.#onLogin(id)
  }

  async #lookAt(request: Request): Promise<ReconcileResult> {
    const key = requestKey(request)
    const { application: find, isOurs, serverOf, usesOf } = this.#dependencies
    const application = find(request)
    if (application === undefined || !isOurs(application) || !this.#isWanted(application)) {
      for (const place of this.#places.forget(key)) this.#enqueue(place)
      this.#enqueueNaming(key)
      this.#problems.forget(key)
      return 'done'
    }
    this.#follow(serverOf(application))
    const wasCertain = this.#places.isCertain(key)
    const places = this.#places.put(key, application.spec.project || 'default', usesOf(application))
    for (const place of places) this.#enqueue(place)
    if (!wasCertain && this.#places.isCertain(key)) this.#enqueueNaming(key)
    return this.#dropClaims(key, application)
  }

  /** Where Secrets say that the Application uses them: what it used before this process began, nothing else tells. */
  #enqueueNaming(application: string): void {
    for (const [server, view] of this.#views)
      for (const namespace of view.namespacesNaming(application)) this.#enqueue({ server, namespace })
  }

  /** With nothing registered a cluster is asked once whether anything of ours was left there. Waits for no cluster. */
  #follow(server: string): void {
    if (server === '' || this.#views.has(server)) return
    const isNeeded = (this.#taken?.registries.credentials.length ?? 0) > 0
    if (isNeeded)
      this.#viewOf(server)
        ?.ready(this.#stopping.signal)
        .catch(() => undefined) // tried again by its namespaces
    else if (!this.#asked.has(server)) this.#lookForLeftovers(server)
  }

  /** Of Applications that went while nobody looked: in a cluster that no other goes to, nothing else would show them. */
  #lookForLeftovers(server: string): void {
    const { clusterOf, author, log } = this.#dependencies
    this.#asked.add(server)
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(READY_TIMEOUT_MS)])
    const looking = holdsPullSecrets(clusterOf(server), author(), signal)
      .then((isFound) => (isFound ? this.#viewOf(server)?.ready(this.#stopping.signal) : undefined))
      .catch((error: unknown) => {
        this.#asked.delete(server)
        log.debug('not looked for image pull secrets', { server, error })
      })
      .finally(() => this.#closing.delete(looking))
    this.#closing.add(looking)
  }

  /** What a sync has announced counts until it is over, and a while longer, in which its objects are seen. */
  #dropClaims(key: string, application: Application): ReconcileResult {
    const claimedAtMs = this.#places.claimedAtMs(key)
    if (claimedAtMs === undefined) return 'done'
    const leftMs = claimedAtMs + this.#times.graceMs - this.#dependencies.clock.now()
    if (application.operation !== undefined || leftMs > 0)
      return { retryAfterMs: Math.max(leftMs, this.#times.graceMs / 2) }
    this.#problems.set(`sync ${key}`, new Map())
    for (const place of this.#places.dropClaims(key)) this.#enqueue(place)
    return 'done'
  }

  #enqueue(place: Place): void {
    const short = sha256Hex(place.server).slice(0, 16)
    this.#servers.set(short, place.server)
    this.#namespaces.enqueue({ namespace: short, name: place.namespace })
  }

  async #reconcile(request: Request, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const place = { server: this.#servers.get(request.namespace) ?? '', namespace: request.name }
    const waiting = this.#awaitView(place)
    if (waiting !== undefined) return waiting
    const againMs = await withAbort(
      this.#locked(place, () => this.#propagate(place, signal, false)),
      signal,
    )
    return againMs === undefined ? 'done' : { retryAfterMs: againMs }
  }

  /** No worker waits for a cluster: its namespaces come again when all of it is known. Throws why it could not be read before. */
  #awaitView(place: Place): ReconcileResult | undefined {
    const view = this.#dependencies.settings().isEnabled ? this.#viewOf(place.server) : undefined
    if (view === undefined || view.isSynced) return undefined
    const { fault } = view
    const enqueue = (): void => this.#enqueue(place)
    view.ready(this.#stopping.signal).then(enqueue, () => undefined) // kept as the view's fault
    if (fault !== undefined) throw fault
    return { retryAfterMs: READY_TIMEOUT_MS }
  }

  /** One after the other in each namespace. */
  async #locked<T>(place: Place, work: () => Promise<T>): Promise<T> {
    const key = placeKey(place)
    const before = this.#locks.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    this.#locks.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#locks.get(key) === mine) this.#locks.delete(key)
    }
  }

  async #propagate(place: Place, signal: AbortSignal, isSync: boolean): Promise<number | undefined> {
    const settings = this.#dependencies.settings()
    const view = settings.isEnabled ? this.#viewOf(place.server) : undefined
    if (view === undefined) return undefined
    signal.throwIfAborted()
    await view.ready(signal)
    const namespace = view.namespace(place.namespace)
    const mayBeThere = isSync || !view.seesNamespaces
    if (namespace === undefined ? !mayBeThere : isClosed(namespace)) {
      this.#reports.left(place)
      return undefined
    }
    const uses = this.#places.usesAt(place)
    const report = await propagateNamespace({
      view,
      namespace: place.namespace,
      uses: uses.flatMap((use) => this.#withProject(use)),
      match: this.#taken?.match ?? (() => []),
      openTo: settings.openTo,
      serviceAccounts: settings.serviceAccounts,
      fingerprints: this.#fingerprints,
      author: this.#dependencies.author(),
      login: (credential) => this.#logins.get(credential.id, signal),
      removalDelay: isSync ? undefined : (secret, live) => this.#removalDelay(place, secret, live),
      accountTimeoutMs: isSync ? settings.accountTimeoutMs : 0,
      repairDelay: (account, names) => this.#repairs.delayMs(accountKey(place.server, account), names),
      clock: this.#dependencies.clock,
      signal,
    })
    this.#reports.namespace(place, report)
    for (const name of [...report.written.map((written) => written.name), ...report.removed])
      this.#unusedSince.delete(`${placeKey(place)} ${name}`)
    if (settings.restartsPods) await this.#restart(view, uses, report, signal)
    return report.againMs
  }

  #withProject({ application, project, images }: PlaceUse): readonly NamespaceUse[] {
    const found: AppProject | undefined = this.#dependencies.projectOf(project)
    return found === undefined ? [] : [{ application, project: found, images }]
  }

  /**
   * Not unused while it cannot be told whether it is used: a credential that cannot be read now, or an Application that could not be
   * compared. Then nothing is taken away from it.
   */
  #removalDelay(place: Place, secret: string, live: LivePullSecret | undefined): RemovalDelay {
    const { registries } = this.#taken ?? {}
    if (registries?.problems.some(({ id }) => id === live?.credential) !== false)
      return { againMs: this.#times.graceMs }
    if (!this.#areUsersKnown(place, live?.applications ?? [])) return { againMs: this.#times.graceMs }
    const key = `${placeKey(place)} ${secret}`
    const nowMs = this.#dependencies.clock.now()
    const sinceMs = this.#unusedSince.get(key) ?? nowMs
    this.#unusedSince.set(key, sinceMs)
    return { againMs: Math.max(0, sinceMs + this.#times.graceMs - nowMs), isUnused: true }
  }

  /** Those that are said to use it, and all whose destination it is. */
  #areUsersKnown({ server, namespace }: Place, named: readonly string[]): boolean {
    const here = this.#dependencies
      .applications()
      .filter(({ spec }) => spec.destination.namespace === namespace)
      .map(applicationKey)
    return [...named, ...here].every((key) => {
      const application = this.#dependencies.application(parseRequestKey(key))
      if (application === undefined || !this.#isWanted(application)) return true
      return this.#places.isCertain(key) || this.#dependencies.serverOf(application) !== server
    })
  }

  #viewOf(server: string): ClusterView | undefined {
    const { clusterOf, author, clock, log } = this.#dependencies
    const cluster = clusterOf(server)
    const known = this.#views.get(server)
    if (known !== undefined && known.client === cluster?.client) return known
    if (known !== undefined) this.#close(server, known)
    if (cluster === undefined || this.#stopping.signal.aborted) return undefined
    const view = new ClusterView({
      cluster,
      author,
      clock,
      log,
      onChange: (namespace) => {
        if (namespace !== '') this.#enqueue({ server, namespace })
      },
      onAccount: ({ object, type }) => this.#onAccount(server, object, type === 'DELETED'),
      onLogin: ({ credential, configuration }, login) => this.#logins.adopt(credential, configuration, login),
    })
    this.#views.set(server, view)
    return view
  }

  #close(server: string, view: ClusterView): void {
    this.#views.delete(server)
    const closing = view
      .stop()
      .catch((error: unknown) => this.#dependencies.log.warn('cluster is not let go', { server, error }))
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  /** Accounts of namespaces that are no business of ours cost a look into a map. */
  #onAccount(server: string, account: FollowedAccount, isGone: boolean): void {
    const key = accountKey(server, account)
    const place = { server, namespace: account.metadata.namespace ?? '' }
    if (isGone) {
      this.#repairs.forget(key)
      return
    }
    const uses = this.#places.usesAt(place)
    const missing = this.#repairs.saw(key, propagatedIn(account)).filter((name) => this.#isWantedName(uses, name))
    if (missing.length > 0) {
      this.#repairs.removed(key, missing)
      this.#reports.entryRemoved(
        account,
        missing,
        uses.map(({ application }) => application),
      )
    }
    if (uses.length > 0 || propagatedIn(account).length > 0) this.#enqueue(place)
  }

  #isWantedName(uses: readonly PlaceUse[], name: string): boolean {
    const match = this.#taken?.match ?? (() => [])
    return uses.some(({ images }) =>
      [...images].some((image) => match(image).some((one) => pullSecretName(one) === name)),
    )
  }

  async #restart(
    view: ClusterView,
    uses: readonly PlaceUse[],
    report: NamespaceReport,
    signal: AbortSignal,
  ): Promise<void> {
    const written = report.written.filter(({ outcome }) => outcome === 'created' || outcome === 'updated')
    const secrets = [...written.map(({ name }) => name), ...report.given.flatMap(({ names }) => names)]
    if (secrets.length === 0) return
    const pods = uses.flatMap(({ stuck }) => stuck)
    try {
      const restarted = await restartStuckPods({ view, pods, secrets, signal })
      if (restarted.length > 0)
        this.#reports.restarted(
          restarted,
          uses.map(({ application }) => application),
        )
    } catch (error) {
      signal.throwIfAborted()
      this.#dependencies.log.warn('pods that wait for images are not made anew', { error })
    }
  }

  /** Another login, or another state of it: everywhere it is used. */
  #onLogin(credential: string): void {
    this.#usage.touch()
    for (const place of this.#usage.placesOf(credential)) this.#enqueue(place)
  }
}

function accountKey(server: string, { metadata }: FollowedAccount): string {
  return `${server} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

function isClosed(namespace: KubeObject): boolean {
  return namespace.metadata.deletionTimestamp !== undefined || isSwitchedOff(namespace)
}
