// Notifications over restarts, failures and deletions, with the whole program: once and only once.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { NOTIFIED_ANNOTATION } from '../../src/notifications/notified-state.ts'
import { startUp, type CapstanUp } from '../support/capstan-up.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { serviceFixture, type ServiceFixture } from '../support/service-fixture.ts'

const CATALOGUE = join(import.meta.dirname, '../../examples/notifications/install.yaml')
const APPLICATION = 'Application.argoproj.io'
const SUBSCRIBE = 'notifications.argoproj.io/subscribe'
const PATIENCE_MS = 60_000

async function patch({ client }: CapstanUp, kind: string, name: string, change: JsonObject): Promise<void> {
  const group = kind === 'ConfigMap' ? '' : 'argoproj.io'
  const type = await client.resourceOf({ group, kind })
  assert.ok(type)
  await client.patch({ type, namespace: 'argocd', name }, 'merge', change)
}

/** A template that posts `NAME TRIGGER-LIKE-TEXT`, beside the standard triggers. */
async function configure(up: CapstanUp, hook: ServiceFixture): Promise<void> {
  const catalogue = parseYaml(readFileSync(CATALOGUE, 'utf8')) as { readonly data: JsonObject } // the file is ours
  const body = '{{.app.metadata.name}} {{.app.status.operationState.phase | default ""}}'
  await patch(up, 'ConfigMap', 'argocd-notifications-cm', {
    data: {
      ...catalogue.data,
      'service.webhook.hook': JSON.stringify({
        url: hook.url,
        retryMax: 1,
        retryWaitMin: '10ms',
        retryWaitMax: '10ms',
      }),
      'template.app-sync-succeeded': JSON.stringify({ webhook: { hook: { method: 'POST', path: '/synced', body } } }),
      'template.app-deleted': JSON.stringify({ webhook: { hook: { method: 'POST', path: '/deleted', body } } }),
    },
  })
}

async function create(up: CapstanUp, repository: TestRepository): Promise<void> {
  const place = '--dest-server https://kubernetes.default.svc --dest-namespace web'
  await up.line.ok(
    `app create web --path web --revision main ${place} --sync-option CreateNamespace=true --repo ${repository.url}`,
  )
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`${what} did not come`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function notified({ metadata }: KubeObject): readonly string[] {
  return Object.keys(JSON.parse(metadata.annotations?.[NOTIFIED_ANNOTATION] ?? '{}') as object)
}

function paths(hook: ServiceFixture): readonly string[] {
  return hook.asked.map(({ path }) => path)
}

test('a message comes once for a commit, whatever ends the process', { timeout: 240_000 }, async (t) => {
  const folder = temporaryFolder(t)
  const dataDir = join(folder, 'data')
  const repository = createRepository(join(folder, 'repository'))
  const first = repository.commit({ 'web/one.json': configMap('one', 'a') })
  const hook = await serviceFixture(t)
  const before = await startUp(t, dataDir)
  await configure(before, hook)
  await create(before, repository)
  await patch(before, 'Application', 'web', {
    metadata: { annotations: { [`${SUBSCRIBE}.on-sync-succeeded.hook`]: '' } },
  })

  await before.line.ok('app sync web')
  await before.until(APPLICATION, 'argocd/web', (application) => notified(application).length === 1)
  assert.deepEqual(paths(hook), ['/synced'])
  await before.end('SIGKILL')
  const killed = await startUp(t, dataDir)
  // A second subscription is sent for the same state: whatever else was to be sent would have been sent before it.
  await patch(killed, 'Application', 'web', {
    metadata: { annotations: { [`${SUBSCRIBE}.on-sync-succeeded.hook`]: 'two' } },
  })
  await killed.until(APPLICATION, 'argocd/web', (application) => notified(application).length === 2)
  assert.deepEqual(paths(hook), ['/synced', '/synced'])
  await killed.end('SIGTERM')
  const stopped = await startUp(t, dataDir)
  const second = repository.commit({ 'web/one.json': configMap('one', 'b') })
  await stopped.line.ok('app sync web')
  const told = await stopped.until(APPLICATION, 'argocd/web', (application) => notified(application).length === 3)

  assert.deepEqual(paths(hook), ['/synced', '/synced', '/synced'])
  const sent = told.metadata.annotations?.[NOTIFIED_ANNOTATION] ?? ''
  const [one, two, three] = notified(told).toSorted((a, b) => Number(a.includes(second)) - Number(b.includes(second)))
  assert.equal(one?.startsWith(`${first}:on-sync-succeeded:[0].`), true, sent)
  assert.equal(two?.startsWith(`${first}:on-sync-succeeded:[0].`), true, sent)
  assert.equal(three?.startsWith(`${second}:on-sync-succeeded:[0].`), true, sent)
})

test(
  'what fails is told, tried again and not lost; a deletion is told before the application is gone',
  { timeout: 240_000 },
  async (t) => {
    const folder = temporaryFolder(t)
    const repository = createRepository(join(folder, 'repository'))
    repository.commit({ 'web/one.json': configMap('one', 'a') })
    let isBroken = true
    const hook = await serviceFixture(t, () => (isBroken ? { status: 500, body: 'the secret is hidden-value' } : {}))
    const up = await startUp(t, join(folder, 'data'))
    await configure(up, hook)
    const type = await up.client.resourceOf({ group: '', kind: 'Secret' })
    assert.ok(type)
    const metadata = { name: 'argocd-notifications-secret', namespace: 'argocd' }
    await up.client.create(type, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { x: 'hidden-value' },
    } as KubeObject)
    await create(up, repository)
    await patch(up, 'AppProject', 'default', {
      metadata: {
        annotations: {
          'notifications.argoproj.io/subscriptions':
            '- trigger: [on-sync-succeeded, on-deleted]\n  destinations:\n  - service: hook\n    recipients: [all]\n',
        },
      },
    })

    await up.line.ok('app sync web')
    await until('a failed attempt with its retry', () => hook.asked.length >= 2)
    const events = await up.client.resourceOf({ group: '', kind: 'Event' })
    assert.ok(events)
    let failure = ''
    await until('the event of the failure', async () => {
      const { items } = await up.client.list(events, { namespace: 'argocd' })
      failure = items.map((event) => JSON.stringify(event)).find((text) => text.includes('NotificationFailed')) ?? ''
      return failure !== ''
    })
    assert.match(
      failure,
      /on-sync-succeeded to hook:all failed: request to http:\/\/127\.0\.0\.1:\d+\/synced has failed with error code 500/,
    )
    assert.doesNotMatch(failure, /hidden-value/)
    isBroken = false
    hook.clear()
    await up.until(APPLICATION, 'argocd/web', (application) => notified(application).length === 1)
    assert.deepEqual(paths(hook), ['/synced'])

    await up.line.ok('app delete web --cascade --yes --wait')
    await until('the deletion', () => hook.asked.length > 1)
    assert.deepEqual(paths(hook), ['/synced', '/deleted'])
  },
)
