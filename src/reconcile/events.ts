// Writes core/v1 Events about objects, as client-go's recorder does.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import { KubeError, type KubeClient, type ResourceType } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { EventCorrelator, type Correlation } from './event-correlator.ts'

/** An event of a controller that has not been written when this many wait is dropped (client-go's queue is 1000 long). */
const MAX_WAITING = 1000

export interface EventRecorderOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** `source.component`: `kubelet`, `deployment-controller`. */
  readonly component: string
  /** `source.host`. */
  readonly host?: string
}

export interface EventRecord {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** Which part of the object: `spec.containers{web}`. */
  readonly fieldPath?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** Records events without making the caller wait. */
export interface EventRecorder {
  record(object: KubeObject, event: EventRecord): void
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>
}

/** A recorder for one component. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options)
}

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #correlator = new EventCorrelator()
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #sequence = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  record(object: KubeObject, event: EventRecord): void {
    if (this.#waiting >= MAX_WAITING) return
    const atMs = this.#options.clock.now()
    this.#waiting++
    this.#last = this.#last.then(() => this.#write(object, event, atMs))
  }

  flush(): Promise<void> {
    return this.#last
  }

  /** Events are a courtesy: one that cannot be written is logged and given up, as upstream does. */
  async #write(object: KubeObject, event: EventRecord, atMs: number): Promise<void> {
    try {
      await this.#store(object, event, atMs)
    } catch (error) {
      this.#options.log.debug('event not written', { reason: event.reason, error })
    } finally {
      this.#waiting--
    }
  }

  async #store(object: KubeObject, event: EventRecord, atMs: number): Promise<void> {
    const { client, component, host } = this.#options
    const { namespace, name, uid } = object.metadata
    // The resourceVersion is no part of it: an object that changes meanwhile is the same object.
    const about = [component, host, object.apiVersion, object.kind, namespace, name, uid].join('\n')
    const similar = `${about}\n${event.type}\n${event.reason}`
    const { message, fieldPath: place = '' } = event
    const correlation = this.#correlator.correlate({ about, similar, place, message }, atMs)
    if (correlation === undefined) return
    const type = await client.resourceOf({ group: '', kind: 'Event', version: 'v1' })
    if (type === undefined) throw new KubeError(404, 'NotFound', 'the cluster serves no events')
    if (correlation.earlier !== undefined && (await this.#countUp(type, correlation, atMs))) return
    await this.#create(type, { object, event, atMs, correlation })
  }

  async #countUp(type: ResourceType, correlation: Correlation, atMs: number): Promise<boolean> {
    const { earlier, key, message } = correlation
    if (earlier === undefined) return false
    const count = earlier.count + 1
    const { namespace, name } = earlier
    const patch = { count, lastTimestamp: rfc3339Seconds(atMs), message }
    try {
      await this.#options.client.patch({ type, namespace, name }, 'strategic', patch)
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404) throw error
      this.#correlator.forget(key)
      return false
    }
    this.#correlator.remember(key, { ...earlier, count })
    return true
  }

  async #create(
    type: ResourceType,
    facts: { object: KubeObject; event: EventRecord; atMs: number; correlation: Correlation },
  ): Promise<void> {
    const { client, component, host } = this.#options
    const { object, event, atMs, correlation } = facts
    const namespace = object.metadata.namespace ?? 'default'
    // Upstream appends the time in ns; the sequence stands for the digits a ms clock does not have.
    this.#sequence = (this.#sequence + 1) % 1_000_000
    const suffix = (BigInt(atMs) * 1_000_000n + BigInt(this.#sequence)).toString(16)
    const name = `${object.metadata.name}.${suffix}`
    const annotations = event.annotations === undefined ? {} : { annotations: event.annotations }
    const stored = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace, ...annotations },
      involvedObject: referenceTo(object, event.fieldPath),
      reason: event.reason,
      message: correlation.message,
      source: host === undefined ? { component } : { component, host },
      firstTimestamp: rfc3339Seconds(atMs),
      lastTimestamp: rfc3339Seconds(atMs),
      count: 1,
      type: event.type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: host ?? '',
    }
    await client.create(type, stored)
    this.#correlator.remember(correlation.key, { name, namespace, count: 1, firstTimestamp: rfc3339Seconds(atMs) })
  }
}

function referenceTo(object: KubeObject, fieldPath: string | undefined): Readonly<Record<string, string>> {
  const { namespace, name, uid, resourceVersion } = object.metadata
  const reference: Record<string, string> = { kind: object.kind }
  if (namespace) reference['namespace'] = namespace
  reference['name'] = name ?? ''
  if (uid !== undefined) reference['uid'] = uid
  reference['apiVersion'] = object.apiVersion
  if (resourceVersion !== undefined) reference['resourceVersion'] = resourceVersion
  if (fieldPath !== undefined) reference['fieldPath'] = fieldPath
  return reference
}
