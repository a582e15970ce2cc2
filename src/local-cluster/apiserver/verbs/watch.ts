// Watches: the current state or history first, then every change, as JSON lines or protobuf frames shared between watchers.
import type { Cancel } from '../../../base/clock.ts'
import type { ApiResponse } from '../../../kube/client/transport.ts'
import { jsonText } from '../../../kube/json-digits.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { encodeObject, encodeWatchEvent } from '../../../kube/protobuf/encode-object.ts'
import { CompactedError, type StoredObject, type StoreEvent } from '../../storage/store.ts'
import type { Call } from '../call.ts'
import { BOOKMARK_INTERVAL_MS, DEFAULT_WATCH_SECONDS, MAX_WAITING_EVENTS } from '../limits.ts'
import { parseObject, textInVersion } from '../objects.ts'
import type { Format } from '../negotiation.ts'
import { isTrue } from '../options.ts'
import { apiVersionOf } from '../resource.ts'
import { partialMetadata } from '../partial-metadata.ts'
import { JSON_HEADERS, warningHeader } from '../respond.ts'
import { checkListOptions, parseInt64, parseRevision } from '../revisions.ts'
import { selectionOf, type Selection } from '../selection.ts'
import { expired, unknownError } from '../status.ts'
import { messageBody, messageOf, storedMessage } from '../stored-message.ts'
import { tableOf, tableRows } from '../table.ts'
import { inVersion, readStored } from '../write-object.ts'

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** Starts a watch. Throws 400 for selectors, 422 for options that do not fit; an old version is told inside the stream. */
export async function watchCollection(call: Call): Promise<ApiResponse> {
  const selection = selectionOf(call)
  checkListOptions(call.query, true)
  const after = parseRevision(call.query.get('resourceVersion'), unknownError)
  const seconds = parseInt64(call.query.get('timeoutSeconds') || '0')
  await call.server.store.committed()
  const stream = new WatchStream(call, selection)
  stream.start(after, seconds > 0 ? seconds : DEFAULT_WATCH_SECONDS)
  const headers = call.form.format === 'protobuf' ? PROTOBUF_STREAM : JSON_HEADERS
  return { status: 200, headers: { ...headers, ...warningHeader(call.warnings) }, body: stream.chunks() }
}

const PROTOBUF_STREAM = { 'content-type': 'application/vnd.kubernetes.protobuf;stream=watch' }

class WatchStream {
  readonly #call: Call
  readonly #selection: Selection
  #waiting: Frame[] = []
  #wake: (() => void) | undefined
  #isOver = false
  #stops: (() => void)[] = []
  #seen = 0
  #tableStarted = false

  constructor(call: Call, selection: Selection) {
    this.#call = call
    this.#selection = selection
  }

  /** Queues what is due at once and subscribes; nothing between the two can be lost, as both happen in one turn. */
  start(after: number, seconds: number): void {
    const { server, query, request } = this.#call
    this.#listen(request.signal)
    this.#listen(server.signal)
    this.#stops.push(server.clock.schedule(seconds * 1000, () => this.#end()))
    const isInitial = isTrue(query.get('sendInitialEvents'))
    this.#seen = after
    if (isInitial || (after === 0 && query.get('sendInitialEvents') !== 'false')) this.#queueState()
    if (isInitial && this.#wantsBookmarks()) this.#queueBookmark({ 'k8s.io/initial-events-end': 'true' })
    this.#subscribe(after)
    if (this.#wantsBookmarks()) this.#scheduleBookmark()
  }

  /** Chunks of whole frames; what waits is handed over together. */
  async *chunks(): AsyncGenerator<Frame> {
    try {
      for (;;) {
        if (this.#waiting.length > 0) {
          const chunk = joined(this.#waiting)
          this.#waiting = []
          yield chunk
        }
        if (this.#waiting.length > 0) continue
        if (this.#isOver) return
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        await promise
      }
    } finally {
      this.#end()
    }
  }

  #listen(signal: AbortSignal | undefined): void {
    if (signal === undefined) return
    if (signal.aborted) this.#end()
    const end = (): void => this.#end()
    signal.addEventListener('abort', end, { once: true })
    this.#stops.push(() => signal.removeEventListener('abort', end))
  }

  #wantsBookmarks(): boolean {
    return isTrue(this.#call.query.get('allowWatchBookmarks'))
  }

  #queueState(): void {
    const { store } = this.#call.server
    const page = store.list({ prefix: this.#selection.prefix })
    for (const stored of page.items) {
      const object = readStored(this.#call, stored)
      if (this.#selection.matches?.(object) === false) continue
      this.#queue(this.#isPlain() ? storedFrame(this.#call, stored) : this.#render('ADDED', object))
    }
    this.#seen = Math.max(this.#seen, page.revision)
  }

  #subscribe(after: number): void {
    const { store } = this.#call.server
    const start = this.#seen > after ? this.#seen : Math.min(after, store.revision)
    try {
      const onEvents = (events: readonly StoreEvent[]): void => this.#onEvents(events)
      this.#stops.push(store.watch({ prefix: this.#selection.prefix, after: start, onEvents }))
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      const status = expired(`too old resource version: ${after} (${error.compactedRevision})`).toStatus()
      this.#queue(frame(this.#call.form.format, 'ERROR', status))
      this.#end()
    }
  }

  #onEvents(events: readonly StoreEvent[]): void {
    if (this.#waiting.length + events.length > MAX_WAITING_EVENTS) {
      // A watcher that does not read is cut off; it resumes from its last version, as from any ended watch.
      this.#call.server.log.warn('slow watcher dropped', {
        resource: this.#call.resource.resource,
        waiting: this.#waiting.length,
      })
      this.#waiting = []
      this.#end()
      return
    }
    for (const event of events) this.#onEvent(event)
  }

  #onEvent(event: StoreEvent): void {
    if (event.revision <= this.#seen) return
    this.#seen = event.revision
    const { matches } = this.#selection
    if (matches === undefined) {
      this.#queueEvent(EVENT_TYPES[event.type], event)
      return
    }
    const before = event.previous === undefined ? false : matches(inVersion(this.#call.resource, previousObject(event)))
    const now = event.type !== 'deleted' && matches(inVersion(this.#call.resource, eventObject(event)))
    if (now) this.#queueEvent(before ? 'MODIFIED' : 'ADDED', event)
    else if (before) this.#queueEvent('DELETED', event)
  }

  #queueEvent(type: EventType, event: StoreEvent): void {
    // What left the selection is shown as it was before, under the version of the change.
    const isLeaving = type === 'DELETED' && event.type !== 'deleted'
    if (!isLeaving && this.#isPlain()) {
      this.#queue(sharedFrame(this.#call, type, event))
      return
    }
    const source = isLeaving ? withVersion(previousObject(event), event.revision) : eventObject(event)
    this.#queue(this.#render(type, inVersion(this.#call.resource, source)))
  }

  /** Whole objects of a built-in kind: all watchers are sent the same. */
  #isPlain(): boolean {
    return this.#call.form.as === 'object' && this.#call.resource.custom === undefined
  }

  #render(type: EventType, object: KubeObject): Frame {
    const { form } = this.#call
    switch (form.as) {
      case 'object':
        return frame(form.format, type, object as unknown as JsonObject) // objects are JSON
      case 'metadata':
      case 'metadata-list':
        return frame(form.format, type, partialMetadata(object, form.metaVersion))
      case 'table':
        return frame(form.format, type, this.#table(object))
    }
  }

  #table(object: KubeObject): JsonObject {
    if (this.#tableStarted) return tableRows(this.#call, object)
    this.#tableStarted = true
    return tableOf(this.#call, [object], object.metadata.resourceVersion ?? '')
  }

  #scheduleBookmark(): void {
    const cancel: Cancel = this.#call.server.clock.schedule(BOOKMARK_INTERVAL_MS, () => {
      if (this.#isOver) return
      this.#queueBookmark(undefined)
      this.#scheduleBookmark()
    })
    this.#stops.push(cancel)
  }

  #queueBookmark(annotations: Readonly<Record<string, string>> | undefined): void {
    const { resource, server, form } = this.#call
    const metadata = {
      resourceVersion: String(server.store.revision),
      ...(annotations === undefined ? {} : { annotations }),
    }
    const plain = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata }
    const object = form.as === 'metadata' ? partialMetadata(plain, form.metaVersion) : plain
    this.#queue(frame(form.format, 'BOOKMARK', object))
  }

  #queue(one: Frame): void {
    this.#waiting.push(one)
    this.#wake?.()
  }

  #end(): void {
    this.#isOver = true
    for (const stop of this.#stops) stop()
    this.#stops = []
    this.#wake?.()
  }
}

const EVENT_TYPES = { created: 'ADDED', updated: 'MODIFIED', deleted: 'DELETED' } as const

/** One event as it is sent: a line of JSON, or bytes with their length before them. */
type Frame = string | Uint8Array

function frame(format: Format, type: EventType, object: JsonObject): Frame {
  return format === 'protobuf' ? encodeWatchEvent(type, encodeObject(object)) : line(type, jsonText(object))
}

function line(type: EventType, object: string): string {
  return `{"type":"${type}","object":${object}}\n`
}

/** A watch has frames of one form only. */
function joined(frames: readonly Frame[]): Frame {
  const [first] = frames
  if (frames.length === 1 && first !== undefined) return first
  if (typeof first === 'string') return frames.join('')
  return Buffer.concat(frames.map((one) => (typeof one === 'string' ? Buffer.from(one) : one)))
}

function storedFrame(call: Call, stored: StoredObject): Frame {
  const { resource, form } = call
  if (form.format !== 'protobuf') return line('ADDED', textInVersion(resource, stored.value))
  return encodeWatchEvent('ADDED', messageBody(resource, storedMessage(call, stored)))
}

/** What was derived from one event, kept while the event lives: many watchers want the same. */
interface Derived {
  object?: KubeObject
  previous?: KubeObject
  readonly frames: Map<string, Frame>
}

/** Keyed by the events themselves, so it holds nothing that the store does not hold. */
const derived = new WeakMap<StoreEvent, Derived>()

function derivedOf(event: StoreEvent): Derived {
  const known = derived.get(event)
  if (known !== undefined) return known
  const made: Derived = { frames: new Map() }
  derived.set(event, made)
  return made
}

function eventObject(event: StoreEvent): KubeObject {
  const shared = derivedOf(event)
  shared.object ??= parseObject(event.value)
  return shared.object
}

function previousObject(event: StoreEvent): KubeObject {
  const shared = derivedOf(event)
  shared.previous ??= parseObject(event.previous ?? event.value)
  return shared.previous
}

function sharedFrame(call: Call, type: EventType, event: StoreEvent): Frame {
  const { frames } = derivedOf(event)
  const { resource, form } = call
  const key = `${form.format} ${type} ${apiVersionOf(resource)}`
  const known = frames.get(key)
  if (known !== undefined) return known
  const made =
    form.format === 'protobuf'
      ? encodeWatchEvent(type, messageBody(resource, messageOf(resource, eventObject(event))))
      : line(type, textInVersion(resource, event.value))
  frames.set(key, made)
  return made
}

function withVersion(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}
