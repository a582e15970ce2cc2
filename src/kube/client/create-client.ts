// The dynamic client: every verb of `KubeClient` over any transport.
import { systemClock, type Clock } from '../../base/clock.ts'
import { joinApiVersion, type GroupKind, type JsonObject, type JsonValue, type KubeObject } from '../object.ts'
import {
  KubeError,
  type CreateOptions,
  type DeleteOptions,
  type ExecOptions,
  type KubeClient,
  type ListOptions,
  type ObjectList,
  type PatchOptions,
  type PatchType,
  type ResourceRef,
  type ResourceType,
  type RunningCommand,
  type WatchEvent,
  type WriteOptions,
} from './client.ts'
import { Discovery } from './discovery.ts'
import {
  collectionPath,
  creationPath,
  deleteBody,
  objectPath,
  selectorQuery,
  withQuery,
  writeQuery,
} from './request-path.ts'
import { actingAs } from './impersonation.ts'
import { MAX_BODY_BYTES, Requests, type RequestOptions } from './requests.ts'
import type { Transport } from './transport.ts'
import { watchEvents } from './watch.ts'
import { jsonText } from '../json-digits.ts'

/** The page size of client-go's pager. */
const PAGE_SIZE = 500

const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

export interface ClientOptions {
  /** Default: the machine's clock. */
  readonly clock?: Clock
  /** Names the field manager of writes that name none. Default `capstan`. */
  readonly userAgent?: string
  /** For one request with its retries; watches only until their first answer. Default 60 s. */
  readonly requestTimeoutMs?: number
  /** How long a server is asked to keep a watch open; client-go asks for 5 to 10 minutes. Default 300-600 s, at random. */
  readonly watchTimeoutSeconds?: number
  /** Default 768 MiB. */
  readonly maxBodyBytes?: number
}

/** A client over `transport`, which it owns: `close` closes both. */
export function createClient(transport: Transport, options: ClientOptions = {}): KubeClient {
  return new DynamicClient(transport, options)
}

class DynamicClient implements KubeClient {
  readonly #transport: Transport
  readonly #options: ClientOptions
  readonly #requests: Requests
  readonly #discovery: Discovery
  readonly #clock: Clock
  readonly #watchTimeoutSeconds: number | undefined

  constructor(transport: Transport, options: ClientOptions, discovery?: Discovery) {
    this.#transport = transport
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#watchTimeoutSeconds = options.watchTimeoutSeconds
    this.#requests = new Requests({
      transport,
      clock: this.#clock,
      userAgent: options.userAgent ?? 'capstan',
      requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
      maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
    })
    this.#discovery = discovery ?? new Discovery(this.#requests)
  }

  /** What is served is the same for everybody, so it is not asked for again. */
  as(user: string): KubeClient {
    return new DynamicClient(actingAs(user, this.#transport), this.#options, this.#discovery)
  }

  resourceOf(kind: GroupKind & { readonly version?: string }, signal?: AbortSignal): Promise<ResourceType | undefined> {
    return this.#discovery.find(kind, signal)
  }

  resources(signal?: AbortSignal): Promise<readonly ResourceType[]> {
    return this.#discovery.all(signal)
  }

  async serverVersion(
    signal?: AbortSignal,
  ): Promise<{ readonly gitVersion: string; readonly major: string; readonly minor: string }> {
    const body = await this.#requests.send('GET', '/version', { signal })
    if (!isRecord(body)) throw new KubeError(500, 'InternalError', '/version did not answer with an object')
    return {
      gitVersion: textOf(body['gitVersion']),
      major: textOf(body['major']),
      minor: textOf(body['minor']),
    }
  }

  async get(ref: ResourceRef, signal?: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#object('GET', objectPath(ref), { signal })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async list(type: ResourceType, options: ListOptions = {}): Promise<ObjectList> {
    try {
      return await this.#listPages(type, options, PAGE_SIZE)
    } catch (error) {
      // The continue token outlived the server's history: read all at once, as client-go's pager does.
      if (error instanceof KubeError && error.status === 410) return this.#listPages(type, options, undefined)
      throw error
    }
  }

  async #listPages(type: ResourceType, options: ListOptions, limit: number | undefined): Promise<ObjectList> {
    const path = collectionPath(type, options.namespace)
    const items: KubeObject[] = []
    let token: string | undefined
    for (;;) {
      const query = { ...selectorQuery(options), limit, continue: token }
      const page = await this.#answer('GET', withQuery(path, query), { signal: options.signal })
      if (!isRecord(page) || !Array.isArray(page['items'])) {
        throw new KubeError(500, 'InternalError', `${path} did not answer with a list`)
      }
      for (const item of page['items']) items.push(withKind(item, type))
      const metadata = isRecord(page['metadata']) ? page['metadata'] : {}
      token = textOf(metadata['continue'])
      if (token === '') return { items, resourceVersion: textOf(metadata['resourceVersion']) }
    }
  }

  async create(type: ResourceType, object: KubeObject, options: CreateOptions = {}): Promise<KubeObject> {
    const { namespace } = object.metadata
    if (type.namespaced && !namespace) {
      throw new KubeError(400, 'BadRequest', 'an empty namespace may not be set during creation')
    }
    const path = withQuery(creationPath(type, object, options.subresource), writeQuery(options))
    return this.#object('POST', path, { body: jsonText(object), signal: options.signal })
  }

  update(ref: ResourceRef, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const path = withQuery(objectPath(ref), writeQuery(options))
    return this.#object('PUT', path, { body: jsonText(object), signal: options.signal })
  }

  patch(ref: ResourceRef, patchType: PatchType, patch: JsonValue, options: PatchOptions = {}): Promise<KubeObject> {
    const path = withQuery(objectPath(ref), writeQuery(options))
    const contentType = PATCH_CONTENT_TYPES[patchType]
    return this.#object('PATCH', path, { body: jsonText(patch), contentType, signal: options.signal })
  }

  async delete(ref: ResourceRef, options: DeleteOptions = {}): Promise<boolean> {
    try {
      await this.#answer('DELETE', objectPath(ref), { body: deleteBody(options), signal: options.signal })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  }

  watch(type: ResourceType, options: ListOptions & { readonly resourceVersion: string }): AsyncIterable<WatchEvent> {
    const timeoutSeconds = this.#watchTimeoutSeconds ?? 300 + Math.floor(Math.random() * 300)
    return watchEvents({ requests: this.#requests, clock: this.#clock, timeoutSeconds }, type, options)
  }

  read(
    ref: ResourceRef,
    query: Readonly<Record<string, string | number | undefined>>,
    signal: AbortSignal,
  ): Promise<AsyncIterable<string | Uint8Array>> {
    // Logs are plain text, errors JSON.
    return this.#requests.open(withQuery(objectPath(ref), query), signal, '*/*')
  }

  async exec(ref: ResourceRef, command: ExecOptions, signal: AbortSignal): Promise<RunningCommand> {
    const { openCommand } = await import('./exec.ts')
    const { userAgent = 'capstan', requestTimeoutMs = 60_000 } = this.#options
    return openCommand(
      { transport: this.#transport, clock: this.#clock, userAgent, requestTimeoutMs, signal },
      ref,
      command,
    )
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }

  async #object(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, options: RequestOptions): Promise<KubeObject> {
    const body = await this.#answer(method, path, options)
    if (!isRecord(body)) throw new KubeError(500, 'InternalError', `${method} ${path}: the answer is no object`)
    // A 2xx answer to an object request is that object; the server is the authority on its shape.
    return body as unknown as KubeObject
  }

  async #answer(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: RequestOptions,
  ): Promise<unknown> {
    try {
      return await this.#requests.send(method, path, options)
    } catch (error) {
      if (isUnserved(error)) this.#discovery.invalidate()
      throw error
    }
  }
}

function withKind(item: unknown, type: ResourceType): KubeObject {
  // List items of an API server are objects; built-in kinds come without apiVersion and kind.
  const object = item as KubeObject
  if (object.kind !== undefined && object.apiVersion !== undefined) return object
  return { ...object, apiVersion: joinApiVersion(type.group, type.version), kind: type.kind }
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404
}

/** A 404 that names no object: the resource itself is gone, so what discovery said is out of date. */
function isUnserved(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404 && error.details?.['name'] === undefined
}
