// Where deliveries are told: log, events of the application, figures.
import type { Log } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Destination } from '../../notifications/notification.ts'
import type { EventRecorder } from '../../reconcile/events.ts'

export interface Delivery {
  readonly object: KubeObject
  readonly trigger: string
  readonly templates: readonly string[]
  readonly to: Destination
}

export class DeliveryReport {
  readonly #log: Log
  readonly #events: EventRecorder
  readonly #countDelivery: ReturnType<Metrics['counter']>
  readonly #countEvaluation: ReturnType<Metrics['counter']>

  constructor({
    log,
    events,
    metrics,
  }: {
    readonly log: Log
    readonly events: EventRecorder
    readonly metrics: Metrics
  }) {
    this.#log = log
    this.#events = events
    this.#countDelivery = metrics.counter('argocd_notifications_deliveries_total', 'Number of delivered notifications.')
    this.#countEvaluation = metrics.counter('argocd_notifications_trigger_eval_total', 'Number of trigger evaluations.')
  }

  evaluated(name: string, isTriggered: boolean): void {
    this.#countEvaluation({ name, triggered: String(isTriggered) })
  }

  sent({ object, trigger, templates, to }: Delivery): void {
    this.#count(trigger, to, true)
    this.#log.info('notification sent', { ...placeOf(object), trigger, templates: templates.join(','), ...to })
    const message = `Sent the notification of ${trigger} to ${shown(to)}`
    this.#events.record(object, { type: 'Normal', reason: 'NotificationSent', message })
  }

  /** `retryAfterMs` is when it is tried again; undefined: never. */
  failed({ object, trigger, to }: Delivery, error: string, retryAfterMs: number | undefined): void {
    this.#count(trigger, to, false)
    this.#log.warn('notification failed', { ...placeOf(object), trigger, ...to, error, retryAfterMs })
    const message = `The notification of ${trigger} to ${shown(to)} failed: ${error}`
    this.#events.record(object, { type: 'Warning', reason: 'NotificationFailed', message })
  }

  #count(trigger: string, { service }: Destination, succeeded: boolean): void {
    this.#countDelivery({ trigger, service, succeeded: String(succeeded) })
  }
}

function placeOf({ metadata }: KubeObject): { readonly application: string } {
  return { application: `${metadata.namespace}/${metadata.name}` }
}

function shown({ service, recipient }: Destination): string {
  return recipient === '' ? service : `${service}:${recipient}`
}
