// What webhooks bring about: events are taken in without waiting, and sources, applications and ApplicationSets are asked again.
import { setImmediate as letOthersRun } from 'node:timers/promises'
import { type Cancel, type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ApplicationSet } from '../../crds/application-set.ts'
import type { Application } from '../../crds/application.ts'
import { normalizeGitUrl } from '../../settings/git-url.ts'
import type { WebhookSettings } from '../../settings/webhooks.ts'
import { applicationSetTest } from '../../source/webhooks/generator-match.ts'
import type { WebhookEvent } from '../../source/webhooks/webhook-event.ts'
import type { ApplicationRef } from '../context.ts'
import { KeyedCalls } from './keyed-calls.ts'
import { type PendingLimits, PendingEvents } from './pending-events.ts'
import { type ApplicationRefresh, type MovedSource, planRefreshes } from './refresh-plan.ts'
import { countRepositories, type WebhookMetrics } from './webhook-metrics.ts'

/** How what a webhook asks for is done; failures are logged, and nothing is tried again: what was missed is found by polling. */
export interface WebhookEffects {
  /** A ref has moved: applications it changes are compared. */
  sourceMoved(source: MovedSource, signal: AbortSignal): Promise<void>
  refreshApplication(application: ApplicationRefresh, signal: AbortSignal): Promise<void>
  refreshApplicationSet(applicationSet: ApplicationRef, signal: AbortSignal): Promise<void>
}

export interface WebhooksOptions {
  readonly settings: () => Pick<WebhookSettings, 'refreshJitterMs' | 'refreshJitterThreshold'>
  /** Those that may be refreshed: of the control plane's namespace and those it allows. */
  readonly applications: () => Iterable<Application>
  readonly applicationSets: () => Iterable<ApplicationSet>
  readonly effects: WebhookEffects
  readonly metrics?: WebhookMetrics
  readonly limits?: PendingLimits
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** Upstream's ARGOCD_SERVER_WEBHOOK_REFRESH_WORKERS. */
const WORKERS = 20
/** The first event is worked off at once, those of a storm together: each round looks at every application. */
const REST_MS = 50
/** However often one repository is pushed to, it is asked once in this time, and each application and ApplicationSet refreshed. */
const SAME_REST_MS = 1_000

/** Runs until `close`. */
export class Webhooks {
  readonly #options: WebhooksOptions
  readonly #pending: PendingEvents
  readonly #metrics: WebhookMetrics | undefined
  readonly #count: (urls: readonly string[]) => readonly string[]
  readonly #ending = new AbortController()
  readonly #sources: KeyedCalls<MovedSource>
  readonly #refreshes: KeyedCalls<ApplicationRefresh>
  readonly #sets: KeyedCalls<ApplicationRef>
  /** Refreshes that wait for their time, by application. */
  readonly #delayed = new Map<string, Cancel>()
  #working: Promise<void> | undefined

  constructor(options: WebhooksOptions) {
    this.#options = options
    this.#pending = new PendingEvents(options.limits)
    this.#count = countRepositories()
    this.#metrics = options.metrics
    const { effects } = options
    this.#sources = this.#calls('a source could not be looked at', (one) => effects.sourceMoved(one, this.#signal))
    this.#refreshes = this.#calls('an application could not be refreshed', (one) =>
      effects.refreshApplication(one, this.#signal),
    )
    this.#sets = this.#calls('an ApplicationSet could not be refreshed', (one) =>
      effects.refreshApplicationSet(one, this.#signal),
    )
  }

  /** False where there is no room for it. */
  offer(event: WebhookEvent): boolean {
    if (this.#ending.signal.aborted || !this.#pending.add(event)) return false
    if (event.kind === 'push') this.#metrics?.requests(this.#count(event.webUrls.map(normalizeGitUrl)))
    this.#working ??= this.#work()
    return true
  }

  /** Events, sources, applications and ApplicationSets that wait for their turn or have it. */
  get waiting(): number {
    return this.#pending.size + this.#sources.size + this.#refreshes.size + this.#sets.size
  }

  /** Resolves when everything that was offered has had its effect, but for refreshes that wait for their time. */
  async idle(): Promise<void> {
    await this.#working
    await Promise.all([this.#sources.idle(), this.#refreshes.idle(), this.#sets.idle()])
  }

  async close(): Promise<void> {
    this.#ending.abort()
    for (const cancel of this.#delayed.values()) cancel()
    await this.#working
    await Promise.all([this.#sources.close(), this.#refreshes.close(), this.#sets.close()])
  }

  get #signal(): AbortSignal {
    return this.#ending.signal
  }

  #calls<Item>(message: string, call: (item: Item) => Promise<void>): KeyedCalls<Item> {
    const signal = this.#signal
    const { clock, log } = this.#options
    return new KeyedCalls({
      limit: WORKERS,
      restMs: SAME_REST_MS,
      clock,
      async call(item) {
        try {
          await call(item)
        } catch (error) {
          if (!signal.aborted) log.warn(message, { ...item, error })
        }
      },
    })
  }

  async #work(): Promise<void> {
    // What arrives together is worked off together.
    await letOthersRun()
    while (this.#pending.size > 0 && !this.#signal.aborted) {
      try {
        this.#handle(this.#pending.take())
      } catch (error) {
        this.#options.log.error('webhooks could not be worked off', { error })
      }
      await sleep(this.#options.clock, REST_MS, this.#signal).catch(() => undefined) // closed
    }
    // At once with the last look: an event offered from now on would wait for the next one, were it cleared any later.
    this.#working = undefined
  }

  #handle(events: readonly WebhookEvent[]): void {
    const { applications, applicationSets } = this.#options
    const { sources, refreshes, untouched } = planRefreshes(events, applications())
    for (const source of sources) this.#sources.ask(JSON.stringify([source.repoURL, source.project]), source)
    this.#refresh(refreshes)
    this.#metrics?.untouched(untouched)
    const tests = events.map(applicationSetTest)
    for (const applicationSet of applicationSets()) {
      if (!tests.some((concerns) => concerns(applicationSet))) continue
      const { namespace = '', name = '' } = applicationSet.metadata
      this.#sets.ask(`${namespace}/${name}`, { namespace, name })
    }
  }

  /** Beyond so many at once each waits for a time of its own, where that is set. */
  #refresh(refreshes: readonly ApplicationRefresh[]): void {
    const { settings, clock, random } = this.#options
    const { refreshJitterMs, refreshJitterThreshold } = settings()
    for (const [index, refresh] of refreshes.entries()) {
      const key = `${refresh.namespace}/${refresh.name}`
      const ask = (): void => {
        this.#delayed.delete(key)
        this.#refreshes.ask(key, refresh)
      }
      if (refreshJitterMs === 0 || index < refreshJitterThreshold) ask()
      else if (!this.#delayed.has(key)) this.#delayed.set(key, clock.schedule(refreshJitterMs * random(), ask))
    }
  }
}
