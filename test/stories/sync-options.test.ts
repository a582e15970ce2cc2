// Stories of what an application can ask of its sync, and of the views the API server has of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createViews } from '../../src/controllers/applications/views.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { CONTROL_NAMESPACE, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, deployment, service } from '../support/manifests.ts'

function automated(...syncOptions: readonly string[]): JsonObject {
  return {
    syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true', ...syncOptions] },
  }
}

const WIDGETS = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
})
const WIDGET = JSON.stringify({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w' },
  spec: { size: 1 },
})

test('a CRD and an object of its kind arrive in one sync, and the object is watched from then on', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/a.json': WIDGET, 'web/b.json': WIDGETS } })

  await cluster.createApplication('web', automated())
  const { status } = await cluster.untilSynced('web')
  await cluster.patch('example.com/v1/Widget', 'w', { spec: { size: 9 } }, { namespace: 'web' })
  const healed = await cluster.eventually(async () => {
    const live = await cluster.get('example.com/v1/Widget', 'w', 'web')
    return (live?.['spec'] as JsonObject | undefined)?.['size'] === 1 ? live : undefined
  })

  assert.equal(status?.operationState?.phase, 'Succeeded')
  assert.deepEqual(status?.conditions, [])
  assert.equal(healed.metadata.name, 'w')
})

test('[TestSync_ServerSideApply] ServerSideApply=true applies with our field manager and finds no difference afterwards', async (t) => {
  const files = { 'web/app.json': deployment('web', 'nginx:1.29'), 'web/service.json': service('web') }
  const cluster = await startDeliveryCluster(t, { files })

  await cluster.createApplication('web', automated('ServerSideApply=true'))
  await cluster.untilSynced('web')
  const live = await cluster.get('apps/v1/Deployment', 'web', 'web')

  const applier = live?.metadata.managedFields?.find(({ operation }) => operation === 'Apply')
  assert.equal(applier?.['manager'], 'argocd-controller')
  assert.equal(live?.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'], undefined)
})

test('client-side apply leaves the annotation kubectl reads and keeps what others have set', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/app.json': deployment('web', 'nginx:1.29') } })
  await cluster.createApplication('web', automated())
  await cluster.untilSynced('web')

  await cluster.patch('apps/v1/Deployment', 'web', { metadata: { labels: { team: 'a' } } }, { namespace: 'web' })
  const revision = cluster.repository.commit({ 'web/app.json': deployment('web', 'nginx:1.30') })
  await cluster.refresh('web')
  await cluster.untilSynced('web', revision)

  const live = await cluster.get('apps/v1/Deployment', 'web', 'web')
  const applied: JsonObject = JSON.parse(
    live?.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '{}',
  )
  assert.equal(applied['kind'], 'Deployment')
  assert.equal(live?.metadata.labels?.['team'], 'a')
})

test('[TestSync_Force] [TestSyncOptionReplace] Replace=true replaces, and Force=true makes anew what cannot be changed', async (t) => {
  const marked = (selector: string, options: string): string => {
    const object: JsonObject = JSON.parse(deployment(selector, 'nginx:1.29'))
    const metadata = { name: 'web', annotations: { 'argocd.argoproj.io/sync-options': options } }
    return JSON.stringify({ ...object, metadata })
  }
  const cluster = await startDeliveryCluster(t, { files: { 'web/app.json': marked('one', 'Force=true') } })
  await cluster.createApplication('web', automated())
  await cluster.untilSynced('web')
  const first = await cluster.get('apps/v1/Deployment', 'web', 'web')

  const forced = cluster.repository.commit({ 'web/app.json': marked('two', 'Force=true') })
  await cluster.refresh('web')
  await cluster.untilSynced('web', forced)
  const second = await cluster.get('apps/v1/Deployment', 'web', 'web')
  const replaced = cluster.repository.commit({ 'web/app.json': marked('two', 'Replace=true') })
  await cluster.refresh('web')
  const { status } = await cluster.untilSynced('web', replaced)

  assert.notEqual(first?.metadata.uid, second?.metadata.uid)
  assert.equal(status?.operationState?.syncResult?.resources?.[0]?.message, 'deployment.apps/web replaced')
})

test('[TestDoNotPruneResourceLevelPruneFalse] Prune=false keeps an object that Git no longer has', async (t) => {
  const kept = JSON.parse(configMap('kept', 'a'))
  const annotations = { 'argocd.argoproj.io/sync-options': 'Prune=false' }
  const text = JSON.stringify({ ...kept, metadata: { name: 'kept', annotations } })
  const cluster = await startDeliveryCluster(t, {
    files: { 'web/one.json': configMap('one', 'a'), 'web/kept.json': text },
  })
  await cluster.createApplication('web', { syncPolicy: { syncOptions: ['CreateNamespace=true'] } })
  await cluster.sync('web', { syncOptions: ['CreateNamespace=true'] })
  await cluster.operationEnd('web')

  cluster.repository.commit({ 'web/kept.json': undefined })
  await cluster.sync('web')
  const state = await cluster.operationEnd('web')

  const result = state.syncResult?.resources?.find(({ name }) => name === 'kept')
  assert.deepEqual([result?.status, result?.message], ['PruneSkipped', 'ignored (no prune)'])
  assert.notEqual(await cluster.get('v1/ConfigMap', 'kept', 'web'), undefined)
})

test('a dry run reports what it would do and does nothing', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
  await cluster.createApplication('web')

  await cluster.sync('web', { dryRun: true })
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
  assert.equal(state.syncResult?.resources?.[0]?.message, 'configmap/one created (dry run)')
  assert.equal(await cluster.get('v1/ConfigMap', 'one', 'web'), undefined)
  assert.deepEqual((await cluster.application('web')).status?.history ?? [], [])
})

test('a selective sync touches only what it names and leaves no history', async (t) => {
  const cluster = await startDeliveryCluster(t, {
    files: { 'web/a.json': configMap('a', '1'), 'web/b.json': configMap('b', '1') },
  })
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
  await cluster.createApplication('web')

  await cluster.sync('web', { resources: [{ group: '', kind: 'ConfigMap', name: 'a' }] })
  await cluster.operationEnd('web')

  assert.notEqual(await cluster.get('v1/ConfigMap', 'a', 'web'), undefined)
  assert.equal(await cluster.get('v1/ConfigMap', 'b', 'web'), undefined)
  assert.deepEqual((await cluster.application('web')).status?.history ?? [], [])
})

test('[002-11] the views show the tree, and each object wanted and live with secrets masked', async (t) => {
  const secret = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    stringData: { password: 'hunter2' },
  })
  const cluster = await startDeliveryCluster(t, {
    files: { 'web/app.json': deployment('web', 'nginx:1.29'), 'web/s.json': secret },
  })
  await cluster.createApplication('web', automated())
  await cluster.untilSynced('web')
  const owner = await cluster.get('apps/v1/Deployment', 'web', 'web')
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: owner?.metadata.uid ?? '' }]
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'child', namespace: 'web', ownerReferences },
  })
  const views = createViews(cluster.engine)
  const application = { namespace: CONTROL_NAMESPACE, name: 'web' }

  const nodes = await cluster.eventually(async () => {
    const tree = await views.resourceTree(application)
    return tree.nodes?.some(({ name }) => name === 'child') === true ? tree.nodes : undefined
  })
  const resources = await views.managedResources(application)

  const shown = nodes.map(
    ({ kind = '', name = '', parentRefs = [] }) => `${kind} ${name} ${parentRefs[0]?.name ?? '-'}`,
  )
  assert.deepEqual(new Set(shown), new Set(['ConfigMap child web', 'Deployment web -', 'Secret s -']))
  assert.deepEqual(new Set(resources.map(({ kind }) => kind)), new Set(['Deployment', 'Secret']))
  assert.ok(!JSON.stringify(resources).includes(Buffer.from('hunter2').toString('base64')))
  assert.ok(!JSON.stringify(resources).includes('hunter2'))
})

test('a cluster that cannot be reached is told in a condition, and other applications go on', async (t) => {
  const cluster = await startDeliveryCluster(t, {
    files: { 'web/one.json': configMap('one', 'a'), 'far/one.json': configMap('one', 'a') },
  })
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'far', namespace: CONTROL_NAMESPACE, labels: { 'argocd.argoproj.io/secret-type': 'cluster' } },
    data: { name: encode('far'), server: encode('https://127.0.0.1:1'), config: encode('{}') },
  })

  await cluster.createApplication('far', { destination: { name: 'far', namespace: 'far' } })
  await cluster.createApplication('web', automated())
  await cluster.untilSynced('web')
  const { status } = await cluster.until(
    'far',
    (application) => application.status?.conditions?.[0]?.type === 'ComparisonError',
  )

  assert.equal(status?.sync?.status, 'Unknown')
})

test('[002-04] forty applications are delivered without waiting for each other', async (t) => {
  const names = Array.from({ length: 40 }, (_, index) => `app-${index}`)
  const files = Object.fromEntries(names.map((name) => [`${name}/one.json`, configMap('one', name)]))
  const cluster = await startDeliveryCluster(t, { files })

  for (const name of names) await cluster.createApplication(name, automated())
  for (const name of names) await cluster.untilSynced(name)

  assert.notEqual(await cluster.get('v1/ConfigMap', 'one', 'app-39'), undefined)
})
