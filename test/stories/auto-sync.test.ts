// Stories of syncs that start by themselves: what holds them back, and what sets them off.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../src/kube/object.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, deployment } from '../support/manifests.ts'

const APPLICATION = 'argoproj.io/v1alpha1/Application'
const CREATE_NAMESPACE = ['CreateNamespace=true']
const AUTOMATED = { automated: { prune: true, selfHeal: true }, syncOptions: CREATE_NAMESPACE }

function change(cluster: DeliveryCluster, patch: JsonObject): Promise<void> {
  return cluster.patch(APPLICATION, 'web', patch, { namespace: CONTROL_NAMESPACE })
}

async function replicasOf(cluster: DeliveryCluster): Promise<unknown> {
  const live = await cluster.get('apps/v1/Deployment', 'web', 'web')
  return (live?.['spec'] as JsonObject | undefined)?.['replicas']
}

test('switching automation on starts a sync without being asked', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', { syncPolicy: { syncOptions: CREATE_NAMESPACE } })
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  await cluster.engine.idle()

  await change(cluster, { spec: { syncPolicy: { automated: {} } } })

  await cluster.untilSynced('web')
})

test('a deny window holds automated syncs back and lets a person sync where it says so', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  const window = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'], manualSync: true }
  await cluster.patch(
    'argoproj.io/v1alpha1/AppProject',
    'default',
    { spec: { syncWindows: [window] } },
    { namespace: CONTROL_NAMESPACE },
  )
  await cluster.createApplication('web', { syncPolicy: AUTOMATED })
  const { operation, status } = await cluster.until('web', (found) => found.status?.sync?.status === 'OutOfSync')

  assert.equal(operation, undefined)
  assert.equal(status?.operationState, undefined)
  await cluster.sync('web', { syncOptions: CREATE_NAMESPACE })
  assert.equal((await cluster.operationEnd('web')).phase, 'Succeeded')
})

test('a window without manualSync holds a person back, too, until it is gone', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  const window = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] }
  const project = 'argoproj.io/v1alpha1/AppProject'
  await cluster.patch(project, 'default', { spec: { syncWindows: [window] } }, { namespace: CONTROL_NAMESPACE })
  await cluster.createApplication('web', {})
  await cluster.until('web', (found) => found.status?.sync?.status === 'OutOfSync')
  await cluster.sync('web', { syncOptions: CREATE_NAMESPACE })
  const held = await cluster.until('web', ({ status }) => status?.operationState?.message !== undefined)

  await cluster.patch(project, 'default', { spec: { syncWindows: null } }, { namespace: CONTROL_NAMESPACE })
  const { phase } = await cluster.operationEnd('web')

  assert.equal(held.status?.operationState?.message, 'Sync operation blocked by sync window')
  assert.equal(phase, 'Succeeded')
})

test('a retry that refreshes takes the newer commit', async (t) => {
  const broken = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { value: 7 } })
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': broken } })
  const retry = { limit: 20, refresh: true, backoff: { duration: '1s', factor: 1 } }
  await cluster.createApplication('web', { syncPolicy: { ...AUTOMATED, retry } })
  await cluster.until('web', ({ status }) => (status?.operationState?.retryCount ?? 0) > 0)

  const revision = cluster.repository.commit({ 'web/one.json': configMap('one', 'good') })

  const { status } = await cluster.untilSynced('web', revision)
  assert.equal(status?.operationState?.phase, 'Succeeded')
  assert.ok((status?.operationState?.retryCount ?? 0) > 0)
})

test('metadata of the namespace are put on it, and again when they change', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  const managed = (team: string): JsonObject => ({ managedNamespaceMetadata: { labels: { team } } })
  await cluster.createApplication('web', { syncPolicy: { ...AUTOMATED, ...managed('a') } })
  await cluster.untilSynced('web')
  const before = await cluster.get('v1/Namespace', 'web')

  await change(cluster, { spec: { syncPolicy: managed('b') } })
  const after = await cluster.eventually(async () => {
    const live = await cluster.get('v1/Namespace', 'web')
    return live?.metadata.labels?.['team'] === 'b' ? live : undefined
  })

  assert.equal(before?.metadata.labels?.['team'], 'a')
  assert.equal(after.metadata.annotations?.['argocd.argoproj.io/tracking-id'], undefined)
  await cluster.untilSynced('web')
})

test('[TestSync_ApplyOutOfSyncOnly] ApplyOutOfSyncOnly=true touches what differs, and metadata of the namespace', async (t) => {
  const files = { 'web/one.json': configMap('one', 'a'), 'web/two.json': configMap('two', 'a') }
  const cluster = await startDeliveryCluster(t, { files })
  const syncOptions = [...CREATE_NAMESPACE, 'ApplyOutOfSyncOnly=true']
  const managedNamespaceMetadata = { labels: { team: 'a' } }
  await cluster.createApplication('web', { syncPolicy: { syncOptions, managedNamespaceMetadata } })
  await cluster.sync('web', { syncOptions })
  await cluster.operationEnd('web')
  await cluster.patch('v1/Namespace', 'web', { metadata: { labels: { team: null } } })

  cluster.repository.commit({ 'web/two.json': configMap('two', 'b') })
  await cluster.sync('web', { syncOptions })
  const { syncResult } = await cluster.operationEnd('web')

  assert.deepEqual(
    syncResult?.resources?.map(({ kind, name }) => `${kind}/${name}`),
    ['Namespace/web', 'ConfigMap/two'],
  )
})

test('skip-reconcile leaves an application alone until it is taken away', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  const annotations = { 'argocd.argoproj.io/skip-reconcile': 'True' }
  await cluster.createApplication('web', { syncPolicy: AUTOMATED }, { annotations })
  await cluster.engine.idle()
  await cluster.refresh('web')
  await cluster.engine.idle()

  assert.equal((await cluster.application('web')).status?.sync, undefined)
  await change(cluster, { metadata: { annotations: { 'argocd.argoproj.io/skip-reconcile': null } } })
  await cluster.untilSynced('web')
})

test('[002-12] [002-13] a fight over replicas is slowed down, told with its remedy, and ended by it', async (t) => {
  const wanted: JsonObject = JSON.parse(deployment('web', 'nginx:1.29'))
  const text = JSON.stringify({ ...wanted, spec: { ...(wanted['spec'] as JsonObject), replicas: 1 } })
  const cluster = await startDeliveryCluster(t, { files: { 'web/app.json': text } })
  await cluster.createApplication('web', { syncPolicy: AUTOMATED })
  await cluster.untilSynced('web')
  const fight = async (): Promise<void> => {
    await cluster.patch('apps/v1/Deployment', 'web', { spec: { replicas: 3 } }, { namespace: 'web' })
  }

  await fight()
  await cluster.eventually(async () => ((await replicasOf(cluster)) === 1 ? true : undefined))
  await fight()
  await cluster.eventually(async () => ((await replicasOf(cluster)) === 1 ? true : undefined))
  await fight()
  const warned = await cluster.until('web', ({ status }) =>
    (status?.conditions ?? []).some(({ type }) => type === 'SelfHealLoopWarning'),
  )
  const rule = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }
  const syncOptions = [...CREATE_NAMESPACE, 'RespectIgnoreDifferences=true']
  await change(cluster, { spec: { ignoreDifferences: [rule], syncPolicy: { syncOptions } } })
  const calm = await cluster.untilSynced('web')

  const hint = warned.status?.conditions?.find(({ type }) => type === 'SelfHealLoopWarning')?.message ?? ''
  assert.match(hint, /apps\/Deployment\/web: \/spec\/replicas \(last set by \S+\)/)
  assert.match(hint, /ignoreDifferences[^]*- RespectIgnoreDifferences=true/)
  assert.equal(await replicasOf(cluster), 3)
  assert.deepEqual(calm.status?.conditions, [])
})
