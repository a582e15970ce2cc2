// What Argo CD's advisories were about, tried here: tokens, existence, secrets, other sites, other programs' addresses, projects' limits.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { CapstanError } from '../../src/base/errors.ts'
import { Secret } from '../../src/base/secret.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { ADMIN_PASSWORD, isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { startDeliveryCluster } from '../support/delivery-cluster.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap, job } from '../support/manifests.ts'
import { deliverFrom } from '../support/private-repository.ts'
import { formsOf, holdsAny } from '../support/search-secrets.ts'
import { until } from '../support/until.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const PASSWORD = 'a password of its own'

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** A token signed with HMAC, or with nothing. */
function tokenOf(claims: object, header: object, key?: string): string {
  const text = `${encoded(header)}.${encoded(claims)}`
  const signature = key === undefined ? '' : createHmac('sha256', key).update(text).digest('base64url')
  return `${text}.${signature}`
}

async function setConfig(story: StoryPlane, name: string, data: Readonly<Record<string, string>>): Promise<void> {
  const type = await story.client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  await story.client.patch({ type, namespace: 'argocd', name }, 'merge', { data: { ...data } })
}

/** Logged in, with no right at all. */
async function nobody(story: StoryPlane): Promise<ApiClient> {
  await setConfig(story, 'argocd-cm', { 'accounts.nobody': 'login' })
  const change = { name: 'nobody', newPassword: PASSWORD, currentPassword: ADMIN_PASSWORD }
  const isKnown = (told: string): boolean => told.startsWith('answered')
  await until('the account', () => messageOf(story.api.call('account.AccountService/UpdatePassword', change)), isKnown)
  const anonymous = createApiClient({ baseUrl: story.plane.url, send: fetch })
  const login = { username: 'nobody', password: PASSWORD }
  const { token } = await anonymous.call<{ readonly token: string }>('session.SessionService/Create', login)
  return createApiClient({ baseUrl: story.plane.url, send: fetch, token: new Secret(token) })
}

async function messageOf(answer: Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await answer)}`
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    return `${error.code}: ${error.message}`
  }
}

async function signingKey(story: StoryPlane): Promise<string> {
  const secret = (await story.live('v1', 'Secret', 'argocd/argocd-secret')) as KubeObject & { readonly data: Readonly<Record<string, string>> } // prettier-ignore
  return Buffer.from(secret.data['server.secretkey'] ?? '', 'base64').toString('utf8')
}

test('a token is good only as it was made: not unsigned, by another key, over, revoked, for nobody or of a project that has none', async (t) => {
  const story = await startStoryPlane(t)
  const { url } = story.plane
  const key = await signingKey(story)
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'argocd', sub: 'admin:login', jti: 'x', iat: now, nbf: now, exp: now + 600 }
  const [HS256, NONE] = [
    { alg: 'HS256', typ: 'JWT' },
    { alg: 'none', typ: 'JWT' },
  ]
  const status = async (token: string): Promise<number> =>
    (await fetch(`${url}/api/v1/clusters`, { headers: { authorization: `Bearer ${token}` } })).status
  assert.equal(await status(tokenOf(claims, HS256, key)), 200, 'as this server makes them')

  const forged: readonly (readonly [string, string])[] = [
    ['unsigned', tokenOf(claims, NONE)],
    ['unsigned, spelt otherwise', tokenOf(claims, { alg: 'nOnE' })],
    ['of another key', tokenOf(claims, HS256, `${key}x`)],
    ['of no key', tokenOf(claims, HS256, '')],
    ['of another algorithm', tokenOf(claims, { alg: 'HS512', typ: 'JWT' }, key)],
    ['with a key of its own', tokenOf(claims, { ...HS256, jwk: { kty: 'oct', k: 'eA' } }, 'x')],
    ['over', tokenOf({ ...claims, exp: now - 1 }, HS256, key)],
    ['not yet', tokenOf({ ...claims, nbf: now + 600 }, HS256, key)],
    ['of another issuer', tokenOf({ ...claims, iss: 'https://issuer.example.com' }, HS256, key)],
    ['of nobody', tokenOf({ ...claims, sub: '' }, HS256, key)],
    ['of a role for an account', tokenOf({ ...claims, sub: 'role:admin' }, HS256, key)],
    ['of an account that is not', tokenOf({ ...claims, sub: 'ghost:login' }, HS256, key)],
    ['of a key that was never given', tokenOf({ ...claims, sub: 'admin:apiKey' }, HS256, key)],
    ['of a project that is not', tokenOf({ ...claims, sub: 'proj:ghost:ci' }, HS256, key)],
    ['of a role that is not', tokenOf({ ...claims, sub: 'proj:default:ci' }, HS256, key)],
    ['nonsense', 'a.b.c'],
    ['empty parts', '..'],
  ]
  for (const [what, token] of forged) assert.equal(await status(token), 401, what)
  // CVE-2022-29165: with anonymous access a forged token is nobody's.
  await setConfig(story, 'argocd-cm', { 'users.anonymous.enabled': 'true' })
  const anonymously = async (token: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}` }
    return Object(await (await fetch(`${url}/api/v1/clusters`, { headers })).json()).items ?? []
  }
  // Without it, nothing of what follows would be tried.
  await until('anonymous access', () => status('a.b.c'), (answer) => answer !== 401) // prettier-ignore
  for (const [what, token] of forged) assert.deepEqual(await anonymously(token), [], what)

  // A login makes a token of its own: what somebody else put into the browser is not what is logged in.
  const planted = 'argocd.token=planted-by-somebody'
  const login = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { ...JSON_TYPE, cookie: planted },
    body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }),
  })
  const [cookie = ''] = login.headers.getSetCookie()
  assert.match(cookie, /^argocd\.token=ey[^;]+; path=\/; SameSite=lax; httpOnly$/)
})

test('nobody learns what there is by asking for it, or has anybody called', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/a.json': configMap('a', 'a') })
  const { api } = story
  const source = { repoURL: repository.url, path: 'web', targetRevision: 'main' }
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' }
  const spec = { project: 'team', source, destination }
  const project = { metadata: { name: 'team' }, spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], roles: [{ name: 'ci' }] } } // prettier-ignore
  await api.call('project.ProjectService/Create', { project })
  await api.call('application.ApplicationService/Create', { application: { metadata: { name: 'there' }, spec } })
  const template = { metadata: { name: '{{a}}' }, spec }
  const set = { metadata: { name: 'there' }, spec: { generators: [{ list: { elements: [] } }], template } }
  await api.call('applicationset.ApplicationSetService/Create', { applicationset: set })
  const stranger = await nobody(story)

  const called: string[] = []
  const listener = createServer((socket) => {
    called.push(String(socket.remotePort))
    socket.destroy()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.after(() => listener.close())
  const inside = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`

  const pairs: readonly (readonly [string, object, object])[] = [
    ['application.ApplicationService/Get', { name: 'there' }, { name: 'ghost' }],
    ['application.ApplicationService/Get', { name: 'there', project: 'team' }, { name: 'ghost', project: 'team' }],
    ['application.ApplicationService/Delete', { name: 'there' }, { name: 'ghost' }],
    ['application.ApplicationService/Sync', { name: 'there' }, { name: 'ghost' }],
    ['applicationset.ApplicationSetService/Get', { name: 'there' }, { name: 'ghost' }],
    ['applicationset.ApplicationSetService/Delete', { name: 'there' }, { name: 'ghost' }],
    ['applicationset.ApplicationSetService/ResourceTree', { name: 'there' }, { name: 'ghost' }],
    ['project.ProjectService/Get', { name: 'team' }, { name: 'ghost' }],
    ['project.ProjectService/GetDetailedProject', { name: 'team' }, { name: 'ghost' }],
    ['project.ProjectService/CreateToken', { project: 'team', role: 'ci' }, { project: 'ghost', role: 'ci' }],
    ['project.ProjectService/CreateToken', { project: 'team', role: 'ci' }, { project: 'team', role: 'ghost' }],
    ['project.ProjectService/DeleteToken', { project: 'team', role: 'ci', iat: 1 }, { project: 'ghost', role: 'ci', iat: 1 }], // prettier-ignore
    ['cluster.ClusterService/Get', { id: { value: destination.server } }, { id: { value: 'https://ghost' } }],
    ['cluster.ClusterService/Get', { id: { value: 'in-cluster', type: 'name' } }, { id: { value: 'ghost', type: 'name' } }], // prettier-ignore
    ['account.AccountService/GetAccount', { name: 'admin' }, { name: 'ghost' }],
  ]
  for (const [method, there, ghost] of pairs) {
    const told = await Promise.all([there, ghost].map((request) => messageOf(stranger.call(method, { ...request }))))
    // What they asked for may stand in the answer; nothing else may differ.
    const [one, other] = told.map((text) => text.replaceAll(/there|ghost|\bteam\b|\bci\b|admin|in-cluster|https:\/\/[\w.]+/g, '…')) // prettier-ignore
    assert.equal(one, other, `${method}: ${told.join(' | ')}`)
    assert.match(one ?? '', /^(?:forbidden|unauthenticated):|desc = permission denied/, method)
  }

  // CVE-2023-50726, CVE-2023-23947: a right to one thing is none to its neighbour.
  await setConfig(story, 'argocd-rbac-cm', { 'policy.csv': 'p, nobody, applications, get, */*, allow\np, nobody, applications, sync, */*, allow\np, nobody, clusters, update, other/*, allow' }) // prettier-ignore
  const sync = (request: object): Promise<string> => messageOf(stranger.call('application.ApplicationService/Sync', { name: 'there', ...request })) // prettier-ignore
  await until('the right', () => sync({ dryRun: true }), (answer) => answer.startsWith('answered')) // prettier-ignore
  assert.match(await sync({ dryRun: true, manifests: [configMap('b', 'b')] }), /^forbidden: permission denied: applications, override, team\/there/) // prettier-ignore
  const cluster = { server: destination.server, name: 'in-cluster', project: 'other' }
  assert.match(await messageOf(stranger.call('cluster.ClusterService/Update', { cluster, id: { value: cluster.server } })), /^forbidden:/) // prettier-ignore
  await setConfig(story, 'argocd-rbac-cm', { 'policy.csv': '' })

  const repo = { repo: `${inside}/x.git` }
  const reaching: readonly (readonly [string, object])[] = [
    ['repository.RepositoryService/Create', { repo }],
    ['repository.RepositoryService/ValidateAccess', { repo: repo.repo }],
    ['repository.RepositoryService/ListRefs', repo],
    ['repository.RepositoryService/ListOCITags', repo],
    ['repository.RepositoryService/GetHelmCharts', repo],
    ['repository.RepositoryService/ListApps', { ...repo, appName: 'a', appProject: 'team' }],
    ['repository.RepositoryService/GetAppDetails', { source: { repoURL: repo.repo, path: '.' }, appName: 'a', appProject: 'team' }], // prettier-ignore
    ['cluster.ClusterService/Create', { cluster: { server: inside, name: 'x' } }],
    ['application.ApplicationService/Create', { application: { metadata: { name: 'x' }, spec: { ...spec, source: { ...source, repoURL: repo.repo } } } }], // prettier-ignore
    ['applicationset.ApplicationSetService/Generate', { applicationSet: set }],
  ]
  for (const [method, request] of reaching) {
    assert.match(await messageOf(stranger.call(method, { ...request })), /^forbidden:|desc = permission denied/, method)
  }
  assert.deepEqual(called, [])
})

test('other sites, broken requests and paths get nothing', async (t) => {
  const story = await startStoryPlane(t)
  const { url } = story.plane
  const { host, port } = new URL(url)
  const login = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }) }) // prettier-ignore
  const cookie = (login.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? ''

  // CVE-2021-26923, CVE-2024-37152: what strangers are told.
  const strangers = async (path: string): Promise<readonly string[]> =>
    Object.keys((await (await fetch(`${url}${path}`)).json()) as object)
  assert.deepEqual(await strangers('/api/version'), ['Version'])
  const told = await strangers('/api/v1/settings')
  for (const key of ['passwordPattern', 'resourceOverrides', 'controllerNamespace', 'uiBannerContent']) {
    assert.equal(told.includes(key), false, key)
  }

  // What a form or a simple request of another page can send (CVE-2024-22424).
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const headers: Record<string, string> = type === '' ? { cookie } : { cookie, 'content-type': type }
      const sent = await fetch(`${url}/api/v1/applications/web`, { method, headers, ...(type === '' ? {} : { body: '{}' }) }) // prettier-ignore
      assert.ok([404, 415].includes(sent.status), `${method} ${type}: ${sent.status}`)
      if (method !== 'POST') assert.equal(sent.status, 415)
    }
  }
  const page = await fetch(`${url}/`)
  assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'self'/)
  assert.equal(page.headers.get('x-frame-options'), 'sameorigin')
  // No page of elsewhere may read an answer.
  const cors = await fetch(`${url}/api/version`, { headers: { origin: 'https://evil.example.com' } })
  assert.equal(cors.headers.get('access-control-allow-origin'), null)

  const raw = async (text: string): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1')
    let answer = ''
    socket.on('error', () => undefined)
    socket.on('data', (data: Buffer) => (answer += data.toString('latin1')))
    socket.write(text)
    const timer = setTimeout(() => socket.destroy(), 30_000)
    const closed = Promise.withResolvers<void>()
    socket.on('close', () => closed.resolve())
    await closed.promise
    clearTimeout(timer)
    return answer
  }
  const smuggled = 'GET /api/version HTTP/1.1\r\nhost: x\r\n\r\n'
  const head = `POST /api/v1/session HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`
  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['a length and chunks', `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`, /^HTTP\/1\.1 400/],
    ['two lengths', `${head}content-length: 0\r\ncontent-length: 40\r\n\r\n${smuggled}`, /^HTTP\/1\.1 400/],
    ['another coding', `${head}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`, /^HTTP\/1\.1 400/],
    ['a space before the colon', `GET / HTTP/1.1\r\nhost : x\r\n\r\n`, /^HTTP\/1\.1 400/],
    ['a bare carriage return', `GET / HTTP/1.1\r\nhost: x\rx: y\r\n\r\n`, /^HTTP\/1\.1 400/],
    ['a chunk of no length', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`, /^HTTP\/1\.1 400/],
    ['large headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
    ['many headers', `GET /api/version HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${'a: b\r\n'.repeat(5_000)}\r\n`, /^HTTP\/1\.1 431/],
  ] // prettier-ignore
  for (const [what, text, wanted] of broken) {
    const answer = await raw(text)
    assert.match(answer, wanted, what)
    assert.doesNotMatch(answer, /"Version"/, what)
  }
  for (const path of [
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/api/badge?name=../../etc/passwd',
    '/api/badge?name=%3Cscript%3E&showAppName=true',
    '/download/../../etc/passwd',
  ]) {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    assert.doesNotMatch(answer, /root:|"dependencies"|<script>(?!<)/, path)
  }
})

const HIDDEN = 'hidden-value-4711'

test('what is secret is in no answer, not even in the answer to a mistake', async (t) => {
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const secret = (value: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' }, stringData: { key: value } }) // prettier-ignore
  repository.commit({ 'web/secret.json': secret(HIDDEN) })
  const story = await startStoryPlane(t)
  await deliverFrom(story, repository.url)
  await story.application('web', isSynced)
  const type = await story.client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const labels = (kind: string): object => ({ 'argocd.argoproj.io/secret-type': kind })
  const config = JSON.stringify({ bearerToken: HIDDEN, tlsClientConfig: { insecure: true } })
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': `{"stringData":{"config":${JSON.stringify(config)}}}` } // prettier-ignore
  const stored = (name: string, kind: string, stringData: object): KubeObject =>
    ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'argocd', labels: labels(kind), annotations }, stringData }) as unknown as KubeObject // prettier-ignore
  await story.client.create(type, stored('other', 'cluster', { name: 'other', server: 'https://127.0.0.1:1', config }))
  await story.client.create(type, stored('repo', 'repository', { url: 'https://127.0.0.1:1/a.git', username: 'ada', password: HIDDEN, project: 'default' })) // prettier-ignore
  await story.client.create(type, stored('creds', 'repo-creds', { url: 'https://127.0.0.1:1/', username: 'ada', password: HIDDEN })) // prettier-ignore
  await setConfig(story, 'argocd-rbac-cm', { 'policy.csv': '' })

  const at = { name: 'web', namespace: 'web', resourceName: 'one', version: 'v1', kind: 'Secret', group: '' }
  const patch = (text: string): object => ({ ...at, patch: text, patchType: 'application/merge-patch+json' })
  const live = await story.client.get({ type, namespace: 'web', name: 'one' })
  const calls: readonly (readonly [string, object])[] = [
    // CVE-2021-23135, CVE-2025-23216: the answer to a patch that cannot be.
    ['application.ApplicationService/PatchResource', patch('{"data":{"more":"not base64!"}}')],
    ['application.ApplicationService/PatchResource', patch('{"data":["a"]}')],
    ['application.ApplicationService/PatchResource', patch('{"immutable":"what"}')],
    ['application.ApplicationService/PatchResource', patch('{"metadata":{"labels":{"a":"b"}}}')],
    ['application.ApplicationService/GetResource', at],
    ['application.ApplicationService/ManagedResources', { applicationName: 'web' }],
    ['application.ApplicationService/GetManifests', { name: 'web' }],
    ['application.ApplicationService/Get', { name: 'web', refresh: 'normal' }],
    // CVE-2026-42880: the difference that the API server computes.
    ['application.ApplicationService/ServerSideDiff', { appName: 'web', targetManifests: [secret('another')], liveResources: [{ kind: 'Secret', namespace: 'web', name: 'one', liveState: JSON.stringify(live) }] }], // prettier-ignore
    ['application.ApplicationService/ServerSideDiff', { appName: 'web', targetManifests: [secret('another')], liveResources: [{ kind: 'Secret', namespace: 'web', name: 'one', liveState: '{}' }] }], // prettier-ignore
    // CVE-2023-40029 and CVE-2025-55190.
    ['cluster.ClusterService/List', {}],
    ['cluster.ClusterService/Get', { id: { value: 'https://127.0.0.1:1' } }],
    ['project.ProjectService/GetDetailedProject', { name: 'default' }],
    ['repository.RepositoryService/ListRepositories', { forceRefresh: true }],
    ['repository.RepositoryService/Get', { repo: 'https://127.0.0.1:1/a.git', forceRefresh: true }],
    ['repository.RepositoryService/ListRefs', { repo: 'https://127.0.0.1:1/a.git' }],
    ['repocreds.RepoCredsService/ListRepositoryCredentials', {}],
    ['account.AccountService/ListAccounts', {}],
    ['cluster.SettingsService/Get', {}],
  ]
  assert.equal(formsOf(HIDDEN).length, 4)
  for (const [method, request] of calls) {
    const told = await messageOf(story.api.call(method, { ...request }))
    // What the caller sent along is theirs.
    const own = method.endsWith('ServerSideDiff') && JSON.stringify(request).includes('"data"')
    if (!own) assert.equal(holdsAny(told, [HIDDEN]), false, `${method} ${JSON.stringify(request)}: ${told}`)
    else assert.equal(told.includes(HIDDEN), false, method)
  }
})

test('hooks around a deletion are held to the project as everything else is (CVE-2026-77459)', async (t) => {
  const outside = { ...JSON.parse(job('outside', { hook: 'PreDelete' })) } as { metadata: object }
  const files = {
    'web/app.json': configMap('app', 'a'),
    'web/before.json': JSON.stringify({ ...outside, metadata: { ...outside.metadata, namespace: 'kube-system' } }),
  }
  const cluster = await startDeliveryCluster(t, { files })
  const project = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: 'web' }] }
  await cluster.create({ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'team', namespace: 'argocd' }, spec: project }) // prettier-ignore
  const finalizers = ['resources-finalizer.argocd.argoproj.io', 'pre-delete-finalizer.argocd.argoproj.io']
  const spec = { project: 'team', syncPolicy: { syncOptions: ['CreateNamespace=true'] } }
  await cluster.createApplication('web', spec, { finalizers })
  await cluster.until('web', ({ status }) => status?.sync?.status !== undefined)

  await cluster.delete('argoproj.io/v1alpha1/Application', 'web', 'argocd')
  const held = await cluster.until('web', ({ status }) => (status?.conditions ?? []).some(({ type }) => type === 'DeletionError')) // prettier-ignore
  const { message } = held.status?.conditions?.find(({ type }) => type === 'DeletionError') ?? {}
  assert.equal(message, "PreDelete hook Job/outside: namespace kube-system is not permitted in project 'team'")
  assert.equal(await cluster.get('batch/v1/Job', 'outside', 'kube-system'), undefined)

  cluster.repository.commit({ 'web/before.json': undefined })
  await cluster.untilGone('argoproj.io/v1alpha1/Application', 'web', 'argocd')
})
