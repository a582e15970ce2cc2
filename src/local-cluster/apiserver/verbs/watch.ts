// Watches: the current state or history first, then every change, to each reader as fast as it reads.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { CompactedError, type StoreEvent } from '../../storage/store.ts'
import type { Call } from '../call.ts'
import {
  BOOKMARK_BEFORE_END_MS,
  BOOKMARK_INTERVAL_MS,
  DEFAULT_WATCH_SECONDS,
  MAX_WAITING_TEXT,
  MAX_WAITING_EVENTS,
  WATCH_CHUNK_BYTES,
} from '../limits.ts'
import { isTrue } from '../options.ts'
import { partialMetadata } from '../partial-metadata.ts'
import { apiVersionOf } from '../resource.ts'
import { JSON_HEADERS, warningHeader } from '../respond.ts'
import { checkListOptions, countOption, parseRevision } from '../revisions.ts'
import { selectionOf, type Selection } from '../selection.ts'
import { expired, futureRevision, unknownError, type ApiError } from '../status.ts'
import { tableOf, tableRows } from '../table.ts'
import { inVersion, readStored } from '../write-object.ts'
import {
  eventObject,
  frame,
  joined,
  previousObject,
  sharedFrame,
  storedFrame,
  type EventType,
  type Frame,
} from './watch-frames.ts'

/** Starts a watch. Throws 400 for selectors, 422 for options that do not fit; an old version is told inside the stream. */
export async function watchCollection(call: Call): Promise<ApiResponse> {
  const seconds = countOption(call.query, 'timeoutSeconds')
  countOption(call.query, 'limit')
  const selection = selectionOf(call)
  checkListOptions(call.query, true)
  const after = parseRevision(call.query.get('resourceVersion'), unknownError)
  await call.server.store.committed()
  const stream = new WatchStream(call, selection)
  stream.start(after, seconds > 0 ? seconds : DEFAULT_WATCH_SECONDS)
  const headers = call.form.format === 'protobuf' ? PROTOBUF_STREAM : JSON_HEADERS
  return { status: 200, headers: { ...headers, ...warningHeader(call.warnings) }, body: stream.chunks() }
}

const PROTOBUF_STREAM = { 'content-type': 'application/vnd.kubernetes.protobuf;stream=watch' }
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' }

class WatchStream {
  readonly #call: Call
  readonly #selection: Selection
  /** What was there when the watch began, made into frames as the reader takes it. */
  #backlog: Iterator<Frame> | undefined
  /** Changes since then. */
  #waiting: Frame[] = []
  #waitingBytes = 0
  #wake: (() => void) | undefined
  #isOver = false
  #stops: (() => void)[] = []
  #seen = 0
  #tableStarted = false
  #hasBookmark = false

  constructor(call: Call, selection: Selection) {
    this.#call = call
    this.#selection = selection
  }

  /** Takes what is due at once and subscribes; nothing between the two can be lost, as both happen in one turn. */
  start(after: number, seconds: number): void {
    const { server, query, request } = this.#call
    this.#listen(request.signal)
    this.#listen(server.signal)
    this.#stops.push(server.clock.schedule(seconds * 1000, () => this.#end()))
    const isInitial = isTrue(query.get('sendInitialEvents'))
    const current = server.store.revision
    if (isInitial && after > current) {
      this.#fail(futureRevision(String(after), current))
      return
    }
    const hasState = isInitial || (after === 0 && query.get('sendInitialEvents') !== 'false')
    const state = hasState ? this.#state() : []
    // Without a version a watch that wants no state begins now.
    if (!hasState) this.#seen = after === 0 ? current : after
    this.#hasBookmark = !hasState
    const history = this.#subscribe()
    if (this.#isOver) return
    const end = isInitial && this.#wantsBookmarks() ? [this.#bookmark()] : []
    this.#backlog = chain(state, end, this.#framesOf(history))
    if (this.#wantsBookmarks()) this.#scheduleBookmark(server.clock.now() + seconds * 1000)
  }

  /** Chunks of whole frames of about `WATCH_CHUNK_BYTES`. */
  async *chunks(): AsyncGenerator<Frame> {
    try {
      for (;;) {
        const frames = this.#take()
        if (frames.length > 0) {
          yield joined(frames)
          continue
        }
        if (this.#isOver) return
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        await promise
      }
    } finally {
      this.#end()
    }
  }

  /** What is sent next: the backlog first, then what waits. */
  #take(): readonly Frame[] {
    return this.#backlog === undefined ? this.#takeWaiting() : this.#takeBacklog(this.#backlog)
  }

  #takeBacklog(backlog: Iterator<Frame>): readonly Frame[] {
    const frames: Frame[] = []
    let bytes = 0
    while (bytes < WATCH_CHUNK_BYTES) {
      const next = backlog.next()
      if (next.done === true) {
        this.#backlog = undefined
        return frames.length === 0 ? this.#takeWaiting() : frames
      }
      frames.push(next.value)
      bytes += next.value.length
    }
    return frames
  }

  #takeWaiting(): readonly Frame[] {
    const waiting = this.#waiting
    let count = 0
    let bytes = 0
    while (count < waiting.length && bytes < WATCH_CHUNK_BYTES) bytes += waiting[count++]?.length ?? 0
    this.#waitingBytes -= bytes
    this.#waiting = count === waiting.length ? [] : waiting.slice(count)
    return count === waiting.length ? waiting : waiting.slice(0, count)
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

  /** The objects there are now, as frames. */
  #state(): Iterable<Frame> {
    const page = this.#call.server.store.list({ prefix: this.#selection.prefix })
    this.#seen = page.revision
    return this.#stateFrames(page.items)
  }

  *#stateFrames(items: ReturnType<Call['server']['store']['list']>['items']): Generator<Frame> {
    for (const stored of items) {
      if (this.#isPlain() && this.#selection.matches === undefined) {
        yield storedFrame(this.#call, stored)
        continue
      }
      const object = readStored(this.#call, stored)
      if (this.#selection.matches?.(object) === false) continue
      yield this.#isPlain() ? storedFrame(this.#call, stored) : this.#render('ADDED', object)
    }
  }

  /** Changes after the version seen: those of before are given back, later ones come by themselves. */
  #subscribe(): readonly StoreEvent[] {
    const { store } = this.#call.server
    const after = this.#seen
    let history: StoreEvent[] | undefined = []
    try {
      const onEvents = (events: readonly StoreEvent[]): void => {
        if (history === undefined) this.#onEvents(events)
        else history.push(...events)
      }
      this.#stops.push(
        store.watch({ prefix: this.#selection.prefix, after: Math.min(after, store.revision), onEvents }),
      )
      return history
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      this.#fail(expired(`too old resource version: ${after} (${error.compactedRevision})`))
      return []
    } finally {
      history = undefined
    }
  }

  *#framesOf(events: readonly StoreEvent[]): Generator<Frame> {
    for (const event of events) {
      const one = this.#frameOf(event)
      if (one !== undefined) yield one
    }
  }

  #onEvents(events: readonly StoreEvent[]): void {
    for (const event of events) {
      const one = this.#frameOf(event)
      if (one !== undefined) this.#queue(one)
    }
    if (this.#waiting.length <= MAX_WAITING_EVENTS && this.#waitingBytes <= MAX_WAITING_TEXT) return
    // A watcher that does not read is cut off; it resumes from its last version, as from any ended watch.
    const { server, resource } = this.#call
    server.log.warn('slow watcher dropped', { resource: resource.resource, waiting: this.#waiting.length })
    this.#waiting = []
    this.#backlog = undefined
    this.#end()
  }

  /** What a change is to this watcher; undefined where it is none. */
  #frameOf(event: StoreEvent): Frame | undefined {
    if (event.revision <= this.#seen) return undefined
    const { resource } = this.#call
    const { matches } = this.#selection
    if (matches === undefined) return this.#changeFrame(EVENT_TYPES[event.type], event)
    const before = event.previous === undefined ? false : matches(inVersion(resource, previousObject(event)))
    const now = event.type !== 'deleted' && matches(inVersion(resource, eventObject(event)))
    if (now) return this.#changeFrame(before ? 'MODIFIED' : 'ADDED', event)
    return before ? this.#changeFrame('DELETED', event) : undefined
  }

  #changeFrame(type: EventType, event: StoreEvent): Frame {
    // What left the selection is shown as it was before, under the version of the change.
    const isLeaving = type === 'DELETED' && event.type !== 'deleted'
    if (!isLeaving && this.#call.form.as !== 'table') return sharedFrame(this.#call, type, event)
    const source = isLeaving ? withVersion(previousObject(event), event.revision) : eventObject(event)
    return this.#render(type, inVersion(this.#call.resource, source))
  }

  /** Whole objects of a built-in kind, whose stored text can be sent. */
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

  /** The next bookmark comes within a minute, and shortly before the end (`nextBookmarkTime` of the cacher). */
  #scheduleBookmark(endMs: number): void {
    const { clock } = this.#call.server
    const beforeEnd = endMs - BOOKMARK_BEFORE_END_MS - clock.now()
    if (beforeEnd <= 0) return
    const cancel = clock.schedule(Math.min(BOOKMARK_INTERVAL_MS, beforeEnd), () => {
      if (this.#isOver) return
      this.#queue(this.#bookmark())
      this.#scheduleBookmark(endMs)
    })
    this.#stops.push(cancel)
  }

  /** Everything up to its version was told; the first of a watch that began with the state says too that it is complete. */
  #bookmark(): Frame {
    const { resource, server } = this.#call
    const annotations = this.#hasBookmark ? {} : { annotations: INITIAL_EVENTS_END }
    this.#hasBookmark = true
    const metadata = { resourceVersion: String(server.store.committedRevision), ...annotations }
    const plain = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata }
    return this.#render('BOOKMARK', plain)
  }

  #queue(one: Frame): void {
    this.#waiting.push(one)
    this.#waitingBytes += one.length
    this.#wake?.()
  }

  #fail(error: ApiError): void {
    this.#queue(frame(this.#call.form.format, 'ERROR', error.toStatus()))
    this.#end()
  }

  #end(): void {
    this.#isOver = true
    for (const stop of this.#stops) stop()
    this.#stops = []
    this.#wake?.()
  }
}

const EVENT_TYPES = { created: 'ADDED', updated: 'MODIFIED', deleted: 'DELETED' } as const

function* chain(...parts: readonly Iterable<Frame>[]): Generator<Frame> {
  for (const part of parts) yield* part
}

function withVersion(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}
