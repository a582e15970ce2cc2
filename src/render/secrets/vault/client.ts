// Talks to Vault or OpenBao: logs in, keeps the token in memory, reads secrets of KV engines.
import { rootCertificates } from 'node:tls'
import { Agent, request } from 'undici'
import { sleep, type Clock } from '../../../base/clock.ts'
import { CapstanError, messageOf } from '../../../base/errors.ts'
import { Secret } from '../../../base/secret.ts'
import { withAbort } from '../../../base/with-abort.ts'
import { isObject } from '../../../kube/json-value.ts'
import { parseJson } from '../../../kube/json-digits.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { VaultConnection } from './connection.ts'

/** One answer; Vault itself allows entries of 1 MiB. */
export const MAX_ANSWER_BYTES: number = 2 * 1024 * 1024
const TIMEOUT_MS = 10_000
/** Beyond the first try: what is busy or sealed for a moment is asked again. */
const RETRIES = 3
const FIRST_DELAY_MS = 100
const MAX_REDIRECTS = 3
/** A token got because the one before was refused is not doubted itself for so long: what it may not read is forbidden. */
const UNDOUBTED_MS = 60_000

export interface VaultAnswer {
  readonly status: number
  readonly body: JsonObject
}

export interface VaultClient {
  /** GET below `/v1/`, logged in. Gives 404 as an answer; other failures are thrown without a secret in their text. */
  get(path: string, signal?: AbortSignal): Promise<VaultAnswer>
  close(): Promise<void>
}

export interface VaultClientOptions {
  readonly connection: VaultConnection
  readonly clock: Clock
  /** Reads the token of the service account that a Kubernetes login sends. */
  readonly readToken: (path: string) => Promise<string>
}

export function createVaultClient(options: VaultClientOptions): VaultClient {
  return new Client(options)
}

interface Token {
  readonly secret: Secret
  /** Logged in anew from then on: half of the lease. */
  readonly renewAtMs: number
}

class Client implements VaultClient {
  readonly #options: VaultClientOptions
  readonly #agent: Agent
  #token: Token | undefined
  #login: Promise<Token> | undefined
  #undoubtedUntilMs = 0

  constructor(options: VaultClientOptions) {
    const { caCertificates, skipVerify } = options.connection
    this.#options = options
    this.#agent = new Agent({
      connect: {
        rejectUnauthorized: !skipVerify,
        ...(caCertificates === undefined ? {} : { ca: [...rootCertificates, caCertificates] }),
      },
      connections: 8,
    })
  }

  async get(path: string, signal?: AbortSignal): Promise<VaultAnswer> {
    const token = await this.#currentToken(signal)
    const first = await this.#call('GET', path, { token, signal })
    if (first.status !== 403 || this.#options.connection.login.type === 'token') return this.#checked(path, first)
    // A token may have been revoked before its time: one that is new tells whether the policy really forbids it.
    if (!this.#dropDoubted(token)) return this.#checked(path, first)
    const renewed = await this.#currentToken(signal)
    const second = await this.#call('GET', path, { token: renewed, signal })
    // The old one was revoked indeed, as the new one may be at any time.
    if (second.status !== 403 && this.#token?.secret === renewed) this.#undoubtedUntilMs = 0
    return this.#checked(path, second)
  }

  /** Is another token worth a try? Of those who are refused at once, one alone drops the token. */
  #dropDoubted(token: Secret): boolean {
    if (this.#token?.secret !== token) return true
    const now = this.#options.clock.now()
    if (now < this.#undoubtedUntilMs) return false
    this.#token = undefined
    this.#undoubtedUntilMs = now + UNDOUBTED_MS
    return true
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  #checked(path: string, answer: VaultAnswer): VaultAnswer {
    if (answer.status === 200 || answer.status === 404) return answer
    throw this.#refused(`reading ${path}`, answer)
  }

  #refused(doing: string, { status, body }: VaultAnswer): CapstanError {
    const { errors } = body
    const texts = Array.isArray(errors) ? errors.filter((one) => typeof one === 'string') : []
    const said = texts.join(', ').slice(0, 300)
    const code = status === 403 || status === 401 ? 'forbidden' : status < 500 ? 'bad-input' : 'unavailable'
    const hint = status === 503 ? ' (sealed or in maintenance)' : ''
    const { address } = this.#options.connection
    return new CapstanError(code, `Vault ${address}: ${doing}: ${status}${hint}${said === '' ? '' : `: ${said}`}`)
  }

  async #currentToken(signal?: AbortSignal): Promise<Secret> {
    const known = this.#token
    if (known !== undefined && this.#options.clock.now() < known.renewAtMs) return known.secret
    this.#login ??= this.#logIn().finally(() => (this.#login = undefined))
    return (await withAbort(this.#login, signal)).secret
  }

  /** For all who wait, so that none of them can end it. */
  async #logIn(): Promise<Token> {
    this.#token = await this.#newToken()
    return this.#token
  }

  async #newToken(): Promise<Token> {
    const { connection, clock } = this.#options
    const { login } = connection
    if (login.type === 'token') return { secret: login.token, renewAtMs: Number.POSITIVE_INFINITY }
    const path = `${login.mount}/login`
    const answer = await this.#call('POST', path, { body: await this.#credentials(), signal: undefined })
    const auth = isObject(answer.body['auth']) ? answer.body['auth'] : {}
    const token = auth['client_token']
    if (answer.status !== 200 || typeof token !== 'string') throw this.#refused(`login at ${path}`, answer)
    const seconds = Number(auth['lease_duration'] ?? 0)
    const renewAtMs = seconds > 0 ? clock.now() + seconds * 500 : Number.POSITIVE_INFINITY
    return { secret: new Secret(token), renewAtMs }
  }

  async #credentials(): Promise<JsonObject> {
    const { login } = this.#options.connection
    switch (login.type) {
      case 'approle':
        return { role_id: login.roleId.reveal(), secret_id: login.secretId.reveal() }
      case 'k8s':
        return { role: login.role, jwt: (await this.#options.readToken(login.tokenPath)).trim() }
      case 'token':
        return {}
    }
  }

  async #call(method: 'GET' | 'POST', path: string, content: Content): Promise<VaultAnswer> {
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt === RETRIES
      try {
        const answer = await this.#send(method, path, content)
        // 412: a replica that has not caught up yet. 429 of a health answer does not occur here.
        const isTransient = answer.status >= 500 || answer.status === 412 || answer.status === 429
        if (!isTransient || isLast) return answer
      } catch (error) {
        content.signal?.throwIfAborted()
        if (error instanceof CapstanError) throw error
        if (isLast) throw this.#unreachable(error)
      }
      await sleep(this.#options.clock, FIRST_DELAY_MS * 2 ** attempt, content.signal)
    }
  }

  #unreachable(error: unknown): CapstanError {
    const { address } = this.#options.connection
    return new CapstanError('unavailable', `Vault ${address} cannot be reached: ${messageOf(error)}`, { cause: error })
  }

  async #send(method: 'GET' | 'POST', path: string, content: Content): Promise<VaultAnswer> {
    const { address } = this.#options.connection
    let url = new URL(`${address}/v1/${path}`)
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.#sendOnce(method, url, content)
      const { location } = answer.headers
      const leads = [301, 302, 307, 308].includes(answer.statusCode) && typeof location === 'string'
      if (!leads) return { status: answer.statusCode, body: await readBody(answer.body) }
      await answer.body.dump()
      const next = new URL(location, url)
      // A standby sends clients to the active node; a token is never sent in clear because somebody says so.
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new CapstanError('forbidden', `Vault ${address} leads to ${next.protocol}//, which is not safe`)
      }
      url = next
    }
    throw new CapstanError('limit', `Vault ${address}: stopped after ${MAX_REDIRECTS} redirects`)
  }

  async #sendOnce(method: 'GET' | 'POST', url: URL, { token, body, signal }: Content): ReturnType<typeof request> {
    const { namespace } = this.#options.connection
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    return request(url, {
      method,
      dispatcher: this.#agent,
      headers: {
        'x-vault-request': 'true',
        ...(token === undefined ? {} : { 'x-vault-token': token.reveal() }),
        ...(namespace === '' ? {} : { 'x-vault-namespace': namespace }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
  }
}

interface Content {
  readonly token?: Secret
  readonly body?: JsonObject
  readonly signal: AbortSignal | undefined
}

async function readBody(body: AsyncIterable<Buffer>): Promise<JsonObject> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES)
      throw new CapstanError('limit', `Vault's answer is larger than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return objectOf(Buffer.concat(chunks).toString('utf8'))
}

/** What is no JSON, a page of a proxy, counts as an empty answer: its status tells. */
function objectOf(text: string): JsonObject {
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch {
    return {}
  }
  return isObject(value) ? value : {}
}
