// Registries of images by the API: who may see and change them, what is kept when one is changed, and what no application gets.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { Secret } from '../../src/base/secret.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { ADMIN_PASSWORD, startStoryPlane } from '../support/control-plane.ts'
import { startOciRegistry } from '../support/oci-registry.ts'
import { eventually } from '../support/pull-scene.ts'

const SERVICE = 'registry.RegistryService'
const users = { ann: { password: 'hunter2' }, bob: { password: 'hunter3' } }
const IN_CLUSTER = 'https://kubernetes.default.svc'

interface Listed {
  readonly items: readonly JsonObject[]
  readonly problems: readonly JsonObject[]
}

test('[000-01][000-04] a registry is tried, kept, changed without its secret, and shown to those who may see it', async (t) => {
  const { host, users: known } = await startOciRegistry(t, { users, login: 'basic' })
  const { api, live, client, plane } = await startStoryPlane(t)
  const create = (registry: object, upsert = false): Promise<JsonObject> =>
    api.call(`${SERVICE}/Create`, { registry: { address: host, username: 'ann', ...registry }, upsert })
  const list = (by: ApiClient = api): Promise<Listed> => by.call(`${SERVICE}/List`, {})

  await assert.rejects(create({ password: 'wrong' }), { code: 'bad-input', message: /refuses the login: .*401/ })
  assert.deepEqual(await list(), { items: [], problems: [] })
  const made = await create({ password: 'hunter2' })
  assert.partialDeepStrictEqual(made, { address: host, kind: 'static', username: 'ann', connectionState: { status: 'Successful' } }) // prettier-ignore
  await assert.rejects(create({ password: 'hunter2', serviceAccounts: '*' }), {
    message:
      'existing repository spec is different; use upsert flag to force update; difference in keys "ServiceAccounts"',
  })
  assert.partialDeepStrictEqual(await create({ serviceAccounts: '*' }, true), { serviceAccounts: '*' })
  await assert.rejects(create({ username: 'bob' }, true), { code: 'bad-input', message: /has no password/ })
  const { id } = made
  assert.ok(typeof id === 'string')
  assert.equal(typeof (await live('v1', 'Secret', `argocd/${id}`)), 'object')

  known.set('ann', { password: 'rotated' })
  const tested = await api.call<JsonObject>(`${SERVICE}/Test`, { id })
  assert.partialDeepStrictEqual(tested, { connectionState: { status: 'Failed' } })
  await create({ password: 'rotated' }, true)

  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  const policy = 'p, dev, repositories, *, team/*, allow'
  const ref = (name: string): { type: typeof type; namespace: string; name: string } => ({
    type,
    namespace: 'argocd',
    name,
  })
  await client.patch(ref('argocd-cm'), 'merge', { data: { 'accounts.dev': 'login' } })
  await client.patch(ref('argocd-rbac-cm'), 'merge', { data: { 'policy.csv': policy, 'policy.default': '' } })
  const isThere = (): Promise<boolean> => api.call('account.AccountService/GetAccount', { name: 'dev' }).then(() => true, () => false) // prettier-ignore
  await eventually(isThere, (found) => found)
  await api.call('account.AccountService/UpdatePassword', { name: 'dev', newPassword: ADMIN_PASSWORD, currentPassword: ADMIN_PASSWORD }) // prettier-ignore
  const anonymous = createApiClient({ baseUrl: plane.url, send: fetch })
  const login = { username: 'dev', password: ADMIN_PASSWORD }
  const { token } = await anonymous.call<{ readonly token: string }>('session.SessionService/Create', login)
  const dev = createApiClient({ baseUrl: plane.url, send: fetch, token: new Secret(token) })
  const mayCreate = { resource: 'repositories', action: 'create', subresource: 'team/x' }
  const canI = (): Promise<JsonObject> => dev.call('account.AccountService/CanI', mayCreate)
  await eventually(canI, ({ value }) => value === 'yes')
  assert.deepEqual((await list(dev)).items, [])
  await assert.rejects(dev.call(`${SERVICE}/Get`, { id }), { code: 'forbidden', message: 'permission denied' })
  await assert.rejects(dev.call(`${SERVICE}/Delete`, { id }), { message: 'permission denied' })
  const own = { address: host, username: 'bob', password: 'hunter3', project: 'team' }
  await dev.call(`${SERVICE}/Create`, { registry: own })
  await assert.rejects(dev.call(`${SERVICE}/Create`, { registry: { ...own, project: '' } }), { code: 'forbidden' })
  const ambient = { address: 'public.ecr.aws', project: 'team' }
  await assert.rejects(dev.call(`${SERVICE}/Create`, { registry: ambient }), /control plane's own identity/)
  assert.deepEqual(new Set((await list()).items.map(({ project }) => project)), new Set([undefined, 'team']))

  const texts = JSON.stringify([made, tested, await list(), await list(dev)])
  assert.doesNotMatch(texts, /hunter|rotated/)
})

test('[000-04] no application gets the login of a registry for its sources', async (t) => {
  const { host, requests } = await startOciRegistry(t, { users, login: 'basic' })
  const { api } = await startStoryPlane(t)
  await api.call(`${SERVICE}/Create`, { registry: { address: host, username: 'ann', password: 'hunter2' } })
  requests.splice(0)
  const destination = { server: IN_CLUSTER, namespace: 'default' }
  const sources = [
    { repoURL: host, chart: 'team/app', targetRevision: '1.0.0' },
    { repoURL: `oci://${host}/team/app`, path: '.', targetRevision: '1.0.0' },
    { repoURL: host, path: '.', targetRevision: 'main' },
  ]

  for (const source of sources) {
    const spec = { project: 'default', source, destination }
    const application = { metadata: { name: 'web' }, spec }
    await assert.rejects(api.call('application.ApplicationService/Create', { application }))
  }
  // Whether it is refused or answered with nothing does not count here.
  await api.call('repository.RepositoryService/GetHelmCharts', { repo: host }).catch(() => undefined)

  assert.deepEqual(
    requests.map(({ authorization }) => authorization).filter((given) => given !== undefined),
    [],
  )
})
