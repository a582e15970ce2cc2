// Stories of delivery: from a commit to the cluster, and back to what Git says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTROL_NAMESPACE, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, deployment, service } from '../support/manifests.ts'

const AUTOMATED = { syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] } }
const BY_HAND = { syncPolicy: { syncOptions: ['CreateNamespace=true'] } }

test('[002-04] [001-15] [002-08] an automated application reaches the cluster and follows each commit', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })

  await cluster.createApplication('web', AUTOMATED)
  const synced = await cluster.untilSynced('web')
  const revision = cluster.repository.commit({ 'web/one.json': configMap('one', 'b') })
  const startMs = Date.now()
  await cluster.refresh('web')
  const followed = await cluster.untilSynced('web', revision)

  t.diagnostic(`the commit took ${Date.now() - startMs} ms`)
  const live = await cluster.get('v1/ConfigMap', 'one', 'web')
  assert.deepEqual(live?.['data'], { value: 'b' })
  assert.equal(synced.status?.health?.status, 'Healthy')
  assert.equal(followed.metadata.annotations?.['argocd.argoproj.io/refresh'], undefined)
  assert.deepEqual(
    followed.status?.history?.map(({ id, revision: synced }) => [id, synced]),
    [
      [0, synced.status?.sync?.revision],
      [1, revision],
    ],
  )
})

test('[002-04] the status is filled as upstream fills it', async (t) => {
  const files = { 'web/service.json': service('web'), 'web/app.json': deployment('web', 'nginx:1.29') }
  const cluster = await startDeliveryCluster(t, { files })

  await cluster.createApplication('web', AUTOMATED)
  const { status = {} } = await cluster.until('web', ({ status: seen }) => (seen?.summary?.images ?? []).length > 0)

  const { sourceType, controllerNamespace, reconciledAt = '', summary, resources = [], sync } = status
  assert.deepEqual([sourceType, controllerNamespace], ['Directory', CONTROL_NAMESPACE])
  assert.match(reconciledAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.deepEqual(summary, { images: ['nginx:1.29'] })
  assert.deepEqual(
    resources.map(({ group, kind, name, namespace, version }) => [group, version, kind, namespace, name]),
    [
      [undefined, 'v1', 'Service', 'web', 'web'],
      ['apps', 'v1', 'Deployment', 'web', 'web'],
    ],
  )
  assert.equal(sync?.comparedTo?.destination?.namespace, 'web')
})

test('[002-11] [002-12] what the cluster fills in by itself is no difference', async (t) => {
  const files = { 'web/service.json': service('web'), 'web/app.json': deployment('web', 'nginx:1.29') }
  const cluster = await startDeliveryCluster(t, { files })

  await cluster.createApplication('web', AUTOMATED)
  const ended = await cluster.operationEnd('web')
  const { status } = await cluster.untilSynced('web')

  assert.equal(ended.phase, 'Succeeded')
  assert.deepEqual(
    status?.resources?.map(({ status: synced }) => synced),
    ['Synced', 'Synced'],
  )
})

test('[002-11] without automation a difference is shown and nothing happens', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })

  await cluster.createApplication('web', BY_HAND)
  const { status } = await cluster.until('web', (application) => application.status?.sync?.status === 'OutOfSync')

  assert.equal(status?.health?.status, 'Missing')
  assert.equal(status?.operationState, undefined)
  assert.equal(await cluster.get('v1/Namespace', 'web'), undefined)
})

test('[001-12] a sync by hand brings live to desired', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', BY_HAND)
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')

  await cluster.sync('web', { syncOptions: ['CreateNamespace=true'] })
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
  assert.equal(state.operation.initiatedBy?.username, 'admin')
  assert.deepEqual(
    state.syncResult?.resources?.map(({ kind, status, message }) => [kind, status, message]),
    [
      ['Namespace', 'Synced', 'namespace/web created'],
      ['ConfigMap', 'Synced', 'configmap/one created'],
    ],
  )
})

test('[001-24] [002-07] an edit by hand is undone', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')
  const startMs = Date.now()

  await cluster.patch('v1/ConfigMap', 'one', { data: { value: 'edited', more: 'x' } }, { namespace: 'web' })
  await cluster.eventually(async () => {
    const live = await cluster.get('v1/ConfigMap', 'one', 'web')
    return (live?.['data'] as Record<string, string> | undefined)?.['value'] === 'a' ? live : undefined
  })

  t.diagnostic(`the edit stayed for ${Date.now() - startMs} ms`)
  const { status } = await cluster.untilSynced('web')
  assert.equal(status?.operationState?.operation.sync?.autoHealAttemptsCount, 1)
})

test('[002-13] fights with another controller are slowed down and can be avoided', async (t) => {
  const rules = { ignoreDifferences: [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }] }
  const cluster = await startDeliveryCluster(t, { files: { 'web/app.json': deployment('web', 'nginx:1.29') } })
  const syncPolicy = {
    automated: { selfHeal: true },
    syncOptions: ['CreateNamespace=true', 'RespectIgnoreDifferences=true'],
  }
  await cluster.createApplication('web', { ...rules, syncPolicy })
  await cluster.untilSynced('web')

  await cluster.patch('apps/v1/Deployment', 'web', { spec: { replicas: 3 } }, { namespace: 'web' })
  const revision = cluster.repository.commit({ 'web/app.json': deployment('web', 'nginx:1.30') })
  await cluster.refresh('web')
  const { status } = await cluster.untilSynced('web', revision)

  const live = await cluster.get('apps/v1/Deployment', 'web', 'web')
  assert.equal((live?.['spec'] as { replicas?: number } | undefined)?.replicas, 3)
  assert.equal(status?.operationState?.operation.sync?.autoHealAttemptsCount, undefined)
})

test('[001-23] [002-07] a file deleted in Git removes the object when prune is on', async (t) => {
  const files = { 'web/one.json': configMap('one', 'a'), 'web/two.json': configMap('two', 'a') }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  const revision = cluster.repository.commit({ 'web/two.json': undefined })
  await cluster.refresh('web')
  const { status } = await cluster.untilSynced('web', revision)

  assert.equal(await cluster.get('v1/ConfigMap', 'two', 'web'), undefined)
  const pruned = status?.operationState?.syncResult?.resources?.find(({ name }) => name === 'two')
  assert.deepEqual([pruned?.status, pruned?.message], ['Pruned', 'pruned'])
})

test('[001-23] without prune the object stays and is reported', async (t) => {
  const files = { 'web/one.json': configMap('one', 'a'), 'web/two.json': configMap('two', 'a') }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', { syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] } })
  await cluster.untilSynced('web')

  cluster.repository.commit({ 'web/two.json': undefined })
  await cluster.refresh('web')
  const { status } = await cluster.until('web', (application) => application.status?.sync?.status === 'OutOfSync')

  assert.equal(status?.resources?.find(({ name }) => name === 'two')?.requiresPruning, true)
  assert.notEqual(await cluster.get('v1/ConfigMap', 'two', 'web'), undefined)
})

test('an automated sync never wipes out everything', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  cluster.repository.commit({ 'web/one.json': undefined, 'web/readme.txt': 'empty' })
  await cluster.refresh('web')
  const { status } = await cluster.until('web', (application) => application.status?.sync?.status === 'OutOfSync')

  const text = status?.conditions?.find(({ type }) => type === 'SyncError')?.message ?? ''
  assert.match(text, /^Skipping sync attempt to \[[0-9a-f]+\]: auto-sync will wipe out all resources$/)
  assert.notEqual(await cluster.get('v1/ConfigMap', 'one', 'web'), undefined)
})

test('[001-14] what Git does not know is no difference', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine', namespace: 'web' } })
  await cluster.refresh('web')
  const { status } = await cluster.untilSynced('web')

  assert.equal(status?.resources?.length, 1)
  assert.notEqual(await cluster.get('v1/ConfigMap', 'mine', 'web'), undefined)
})

test('[002-06] a destination that is no URL is named, and prune without a value is false', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })

  await cluster.createApplication('web', {
    destination: { server: 'https:.//kubernetes.default.svc', namespace: 'web' },
    syncPolicy: { automated: { prune: null, selfHeal: true } },
  })
  const { status } = await cluster.until('web', (application) => (application.status?.conditions ?? []).length > 0)

  const [condition] = status?.conditions ?? []
  assert.equal(condition?.type, 'InvalidSpecError')
  assert.match(condition?.message ?? '', /https:\.\/\/kubernetes\.default\.svc/)
  assert.equal(status?.sync?.status, 'Unknown')
  assert.equal(status?.health?.status, 'Unknown')
})

test('a project that does not exist and a source that cannot be read are told in conditions', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })

  await cluster.createApplication('web', { project: 'absent' })
  const first = await cluster.until('web', ({ status }) => (status?.conditions ?? []).length > 0)
  await cluster.createApplication('far', {
    source: { repoURL: cluster.repository.url, path: 'far', targetRevision: 'v9' },
  })
  const second = await cluster.until('far', ({ status }) => (status?.conditions ?? []).length > 0)

  assert.deepEqual(
    first.status?.conditions?.map(({ message }) => message),
    ['Application referencing project absent which does not exist'],
  )
  assert.deepEqual(
    second.status?.conditions?.map(({ type }) => type),
    ['ComparisonError'],
  )
})

test('a source that cannot be read is not asked again for every event', async (t) => {
  const cluster = await startDeliveryCluster(t)
  const source = { repoURL: cluster.repository.url, path: 'far', targetRevision: 'v9' }
  await cluster.createApplication('far', { source })
  await cluster.until('far', ({ status }) => (status?.conditions ?? []).length > 0)
  await cluster.engine.idle()
  const asked = cluster.repository.opened.length

  for (const team of ['a', 'b', 'c', 'd', 'e']) {
    const patch = { metadata: { labels: { team } } }
    await cluster.patch('argoproj.io/v1alpha1/Application', 'far', patch, { namespace: CONTROL_NAMESPACE })
    await cluster.eventually(async () => {
      const seen = cluster.engine.application({ namespace: CONTROL_NAMESPACE, name: 'far' })
      return seen?.metadata.labels?.['team'] === team ? seen : undefined
    })
    await cluster.engine.idle()
  }

  // News of the cluster itself, which may be what was missing, asks once more.
  assert.ok(cluster.repository.opened.length <= asked + 1)
})

test('two applications that claim one object are warned, others go on', async (t) => {
  const files = {
    'web/one.json': configMap('one', 'a', { namespace: 'shared' }),
    'api/one.json': configMap('one', 'a', { namespace: 'shared' }),
  }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shared' } })
  await cluster.createApplication('web', { syncPolicy: { automated: {} } })
  await cluster.untilSynced('web')

  await cluster.createApplication('api')
  const { status } = await cluster.until('api', (application) => (application.status?.conditions ?? []).length > 0)

  assert.deepEqual(
    status?.conditions?.map(({ type, message }) => [type, message]),
    [['SharedResourceWarning', 'ConfigMap/one is part of applications argocd/api and web']],
  )
  assert.equal((await cluster.application('web')).status?.conditions?.length, 0)
})

test('an object that appears twice is warned of, and the last one counts', async (t) => {
  const files = { 'web/a.json': configMap('one', 'a'), 'web/b.json': configMap('one', 'b') }
  const cluster = await startDeliveryCluster(t, { files })

  await cluster.createApplication('web', AUTOMATED)
  const { status } = await cluster.untilSynced('web')

  assert.deepEqual(
    status?.conditions?.map(({ type, message }) => [type, message]),
    [['RepeatedResourceWarning', 'Resource /ConfigMap/web/one appeared 2 times among application resources.']],
  )
  assert.deepEqual((await cluster.get('v1/ConfigMap', 'one', 'web'))?.['data'], { value: 'b' })
})

test('a kind the cluster does not serve is named in a condition and fails the sync alone', async (t) => {
  const strange = JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } })
  const cluster = await startDeliveryCluster(t, { files: { 'web/w.json': strange } })

  await cluster.createApplication('web', BY_HAND)
  const { status } = await cluster.until('web', (application) => (application.status?.conditions ?? []).length > 0)
  await cluster.sync('web')
  const state = await cluster.operationEnd('web')

  assert.equal(status?.conditions?.[0]?.type, 'ComparisonError')
  assert.match(status?.conditions?.[0]?.message ?? '', /could not find example\.com\/Widget/)
  assert.equal(state.phase, 'Failed')
  assert.match(
    state.message ?? '',
    /^one or more synchronization tasks are not valid: The Kubernetes API could not find/,
  )
})

test('a rollback applies an older revision', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', BY_HAND)
  await cluster.sync('web', { syncOptions: ['CreateNamespace=true'] })
  await cluster.operationEnd('web')
  cluster.repository.commit({ 'web/one.json': configMap('one', 'b') })
  await cluster.sync('web')
  await cluster.operationEnd('web')
  const [first] = (await cluster.application('web')).status?.history ?? []

  await cluster.sync('web', { revision: first?.revision ?? '' })
  const state = await cluster.operationEnd('web')
  const { status } = await cluster.application('web')

  assert.equal(state.syncResult?.revision, first?.revision)
  assert.deepEqual((await cluster.get('v1/ConfigMap', 'one', 'web'))?.['data'], { value: 'a' })
  assert.deepEqual(
    status?.history?.map(({ id }) => id),
    [0, 1, 2],
  )
})

test('after syncs in one second the comparison is no older than the end of the last', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', BY_HAND)
  for (const options of [{ syncOptions: ['CreateNamespace=true'] }, {}, {}]) {
    await cluster.sync('web', options)
    await cluster.operationEnd('web')
  }

  const finishedAt = (await cluster.operationEnd('web')).finishedAt ?? ''
  // Clients wait for just that.
  await cluster.until('web', ({ status }) => (status?.reconciledAt ?? '') >= finishedAt && finishedAt !== '')
})

test('a failed sync is tried again as its retry says, and reports the count', async (t) => {
  const bad = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'Not_A_Name' } })
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': bad } })
  const retry = { limit: 2, backoff: { duration: '10ms', factor: 1 } }

  await cluster.createApplication('web', {
    syncPolicy: { automated: {}, retry, syncOptions: ['CreateNamespace=true'] },
  })
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Failed')
  assert.equal(state.retryCount, 2)
  assert.match(state.message ?? '', /\(retried 2 times\)\.$/)
})

for (const finalizer of [
  'resources-finalizer.argocd.argoproj.io',
  'resources-finalizer.argocd.argoproj.io/background',
]) {
  test(`deleting an application with ${finalizer} takes its objects along, in reverse waves`, async (t) => {
    const files = {
      'web/one.json': configMap('one', 'a', { wave: '-1' }),
      'web/two.json': configMap('two', 'a', { wave: '1' }),
    }
    const cluster = await startDeliveryCluster(t, { files })
    await cluster.createApplication('web', AUTOMATED, { finalizers: [finalizer] })
    await cluster.untilSynced('web')
    const removed: string[] = []
    t.after(
      cluster.engine.clusters.onChange((_server, change) => {
        if (change?.next === undefined && change?.old?.kind === 'ConfigMap') removed.push(change.old.key.name)
      }),
    )

    await cluster.delete('argoproj.io/v1alpha1/Application', 'web', CONTROL_NAMESPACE)
    await cluster.untilGone('argoproj.io/v1alpha1/Application', 'web', CONTROL_NAMESPACE)

    assert.deepEqual(removed, ['two', 'one'])
  })
}

test('deleting an application without a finalizer leaves its objects', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  await cluster.delete('argoproj.io/v1alpha1/Application', 'web', CONTROL_NAMESPACE)
  await cluster.untilGone('argoproj.io/v1alpha1/Application', 'web', CONTROL_NAMESPACE)
  await cluster.engine.idle()

  assert.notEqual(await cluster.get('v1/ConfigMap', 'one', 'web'), undefined)
})
