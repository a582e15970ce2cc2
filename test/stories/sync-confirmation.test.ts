// Stories of removing things: what waits for a person, what goes last, what stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../src/kube/object.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, job } from '../support/manifests.ts'

const APPLICATION = 'argoproj.io/v1alpha1/Application'
const SYNC_OPTIONS = ['CreateNamespace=true']
const CASCADE = { finalizers: ['resources-finalizer.argocd.argoproj.io'] }

function annotated(name: string, annotations: JsonObject): string {
  return JSON.stringify({ ...JSON.parse(configMap(name, 'a')), metadata: { name, annotations } })
}

function optioned(name: string, option: string): string {
  return annotated(name, { 'argocd.argoproj.io/sync-options': option })
}

async function approve(cluster: DeliveryCluster): Promise<void> {
  const approved = new Date(Date.now() + 5000).toISOString().replace(/\.\d+/, '')
  const patch = { metadata: { annotations: { 'argocd.argoproj.io/deletion-approved': approved } } }
  await cluster.patch(APPLICATION, 'web', patch, { namespace: CONTROL_NAMESPACE })
}

async function syncedOnce(cluster: DeliveryCluster, metadata: JsonObject = {}): Promise<void> {
  await cluster.createApplication('web', { syncPolicy: { syncOptions: SYNC_OPTIONS } }, metadata)
  await cluster.sync('web', { syncOptions: SYNC_OPTIONS })
  assert.equal((await cluster.operationEnd('web')).phase, 'Succeeded')
}

test('[TestPruneConfirmResourceLevel] Prune=confirm waits for a person, and names what it waits for', async (t) => {
  const files = { 'web/a.json': configMap('a', '1'), 'web/old.json': optioned('old', 'Prune=confirm') }
  const cluster = await startDeliveryCluster(t, { files })
  await syncedOnce(cluster)

  cluster.repository.commit({ 'web/old.json': undefined, 'web/a.json': configMap('a', '2') })
  await cluster.sync('web', { syncOptions: SYNC_OPTIONS })
  const waiting = await cluster.until('web', ({ status }) => /confirmation/.test(status?.operationState?.message ?? ''))
  const kept = await cluster.get('v1/ConfigMap', 'old', 'web')
  await approve(cluster)
  const { phase } = await cluster.operationEnd('web')

  assert.equal(waiting.status?.operationState?.message, 'waiting for pruning confirmation of /ConfigMap/old')
  assert.equal(kept?.metadata.deletionTimestamp, undefined)
  assert.equal(phase, 'Succeeded')
  await cluster.untilGone('v1/ConfigMap', 'old', 'web')
})

test('Delete=confirm keeps objects until the deletion of the application is approved', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/a.json': optioned('a', 'Delete=confirm') } })
  await syncedOnce(cluster, CASCADE)

  await cluster.delete(APPLICATION, 'web', CONTROL_NAMESPACE)
  await cluster.engine.idle()
  const kept = await cluster.get('v1/ConfigMap', 'a', 'web')
  assert.deepEqual([kept?.metadata.name, kept?.metadata.deletionTimestamp], ['a', undefined])
  await approve(cluster)

  await cluster.untilGone(APPLICATION, 'web', CONTROL_NAMESPACE)
  assert.equal(await cluster.get('v1/ConfigMap', 'a', 'web'), undefined)
})

test('PruneLast=true removes only after everything was applied', async (t) => {
  const old = annotated('old', { 'argocd.argoproj.io/sync-options': 'PruneLast=true' })
  const cluster = await startDeliveryCluster(t, { files: { 'web/old.json': old } })
  await syncedOnce(cluster)

  cluster.repository.commit({ 'web/old.json': undefined, 'web/new.json': configMap('new', 'a', { wave: '3' }) })
  await cluster.sync('web', { syncOptions: SYNC_OPTIONS })
  const { syncResult } = await cluster.operationEnd('web')

  assert.deepEqual(
    syncResult?.resources?.map(({ name, status }) => [name, status]),
    [
      ['new', 'Synced'],
      ['old', 'Pruned'],
    ],
  )
})

test('an object that only carries a copy of the mark survives the application', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/a.json': configMap('a', '1') } })
  await syncedOnce(cluster, CASCADE)
  const original = await cluster.get('v1/ConfigMap', 'a', 'web')
  const annotations = original?.metadata.annotations ?? {}
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'copy', namespace: 'web', annotations },
    data: { mine: 'x' },
  })
  await cluster.until('web', ({ status }) => (status?.resources ?? []).some(({ name }) => name === 'copy'))
  await cluster.delete(APPLICATION, 'web', CONTROL_NAMESPACE)
  await cluster.untilGone(APPLICATION, 'web', CONTROL_NAMESPACE)

  assert.equal(await cluster.get('v1/ConfigMap', 'a', 'web'), undefined)
  const copy = await cluster.get('v1/ConfigMap', 'copy', 'web')
  assert.deepEqual([copy?.metadata.name, copy?.metadata.deletionTimestamp], ['copy', undefined])
})

test('what the project forbids is not deleted with the application', async (t) => {
  const files = { 'web/a.json': configMap('a', '1'), 'web/job.json': job('work') }
  const cluster = await startDeliveryCluster(t, { files })
  await syncedOnce(cluster, CASCADE)
  const namespaceResourceBlacklist = [{ group: 'batch', kind: 'Job' }]
  await cluster.patch(
    'argoproj.io/v1alpha1/AppProject',
    'default',
    { spec: { namespaceResourceBlacklist } },
    { namespace: CONTROL_NAMESPACE },
  )

  await cluster.delete(APPLICATION, 'web', CONTROL_NAMESPACE)
  await cluster.untilGone(APPLICATION, 'web', CONTROL_NAMESPACE)

  assert.equal(await cluster.get('v1/ConfigMap', 'a', 'web'), undefined)
  const kept = await cluster.get('batch/v1/Job', 'work', 'web')
  assert.deepEqual([kept?.metadata.name, kept?.metadata.deletionTimestamp], ['work', undefined])
})
