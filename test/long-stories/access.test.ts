// Every call, asked by somebody without rights, by a reader and by an administrator, against the table of docs/reference/access.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApiClient, type ApiClient, type RequestMessage } from '../../src/api/client/client.ts'
import { routes, type Route } from '../../src/api/routes.ts'
import { CapstanError } from '../../src/base/errors.ts'
import { Secret } from '../../src/base/secret.ts'
import { ADMIN_PASSWORD, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'

const TABLE = readFileSync(join(import.meta.dirname, '../../docs/reference/access.md'), 'utf8')
const ROLES = ['nobody', 'reader', 'admin'] as const
const PASSWORD = 'a password of its own'
/** A stream that has told nothing within this has nothing to tell to whoever may see nothing. */
const QUIET_MS = 5_000
const PATIENCE_MS = 60_000

/** `refused`, or `answered`, whatever the answer is; `empty` for a list with nothing in it. */
type Outcome = 'refused' | 'answered' | 'empty'

/** By call, what each role sees. */
function readTable(): ReadonlyMap<string, readonly string[]> {
  const rows = [...TABLE.matchAll(/^\| `(?<call>[\w.]+\/\w+)` \|[^|]*\| (?<nobody>\w+) \| (?<reader>\w+) \| (?<admin>\w+) \|$/gm)] // prettier-ignore
  return new Map(rows.map(({ groups }) => [groups?.['call'] ?? '', ROLES.map((role) => groups?.[role] ?? '')]))
}

/** Something each call can be about; what is deleted is there for nobody. */
const REPOSITORY = 'https://127.0.0.1:1/deploy.git'
const OTHER_REPOSITORY = 'https://127.0.0.1:1/other.git'
const IN_CLUSTER = 'https://kubernetes.default.svc'
const ABOUT: RequestMessage = {
  name: 'web',
  applicationName: 'web',
  appName: 'web',
  appProject: 'default',
  project: 'default',
  role: 'ci',
  iat: 1,
  id: { value: IN_CLUSTER },
  repo: REPOSITORY,
  url: 'https://git.example.com',
  keyID: '0123456789ABCDEF',
  resource: 'applications',
  action: 'get',
  subresource: '*/*',
  revision: 'main',
  podName: 'web-1',
  resourceName: 'web',
  namespace: 'web',
  version: 'v1',
  kind: 'Pod',
  patchType: 'application/merge-patch+json',
  patch: '{}',
}
const PROJECT = { metadata: { name: 'team' }, spec: { roles: [{ name: 'ci' }] } }

/** Where a call wants a message of its own. */
const OWN: Readonly<Record<string, RequestMessage>> = {
  'account.AccountService': { name: 'admin', id: 'none', newPassword: PASSWORD, currentPassword: 'wrong' },
  'cluster.ClusterService/List': { name: '', id: undefined },
  'repository.RepositoryService/Delete': { appProject: '' },
  'repository.RepositoryService/DeleteRepository': { repo: OTHER_REPOSITORY, appProject: '' },
  'repository.RepositoryService/DeleteWriteRepository': { appProject: '' },
  'application.ApplicationService/List': { repo: '', name: '' },
  'application.ApplicationService/Watch': { repo: '', name: '' },
  'application.ApplicationService/Create': { application: application('other') },
  'application.ApplicationService/Update': { application: application('web') },
  'application.ApplicationService/UpdateSpec': { spec: application('web').spec },
  'application.ApplicationService/Patch': { patchType: 'merge' },
  'application.ApplicationService/RunResourceAction': { action: 'restart' },
  'application.ApplicationService/RunResourceActionV2': { action: 'restart' },
  'application.ApplicationService/GetManifestsWithFiles': { query: { name: 'web', checksum: '00' } },
  'applicationset.ApplicationSetService/Create': { applicationset: applicationSet('set') },
  'applicationset.ApplicationSetService/Generate': { applicationSet: applicationSet('set') },
  'project.ProjectService/Create': { project: { metadata: { name: 'other' }, spec: {} } },
  'project.ProjectService/Update': { project: PROJECT },
  'project.ProjectService': { name: 'team', project: 'team', id: 'none' },
  'cluster.ClusterService/Create': { cluster: { server: 'https://127.0.0.1:1', name: 'none' } },
  'cluster.ClusterService/Update': { cluster: { server: IN_CLUSTER, name: 'in-cluster' } },
  'repository.RepositoryService': { repo: REPOSITORY, source: { repoURL: REPOSITORY, path: '.', targetRevision: 'main' } }, // prettier-ignore
  'repository.RepositoryService/Create': { repo: { repo: REPOSITORY } },
  'repocreds.RepoCredsService': { creds: { url: 'https://127.0.0.1:1/' } },
  'certificate.CertificateService/CreateCertificate': { certificates: { items: [] } },
  'gpgkey.GPGKeyService/Create': { publickey: { keyData: 'none' } },
}

function application(name: string): { readonly metadata: object; readonly spec: object } {
  const source = { repoURL: REPOSITORY, path: '.', targetRevision: 'main' }
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' }
  return { metadata: { name, namespace: 'argocd' }, spec: { project: 'default', source, destination } }
}

function applicationSet(name: string): object {
  const template = { metadata: { name: '{{a}}' }, spec: application('').spec }
  return { metadata: { name, namespace: 'argocd' }, spec: { generators: [{ list: { elements: [] } }], template } }
}

function requestOf({ service, method }: Route): RequestMessage {
  const repository = /^(Create|Update)\w*$/.test(method) && service === 'repository.RepositoryService'
  const special = repository ? OWN['repository.RepositoryService/Create'] : OWN[`${service}/${method}`]
  return { ...ABOUT, ...OWN[service], ...special }
}

async function outcomeOf(api: ApiClient, route: Route): Promise<Outcome> {
  const isStream = route.stream !== undefined && route.stream !== 'client'
  const signal = AbortSignal.timeout(isStream ? QUIET_MS : PATIENCE_MS)
  const name = `${route.service}/${route.method}`
  try {
    return isStream ? await firstOf(api, route, signal) : await answerOf(api, route, signal)
  } catch (error) {
    if (signal.aborted && isStream) return 'empty'
    if (!(error instanceof CapstanError)) throw error
    assert.notEqual(error.code, 'unauthenticated', `${name}: ${error.message}`)
    const isDenied = /desc = permission denied|^unauthorized access/.test(error.message)
    return error.code === 'forbidden' || isDenied ? 'refused' : 'answered'
  }
}

async function firstOf(api: ApiClient, route: Route, signal: AbortSignal): Promise<Outcome> {
  const messages = api.stream(`${route.service}/${route.method}`, requestOf(route), signal)
  for await (const _ of messages) return 'answered'
  return 'answered'
}

async function answerOf(api: ApiClient, route: Route, signal: AbortSignal): Promise<Outcome> {
  const name = `${route.service}/${route.method}`
  const answer = await api.call<{ readonly items?: readonly unknown[] } | null>(name, requestOf(route), signal)
  return Array.isArray(answer?.items) && answer.items.length === 0 ? 'empty' : 'answered'
}

async function makeWhatCallsAreAbout({ api, client }: StoryPlane): Promise<void> {
  await api.call('application.ApplicationService/Create', { application: application('web'), validate: false })
  await api.call('applicationset.ApplicationSetService/Create', { applicationset: applicationSet('web') })
  await api.call('project.ProjectService/Create', { project: PROJECT })
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  for (const [name, kind, url] of [
    ['read', 'repository', REPOSITORY],
    ['other', 'repository', OTHER_REPOSITORY],
    ['write', 'repository-write', REPOSITORY],
  ] as const) {
    const metadata = { name, namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': kind } }
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { url } }
    await client.create(type, secret)
  }
}

/** Roles in order: what is refused changes nothing, and the administrator comes last. */
async function clientsOf({ plane, client, api }: StoryPlane): Promise<readonly ApiClient[]> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  const namespace = 'argocd'
  await client.patch({ type, namespace, name: 'argocd-cm' }, 'merge', {
    data: { 'accounts.nobody': 'login', 'accounts.reader': 'login' },
  })
  await client.patch({ type, namespace, name: 'argocd-rbac-cm' }, 'merge', {
    data: { 'policy.csv': 'g, reader, role:readonly', 'policy.default': '' },
  })
  const clients: ApiClient[] = []
  for (const username of ['nobody', 'reader']) {
    await api.call('account.AccountService/UpdatePassword', { name: username, newPassword: PASSWORD, currentPassword: ADMIN_PASSWORD }) // prettier-ignore
    const anonymous = createApiClient({ baseUrl: plane.url, send: fetch })
    const login = { username, password: PASSWORD }
    const { token } = await anonymous.call<{ readonly token: string }>('session.SessionService/Create', login)
    clients.push(createApiClient({ baseUrl: plane.url, send: fetch, token: new Secret(token) }))
  }
  return [...clients, api]
}

test('[002-02] every call is refused unless the table says otherwise, and the table names every call', async (t) => {
  const story = await startStoryPlane(t)
  const wanted = readTable()
  const seen = new Map<string, string[]>()
  await makeWhatCallsAreAbout(story)
  const calls = new Map(routes.map((route) => [`${route.service}/${route.method}`, route]))
  const asked = [...calls]
    .filter(([name]) => name !== 'session.SessionService/Create' && name !== 'session.SessionService/Delete')
    // Deletions end what other calls are about.
    .toSorted(([a], [b]) => Number(a.includes('/Delete')) - Number(b.includes('/Delete')))
  for (const api of await clientsOf(story)) {
    for (const [name, route] of asked) seen.set(name, [...(seen.get(name) ?? []), await outcomeOf(api, route)])
  }
  const lines = [...seen].map(([name, outcomes]) => `${name}: ${outcomes.join(' ')}`)
  assert.deepEqual(
    lines,
    [...seen.keys()].map((name) => `${name}: ${(wanted.get(name) ?? ['missing']).join(' ')}`),
  )
  assert.deepEqual(
    [...wanted.keys()].filter((name) => !seen.has(name)),
    [],
  )
})
