// Log in and out by an OpenID provider in the browser: /auth/login, /auth/callback and /auth/logout (util/oidc/oidc.go, v3.5.1).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { Secret } from '../../base/secret.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import { isOwnToken } from '../auth/tokens.ts'
import {
  attributesOf,
  clearedTokenCookies,
  cookieOf,
  cookieScope,
  tokenCookies,
  tokenOf,
  type CookieScope,
} from '../rest/cookies.ts'
import { isAllowedReturn, openState, sealState, STATE_COOKIE, STATE_LIFETIME_SECONDS } from './app-state.ts'
import type { FederatedTokens } from './federated-tokens.ts'
import type { Providers } from './provider.ts'

export interface SsoOptions {
  readonly providers: Providers
  readonly tokens: FederatedTokens
  readonly authenticator: Pick<Authenticator, 'revoke'>
  readonly clock: Clock
  readonly log: Log
  readonly signingKey: () => Secret
  /** `url` of argocd-cm, then `additionalUrls`. */
  readonly urls: () => readonly string[]
  /** Below which the page stands: `/` or `/argocd/`. */
  readonly base: string
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const INVALID_RETURN =
  'Invalid redirect URL: the protocol and host (including port) must match and the path must be within allowed URLs if provided'

/** What answers each path. */
export function createSso(options: SsoOptions): Readonly<Record<string, Answer>> {
  const guarded = (answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Answer => {
    return async (request, response) => {
      try {
        await answer(request, response)
      } catch (error) {
        refuse(options, response, error)
      }
    }
  }
  return {
    '/auth/login': guarded((request, response) => begin(options, request, response)),
    '/auth/callback': guarded((request, response) => finish(options, request, response)),
    '/auth/logout': guarded((request, response) => logOut(options, request, response)),
  }
}

/** Sends the browser to the provider. */
async function begin(options: SsoOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { providers, signingKey, clock } = options
  const settings = providers.settings()
  const query = queryOf(request)
  const returnUrl = query.get('return_url') ?? ''
  if (!isAllowedReturn(returnUrl, options.urls())) throw new CapstanError('bad-input', INVALID_RETURN)
  const redirectUri = callbackOf(options, request)
  const [client, { configuration }] = await Promise.all([import('openid-client'), providers.provider()])
  const [state, verifier] = [client.randomState(), settings.isPkceEnabled ? client.randomPKCECodeVerifier() : '']
  const address = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: settings.scopes.join(' '),
    state,
    ...(verifier === ''
      ? {}
      : { code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }),
    ...(Object.keys(settings.idTokenClaims).length === 0
      ? {}
      : { claims: JSON.stringify({ id_token: settings.idTokenClaims }) }),
    ...(settings.domainHint === '' ? {} : { domain_hint: settings.domainHint }),
  })
  const madeAt = Math.floor(clock.now() / 1000)
  const sealed = sealState({ state, returnUrl, verifier, redirectUri, madeAt }, signingKey())
  const cookie = `${STATE_COOKIE}=${sealed}; Max-Age=${STATE_LIFETIME_SECONDS}; ${attributesOf(scopeOf(options, redirectUri))}`
  response.writeHead(303, { location: address.href, 'set-cookie': cookie, 'cache-control': 'no-store' })
  response.end()
}

/** The provider has sent the browser back: its code becomes a token, the token a session. */
async function finish(options: SsoOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { providers, tokens, signingKey, clock } = options
  const query = queryOf(request)
  const refusal = query.get('error')
  if (refusal !== null) {
    throw new CapstanError('bad-input', `${refusal}: ${query.get('error_description') ?? ''}`)
  }
  const state = openState(cookieOf(request, STATE_COOKIE) ?? '', signingKey(), clock.now() / 1000)
  const [client, { configuration }] = await Promise.all([import('openid-client'), providers.provider()])
  const arrived = new URL(state.redirectUri)
  arrived.search = query.toString()
  const granted = await client.authorizationCodeGrant(configuration, arrived, {
    expectedState: state.state,
    idTokenExpected: true,
    ...(state.verifier === '' ? {} : { pkceCodeVerifier: state.verifier }),
  })
  const idToken = new Secret(granted.id_token ?? '')
  await tokens.begin(idToken, new Secret(granted.access_token))
  const scope = scopeOf(options, state.redirectUri)
  const forgotten = `${STATE_COOKIE}=; Max-Age=0; ${attributesOf(scope)}`
  const target = isAllowedReturn(state.returnUrl, options.urls()) ? state.returnUrl : ''
  response.writeHead(303, {
    location: target === '' ? options.base : target,
    'set-cookie': [forgotten, ...tokenCookies(idToken, scope)],
    'cache-control': 'no-store',
  })
  response.end()
}

/** Ends the session here, and at the provider where a logoutURL is set. */
async function logOut(options: SsoOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const token = tokenOf(request)
  const back = options.urls().find((url) => sameHost(url, request)) ?? options.urls()[0] ?? options.base
  let location = back === '' ? options.base : back
  if (token !== undefined) {
    const logoutUrl = configuredLogout(options)
    // A session that is over already is as good as ended.
    await options.authenticator.revoke(token.reveal()).catch((error: unknown) => {
      options.log.warn('a session could not be ended', { error: messageOf(error) })
    })
    if (logoutUrl !== '' && !isOwnToken(token.reveal())) {
      const filled = logoutUrl.replaceAll('{{token}}', token.reveal())
      location = filled.replaceAll('{{logoutRedirectURL}}', location)
    }
  }
  const cookies = clearedTokenCookies(scopeOf(options, location))
  response.writeHead(303, { location, 'set-cookie': cookies, 'cache-control': 'no-store' })
  response.end()
}

function configuredLogout({ providers }: SsoOptions): string {
  try {
    return providers.settings().logoutUrl
  } catch {
    return '' // no single sign-on: a local session ends here alone
  }
}

/** Where the provider sends the browser: below the URL at which this request came, among those that are set. */
function callbackOf({ urls }: SsoOptions, request: IncomingMessage): string {
  const known = urls()
  const url = known.find((one) => sameHost(one, request)) ?? known[0]
  if (url === undefined)
    throw new CapstanError('precondition', 'url is not set in argocd-cm: the provider could not come back')
  return `${url.replace(/\/+$/, '')}/auth/callback`
}

function sameHost(url: string, request: IncomingMessage): boolean {
  return URL.parse(url)?.host === request.headers.host
}

function scopeOf({ base }: SsoOptions, address: string): CookieScope {
  return cookieScope(base, address.startsWith('https:'))
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '')
}

const STATUS: Readonly<Record<string, number>> = { 'bad-input': 400, precondition: 404, unauthenticated: 401 }

/** Plain text, so that nothing in it is taken for markup. What is no error of ours is told without its detail. */
function refuse({ log }: SsoOptions, response: ServerResponse, error: unknown): void {
  const isKnown = error instanceof CapstanError
  if (!isKnown) log.warn('a login by the provider failed', { error: messageOf(error) })
  const status = isKnown ? (STATUS[error.code] ?? 500) : 500
  const text = isKnown ? error.message : 'failed to get token: look at the log of the server for what the provider said'
  if (response.headersSent) return void response.destroy()
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } // prettier-ignore
  response.writeHead(status, headers)
  response.end(`${text}\n`)
}
