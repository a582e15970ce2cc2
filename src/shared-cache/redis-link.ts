// Connections to Redis as the store uses them: to a server that is named, or to whichever Sentinels name as the master.
import type * as RedisModule from '@redis/client'
import { CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'

export interface RedisOptions {
  /** `host:port`, `[::1]:6379`, or the path of a unix socket. Not read where there are Sentinels. */
  readonly address: string
  readonly sentinel?: RedisSentinels
  readonly username?: string
  readonly password?: Secret
  readonly database?: number
  readonly tls?: RedisTls
  readonly log: Log
  /** Told of each command that was answered or failed. */
  readonly onRequest?: (request: StoreRequest) => void
}

export interface RedisSentinels {
  /** `host:port` each; the port is 26379 unless told. */
  readonly addresses: readonly string[]
  /** The name of the group whose master is asked. */
  readonly master: string
  /** Of the Sentinels themselves. */
  readonly username?: string
  readonly password?: Secret
}

export interface RedisTls {
  /** PEM. */
  readonly ca?: string
  readonly clientCertificate?: string
  readonly clientKey?: Secret
  /** Accepts any certificate. */
  readonly insecure?: boolean
}

export interface StoreRequest {
  /** `get`, `set`, `del`, `publish`. */
  readonly command: string
  readonly hasFailed: boolean
  readonly durationMs: number
}

/** What the store needs of a connection; both kinds of the library have it. */
export interface RedisLink {
  readonly isReady: boolean
  get(key: string): Promise<unknown>
  set(key: string, value: Buffer, ttlMs: number): Promise<unknown>
  delete(keys: readonly string[]): Promise<unknown>
  publish(channel: string): Promise<unknown>
  subscribe(channel: string, listener: () => void): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  onReady(listener: () => void): void
  onError(listener: (error: unknown) => void): void
  /** Tries until it is closed. */
  open(): void
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
const RECONNECT = { baseMs: 100, maxMs: 10_000 }
/** How often Sentinels are asked who the master is, beside what they tell by themselves. */
const SCAN_MS = 10_000

type Redis = typeof RedisModule

/** One that asks, and one that listens, which may do nothing else; Sentinels' library keeps both in one. */
export function redisLinks(redis: Redis, options: RedisOptions): readonly [commands: RedisLink, news: RedisLink] {
  const { sentinel } = options
  if (sentinel === undefined) return [plainLink(redis, options), plainLink(redis, options)]
  const link = sentinelLink(redis, options, sentinel)
  return [link, link]
}

/** How messages name where the store is. */
export function addressText({ address, sentinel }: Pick<RedisOptions, 'address' | 'sentinel'>): string {
  return sentinel === undefined ? address : `${sentinel.master} of the Sentinels ${sentinel.addresses.join(', ')}`
}

function plainLink(redis: Redis, options: RedisOptions): RedisLink {
  const client = redis.createClient({
    socket: { ...place(options), ...socketOptions() },
    ...loginOf(options),
    ...commonOptions(redis),
    // What is asked while it is away fails at once instead of piling up.
    disableOfflineQueue: true,
  })
  return {
    ...verbs(client),
    get isReady() {
      return client.isReady
    },
    onReady: (listener) => void client.on('ready', listener),
    onError: (listener) => void client.on('error', listener),
    open() {
      // It connects anew by itself; what it gives up with was told as an error.
      client.connect().catch(() => undefined)
    },
    async close() {
      if (client.isOpen) client.destroy()
      await Promise.resolve()
    },
  }
}

function sentinelLink(redis: Redis, options: RedisOptions, sentinel: RedisSentinels): RedisLink {
  const socket = { ...socketOptions(), ...(options.tls === undefined ? {} : tlsPlace(options.tls)) }
  const client = redis.createSentinel({
    name: sentinel.master,
    sentinelRootNodes: sentinel.addresses.map((address) => hostAndPort(address, SENTINEL_PORT)),
    nodeClientOptions: { socket, ...loginOf(options), disableOfflineQueue: true },
    sentinelClientOptions: { socket, ...loginOf(sentinel) },
    ...commonOptions(redis),
    scanInterval: SCAN_MS,
    passthroughClientErrorEvents: true,
  })
  let isClosed = false
  const faults = new Set<(error: unknown) => void>()
  const open = (): void => {
    // It gives up after a while; somebody may start a Sentinel later than that.
    client.connect().catch((error: unknown) => {
      if (isClosed) return
      for (const listener of faults) listener(error)
      setTimeout(() => {
        if (!isClosed) open()
      }, reconnectDelay(0)).unref()
    })
  }
  // Before there is a master the library refuses to listen; once it listens it does so through changes of the master.
  const waiting = new Map<string, () => void>()
  const listen = async (channel: string, listener: () => void): Promise<void> => {
    waiting.delete(channel)
    try {
      await client.subscribe(channel, listener)
    } catch (error) {
      waiting.set(channel, listener)
      for (const tell of faults) tell(error)
    }
  }
  client.on('ready', () => {
    for (const [channel, listener] of waiting) void listen(channel, listener)
  })
  return {
    ...verbs(client),
    get isReady() {
      return client.isReady
    },
    async subscribe(channel, listener) {
      waiting.set(channel, listener)
      if (client.isReady) await listen(channel, listener)
    },
    async unsubscribe(channel) {
      if (!waiting.delete(channel)) await client.unsubscribe(channel)
    },
    onReady: (listener) => void client.on('ready', listener),
    onError(listener) {
      faults.add(listener)
      client.on('error', listener)
    },
    open,
    async close() {
      isClosed = true
      if (client.isOpen) await client.destroy()
    },
  }
}

type Verbs = Pick<RedisLink, 'get' | 'set' | 'delete' | 'publish' | 'subscribe' | 'unsubscribe'>

interface Commands {
  get(key: string): Promise<unknown>
  set(key: string, value: Buffer, options: { expiration: { type: 'PX'; value: number } }): Promise<unknown>
  del(keys: string[]): Promise<unknown>
  publish(channel: string, message: string): Promise<unknown>
  subscribe(channel: string, listener: () => void): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
}

function verbs(client: Commands): Verbs {
  return {
    get: (key) => client.get(key),
    set: (key, value, ttlMs) => client.set(key, value, { expiration: { type: 'PX', value: ttlMs } }),
    delete: (keys) => client.del([...keys]),
    publish: (channel) => client.publish(channel, ''),
    subscribe: (channel, listener) => client.subscribe(channel, listener),
    unsubscribe: (channel) => client.unsubscribe(channel),
  }
}

interface Login {
  readonly username?: string
  readonly password?: string
  readonly database?: number
}

function loginOf({ username, password, database }: Partial<RedisOptions>): Login {
  return {
    ...(username === undefined || username === '' ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(database === undefined ? {} : { database }),
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the library's types depend on what it is given: they are inferred here alone
function commonOptions(redis: Redis) {
  return { commandOptions: { typeMapping: { [redis.RESP_TYPES.BLOB_STRING]: Buffer } } }
}

function socketOptions(): { connectTimeout: number; reconnectStrategy: (retries: number) => number } {
  return { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: reconnectDelay }
}

function reconnectDelay(retries: number): number {
  const delayMs = Math.min(RECONNECT.maxMs, RECONNECT.baseMs * 2 ** Math.min(retries, 10))
  return delayMs * (0.5 + Math.random() / 2)
}

type Place = { readonly path: string } | ({ readonly host: string; readonly port: number } & TlsPlace)
type TlsPlace =
  | { readonly tls?: never }
  | {
      readonly tls: true
      readonly rejectUnauthorized: boolean
      readonly ca?: string
      readonly cert?: string
      readonly key?: string
    }

const DEFAULT_PORT = 6379
const SENTINEL_PORT = 26_379

function place({ address, tls }: RedisOptions): Place {
  if (address.startsWith('/')) return { path: address }
  if (address.startsWith('unix://')) return { path: address.slice('unix://'.length) }
  return { ...hostAndPort(address, DEFAULT_PORT), ...(tls === undefined ? {} : tlsPlace(tls)) }
}

function hostAndPort(address: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const parts = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(address)?.groups
  const host = parts?.['six'] ?? parts?.['name']
  if (host === undefined) {
    throw new CapstanError(
      'bad-input',
      `redis address ${JSON.stringify(address)}: expected host:port or a socket's path`,
    )
  }
  return { host, port: Number(parts?.['port'] ?? defaultPort) }
}

function tlsPlace({ ca, clientCertificate, clientKey, insecure }: RedisTls): TlsPlace {
  return {
    tls: true,
    rejectUnauthorized: insecure !== true,
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey.reveal() }),
  }
}
