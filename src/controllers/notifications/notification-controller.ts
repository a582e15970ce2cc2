// Sends the notifications of applications: looks at each that somebody subscribes to when it changes, and every minute.
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { AppProject } from '../../crds/app-project.ts'
import type { Application } from '../../crds/application.ts'
import { KubeError, type KubeClient } from '../../kube/client/client.ts'
import type { Informer } from '../../kube/client/informer.ts'
import {
  annotatedDestinations,
  globalDestinations,
  hasSubscriptions,
  mergeDestinations,
  type Destinations,
} from '../../notifications/destinations.ts'
import { Facts } from '../../notifications/facts.ts'
import type { SourceFacts } from '../../notifications/functions.ts'
import { PointlessDelivery } from '../../notifications/notification.ts'
import type { Destination } from '../../notifications/notification.ts'
import {
  NOTIFIED_ANNOTATION,
  NotifiedState,
  stateKey,
  type NotifiedCondition,
} from '../../notifications/notified-state.ts'
import type { Notifier } from '../../notifications/notifier.ts'
import type { ConditionResult } from '../../notifications/triggers.ts'
import { createSubject, type Subject } from '../../notifications/variables.ts'
import { type Controller, createController } from '../../reconcile/controller.ts'
import type { EventRecorder } from '../../reconcile/events.ts'
import type { ReconcileResult } from '../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../reconcile/request.ts'
import { DeliveryReport } from './delivery-report.ts'
import { FailedDeliveries } from './failed-deliveries.ts'
import type { Notifiers } from './notifiers.ts'
import { isRefreshed } from './refreshed.ts'
import { SentMemory } from './sent-memory.ts'

/** Conditions may depend on the time: upstream looks again so often. */
export const RESYNC_MS = 60_000
/** Deliveries wait for other people's servers most of the time. */
const WORKERS = 4
/** Warnings that are not repeated: their keys come from annotations, which anybody may write. */
const MAX_TOLD = 1000
/** A delivery that runs when the process ends has this long to arrive, or it would be sent again after the start. */
const LAST_DELIVERIES_MS = 3_000

export interface NotificationControllerOptions {
  readonly client: KubeClient
  readonly applications: Informer<Application>
  readonly projects: Informer<AppProject>
  readonly notifiers: Notifiers
  /** Calls the listener when a configuration has changed. */
  readonly onConfigChange: (listener: () => void) => () => void
  readonly sourcesOf: (application: Application) => SourceFacts
  readonly events: EventRecorder
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  /** Namespace of the control plane, where the projects are. */
  readonly namespace: string
}

/** Runs from `start` to `stop`. */
export class NotificationController {
  readonly #options: NotificationControllerOptions
  readonly #controller: Controller
  readonly #report: DeliveryReport
  readonly #memory = new SentMemory()
  readonly #failures = new FailedDeliveries()
  readonly #ended = new AbortController()
  readonly #told = new Set<string>()
  readonly #ends: (() => void)[] = []
  #cancelResync: () => void = () => {}

  constructor(options: NotificationControllerOptions) {
    const { clock, log } = options
    this.#options = options
    this.#report = new DeliveryReport(options)
    const reconcile = (request: Request): Promise<ReconcileResult> => this.#reconcile(request)
    this.#controller = createController({ name: 'notifications', clock, log, workers: WORKERS, reconcile })
  }

  start(): void {
    const { applications, projects, onConfigChange } = this.#options
    this.#ends.push(
      applications.onChange(({ type, object }) => {
        if (type === 'DELETED') this.#forget(object)
        else this.#look(object)
      }),
      projects.onChange(({ object, old }) => {
        if (hasSubscriptions(object.metadata.annotations) || hasSubscriptions(old?.metadata.annotations)) {
          this.#lookAtAll((application) => application.spec.project === object.metadata.name)
        }
      }),
      onConfigChange(() => {
        this.#told.clear()
        this.#lookAtAll()
      }),
    )
    this.#scheduleResync()
    this.#controller.start()
  }

  /** Lets running deliveries arrive, within seconds. */
  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.#cancelResync()
    const cancel = this.#options.clock.schedule(LAST_DELIVERIES_MS, () => this.#end())
    await this.#controller.stop()
    cancel()
    this.#end()
  }

  /** Resolves when nothing is waiting to be looked at now. */
  idle(): Promise<void> {
    return this.#controller.idle()
  }

  #end(): void {
    this.#ended.abort(new CapstanError('unavailable', 'the process ends'))
  }

  #scheduleResync(): void {
    this.#cancelResync = this.#options.clock.schedule(RESYNC_MS, () => {
      this.#lookAtAll()
      this.#scheduleResync()
    })
  }

  #lookAtAll(concerns: (application: Application) => boolean = () => true): void {
    for (const application of this.#options.applications.list()) {
      if (concerns(application)) this.#look(application)
    }
  }

  /** Without any subscription this is all that an application costs. */
  #look(application: Application): void {
    const { notifiers, projects, namespace } = this.#options
    const { metadata, spec } = application
    const isSubscribed =
      hasSubscriptions(metadata.annotations) ||
      hasSubscriptions(projects.get(namespace, spec.project || 'default')?.metadata.annotations) ||
      notifiers.of(metadata.namespace ?? '').some(({ config }) => config.subscriptions.length > 0)
    if (isSubscribed) this.#controller.enqueue(requestFor(application))
  }

  #forget({ metadata: { uid = '' } }: Application): void {
    this.#memory.forget(uid)
    this.#failures.forget(uid)
  }

  async #reconcile({ namespace, name }: Request): Promise<ReconcileResult> {
    const { applications, notifiers } = this.#options
    const application = applications.get(namespace, name)
    if (application === undefined || !isRefreshed(application)) return 'done'
    const { uid = '', annotations } = application.metadata
    const cached = annotations?.[NOTIFIED_ANNOTATION]
    const { text, stored } = this.#memory.current(uid, cached)
    const round: Round = { application, uid, state: new NotifiedState(text), subject: undefined, pauseMs: Infinity }
    try {
      for (const notifier of notifiers.of(namespace)) await this.#notify(round, notifier)
    } finally {
      // What was sent before something broke is not sent again. Where nobody subscribes any more it stays noted, as upstream has it.
      if (round.subject !== undefined) await this.#store(round, cached, stored)
    }
    return Number.isFinite(round.pauseMs) ? { retryAfterMs: round.pauseMs } : 'done'
  }

  async #notify(round: Round, notifier: Notifier): Promise<void> {
    const destinations = this.#destinations(round.application, notifier)
    if (destinations.size === 0) return
    round.subject ??= this.#subject(round.application)
    for (const [trigger, all] of destinations) {
      for (const result of await this.#evaluate(round.subject, notifier, trigger)) {
        this.#report.evaluated(trigger, result.isTriggered)
        const condition = this.#conditionOf(notifier, trigger, result)
        for (const to of all) await this.#settle(round, { notifier, condition, result, to })
      }
    }
  }

  #destinations({ metadata, spec }: Application, { config }: Notifier): Destinations {
    const { projects, namespace } = this.#options
    const project = projects.get(namespace, spec.project || 'default')
    return mergeDestinations(
      globalDestinations(config.subscriptions, metadata.labels, config.defaults),
      annotatedDestinations(metadata.annotations, config.defaults),
      annotatedDestinations(project?.metadata.annotations, config.defaults),
    )
  }

  #subject(application: Application): Subject {
    const { projects, namespace, sourcesOf, clock } = this.#options
    const project = projects.get(namespace, application.spec.project || 'default')
    return createSubject({
      object: application,
      ...(project === undefined ? {} : { project }),
      facts: new Facts(),
      sources: sourcesOf(application),
      nowMs: () => clock.now(),
    })
  }

  async #evaluate(subject: Subject, notifier: Notifier, trigger: string): Promise<readonly ConditionResult[]> {
    const { log } = this.#options
    try {
      const results = await notifier.runTrigger(trigger, subject)
      for (const { fault, when } of results) {
        if (fault !== undefined) log.debug('a condition cannot be evaluated', { trigger, when, error: fault })
      }
      return results
    } catch (error) {
      if (!(error instanceof CapstanError)) throw error
      this.#tellOnce(notifier, trigger, error)
      return []
    }
  }

  /** A trigger that is not configured stays so until the configuration changes; of several it needs to be in one. */
  #tellOnce({ config }: Notifier, trigger: string, error: CapstanError): void {
    const key = `${config.namespace} ${trigger}`
    if (this.#told.has(key) || this.#told.size >= MAX_TOLD) return
    this.#told.add(key)
    this.#options.log.warn('a trigger cannot be evaluated', { trigger, error, namespace: config.namespace })
  }

  #conditionOf(notifier: Notifier, trigger: string, { key, oncePer }: ConditionResult): NotifiedCondition {
    const condition = { trigger, key, oncePer }
    return this.#options.notifiers.isOfItsOwn(notifier)
      ? { ...condition, namespace: notifier.config.namespace }
      : condition
  }

  /** Sends what has not been sent, or forgets what no longer holds. */
  async #settle(round: Round, { notifier, condition, result, to }: Settling): Promise<void> {
    const failureKey = `${round.uid} ${stateKey(condition, to)}`
    if (!result.isTriggered) {
      round.state.release(condition, to)
      this.#failures.settled(failureKey)
      return
    }
    const { clock } = this.#options
    if (!round.state.mark(condition, to, clock.now())) return
    const waitMs = this.#failures.pauseMs(failureKey, clock.now())
    const pauseMs = waitMs > 0 ? waitMs : await this.#deliver(round, { notifier, condition, result, to }, failureKey)
    if (pauseMs === undefined) return
    round.state.forget(condition, to)
    round.pauseMs = Math.min(round.pauseMs, pauseMs)
  }

  /** Sends once; how long to wait for the next attempt where it failed. */
  async #deliver(round: Round, settling: Settling, failureKey: string): Promise<number | undefined> {
    const { notifier, condition, result, to } = settling
    const { application, subject } = round
    if (subject === undefined) return undefined
    const delivery = { object: application, trigger: condition.trigger, templates: result.templates, to }
    try {
      await notifier.send(result.templates, subject, to, this.#ended.signal)
    } catch (error) {
      if (error instanceof PointlessDelivery) {
        this.#report.failed(delivery, messageOf(error), undefined)
        return undefined
      }
      if (!(error instanceof CapstanError)) {
        // A fault of this program: whether it arrived is not known, and a message twice is better than none.
        round.state.forget(condition, to)
        throw error
      }
      const pauseMs = this.#failures.failed(failureKey, this.#options.clock.now())
      this.#report.failed(delivery, error.message, pauseMs)
      return pauseMs
    }
    this.#failures.settled(failureKey)
    this.#report.sent(delivery)
    return undefined
  }

  /** Writes what has been sent into the annotation; where that fails it stays remembered here, and is written with the next look. */
  async #store(round: Round, cached: string | undefined, known: string | undefined): Promise<void> {
    const { application, state } = round
    const text = state.annotation()
    let stored = known
    try {
      if (text !== known) {
        const { type } = this.#options.applications
        const ref = { type, namespace: application.metadata.namespace ?? '', name: application.metadata.name ?? '' }
        const patch = { metadata: { annotations: { [NOTIFIED_ANNOTATION]: text ?? null } } }
        await this.#options.client.patch(ref, 'merge', patch, { signal: this.#ended.signal })
        stored = text
      }
    } catch (error) {
      // Gone meanwhile: nothing is left to be written to.
      if (!(error instanceof KubeError && error.status === 404)) throw error
    } finally {
      this.#remember(round, cached, text, stored)
    }
  }

  /** An application whose deletion has been seen during its round is forgotten here: no event about it will come any more. */
  #remember(
    { application, uid }: Round,
    cached: string | undefined,
    text: string | undefined,
    stored: string | undefined,
  ): void {
    const { namespace, name = '' } = application.metadata
    const current = this.#options.applications.get(namespace, name)
    if (current !== undefined && (current.metadata.uid ?? '') === uid) this.#memory.remember(uid, cached, text, stored)
    else this.#forget(application)
  }
}

interface Round {
  readonly application: Application
  readonly uid: string
  readonly state: NotifiedState
  subject: Subject | undefined
  /** Until the next attempt of what failed. */
  pauseMs: number
}

interface Settling {
  readonly notifier: Notifier
  readonly condition: NotifiedCondition
  readonly result: ConditionResult
  readonly to: Destination
}
