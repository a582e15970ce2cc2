// Runs triggers and sends notifications of one configuration (notifications-engine api).
import { randomUUID } from 'node:crypto'
import { sleep, type Clock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import type { LruCache } from '../base/lru.ts'
import { maskSecrets, type Secret } from '../base/secret.ts'
import type { GithubApp } from '../source/tokens/github-app.ts'
import type { NotificationsConfig } from './config.ts'
import { sendRequest } from './http.ts'
import { PointlessDelivery } from './notification.ts'
import type { Destination, Notification, NotificationService, ServiceContext } from './notification.ts'
import { createService } from './services/all.ts'
import { Templates } from './templates.ts'
import { Triggers, type ConditionResult } from './triggers.ts'
import { variablesFor, type Subject } from './variables.ts'

/** One delivery with all its attempts; what takes longer fails and is tried again later. */
export const DELIVERY_TIMEOUT_MS = 90_000
/** Shorter values are words of everyday texts: masking them would make errors unreadable. */
const SHORTEST_SECRET = 4

export interface NotifierOptions {
  readonly config: NotificationsConfig
  readonly clock: Clock
  /** Templates see no secrets: every namespace may bring its own configuration. */
  readonly hidesSecrets: boolean
  readonly githubToken: (app: GithubApp, repoURL: string) => Promise<Secret>
  /** Outlives a change of the configuration. */
  readonly memory: LruCache<string>
  readonly certificatesOf: (host: string) => string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

export class Notifier {
  readonly config: NotificationsConfig
  readonly #options: NotifierOptions
  readonly #triggers: Triggers
  readonly #templates: Templates
  readonly #services = new Map<string, NotificationService>()
  readonly #secrets: readonly Secret[]

  constructor(options: NotifierOptions) {
    const { config, clock } = options
    const nowMs = (): number => clock.now()
    this.config = config
    this.#options = options
    this.#triggers = new Triggers(config.triggers, nowMs)
    this.#templates = new Templates(config.templates, nowMs)
    this.#secrets = [...config.secrets.values()].filter((secret) => secret.reveal().length >= SHORTEST_SECRET)
  }

  /** Each condition's result; asks the repository where a condition does. Throws where there is no such trigger. */
  runTrigger(name: string, subject: Subject): Promise<readonly ConditionResult[]> {
    const variables = variablesFor(subject, this.config, this.#options)
    return subject.facts.resolve(() => this.#triggers.run(name, variables))
  }

  /** What would be sent. Throws what is wrong with a template. */
  async render(templates: readonly string[], subject: Subject, to: Destination): Promise<Notification> {
    const variables = variablesFor(subject, this.config, { ...this.#options, to })
    return subject.facts.resolve(() => this.#templates.render(templates, variables))
  }

  /** Renders and sends. Throws why it did not arrive, without any secret; `PointlessDelivery` where no other attempt will help. */
  async send(templates: readonly string[], subject: Subject, to: Destination, signal: AbortSignal): Promise<void> {
    try {
      const service = this.#serviceOf(to.service)
      const notification = await this.render(templates, subject, to)
      await service.send(notification, to, this.#context(signal))
    } catch (error) {
      if (error instanceof PointlessDelivery) throw error
      const code = error instanceof CapstanError ? error.code : 'unavailable'
      // Without its cause, whose text may hold what is masked here.
      throw new CapstanError(code, maskSecrets(messageOf(error), this.#secrets))
    }
  }

  /** A further service, such as the terminal of a command. */
  addService(name: string, service: NotificationService): void {
    this.#services.set(name, service)
  }

  #serviceOf(name: string): NotificationService {
    const known = this.#services.get(name)
    if (known !== undefined) return known
    const found = this.config.services.get(name)
    if (found === undefined) throw new CapstanError('not-found', `notification service '${name}' is not supported`)
    const made = createService(found.type, found.options)
    this.#services.set(name, made)
    return made
  }

  #context(given: AbortSignal): ServiceContext {
    const { clock, githubToken, memory, certificatesOf, environment } = this.#options
    const signal = AbortSignal.any([given, AbortSignal.timeout(DELIVERY_TIMEOUT_MS)])
    return {
      http: (question) => sendRequest(question, { signal, certificatesOf, environment }),
      nowMs: () => clock.now(),
      pause: (delayMs) => sleep(clock, delayMs, signal),
      uuid: randomUUID,
      githubToken,
      memory,
      environment,
      certificatesOf,
      signal,
    }
  }
}
