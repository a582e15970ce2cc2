// One watch request: the server's stream as events, its in-stream errors as `KubeError`.
import type { Cancel, Clock } from '../../base/clock.ts'
import { joinApiVersion, type JsonObject, type KubeObject } from '../object.ts'
import { KubeError, type ListOptions, type ResourceType, type WatchEvent } from './client.ts'
import { reasonOf } from './deadline.ts'
import { collectionPath, selectorQuery, withQuery } from './request-path.ts'
import { unreachable, type Requests } from './requests.ts'
import { errorOfStatus } from './status-error.ts'
import { splitLines } from './watch-lines.ts'
import { parseJson } from '../json-digits.ts'

/** A server that has not ended a watch this long after it should have is taken for dead. */
const OVERTIME_MS = 30_000

export interface WatchContext {
  readonly requests: Requests
  readonly clock: Clock
  readonly timeoutSeconds: number
}

/** See `KubeClient.watch`. */
export async function* watchEvents(
  context: WatchContext,
  type: ResourceType,
  options: ListOptions & { readonly resourceVersion: string },
): AsyncGenerator<WatchEvent> {
  const { signal } = options
  if (signal?.aborted) throw reasonOf(signal)
  const path = withQuery(collectionPath(type, options.namespace), {
    ...selectorQuery(options),
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: context.timeoutSeconds,
  })
  const lifetime = new Lifetime(context, signal)
  try {
    for await (const line of splitLines(await context.requests.open(path, lifetime.signal))) {
      lifetime.throwIfGivenUp()
      yield parseEvent(line, type)
    }
    lifetime.throwIfGivenUp()
  } catch (error) {
    lifetime.throwIfGivenUp()
    if (!lifetime.overtime) throw unreachable(error)
  } finally {
    lifetime.end()
  }
}

/** Ends the stream when the caller gives up, when the server outstays its time-out, and when the reader stops. */
class Lifetime {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  readonly #cancel: Cancel
  readonly #onAbort = (): void => this.#controller.abort(reasonOf(this.#caller))
  overtime = false

  constructor(context: WatchContext, caller: AbortSignal | undefined) {
    this.#caller = caller
    caller?.addEventListener('abort', this.#onAbort, { once: true })
    this.#cancel = context.clock.schedule(context.timeoutSeconds * 1000 + OVERTIME_MS, () => {
      this.overtime = true
      this.#controller.abort()
    })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  throwIfGivenUp(): void {
    if (this.#caller?.aborted) throw reasonOf(this.#caller)
  }

  end(): void {
    this.#cancel()
    this.#caller?.removeEventListener('abort', this.#onAbort)
    this.#controller.abort()
  }
}

function parseEvent(line: string, type: ResourceType): WatchEvent {
  let event: { readonly type?: string; readonly object?: JsonObject }
  try {
    // Whatever it is, the two checks below decide.
    event = parseJson(line) as typeof event
  } catch {
    throw new KubeError(500, 'InternalError', 'a watch event is not JSON: the stream broke off')
  }
  if (typeof event.object !== 'object' || event.object === null) {
    throw new KubeError(500, 'InternalError', 'a watch event holds no object')
  }
  switch (event.type) {
    case 'ERROR':
      throw errorOfStatus(event.object, 500)
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type: event.type, object: objectOf(event.object, type) }
    default:
      throw new KubeError(500, 'InternalError', `unknown watch event ${String(event.type)}`)
  }
}

function objectOf(value: JsonObject, type: ResourceType): KubeObject {
  // Watch events carry whole objects of the watched resource.
  const object = value as unknown as KubeObject
  if (object.kind !== undefined) return object
  return { ...object, apiVersion: joinApiVersion(type.group, type.version), kind: type.kind }
}
