// A Redis or Valkey server as a store of bytes and a place to tell news; absent for a while, it is waited for, and nobody fails but who asks it.
import type * as RedisModule from '@redis/client'
import { messageOf, CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import { addressText, redisLinks, type RedisLink, type RedisOptions } from './redis-link.ts'

export type { RedisOptions, RedisSentinels, RedisTls, StoreRequest } from './redis-link.ts'

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

/** A server that is there answers in a millisecond. */
const ANSWER_TIMEOUT_MS = 5_000

type Redis = typeof RedisModule

/** Begins to connect and returns at once. The library is loaded now: 100 ms and 30 MB that no other start pays. */
export async function openRedis(options: RedisOptions): Promise<SharedStore> {
  const redis = await import('@redis/client')
  return new RedisStore(redis, options)
}

class RedisStore implements SharedStore {
  readonly #commands: RedisLink
  /** Connections that listen may do nothing else. */
  readonly #news: RedisLink
  readonly #log: Log
  readonly #connected = new Set<() => void>()
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #address: string
  readonly #secrets: readonly Secret[]
  readonly #onRequest: RedisOptions['onRequest']
  /** Why it cannot be reached; undefined while it can. */
  #fault: string | undefined

  constructor(redis: Redis, options: RedisOptions) {
    this.#log = options.log
    this.#address = addressText(options)
    this.#secrets = [options.password, options.sentinel?.password].filter((secret) => secret !== undefined)
    this.#onRequest = options.onRequest
    const [commands, news] = redisLinks(redis, options)
    this.#commands = commands
    this.#news = news
    commands.onReady(() => {
      for (const listener of this.#connected) listener()
    })
    for (const link of new Set([commands, news])) this.#connect(link)
  }

  get isConnected(): boolean {
    return this.#commands.isReady
  }

  async get(key: string): Promise<Buffer | undefined> {
    // Blobs are mapped to buffers below.
    const value = (await this.#answer('get', () => this.#commands.get(key))) as Buffer | null
    return value ?? undefined
  }

  async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    await this.#answer('set', () => this.#commands.set(key, value, ttlMs))
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#answer('del', () => this.#commands.delete(keys))
  }

  async publish(channel: string): Promise<void> {
    await this.#answer('publish', () => this.#commands.publish(channel))
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
    await Promise.all([...new Set([this.#commands, this.#news])].map((link) => link.close()))
  }

  #connect(link: RedisLink): void {
    link.onError((error) => {
      const fault = this.#textOf(error)
      // Each attempt of either connection fails with the same words: they are said once.
      if (fault !== this.#fault) this.#warn('the shared cache does not answer', error)
      this.#fault = fault
    })
    link.onReady(() => {
      if (this.#fault !== undefined) this.#log.info('the shared cache answers again', { address: this.#address })
      this.#fault = undefined
    })
    link.open()
  }

  #warn(message: string, error: unknown): void {
    this.#log.warn(message, { address: this.#address, error: this.#textOf(error) })
  }

  /** An old Redis repeats what it does not understand, the password too. */
  #textOf(error: unknown): string {
    let text = explained(messageOf(error))
    for (const secret of this.#secrets) if (secret.reveal() !== '') text = text.replaceAll(secret.reveal(), '***')
    return text
  }

  async #answer(command: string, ask: () => Promise<unknown>): Promise<unknown> {
    const startMs = performance.now()
    let hasFailed = true
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error('no answer in time')), ANSWER_TIMEOUT_MS)
    try {
      const answer = await Promise.race([ask(), late.promise])
      hasFailed = false
      return answer
    } catch (error) {
      // That the connection is away says less than why.
      const why = this.isConnected ? this.#textOf(error) : (this.#fault ?? this.#textOf(error))
      throw new CapstanError('unavailable', `shared cache ${this.#address}: ${why}`)
    } finally {
      clearTimeout(timer)
      this.#onRequest?.({ command, hasFailed, durationMs: performance.now() - startMs })
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
