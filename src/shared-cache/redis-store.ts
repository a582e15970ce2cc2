// A Redis or Valkey server as a store of bytes and a place to tell news; absent for a while, it is waited for, and nobody fails but who asks it.
import type * as RedisModule from '@redis/client'
import { messageOf, CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'

export interface RedisOptions {
  /** `host:port`, `[::1]:6379`, or the path of a unix socket. */
  readonly address: string
  readonly username?: string
  readonly password?: Secret
  readonly database?: number
  readonly tls?: RedisTls
  readonly log: Log
}

export interface RedisTls {
  /** PEM. */
  readonly ca?: string
  readonly clientCertificate?: string
  readonly clientKey?: Secret
  /** Accepts any certificate. */
  readonly insecure?: boolean
}

/** Every call rejects with `unavailable` where the server does not answer in time. */
export interface SharedStore {
  readonly isConnected: boolean
  get(key: string): Promise<Buffer | undefined>
  set(key: string, value: Buffer, ttlMs: number): Promise<void>
  delete(keys: readonly string[]): Promise<void>
  publish(channel: string): Promise<void>
  /** Calls `listener` at each news of the channel, also of those after a reconnect. */
  subscribe(channel: string, listener: () => void): () => void
  /** Calls `listener` at each connection made: the server may have forgotten everything. */
  onConnected(listener: () => void): () => void
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
/** A server that is there answers in a millisecond. */
const ANSWER_TIMEOUT_MS = 5_000
const RECONNECT = { baseMs: 100, maxMs: 10_000 }

type Redis = typeof RedisModule
type Client = ReturnType<typeof createOne>

/** Begins to connect and returns at once. The library is loaded now: 100 ms and 30 MB that no other start pays. */
export async function openRedis(options: RedisOptions): Promise<SharedStore> {
  const redis = await import('@redis/client')
  return new RedisStore(redis, options)
}

class RedisStore implements SharedStore {
  readonly #commands: Client
  /** Connections that listen may do nothing else. */
  readonly #news: Client
  readonly #log: Log
  readonly #connected = new Set<() => void>()
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #address: string
  readonly #password: Secret | undefined
  /** Why it cannot be reached; undefined while it can. */
  #fault: string | undefined

  constructor(redis: Redis, options: RedisOptions) {
    this.#log = options.log
    this.#address = options.address
    this.#password = options.password
    this.#commands = createOne(redis, options)
    this.#news = createOne(redis, options)
    this.#commands.on('ready', () => {
      for (const listener of this.#connected) listener()
    })
    for (const client of [this.#commands, this.#news]) this.#connect(client)
  }

  get isConnected(): boolean {
    return this.#commands.isReady
  }

  async get(key: string): Promise<Buffer | undefined> {
    // Blobs are mapped to buffers below.
    const value = (await this.#answer(() => this.#commands.get(key))) as unknown as Buffer | null
    return value ?? undefined
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    await this.#answer(() => this.#commands.set(key, value, { expiration: { type: 'PX', value: ttlMs } }))
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#answer(() => this.#commands.del([...keys]))
  }

  async publish(channel: string): Promise<void> {
    await this.#answer(() => this.#commands.publish(channel, ''))
  }

  subscribe(channel: string, listener: () => void): () => void {
    const known = this.#listeners.get(channel)
    const listeners = known ?? new Set()
    listeners.add(listener)
    if (known === undefined) {
      this.#listeners.set(channel, listeners)
      const told = (): void => {
        for (const each of listeners) each()
      }
      // The library remembers it through reconnects.
      this.#news.subscribe(channel, told).catch((error: unknown) => this.#warn('news cannot be listened to', error))
    }
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(channel) !== listeners) return
      this.#listeners.delete(channel)
      this.#news.unsubscribe(channel).catch((error: unknown) => this.#warn('news cannot be left', error))
    }
  }

  onConnected(listener: () => void): () => void {
    this.#connected.add(listener)
    if (this.isConnected) listener()
    return () => this.#connected.delete(listener)
  }

  async close(): Promise<void> {
    this.#connected.clear()
    for (const client of [this.#commands, this.#news]) if (client.isOpen) client.destroy()
    await Promise.resolve()
  }

  #connect(client: Client): void {
    client.on('error', (error: unknown) => {
      const fault = this.#textOf(error)
      // Each attempt of either connection fails with the same words: they are said once.
      if (fault !== this.#fault) this.#warn('the shared cache does not answer', error)
      this.#fault = fault
    })
    client.on('ready', () => {
      if (this.#fault !== undefined) this.#log.info('the shared cache answers again', { address: this.#address })
      this.#fault = undefined
    })
    client
      .connect()
      .catch((error: unknown) => this.#log.debug('the shared cache was given up', { error: this.#textOf(error) }))
  }

  #warn(message: string, error: unknown): void {
    this.#log.warn(message, { address: this.#address, error: this.#textOf(error) })
  }

  /** An old Redis repeats what it does not understand, the password too. */
  #textOf(error: unknown): string {
    const text = explained(messageOf(error))
    const password = this.#password?.reveal() ?? ''
    return password === '' ? text : text.replaceAll(password, '***')
  }

  async #answer<T>(ask: () => Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), ANSWER_TIMEOUT_MS)
    try {
      return await Promise.race([ask(), late.promise])
    } catch (error) {
      // That the connection is away says less than why.
      const why = this.isConnected ? this.#textOf(error) : (this.#fault ?? this.#textOf(error))
      throw new CapstanError('unavailable', `shared cache ${this.#address}: ${why}`)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** What a server that refuses says, and what there is to be done. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/^WRONGPASS/, 'it refuses the login: the user or the password is wrong (REDIS_USERNAME, REDIS_PASSWORD)'],
  [/^NOAUTH/, 'it wants a password, and none is given (REDIS_PASSWORD)'],
  [/alert certificate required/, "it wants a client's certificate, and none is given (--redis-client-certificate)"],
]

function explained(text: string): string {
  return REFUSALS.find(([refusal]) => refusal.test(text))?.[1] ?? text
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the library's types depend on what it is given: they are inferred here alone
function createOne(redis: Redis, options: RedisOptions) {
  const { username, password, database } = options
  return redis.createClient({
    socket: { ...place(options), connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: reconnectDelay },
    ...(username === undefined || username === '' ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(database === undefined ? {} : { database }),
    // What is asked while it is away fails at once instead of piling up.
    disableOfflineQueue: true,
    commandOptions: { typeMapping: { [redis.RESP_TYPES.BLOB_STRING]: Buffer } },
  })
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

function place({ address, tls }: RedisOptions): Place {
  if (address.startsWith('/')) return { path: address }
  if (address.startsWith('unix://')) return { path: address.slice('unix://'.length) }
  const parts = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(address)?.groups
  const host = parts?.['six'] ?? parts?.['name']
  if (host === undefined) {
    throw new CapstanError(
      'bad-input',
      `redis address ${JSON.stringify(address)}: expected host:port or a socket's path`,
    )
  }
  return { host, port: Number(parts?.['port'] ?? DEFAULT_PORT), ...(tls === undefined ? {} : tlsPlace(tls)) }
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
