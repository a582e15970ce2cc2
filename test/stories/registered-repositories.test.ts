// Repositories and credentials are registered through the API: asked before they are kept, and never shown whole.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { JsonObject } from '../../src/kube/object.ts'
import { repositorySecretName } from '../../src/settings/names.ts'
import { startStoryPlane } from '../support/control-plane.ts'
import { simpleChart, startChartHost } from '../support/chart-repository.ts'
import { createRepository, serveGitOverHttp, temporaryFolder } from '../support/git.ts'

const SERVICE = 'repository.RepositoryService'
const CREDENTIALS = 'repocreds.RepoCredsService'
const LOGIN = { username: 'git', password: 'a secret token' }

interface List {
  readonly items: readonly JsonObject[]
}

test('[004-48][004-50] a repository that answers is kept in a Secret, shown without its password, changed and forgotten', async (t) => {
  const root = temporaryFolder(t)
  createRepository(join(root, 'deploy')).commit({ 'web/config.yaml': 'kind: ConfigMap' })
  const url = `${await serveGitOverHttp(t, { root, login: LOGIN, refusal: 'no' })}/deploy/.git`
  const { api, live } = await startStoryPlane(t)
  const create = (repo: object, upsert = false): Promise<JsonObject> =>
    api.call(`${SERVICE}/CreateRepository`, { repo: { repo: url, type: 'git', ...repo }, upsert })

  await assert.rejects(create({}), { message: /^error testing repository connectivity: / })
  await assert.rejects(create({ username: 'git', password: 'wrong' }), {
    message: /^error testing repository connectivity/,
  })
  assert.deepEqual(await create(LOGIN), { repo: url, type: 'git' })
  assert.deepEqual(await create(LOGIN), { repo: url, type: 'git' })
  await assert.rejects(create({ ...LOGIN, name: 'deploy' }), {
    message: 'existing repository spec is different; use upsert flag to force update; difference in keys "Name"',
  })
  await create({ ...LOGIN, name: 'deploy' }, true)

  const { items } = await api.call<List>(`${SERVICE}/ListRepositories`, {})
  assert.partialDeepStrictEqual(items, [{ repo: url, type: 'git', name: 'deploy', connectionState: { status: 'Successful' } }]) // prettier-ignore
  assert.doesNotMatch(JSON.stringify(items), /secret|password/)
  const apps = await api.call<List>(`${SERVICE}/ListApps`, { repo: url, revision: 'main', appProject: 'default' })
  assert.deepEqual(apps.items, [])
  await api.call(`${SERVICE}/ValidateAccess`, { repo: url, ...LOGIN })
  await assert.rejects(api.call(`${SERVICE}/ValidateAccess`, { repo: url }), { message: /^error testing repository/ })

  await api.call(`${SERVICE}/DeleteRepository`, { repo: url })
  await assert.rejects(api.call(`${SERVICE}/DeleteRepository`, { repo: url }), { message: 'permission denied' })
  assert.equal(await live('v1', 'Secret', `argocd/${repositorySecretName('repo', url)}`), undefined)

  await api.call(`${CREDENTIALS}/CreateRepositoryCredentials`, { creds: { url: new URL(url).origin, ...LOGIN } })
  await create({})
  const [inherited] = (await api.call<List>(`${SERVICE}/List`, {})).items
  assert.partialDeepStrictEqual(inherited, { inheritedCreds: true, connectionState: { status: 'Successful' } })
  const { items: templates } = await api.call<List>(`${CREDENTIALS}/ListRepositoryCredentials`, {})
  assert.deepEqual(templates, [{ url: new URL(url).origin, username: 'git', type: 'git', enableOCI: false }])
  await api.call(`${CREDENTIALS}/DeleteRepositoryCredentials`, { url: new URL(url).origin })
  assert.deepEqual((await api.call<List>(`${CREDENTIALS}/ListRepositoryCredentials`, {})).items, [])
})

test('a repository of charts lists its charts and versions; a Secret that is no repository is not taken over', async (t) => {
  const host = await startChartHost(t, {
    charts: [{ name: 'web', version: '1.2.3', archive: simpleChart('web', '1.2.3') }],
  })
  const { api, client } = await startStoryPlane(t)
  await api.call(`${SERVICE}/Create`, { repo: { repo: host.url, type: 'helm', name: 'charts' } })
  const { items } = await api.call<List>(`${SERVICE}/GetHelmCharts`, { repo: host.url })
  assert.deepEqual(items, [{ name: 'web', versions: ['1.2.3'] }])

  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const [secret] = (
    await client.list(type, { namespace: 'argocd', labelSelector: 'argocd.argoproj.io/secret-type=repository' })
  ).items
  const name = secret?.metadata.name ?? ''
  await client.patch({ type, namespace: 'argocd', name }, 'merge', {
    metadata: { labels: { 'argocd.argoproj.io/secret-type': null } },
  })
  await assert.rejects(api.call(`${SERVICE}/Create`, { repo: { repo: host.url, type: 'helm', name: 'charts' } }), {
    message: `secret "${name}" doesn't have the proper "argocd.argoproj.io/secret-type" label: please fix the secret or delete it`,
  })
})
