// What all token endpoints share: a form or a JSON call, a bounded answer, and errors that hold no secret.
import type { Clock } from '../../base/clock.ts'
import { CapstanError, type ErrorCode } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import type { ServerTrust } from '../http-agents.ts'
import { callHttp, shownUrl, type HttpAnswer } from '../http-call.ts'
import type { AccessToken } from './token-cache.ts'

/** Upstream's timeout for git's own requests, and for Azure's (argo-cd v3.5.1 util/git). */
export const TOKEN_TIMEOUT_MS = 15_000
/** Tokens have a few kilobytes; pages of installations have more. */
export const MAX_TOKEN_ANSWER_BYTES: number = 2 * 1024 * 1024
/** RFC 6749 leaves the life of a token open; Google's and Microsoft's live an hour. */
const DEFAULT_LIFE_S = 3600

/** Signs claims as a JSON Web Token by RS256 with a PEM key; `main/` passes the library's. Throws for a key that is none. */
export type SignJwt = (
  claims: Readonly<Record<string, string | number>>,
  key: Secret,
  header?: { readonly kid: string },
) => Promise<string>

/** Trust for an address that a token is asked of. */
export type TrustFor = (endpoint: string) => ServerTrust

export interface TokenContext {
  readonly clock: Clock
  readonly sign: SignJwt
  /** AZURE_* of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Default `TOKEN_TIMEOUT_MS`. */
  readonly timeoutMs?: number
}

/**
 * Posts a form to an OAuth endpoint and reads the token. `what` begins the message of an error. Proxy and authorities are
 * the repository's; its `insecure` and its client certificate are for the repository alone.
 */
export async function requestToken(
  what: string,
  url: string,
  form: Readonly<Record<string, string>>,
  { clock, timeoutMs = TOKEN_TIMEOUT_MS, trustFor }: TokenContext & { readonly trustFor: TrustFor },
): Promise<AccessToken> {
  const { insecure: _i, tlsClientCertificate: _c, tlsClientKey: _k, ...trust } = trustFor(url)
  const answer = await callHttp({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
    body: new URLSearchParams({ ...form }).toString(),
    trust,
    maxBytes: MAX_TOKEN_ANSWER_BYTES,
    timeoutMs,
  })
  if (answer.status !== 200) throw refusal(`${what}: ${shownUrl(url)} answered ${answer.statusText}`, answer)
  const { access_token: token, expires_in: life } = readJson(answer.body)
  if (typeof token !== 'string' || token === '') throw garbage(what, url)
  const seconds = Number(life ?? DEFAULT_LIFE_S)
  const lifeMs = (Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_LIFE_S) * 1000
  return { token: new Secret(token), expiresAtMs: clock.now() + lifeMs }
}

/** The fields of a JSON object; none where it is something else. */
export function readJson(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // whoever reads it says what is missing
  }
}

export function garbage(what: string, url: string): CapstanError {
  return new CapstanError('unavailable', `${what}: ${shownUrl(url)} sent an answer without a token; check its address`)
}

/** An answer that is no token, with the server's own `error` and `error_description` or `message`. */
export function refusal(text: string, { status, body }: HttpAnswer): CapstanError {
  const { error, error_description: description, message } = readJson(body)
  const told = [error, description, message].filter((one) => typeof one === 'string').join(': ')
  const plain = told.replaceAll(/[\p{Cc}]+/gu, ' ').slice(0, 300)
  return new CapstanError(codeOf(status), plain === '' ? text : `${text}: ${plain}`)
}

function codeOf(status: number): ErrorCode {
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not-found'
  return status >= 400 && status < 500 ? 'unauthenticated' : 'unavailable'
}
