// A real OpenID provider (oidc-provider) on loopback that lets one person in without asking for anything.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import Provider from 'oidc-provider'

export interface OpenidProvider {
  readonly issuer: string
  /** Groups of the person from the next login on. */
  groups: readonly string[]
}

export const CLIENT_ID = 'argo-cd'
export const CLIENT_SECRET = 'the client secret'

/** `redirectUri` is known once the server under test has its port. */
export async function startOpenidProvider(t: TestContext, redirectUri: string): Promise<OpenidProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listens on a port
  const person: OpenidProvider = { issuer: `http://127.0.0.1:${port}`, groups: ['platform'] }
  const provider = new Provider(person.issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'email', 'groups', 'profile'],
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: 'jane@example.com', groups: person.groups }),
    }),
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/') === true) void letIn(provider, request, response)
    else void answer(request, response)
  })
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return person
}

/** Nobody is asked: the person is Jane, and agrees to everything. */
async function letIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'jane' } })
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) })
  grant.addOIDCScope(String(params['scope']))
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
}

/** Follows redirects as a browser does, with its cookies, until something is answered. */
export async function walkLogin(start: string, cookies: Map<string, string> = new Map()): Promise<Walk> {
  let at = new URL(start)
  for (let step = 0; step < MAX_STEPS; step++) {
    const response = await fetch(at, { redirect: 'manual', headers: { cookie: cookieHeader(cookies, at) } })
    for (const line of response.headers.getSetCookie()) keep(cookies, line, at)
    const location = response.headers.get('location')
    if (location === null) return { url: at, status: response.status, text: await response.text(), cookies }
    at = new URL(location, at)
  }
  throw new Error(`the login did not end; it stands at ${at.href}`)
}

const MAX_STEPS = 20

export interface Walk {
  readonly url: URL
  readonly status: number
  readonly text: string
  readonly cookies: Map<string, string>
}

function cookieHeader(cookies: ReadonlyMap<string, string>, { host }: URL): string {
  return [...cookies]
    .filter(([key]) => key.startsWith(`${host} `))
    .map(([key, value]) => `${key.slice(host.length + 1)}=${value}`)
    .join('; ')
}

function keep(cookies: Map<string, string>, line: string, { host }: URL): void {
  const [pair = ''] = line.split(';')
  const at = pair.indexOf('=')
  const [key, value] = [`${host} ${pair.slice(0, at)}`, pair.slice(at + 1)]
  if (value === '' || /max-age=0/i.test(line)) cookies.delete(key)
  else cookies.set(key, value)
}
