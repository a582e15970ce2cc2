// A Vault for tests: KV engines and logins as the documented API has them, on loopback.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface FakeVault {
  readonly address: string
  /** Versions by path, `secret/data/db`; `undefined` is one that was deleted. */
  readonly secrets: Map<string, (object | undefined)[]>
  /** Answers of KV version 1 by path. */
  readonly plain: Map<string, object>
  /** Calls as `GET secret/data/db?version=1`. */
  readonly calls: string[]
  /** Tokens that are good now. */
  readonly tokens: Set<string>
  /** Paths that the policy of every token forbids. */
  readonly forbidden: Set<string>
  /** Statuses that the next calls get instead of an answer. */
  readonly failures: number[]
  leaseSeconds: number
}

export const ROLE = { role_id: 'role-canary', secret_id: 'secret-id-canary' }
export const JWT = 'jwt-canary'

/** Started on a free port, closed with the test. */
export async function startFakeVault(t: TestContext): Promise<FakeVault> {
  const vault = {
    address: '',
    secrets: new Map<string, (object | undefined)[]>(),
    plain: new Map<string, object>(),
    calls: [] as string[],
    tokens: new Set(['root-token-canary']),
    forbidden: new Set<string>(),
    failures: [] as number[],
    leaseSeconds: 3600,
  }
  const server = createServer((request, response) => {
    void answer(vault, request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // it listens on TCP
  vault.address = `http://127.0.0.1:${port}`
  return vault
}

async function answer(vault: FakeVault, request: IncomingMessage): Promise<readonly [number, object]> {
  const url = new URL(request.url ?? '', 'http://vault')
  const path = url.pathname.replace(/^\/v1\//, '')
  vault.calls.push(`${request.method} ${path}${url.search}`)
  const failure = vault.failures.shift()
  if (failure !== undefined) return [failure, { errors: ['Vault is sealed'] }]
  if (path.startsWith('auth/')) return logIn(vault, path, await bodyOf(request))
  const isKnown = vault.tokens.has(String(request.headers['x-vault-token']))
  if (!isKnown || vault.forbidden.has(path)) return [403, { errors: ['permission denied'] }]
  const plain = vault.plain.get(path)
  if (plain !== undefined) return [200, { data: plain }]
  return readVersion(vault, path, url.searchParams.get('version'))
}

function readVersion(vault: FakeVault, path: string, wanted: string | null): readonly [number, object] {
  const versions = vault.secrets.get(path)
  if (versions === undefined) return [404, { errors: [] }]
  const version = wanted === null ? versions.length : Number(wanted)
  const data = versions[version - 1]
  const isDeleted = data === undefined
  const metadata = { version, destroyed: false, deletion_time: isDeleted ? '2026-01-01T00:00:00Z' : '' }
  return isDeleted ? [404, { data: { data: null, metadata } }] : [200, { data: { data, metadata } }]
}

function logIn(vault: FakeVault, path: string, body: Readonly<Record<string, unknown>>): readonly [number, object] {
  const isAppRole =
    path === 'auth/approle/login' && body['role_id'] === ROLE.role_id && body['secret_id'] === ROLE.secret_id
  const isKubernetes = path === 'auth/kubernetes/login' && body['jwt'] === JWT && body['role'] === 'web'
  if (!isAppRole && !isKubernetes) return [400, { errors: ['invalid role or secret ID'] }]
  const token = `login-token-canary-${vault.tokens.size}`
  vault.tokens.add(token)
  return [200, { auth: { client_token: token, lease_duration: vault.leaseSeconds, renewable: true } }]
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Record<string, unknown> // sent by the client under test
}
