// Automated delivery of the guide, with the whole program: pushes, edits by hand, deleted files, waves and hooks.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Application } from '../../src/crds/application.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

const APPLICATIONS = 'application.ApplicationService'
const EXAMPLE = join(import.meta.dirname, '../../examples/waves-and-hooks')
const POLL_MS = 5

async function deliver({ api }: StoryPlane, repository: TestRepository, automated: object): Promise<void> {
  const spec = {
    project: 'default',
    source: { repoURL: repository.url, path: 'web', targetRevision: 'main' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
    syncPolicy: { automated, retry: { limit: 0 }, syncOptions: ['CreateNamespace=true'] },
  }
  await api.call(`${APPLICATIONS}/Create`, { application: { metadata: { name: 'web' }, spec } })
}

function valueOf(object: KubeObject | undefined): unknown {
  const data: unknown = object !== undefined && 'data' in object ? object.data : undefined
  return typeof data === 'object' && data !== null && 'value' in data ? data.value : undefined
}

/** Milliseconds until the live ConfigMap `one` is as wanted. */
async function msUntil({ live }: StoryPlane, isWanted: (object: KubeObject | undefined) => boolean): Promise<number> {
  const startMs = performance.now()
  while (!isWanted(await live('v1', 'ConfigMap', 'web/one'))) {
    if (performance.now() - startMs > 45_000) throw new Error('the ConfigMap is not as wanted')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return performance.now() - startMs
}

async function edit({ client }: StoryPlane, value: string): Promise<void> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  await client.patch({ type, namespace: 'web', name: 'one' }, 'merge', { data: { value } })
}

function phaseOf({ status, operation }: Application): string | undefined {
  return operation === undefined ? status?.operationState?.phase : undefined
}

test('[001-15][001-24] a push arrives after a refresh, an edit by hand is undone', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/one.json': configMap('one', 'a') })
  await deliver(story, repository, { selfHeal: true })
  await story.application('web', isSynced)

  repository.commit({ 'web/one.json': configMap('one', 'b') })
  const arriving = msUntil(story, (object) => valueOf(object) === 'b')
  await story.api.call(`${APPLICATIONS}/Get`, { name: 'web', refresh: 'normal' })
  const arrivedMs = await arriving
  await story.application('web', (application) => isSynced(application) && phaseOf(application) === 'Succeeded')
  await edit(story, 'by hand')
  const healedMs = await msUntil(story, (object) => valueOf(object) === 'b')

  t.diagnostic(`commit to cluster ${Math.round(arrivedMs)} ms, edit undone after ${Math.round(healedMs)} ms`)
})

test('without self-heal an edit by hand stays and is shown', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/one.json': configMap('one', 'a') })
  await deliver(story, repository, {})
  await story.application('web', isSynced)

  await edit(story, 'by hand')
  await story.application('web', ({ status }) => status?.sync?.status === 'OutOfSync')

  assert.equal(valueOf(await story.live('v1', 'ConfigMap', 'web/one')), 'by hand')
})

test('[001-23] a file deleted in Git removes the object once prune is on, and not before', async (t) => {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/one.json': configMap('one', 'a'), 'web/two.json': configMap('two', 'a') })
  await deliver(story, repository, {})
  await story.application('web', isSynced)
  const deletion = repository.commit({ 'web/one.json': null })
  await story.api.call(`${APPLICATIONS}/Get`, { name: 'web', refresh: 'normal' })
  await story.application(
    'web',
    ({ status }) => status?.sync?.revision === deletion && status.sync.status === 'OutOfSync',
  )
  assert.equal(valueOf(await story.live('v1', 'ConfigMap', 'web/one')), 'a')

  const { spec } = await story.application('web', () => true)
  const automated = { ...spec.syncPolicy, automated: { prune: true } }
  await story.api.call(`${APPLICATIONS}/UpdateSpec`, { name: 'web', spec: { ...spec, syncPolicy: automated } })
  await msUntil(story, (object) => object === undefined)

  await story.application('web', isSynced)
  assert.equal(valueOf(await story.live('v1', 'ConfigMap', 'web/two')), 'a')
})

test('[002-09][002-10] the example with waves and hooks is delivered in its order', async (t) => {
  const story = await startStoryPlane(t)
  const folder = join(temporaryFolder(t), 'deploy')
  const repository = createRepository(folder)
  cpSync(EXAMPLE, join(folder, 'web'), { recursive: true })
  repository.commit({})

  await deliver(story, repository, { prune: true })
  const { status } = await story.application('web', (app) => isSynced(app) && phaseOf(app) === 'Succeeded')

  const results = status?.operationState?.syncResult?.resources ?? []
  assert.deepEqual(
    results.map(({ kind, name, syncPhase, hookPhase }) => [syncPhase, kind, name, hookPhase]),
    [
      // Nobody looks at it again, as in upstream.
      ['PreSync', 'Namespace', 'web', 'Running'],
      ['PreSync', 'Job', 'migrate', 'Succeeded'],
      ['Sync', 'ConfigMap', 'orders', 'Succeeded'],
      ['Sync', 'Service', 'orders', 'Succeeded'],
      ['Sync', 'Deployment', 'orders', 'Succeeded'],
      ['PostSync', 'Job', 'check', 'Succeeded'],
    ],
  )
  assert.equal(await story.live('batch/v1', 'Job', 'web/check'), undefined)
  assert.notEqual(await story.live('batch/v1', 'Job', 'web/migrate'), undefined)
})

test('[002-10] a PreSync hook that fails stops the sync and runs the SyncFail hook', async (t) => {
  const story = await startStoryPlane(t)
  const folder = join(temporaryFolder(t), 'deploy')
  const repository = createRepository(folder)
  cpSync(EXAMPLE, join(folder, 'web'), { recursive: true })
  const check = join(folder, 'web/check.yaml')
  writeFileSync(
    check,
    readFileSync(check, 'utf8').replace('PostSync', 'SyncFail').replace('HookSucceeded', 'BeforeHookCreation'),
  )
  const migrate = join(folder, 'web/migrate.yaml')
  writeFileSync(migrate, readFileSync(migrate, 'utf8').replace('echo done', 'exit 3'))
  repository.commit({})

  await deliver(story, repository, {})
  const { status } = await story.application('web', (app) => phaseOf(app) === 'Failed')

  const hooks = status?.operationState?.syncResult?.resources?.filter(({ hookType }) => hookType !== undefined)
  assert.deepEqual(
    hooks?.map(({ name, syncPhase, hookPhase }) => [name, syncPhase, hookPhase]),
    [
      ['migrate', 'PreSync', 'Failed'],
      ['check', 'SyncFail', 'Succeeded'],
    ],
  )
  assert.equal(await story.live('apps/v1', 'Deployment', 'web/orders'), undefined)
})
