// What a person does through the API and the command line, told from the first login to the last delete.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { isSynced, startStoryPlane } from '../support/control-plane.ts'
import { until } from '../support/until.ts'

const APPLICATIONS = 'application.ApplicationService'
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  color: COLOR\n'

function configMap(color: string): string {
  return CONFIG.replace('COLOR', color)
}

function application(repoURL: string, change: object = {}): object {
  return {
    metadata: { name: 'web' },
    spec: {
      project: 'default',
      source: { repoURL, path: 'web', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
      syncPolicy: { syncOptions: ['CreateNamespace=true'] },
      ...change,
    },
  }
}

test('[001-12][002-08] an application is created, compared, synced by hand, rolled back and deleted with what it deployed', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const first = repository.commit({ 'web/settings.yaml': configMap('red') }, 'Red')

  const created = await story.api.call<Application>(`${APPLICATIONS}/Create`, {
    application: application(repository.url),
  })
  assert.equal(created.metadata.namespace, 'argocd')
  await story.application('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  assert.equal(await story.live('v1', 'ConfigMap', 'web/settings'), undefined)

  await story.api.call(`${APPLICATIONS}/Sync`, { name: 'web' })
  const synced = await story.application('web', (app) => isSynced(app) && app.operation === undefined)
  assert.equal(synced.status?.sync?.revision, first)
  assert.equal(synced.status?.operationState?.phase, 'Succeeded')
  assert.equal(synced.status?.operationState?.message, 'successfully synced (all tasks run)')

  const second = repository.commit({ 'web/settings.yaml': configMap('blue') }, 'Blue')
  await story.api.call(`${APPLICATIONS}/Get`, { name: 'web', refresh: 'normal' })
  const { items } = await story.api.call<{
    readonly items: readonly { readonly name: string; readonly modified?: boolean }[]
  }>(`${APPLICATIONS}/ManagedResources`, { applicationName: 'web' })
  assert.deepEqual(
    items.map(({ name }) => name),
    ['settings'],
  )
  await story.api.call(`${APPLICATIONS}/Sync`, { name: 'web' })
  await story.application(
    'web',
    (app) => app.status?.sync?.revision === second && isSynced(app) && app.operation === undefined,
  )
  assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/settings')), { color: 'blue' })

  const history = (await story.api.call<Application>(`${APPLICATIONS}/Get`, { name: 'web' })).status?.history ?? []
  assert.deepEqual(
    history.map(({ revision }) => revision),
    [first, second],
  )
  await story.api.call(`${APPLICATIONS}/Rollback`, { name: 'web', id: history[0]?.id ?? -1 })
  await story.application(
    'web',
    (app) =>
      app.operation === undefined &&
      app.status?.operationState?.syncResult?.revision === first &&
      app.status.operationState.phase === 'Succeeded',
  )
  assert.deepEqual(dataOf(await story.live('v1', 'ConfigMap', 'web/settings')), { color: 'red' })

  await story.api.call(`${APPLICATIONS}/Delete`, { name: 'web', cascade: true })
  const left = (): Promise<unknown> => story.live('argoproj.io/v1alpha1', 'Application', 'argocd/web')
  await until('its end', left, (found) => found === undefined, 45_000)
  assert.equal(await story.live('v1', 'ConfigMap', 'web/settings'), undefined)
})

test('the API refuses what cannot work and says why, in the words clients know', async (t) => {
  const { api } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/settings.yaml': configMap('red') })
  const create = (change: object): Promise<unknown> =>
    api.call(`${APPLICATIONS}/Create`, { application: application(repository.url, change) })

  await assert.rejects(create({ project: 'nope' }), {
    message: 'app is not allowed in project "nope", or the project does not exist',
  })
  await assert.rejects(
    create({ destination: { server: 'https:.//kubernetes.default.svc', namespace: 'web' } }),
    /InvalidSpecError: application destination server "https:\.\/\/kubernetes\.default\.svc" is no valid URL/,
  )
  await assert.rejects(
    create({ source: { repoURL: repository.url, path: 'missing', targetRevision: 'main' } }),
    /missing: app path does not exist/,
  )
  await assert.rejects(
    create({ source: { repoURL: repository.url, path: '../up', targetRevision: 'main' } }),
    /outside/,
  )
  await assert.rejects(
    create({ source: { repoURL: repository.url, path: 'web', targetRevision: 'none' } }),
    /unable to resolve 'none' to a commit SHA/,
  )
  await create({})
  await assert.rejects(create({ source: { repoURL: repository.url, path: 'web', targetRevision: 'HEAD' } }), {
    message: 'existing application spec is different, use upsert flag to force update',
  })
  await api.call(`${APPLICATIONS}/Patch`, {
    name: 'web',
    patch: '{"metadata":{"labels":{"team":"a"}}}',
    patchType: 'merge',
  })
  const replaced = await api.call<Application>(`${APPLICATIONS}/Create`, {
    application: application(repository.url, { revisionHistoryLimit: 3 }),
    upsert: true,
  })
  assert.deepEqual([replaced.metadata.labels, replaced.spec.revisionHistoryLimit], [{ team: 'a' }, 3])
  await assert.rejects(api.call(`${APPLICATIONS}/Rollback`, { name: 'web', id: 7 }), {
    message: 'application web does not have deployment with id 7',
  })
  await assert.rejects(api.call(`${APPLICATIONS}/TerminateOperation`, { name: 'web' }), {
    message: 'Unable to terminate operation. No operation is in progress',
  })
  const links = await api.call<{ readonly items?: readonly object[] }>(`${APPLICATIONS}/ListLinks`, { name: 'web' })
  assert.deepEqual(links.items ?? [], [])
})

test('nobody gets in without a session, and a wrong password is only wrong', async (t) => {
  const { plane } = await startStoryPlane(t)
  const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${plane.url}${path}`, init)
  const post = (body: string, type = 'application/json'): Promise<Response> =>
    get('/api/v1/session', { method: 'POST', body, headers: { 'content-type': type } })

  const anonymous = await get('/api/v1/applications')
  assert.deepEqual(
    [anonymous.status, await anonymous.json()],
    [401, { error: 'no session information', code: 16, message: 'no session information' }],
  )
  const wrong = await post('{"username":"admin","password":"wrong password"}')
  assert.deepEqual(
    [wrong.status, await wrong.json()],
    [401, { error: 'Invalid username or password', code: 16, message: 'Invalid username or password' }],
  )
  assert.equal((await post('username=admin', 'application/x-www-form-urlencoded')).status, 415)
  assert.equal((await post('{')).status, 400)
  assert.equal((await get('/api/v1/nothing')).status, 404)
  assert.equal((await get('/api/version')).status, 200)
  assert.equal((await get('/healthz')).status, 200)
  assert.match(await (await get('/applications/web')).text(), /<title>/)
})

function dataOf(object: object | undefined): unknown {
  return object !== undefined && 'data' in object ? object.data : undefined
}
