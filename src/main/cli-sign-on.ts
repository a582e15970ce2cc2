// Single sign-on for the command line: a browser, a code and a proof (PKCE), and a port of this machine it comes back to (cmd/argocd/commands/login.go, v3.5.1).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type * as OpenidClient from 'openid-client'
import type { ApiClient } from '../api/client/client.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { Secret } from '../base/secret.ts'
import type { SingleSignOnFlags, Tokens } from '../cli/context.ts'

interface Settings {
  readonly url?: string
  readonly oidcConfig?: {
    readonly issuer?: string
    readonly clientID?: string
    readonly cliClientID?: string
    readonly scopes?: readonly string[] | null
    readonly idTokenClaims?: Readonly<Record<string, unknown>> | null
  } | null
  readonly dexConfig?: { readonly connectors?: readonly unknown[] | null } | null
}

interface Client {
  readonly openid: typeof OpenidClient
  readonly configuration: OpenidClient.Configuration
  readonly scope: string
  readonly claims: Readonly<Record<string, unknown>> | undefined
}

/** Asked for where the settings name none (util/oidc GetScopesOrDefault). */
const DEFAULT_SCOPES = ['openid', 'profile', 'email', 'groups']
/** The client of the command line at Dex, and the scope by which it is known there. */
const DEX_CLIENT = 'argo-cd-cli'
const DEX_SCOPE = 'federated:id'

/** Logs in in a browser and gives the id token, which is the session. */
export async function signOn(api: ApiClient, flags: SingleSignOnFlags, signal: AbortSignal): Promise<Tokens> {
  const client = await openClient(api, signal)
  const { openid, configuration, scope, claims } = client
  const server = await listen(flags.port)
  try {
    const redirectUri = `${flags.callback ?? `http://localhost:${flags.port}`}/auth/callback`
    const verifier = openid.randomPKCECodeVerifier()
    const state = openid.randomState()
    const address = openid.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope,
      state,
      access_type: 'offline',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(claims === undefined ? {} : { claims: JSON.stringify({ id_token: claims }) }),
    })
    console.log(`Performing authorization_code flow login: ${address.href}`)
    showAddress(address.href, flags.isBrowserOpened)
    const tokens = await comeBack(server, client, { redirectUri, verifier, state, signal })
    console.log('Authentication successful')
    return tokens
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** A new session where the old one has ended, without a browser; undefined where the provider gives none. */
export async function refreshSession(api: ApiClient, refreshToken: Secret, signal: AbortSignal): Promise<Tokens> {
  const { openid, configuration } = await openClient(api, signal)
  return tokensOf(await openid.refreshTokenGrant(configuration, refreshToken.reveal()), refreshToken)
}

async function openClient(api: ApiClient, signal: AbortSignal): Promise<Client> {
  const settings = await api.call<Settings>('cluster.SettingsService/Get', {}, signal)
  const { issuer, clientId, scopes, claims } = providerOf(settings, api.baseUrl)
  const openid = await import('openid-client')
  // An issuer without TLS is for tests and machines behind a tunnel; the settings name it.
  const insecure = issuer.startsWith('http://') ? { execute: [openid.allowInsecureRequests] } : {}
  try {
    const configuration = await openid.discovery(new URL(issuer), clientId, undefined, openid.None(), insecure)
    const offered: readonly string[] = configuration.serverMetadata().scopes_supported ?? []
    const scope = [...scopes, ...(offered.includes('offline_access') ? ['offline_access'] : [])].join(' ')
    return { openid, configuration, scope, claims }
  } catch (error) {
    throw new CapstanError('unavailable', `failed to query provider "${issuer}": ${messageOf(error)}`, { cause: error })
  }
}

interface ProviderSettings {
  readonly issuer: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly claims: Readonly<Record<string, unknown>> | undefined
}

function providerOf({ oidcConfig, dexConfig, url = '' }: Settings, server: string): ProviderSettings {
  if ((oidcConfig?.issuer ?? '') !== '') return openidProvider(oidcConfig ?? {})
  if ((dexConfig?.connectors?.length ?? 0) > 0)
    return { issuer: `${url}/api/dex`, clientId: DEX_CLIENT, scopes: [...DEFAULT_SCOPES, DEX_SCOPE], claims: undefined }
  throw new CapstanError('precondition', `${server} is not configured with SSO; log in with --username and --password`)
}

function openidProvider(settings: NonNullable<Settings['oidcConfig']>): ProviderSettings {
  const { issuer = '', clientID = '', cliClientID = '', scopes, idTokenClaims } = settings
  return {
    issuer,
    clientId: cliClientID === '' ? clientID : cliClientID,
    scopes: (scopes ?? []).length === 0 ? DEFAULT_SCOPES : (scopes ?? []),
    claims: idTokenClaims ?? undefined,
  }
}

/** On the loopback interface alone. */
async function listen(port: number): Promise<Server> {
  const server = createServer()
  server.listen(port, 'localhost')
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    throw new CapstanError('unavailable', `port ${port} cannot be used: ${messageOf(error)}; choose another with --sso-port, one the provider allows`, { cause: error }) // prettier-ignore
  }
}

function showAddress(address: string, isBrowserOpened: boolean): void {
  if (!isBrowserOpened) {
    console.log(`To authenticate, copy-and-paste the following URL into your preferred browser: ${address}`)
    return
  }
  console.log('Opening system default browser for authentication')
  const opener = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open'
  const child = spawn(opener, [address], { stdio: 'ignore', detached: true })
  child.once('error', () => console.error(`no browser could be opened (${opener}); open the address above yourself`))
  child.unref()
}

interface Expected {
  readonly redirectUri: string
  readonly verifier: string
  readonly state: string
  readonly signal: AbortSignal
}

/** Waits until the browser comes back with a code; the first answer with our state decides. */
function comeBack(server: Server, client: Client, { redirectUri, verifier, state, signal }: Expected): Promise<Tokens> {
  const { openid, configuration } = client
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new CapstanError('unavailable', 'interrupted'))
    signal.addEventListener('abort', stop, { once: true })
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const url = new URL(request.url ?? '/', redirectUri)
      if (url.pathname !== '/auth/callback') {
        answer(response, 404, 'not found')
        return
      }
      // Somebody else's answer is none of ours: it is refused, and the right one still waited for.
      if (url.searchParams.get('state') !== state) {
        answer(response, 400, 'Unknown state nonce')
        return
      }
      const grant = openid.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
      })
      grant.then(
        (found) => {
          answer(response, 200, 'Authentication was successful, you can now return to the command line.')
          resolve(tokensOf(found, undefined))
        },
        (error: unknown) => {
          answer(response, 400, messageOf(error))
          reject(
            new CapstanError('unauthenticated', `the provider did not log you in: ${messageOf(error)}`, {
              cause: error,
            }),
          )
        },
      )
    })
  })
}

function tokensOf(
  found: { readonly id_token?: string | undefined; readonly refresh_token?: string | undefined },
  before: Secret | undefined,
): Tokens {
  if (found.id_token === undefined) throw new CapstanError('unauthenticated', 'no id_token in token response')
  const refreshToken = found.refresh_token === undefined ? before : new Secret(found.refresh_token)
  return { token: new Secret(found.id_token), ...(refreshToken === undefined ? {} : { refreshToken }) }
}

/** Plain text: whatever the provider says is shown, and nothing in it is taken for a page. */
function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
  response.end(`${text}\n`)
}
