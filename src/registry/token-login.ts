// Logging in for a bearer token, as Docker's registries describe it (distribution: docs/spec/auth).
import { Secret } from '../base/secret.ts'
import { type ExchangeAnswer, type HttpExchange, unexpectedStatus } from './http-exchange.ts'
import { RegistryError, withContext } from './registry-error.ts'

export interface RegistryCredential {
  /** Empty: the password is a refresh token. */
  readonly username: string
  readonly password: Secret
}

export interface TokenRequest {
  readonly realm: URL
  readonly service: string
  /** `repository:team/app:pull` */
  readonly scopes: readonly string[]
  /** Absent: an anonymous token. */
  readonly credential: RegistryCredential | undefined
  readonly signal?: AbortSignal
}

export interface BearerToken {
  readonly token: Secret
  /** How long it may be used from now on. */
  readonly lifeMs: number
}

/** A token of a registry with tens of thousands of scopes is far smaller. */
export const MAX_TOKEN_ANSWER_BYTES: number = 1 << 20
/** What a token lives where its server does not say (distribution: docs/spec/auth/token). */
export const DEFAULT_TOKEN_SECONDS = 60
const CLIENT_ID = 'capstan'

/** GET with the password as Basic; POST where the server wants OAuth2 or the credential is a refresh token. Throws `RegistryError`. */
export async function fetchToken(exchange: HttpExchange, request: TokenRequest): Promise<BearerToken> {
  const { credential } = request
  const context = credential === undefined ? 'failed to fetch anonymous token' : 'failed to fetch oauth token'
  try {
    return tokenOf(await login(exchange, request))
  } catch (error) {
    throw error instanceof RegistryError ? withContext(context, error) : error
  }
}

async function login(exchange: HttpExchange, request: TokenRequest): Promise<ExchangeAnswer> {
  const { credential } = request
  if (credential === undefined) return succeeded('GET', await get(exchange, request, undefined))
  if (credential.username === '') return succeeded('POST', await post(exchange, request, credential))
  const answer = await get(exchange, request, credential)
  // Servers that know OAuth2 alone refuse the method or the path, not the user.
  if (answer.status !== 400 && answer.status !== 404 && answer.status !== 405) return succeeded('GET', answer)
  return succeeded('POST', await post(exchange, request, credential))
}

function get(
  exchange: HttpExchange,
  { realm, service, scopes, signal }: TokenRequest,
  credential: RegistryCredential | undefined,
): Promise<ExchangeAnswer> {
  const url = new URL(realm)
  if (service !== '') url.searchParams.append('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  url.searchParams.sort()
  const headers: Record<string, string> = { accept: 'application/json' }
  if (credential !== undefined) headers['authorization'] = basicHeader(credential)
  return exchange.send({ method: 'GET', url, headers, maxBytes: MAX_TOKEN_ANSWER_BYTES, ...withSignal(signal) })
}

function post(
  exchange: HttpExchange,
  { realm, service, scopes, signal }: TokenRequest,
  { username, password }: RegistryCredential,
): Promise<ExchangeAnswer> {
  const form = new URLSearchParams({ service, client_id: CLIENT_ID })
  if (scopes.length > 0) form.set('scope', scopes.join(' '))
  if (username === '') {
    form.set('grant_type', 'refresh_token')
    form.set('refresh_token', password.reveal())
  } else {
    form.set('grant_type', 'password')
    form.set('username', username)
    form.set('password', password.reveal())
  }
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  return exchange.send({
    method: 'POST',
    url: realm,
    headers,
    body: form.toString(),
    maxBytes: MAX_TOKEN_ANSWER_BYTES,
    ...withSignal(signal),
  })
}

/** `Basic …`, of the UTF-8 of `user:password`. */
export function basicHeader({ username, password }: RegistryCredential): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')}`
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

function succeeded(method: string, answer: ExchangeAnswer): ExchangeAnswer {
  if (answer.status < 200 || answer.status >= 300) throw unexpectedStatus(method, answer)
  return answer
}

function tokenOf({ body }: ExchangeAnswer): BearerToken {
  const json = parseJson(body.toString('utf8'))
  const { access_token: access, token, expires_in: seconds } = json
  const text = typeof access === 'string' && access !== '' ? access : token
  if (typeof text !== 'string' || text === '') {
    throw new RegistryError('invalid-answer', 'authorization server did not include a token in the response')
  }
  // What goes into a header must not be able to begin another one.
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new RegistryError(
      'invalid-answer',
      'authorization server sent a token with characters that no header may hold',
    )
  }
  const life = typeof seconds === 'number' && seconds > 0 ? seconds : DEFAULT_TOKEN_SECONDS
  return { token: new Secret(text), lifeMs: life * 1000 }
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null) return Object.fromEntries(Object.entries(json))
  } catch {
    // Falls through: the text may hold a token, so nothing of it is shown.
  }
  throw new RegistryError('invalid-answer', 'unable to decode token response: it is not a JSON object')
}
