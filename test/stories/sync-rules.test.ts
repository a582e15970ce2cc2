// Stories of the finer rules of a sync, each named by the upstream tests that pin it (gitops-engine of argo-cd v3.5.1).
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { JsonObject } from '../../src/kube/object.ts'
import { type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, deployment, job } from '../support/manifests.ts'

const BY_HAND = { syncPolicy: { syncOptions: ['CreateNamespace=true'] } }
const SYNC = { syncOptions: ['CreateNamespace=true'] }

async function start(t: TestContext, files: Readonly<Record<string, string>>): Promise<DeliveryCluster> {
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)
  return cluster
}

function marked(text: string, metadata: JsonObject): string {
  const object: JsonObject = JSON.parse(text)
  return JSON.stringify({ ...object, metadata: { ...(object['metadata'] as JsonObject), ...metadata } })
}

test('[TestSyncCreateInSortedOrder] a kind that fails does not keep the next kind of its wave from being applied', async (t) => {
  const cluster = await start(t, {
    'web/bad.json': configMap('Not_A_Name', 'a'),
    'web/app.json': deployment('web', 'nginx:1.29'),
  })

  await cluster.sync('web', SYNC)
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Failed')
  assert.match(state.message ?? '', /^one or more objects failed to apply/)
  assert.notEqual(await cluster.get('apps/v1/Deployment', 'web', 'web'), undefined)
  const results = state.syncResult?.resources?.map(({ kind, status }) => [kind, status])
  assert.deepEqual(
    results?.filter(([kind]) => kind !== 'Namespace'),
    [
      ['ConfigMap', 'SyncFailed'],
      ['Deployment', 'Synced'],
    ],
  )
})

test('[TestOneProgressingDeploymentIsSucceededAndSynced] a single wave is over once it is applied, healthy or not', async (t) => {
  const cluster = await start(t, { 'web/app.json': deployment('web', 'nginx:1.29') })

  await cluster.sync('web', SYNC)
  const state = await cluster.operationEnd('web')
  const { status } = await cluster.untilSynced('web')

  assert.deepEqual([state.phase, state.message], ['Succeeded', 'successfully synced (all tasks run)'])
  assert.equal(status?.health?.status, 'Progressing')
})

test('[TestWaitForCleanUpBeforeNextWave] [TestWaveReorderingOfPruneTasks] pruning goes backwards and waits until each wave is gone', async (t) => {
  const cluster = await start(t, {
    'web/early.json': configMap('early', 'a', { wave: '0' }),
    'web/late.json': configMap('late', 'a', { wave: '1' }),
    'web/kept.json': configMap('kept', 'a'),
  })
  await cluster.sync('web', SYNC)
  await cluster.operationEnd('web')
  const finalizers = (names: readonly string[]): JsonObject => ({ metadata: { finalizers: names } })
  await cluster.patch('v1/ConfigMap', 'late', finalizers(['example.com/hold']), { namespace: 'web' })

  cluster.repository.commit({ 'web/early.json': undefined, 'web/late.json': undefined })
  await cluster.sync('web', SYNC)
  const waits = 'waiting for deletion of /ConfigMap/late'
  await cluster.until('web', ({ status }) => status?.operationState?.message === waits)
  const early = await cluster.get('v1/ConfigMap', 'early', 'web')
  await cluster.patch('v1/ConfigMap', 'late', finalizers([]), { namespace: 'web' })
  const state = await cluster.operationEnd('web')

  assert.deepEqual([early?.metadata.name, early?.metadata.deletionTimestamp], ['early', undefined])
  assert.equal(state.phase, 'Succeeded')
  await cluster.untilGone('v1/ConfigMap', 'early', 'web')
})

test('[TestSync_HooksNotDeletedIfPhaseNotCompleted] [TestSync_HooksDeletedAfterSyncSucceeded] a hook that is done stays until its phase is', async (t) => {
  const once = { hook: 'PreSync', deletePolicy: 'HookSucceeded' }
  const cluster = await start(t, {
    'web/app.json': configMap('app', 'a'),
    'web/one.json': job('one', once),
    'web/two.json': job('two', once),
  })

  await cluster.sync('web', SYNC)
  await cluster.finishJob('one', 'web', 'Complete')
  await cluster.until('web', ({ status }) => status?.operationState?.message?.endsWith('batch/Job/two') === true)
  const first = await cluster.get('batch/v1/Job', 'one', 'web')
  await cluster.finishJob('two', 'web', 'Complete')
  const state = await cluster.operationEnd('web')

  assert.equal(first?.metadata.deletionTimestamp, undefined)
  assert.equal(state.phase, 'Succeeded')
  await cluster.untilGone('batch/v1/Job', 'one', 'web')
  await cluster.untilGone('batch/v1/Job', 'two', 'web')
})

test('[TestSync_HooksDeletedAfterSyncFailed] [Test_executeSyncFailPhase] hooks that go after a failure go, and a SyncFail hook that fails says so', async (t) => {
  const cluster = await start(t, {
    'web/app.json': configMap('app', 'a'),
    'web/hook.json': job('hook', { hook: 'PreSync', deletePolicy: 'HookFailed' }),
    'web/rescue.json': job('rescue', { hook: 'SyncFail' }),
  })

  await cluster.sync('web', SYNC)
  await cluster.finishJob('hook', 'web', 'Failed')
  await cluster.finishJob('rescue', 'web', 'Failed')
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Failed')
  assert.match(state.message ?? '', /^one or more synchronization tasks completed unsuccessfully/)
  assert.match(state.message ?? '', /\none or more SyncFail hooks failed/)
  await cluster.untilGone('batch/v1/Job', 'hook', 'web')
  assert.notEqual(await cluster.get('batch/v1/Job', 'rescue', 'web'), undefined)
})

test('[TestSelectiveSyncDoesNotRunHooks] [TestSelectiveSyncOnly] a sync of chosen objects runs no hooks', async (t) => {
  const cluster = await start(t, {
    'web/a.json': configMap('a', '1'),
    'web/b.json': configMap('b', '1'),
    'web/hook.json': job('hook', { hook: 'PreSync' }),
  })

  await cluster.sync('web', { ...SYNC, resources: [{ group: '', kind: 'ConfigMap', name: 'a' }] })
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
  assert.equal(await cluster.get('batch/v1/Job', 'hook', 'web'), undefined)
  assert.equal(await cluster.get('v1/ConfigMap', 'b', 'web'), undefined)
})

test('[TestGarbageHook] an object with a hook type nobody knows is neither applied nor missed', async (t) => {
  const cluster = await start(t, {
    'web/a.json': configMap('a', '1'),
    'web/odd.json': configMap('odd', '1', { hook: 'Garbage' }),
  })

  await cluster.sync('web', SYNC)
  await cluster.operationEnd('web')
  const { status } = await cluster.untilSynced('web')

  assert.equal(await cluster.get('v1/ConfigMap', 'odd', 'web'), undefined)
  assert.equal(status?.operationState?.phase, 'Succeeded')
})

test('[TestSync_Replace] a Namespace is updated where another kind would be replaced', async (t) => {
  const options = { annotations: { 'argocd.argoproj.io/sync-options': 'Replace=true' } }
  const made = (team: string): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web', labels: { team }, ...options } })
  const cluster = await start(t, { 'web/namespace.json': made('a') })
  await cluster.sync('web')
  await cluster.operationEnd('web')
  const before = await cluster.get('v1/Namespace', 'web')

  const revision = cluster.repository.commit({ 'web/namespace.json': made('b') })
  await cluster.sync('web')
  const state = await cluster.operationEnd('web')
  const after = await cluster.get('v1/Namespace', 'web')

  assert.equal(state.syncResult?.revision, revision)
  assert.equal(state.syncResult?.resources?.[0]?.message, 'Namespace/web updated')
  assert.equal(after?.metadata.uid, before?.metadata.uid)
  assert.equal(after?.metadata.labels?.['team'], 'b')
})

test('Validate=false sends what the API server would refuse for a field it does not know', async (t) => {
  const misspelt = (options: JsonObject): string =>
    marked(JSON.stringify({ ...JSON.parse(configMap('a', '1')), daata: {} }), { annotations: options })
  const cluster = await start(t, { 'web/a.json': misspelt({}) })

  await cluster.sync('web', SYNC)
  const refused = await cluster.operationEnd('web')
  cluster.repository.commit({ 'web/a.json': misspelt({ 'argocd.argoproj.io/sync-options': 'Validate=false' }) })
  await cluster.sync('web', SYNC)
  const sent = await cluster.operationEnd('web')

  assert.equal(refused.phase, 'Failed')
  assert.match(JSON.stringify(refused.syncResult?.resources), /unknown field \\"daata\\"/)
  assert.equal(sent.phase, 'Succeeded')
})

test('[TestPerformCSAUpgradeMigration_CustomManager] a field set by client-side apply goes when server-side apply wants it no more', async (t) => {
  const files = (data: JsonObject): Record<string, string> => ({
    'web/a.json': JSON.stringify({ ...JSON.parse(configMap('a', '1')), data }),
  })
  const cluster = await startDeliveryCluster(t, { files: files({ one: '1', two: '2' }) })
  const annotations = { 'argocd.argoproj.io/client-side-apply-migration-manager': 'argocd-controller' }
  await cluster.createApplication('web', BY_HAND, { annotations })
  await cluster.sync('web', SYNC)
  await cluster.operationEnd('web')

  cluster.repository.commit(files({ one: '1' }))
  await cluster.sync('web', { syncOptions: ['ServerSideApply=true'] })
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
  assert.deepEqual((await cluster.get('v1/ConfigMap', 'a', 'web'))?.['data'], { one: '1' })
})

test('[TestSyncContext_ServerSideApplyWithDryRun] a dry run asks for nothing of a namespace that is not there yet', async (t) => {
  const cluster = await start(t, { 'web/a.json': configMap('a', '1') })

  await cluster.sync('web', { syncOptions: ['CreateNamespace=true', 'ServerSideApply=true'], dryRun: true })
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
  assert.equal(await cluster.get('v1/Namespace', 'web'), undefined)
})

test('[TestSyncNamespaceCreatedBeforeDryRun] the namespace is there though the dry run of the rest fails', async (t) => {
  const unnamed = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'one-' } })
  const cluster = await start(t, { 'web/a.json': configMap('a', '1'), 'web/unnamed.json': unnamed })

  await cluster.sync('web', SYNC)
  const state = await cluster.operationEnd('web')

  assert.deepEqual([state.phase, state.message], ['Failed', 'one or more objects failed to apply (dry run)'])
  assert.notEqual(await cluster.get('v1/Namespace', 'web'), undefined)
  assert.equal(await cluster.get('v1/ConfigMap', 'a', 'web'), undefined)
})

test('a sync to another revision applies that one and leaves the application to differ from its own', async (t) => {
  const cluster = await start(t, { 'web/a.json': configMap('a', '1') })
  await cluster.sync('web', SYNC)
  const first = await cluster.operationEnd('web')
  const old = first.syncResult?.revision
  assert.equal(typeof old, 'string')
  cluster.repository.commit({ 'web/a.json': configMap('a', '2') })
  await cluster.sync('web', SYNC)
  await cluster.operationEnd('web')

  await cluster.sync('web', { ...SYNC, revision: old ?? '' })
  const state = await cluster.operationEnd('web')
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')

  assert.equal(state.syncResult?.revision, old)
  assert.deepEqual((await cluster.get('v1/ConfigMap', 'a', 'web'))?.['data'], { value: '1' })
})
