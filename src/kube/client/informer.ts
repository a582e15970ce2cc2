// A cache of one resource that follows the cluster: lists once, then watches, and tells its handlers what changed.
import { Backoff } from '../../base/backoff.ts'
import { sleep, type Cancel, type Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { KubeObject } from '../object.ts'
import { KubeError, type KubeClient, type ListOptions, type ResourceType, type WatchEvent } from './client.ts'
import { IndexedStore, storeKey, type IndexFunction } from './indexed-store.ts'

/** client-go's reflector waits 0.8 s to 30 s between attempts (tools/cache/reflector.go, v0.36). */
const BACKOFF = { baseMs: 800, maxMs: 30_000, jitter: 0.5 }
/** A watch that has lasted so long was well: what fails after it is a first failure again. */
const SETTLED_MS = 10_000
/** A watch that ends sooner than this without an event counts as failed, or a broken server would be asked without pause. */
const SHORTEST_WATCH_MS = 1000

export interface ChangeEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** As the cache now has it; for DELETED the last state seen. */
  readonly object: T
  /** What the cache had before. */
  readonly old: T | undefined
}

export type ChangeHandler<T extends KubeObject = KubeObject> = (event: ChangeEvent<T>) => void

export interface InformerOptions<T extends KubeObject = KubeObject> extends Omit<ListOptions, 'signal'> {
  readonly client: KubeClient
  readonly type: ResourceType
  readonly clock: Clock
  readonly log: Log
  /** Applied to each object before it is kept. Default: drops `metadata.managedFields`. */
  readonly transform?: (object: KubeObject) => T
  /** False for objects that are not followed, by what never changes of them such as their namespace. Default: all are. */
  readonly keeps?: (object: KubeObject) => boolean
  /** Index functions by index name. */
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>
  /** Told of each list or watch that failed, before it is tried again. */
  readonly onFault?: (error: unknown) => void
  /** Spreads retries; 0 to 1. Default: the machine's. */
  readonly random?: () => number
}

/** A started informer runs until `stop`. Objects in it are shared: never change them. */
export class Informer<T extends KubeObject = KubeObject> {
  readonly type: ResourceType
  readonly #options: InformerOptions<T>
  readonly #store: IndexedStore<T>
  readonly #handlers = new Set<ChangeHandler<T>>()
  readonly #synced = Promise.withResolvers<void>()
  readonly #controller = new AbortController()
  readonly #backoff: Backoff
  #isSynced = false
  #running: Promise<void> | undefined
  #resourceVersion = ''
  #error: unknown

  constructor(options: InformerOptions<T>) {
    this.type = options.type
    this.#options = options
    this.#store = new IndexedStore<T>()
    this.addIndexes(options.indexes ?? {})
    this.#backoff = new Backoff({ ...BACKOFF, random: options.random ?? Math.random })
    // Nobody may be waiting when `stop` rejects it.
    this.#synced.promise.catch(() => undefined)
  }

  /** Begins to follow the cluster; calling it again changes nothing. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Ends the watch; resolves when it has ended. The cache stays readable. */
  async stop(): Promise<void> {
    this.#controller.abort(new Error('informer stopped'))
    this.#synced.reject(new Error(`informer of ${this.type.resource} stopped before its first list`))
    await this.#running
  }

  /** Resolves once the first list is in the cache and its handlers have run; rejects when stopped before. */
  get hasSynced(): Promise<void> {
    return this.#synced.promise
  }

  /** Whether the first list is in the cache. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Why the last list or watch failed; undefined once one has gone well. */
  get error(): unknown {
    return this.#error
  }

  /** The version of the cluster the cache is at. */
  get resourceVersion(): string {
    return this.#resourceVersion
  }

  get size(): number {
    return this.#store.size
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#store.get(storeKey(namespace, name))
  }

  /** All objects, in no particular order. */
  list(): IterableIterator<T> {
    return this.#store.values()
  }

  /** Objects under `value` of an index given at creation. */
  byIndex(index: string, value: string): ReadonlySet<T> {
    return this.#store.byIndex(index, value)
  }

  /** Adds indexes to those given at creation; names that exist keep their function. */
  addIndexes(indexes: Readonly<Record<string, IndexFunction<T>>>): void {
    for (const [name, valuesOf] of Object.entries(indexes)) this.#store.addIndex(name, valuesOf)
  }

  /** Calls `handler` for everything cached (as ADDED) and then for every change, in order. The result unregisters. */
  onChange(handler: ChangeHandler<T>): Cancel {
    this.#handlers.add(handler)
    for (const object of this.#store.values()) this.#call(handler, { type: 'ADDED', object, old: undefined })
    return () => this.#handlers.delete(handler)
  }

  async #run(): Promise<void> {
    const { signal } = this.#controller
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === '') await this.#listAll(signal)
        await this.#watch(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#error = error
        this.#options.onFault?.(error)
        await this.#recover(error, signal)
      }
    }
  }

  /** 410 means the server's history no longer reaches back: list anew. Everything else is tried again later. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const expired = error instanceof KubeError && error.status === 410
    if (expired) this.#resourceVersion = ''
    const delayMs = this.#backoff.nextMs()
    const { log, clock } = this.#options
    if (expired && this.#backoff.failures === 1) return
    log.debug('informer will try again', { resource: this.type.resource, delayMs, error })
    await sleep(clock, delayMs, signal).catch(() => undefined)
  }

  async #listAll(signal: AbortSignal): Promise<void> {
    const { client } = this.#options
    const list = await client.list(this.type, { ...this.#selection(), signal })
    const gone = new Set(this.#store.keys())
    for (const item of list.items) {
      gone.delete(storeKey(item.metadata.namespace, item.metadata.name))
      this.#put(item)
    }
    for (const key of gone) this.#remove(key, undefined)
    this.#resourceVersion = list.resourceVersion
    this.#error = undefined
    this.#isSynced = true
    this.#synced.resolve()
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options
    const options = { ...this.#selection(), resourceVersion: this.#resourceVersion, signal }
    const startMs = clock.now()
    let events = 0
    try {
      for await (const event of client.watch(this.type, options)) {
        this.#apply(event)
        this.#error = undefined
        events++
        this.#backoff.reset()
      }
    } finally {
      if (clock.now() - startMs >= SETTLED_MS) this.#backoff.reset()
    }
    if (events === 0 && clock.now() - startMs < SHORTEST_WATCH_MS) {
      throw new KubeError(503, 'ServiceUnavailable', 'the watch ended as soon as it began')
    }
  }

  #apply(event: WatchEvent): void {
    const { metadata } = event.object
    if (event.type === 'DELETED') this.#remove(storeKey(metadata.namespace, metadata.name), event.object)
    else if (event.type !== 'BOOKMARK') this.#put(event.object)
    if (metadata.resourceVersion !== undefined) this.#resourceVersion = metadata.resourceVersion
  }

  #put(received: KubeObject): void {
    if (this.#options.keeps?.(received) === false) return
    const key = storeKey(received.metadata.namespace, received.metadata.name)
    const old = this.#store.get(key)
    if (old !== undefined && isSameState(old, received)) return
    const object = this.#transform(received)
    this.#store.set(key, object)
    // A name that was deleted and made again between two lists is another object.
    if (old !== undefined && old.metadata.uid !== object.metadata.uid) {
      this.#emit({ type: 'DELETED', object: old, old })
      this.#emit({ type: 'ADDED', object, old: undefined })
      return
    }
    this.#emit({ type: old === undefined ? 'ADDED' : 'MODIFIED', object, old })
  }

  #remove(key: string, last: KubeObject | undefined): void {
    const old = this.#store.get(key)
    if (old === undefined) return
    this.#store.delete(key)
    this.#emit({ type: 'DELETED', object: last === undefined ? old : this.#transform(last), old })
  }

  #transform(object: KubeObject): T {
    const { transform } = this.#options
    if (transform !== undefined) return transform(object)
    // Without a transform T is whatever the caller says the resource holds.
    return withoutManagedFields(object) as T
  }

  #emit(event: ChangeEvent<T>): void {
    for (const handler of this.#handlers) this.#call(handler, event)
  }

  #call(handler: ChangeHandler<T>, event: ChangeEvent<T>): void {
    try {
      handler(event)
    } catch (error) {
      // One broken handler must not stop the cache for the others.
      this.#options.log.error('informer handler failed', { resource: this.type.resource, error })
    }
  }

  #selection(): ListOptions {
    const { namespace, labelSelector, fieldSelector } = this.#options
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    }
  }
}

/** The object without `metadata.managedFields`, a third of its memory that hardly anyone reads. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object
  const { managedFields: _dropped, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** What names an object and says who owns it: the rest is dropped, labels and annotations too. */
export function metadataOnly({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { labels: _labels, annotations: _annotations, managedFields: _managed, ...kept } = metadata
  return { apiVersion, kind, metadata: kept }
}

function isSameState(old: KubeObject, received: KubeObject): boolean {
  const { uid, resourceVersion } = received.metadata
  return resourceVersion !== undefined && old.metadata.resourceVersion === resourceVersion && old.metadata.uid === uid
}
