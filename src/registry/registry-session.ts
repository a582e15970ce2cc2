// Requests to one registry with one credential, or none: it asks first, and logs in as the registry then demands.
import type { Clock } from '../base/clock.ts'
import { type ExchangeAnswer, type HttpExchange, isPlainHttpAnswer } from './http-exchange.ts'
import { isSafeRealm, schemesOf, type AddressRules } from './registry-address.ts'
import { RegistryError, withContext } from './registry-error.ts'
import { basicHeader, fetchToken, type BearerToken, type RegistryCredential } from './token-login.ts'
import { parseChallenges, type Challenge } from './www-authenticate.ts'

export interface SessionOptions {
  readonly exchange: HttpExchange
  readonly clock: Clock
  readonly rules: AddressRules
  /** Where the registry answers: `registry-1.docker.io`, `localhost:5000`. */
  readonly host: string
  readonly credential: RegistryCredential | undefined
  /** Whether a token may be asked for at a realm, besides what safety demands. Default: anywhere. */
  readonly allowsRealm?: (realm: URL, host: string) => boolean
  /** Hosts known to speak plain http; shared by the sessions of a client. */
  readonly plainHosts: Set<string>
}

export interface SessionRequest {
  readonly method: 'GET' | 'HEAD'
  /** `/v2/team/app/manifests/1.0`, or an absolute address on the same host. */
  readonly path: string
  readonly accept?: string
  /** `repository:team/app:pull`; asked for besides what the registry's challenge names. */
  readonly scope?: string
  readonly maxBytes: number
  readonly signal?: AbortSignal
}

/** The way the last challenge was met. */
export type AuthScheme = 'none' | 'basic' | 'bearer'

/** A request, its challenge, the same request with a token the registry may call expired once: more turns lead nowhere. */
const MAX_TURNS = 4
/** A token is not used in the last moments of its life. */
const EXPIRY_MARGIN_MS = 5000

/** Keeps what it learned: the way to log in and the tokens by scope. */
export class RegistrySession {
  scheme: AuthScheme = 'none'
  readonly #options: SessionOptions
  readonly #tokens = new Map<string, BearerToken & { readonly expiresAtMs: number }>()
  #challenge: { readonly challenge: Challenge; readonly registry: URL } | undefined

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** The registry's answer, whatever its status, logged in where it asked for it. Throws `RegistryError` where logging in failed. */
  async request(request: SessionRequest): Promise<ExchangeAnswer> {
    for (let turn = 1; ; turn++) {
      const answer = await this.#send(request)
      if (answer.status !== 401 || turn === MAX_TURNS) return answer
      if (!this.#meetChallenge(answer, turn > 1)) return answer
    }
  }

  async #send(request: SessionRequest): Promise<ExchangeAnswer> {
    const { host, plainHosts, rules } = this.#options
    const schemes = plainHosts.has(host) ? (['http'] as const) : schemesOf(host, rules)
    for (const scheme of schemes) {
      try {
        return await this.#sendBy(scheme, request)
      } catch (error) {
        if (scheme === schemes.at(-1) || !isPlainHttpAnswer(error)) throw doRequestError(error)
        plainHosts.add(host)
      }
    }
    throw new RegistryError('unsafe', `${host}: no way to reach it`)
  }

  async #sendBy(scheme: 'https' | 'http', request: SessionRequest): Promise<ExchangeAnswer> {
    const url = new URL(request.path, `${scheme}://${this.#options.host}`)
    const { method, accept, maxBytes, signal } = request
    const more = signal === undefined ? {} : { signal }
    const authorization = await this.#authorization(request)
    const headers = {
      ...(accept === undefined ? {} : { accept }),
      ...(authorization === undefined ? {} : { authorization }),
    }
    return this.#options.exchange.send({ method, url, headers, maxBytes, ...more })
  }

  /** False where another try would be no different. Throws where the registry has said no. */
  #meetChallenge(answer: ExchangeAnswer, isRetry: boolean): boolean {
    const challenges = parseChallenges(answer.headers['www-authenticate'])
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer !== undefined) return this.#meetBearer(bearer, answer, isRetry)
    const basic = challenges.find(({ scheme }) => scheme === 'basic')
    if (basic === undefined) return false
    const { credential } = this.#options
    if (credential === undefined || credential.username === '' || credential.password.reveal() === '') {
      throw new AuthorizationFailed('authorization failed: no basic auth credentials')
    }
    const isNew = this.scheme !== 'basic'
    this.scheme = 'basic'
    return isNew
  }

  #meetBearer(challenge: Challenge, answer: ExchangeAnswer, isRetry: boolean): boolean {
    const { error } = challenge.parameters
    if (error !== undefined && error !== '' && isRetry) {
      throw new AuthorizationFailed(`server message: ${error}: authorization failed`)
    }
    if (this.scheme === 'bearer' && isRetry) return false
    this.scheme = 'bearer'
    this.#challenge = { challenge, registry: answer.url }
    this.#tokens.clear()
    return true
  }

  async #authorization(request: SessionRequest): Promise<string | undefined> {
    const { credential } = this.#options
    if (this.scheme === 'basic') return credential === undefined ? undefined : basicHeader(credential)
    if (this.scheme !== 'bearer' || this.#challenge === undefined) return undefined
    try {
      return `Bearer ${(await this.#token(this.#challenge, request)).token.reveal()}`
    } catch (error) {
      throw error instanceof RegistryError ? new AuthorizeError(withContext('failed to authorize', error)) : error
    }
  }

  async #token(
    { challenge, registry }: { readonly challenge: Challenge; readonly registry: URL },
    { scope, signal }: SessionRequest,
  ): Promise<BearerToken> {
    const { exchange, clock, credential } = this.#options
    const { realm, service = '', scope: offered = '' } = challenge.parameters
    const scopes = [...new Set([...offered.split(' '), scope ?? ''])].filter((one) => one !== '').toSorted()
    const key = scopes.join(' ')
    const known = this.#tokens.get(key)
    if (known !== undefined && known.expiresAtMs > clock.now()) return known
    const token = await fetchToken(exchange, {
      realm: this.#realmOf(realm, registry),
      service,
      scopes,
      credential: credential?.password.reveal() === '' ? undefined : credential,
      ...(signal === undefined ? {} : { signal }),
    })
    this.#tokens.set(key, { ...token, expiresAtMs: clock.now() + Math.max(0, token.lifeMs - EXPIRY_MARGIN_MS) })
    return token
  }

  #realmOf(text: string | undefined, registry: URL): URL {
    if (text === undefined) throw new RegistryError('invalid-answer', 'no realm specified for token auth challenge')
    const realm = URL.parse(text)
    if (realm === null) throw new RegistryError('invalid-answer', 'invalid token auth challenge realm')
    const { rules, host, allowsRealm } = this.#options
    if (!isSafeRealm(realm, registry, rules)) {
      throw new RegistryError(
        'unsafe',
        `the registry ${host} sends logins to ${realm.protocol}//${realm.host}, which is not https: refused`,
      )
    }
    if (allowsRealm?.(realm, host) === false) {
      throw new RegistryError(
        'unsafe',
        `the registry ${host} sends logins to ${realm.host}, which is not allowed: refused`,
      )
    }
    return realm
  }
}

/** Carries a failed login past the word for failed requests. */
class AuthorizeError extends RegistryError {
  constructor(error: RegistryError) {
    super(error.failure, error.message, {
      cause: error,
      ...(error.status === undefined ? {} : { status: error.status }),
    })
  }
}

/** A request that got no answer, as containerd says it; a login that failed says so itself. */
function doRequestError(error: unknown): unknown {
  if (!(error instanceof RegistryError) || error instanceof AuthorizeError) return error
  return withContext('failed to do request', error)
}

/** The registry, not its token server, turned the request down (containerd's ErrInvalidAuthorization). */
export class AuthorizationFailed extends RegistryError {
  constructor(message: string) {
    super('denied', message, { status: 401 })
  }
}
