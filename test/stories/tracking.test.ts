// Stories of what belongs to an application and what does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createViews } from '../../src/controllers/applications/views.ts'
import { DEFAULT_TRACKING } from '../../src/live/tracking.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, service } from '../support/manifests.ts'

const APPLICATION = 'argoproj.io/v1alpha1/Application'
const SYNC_OPTIONS = ['CreateNamespace=true']
const AUTOMATED = { syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: SYNC_OPTIONS } }
const CLUSTER_ROLE = JSON.stringify({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'web-reader' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
})

function statuses(application: Awaited<ReturnType<DeliveryCluster['application']>>): unknown {
  return application.status?.resources?.map(({ kind, name, status }) => `${kind}/${name} ${status}`)
}

test("label tracking marks by label, and what controllers make with the label is nobody's", async (t) => {
  const settings = { tracking: { ...DEFAULT_TRACKING, method: 'label' as const } }
  const cluster = await startDeliveryCluster(t, { files: { 'web/service.json': service('web') }, settings })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')
  const labels = { 'app.kubernetes.io/instance': 'web' }
  await cluster.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web', namespace: 'web', labels } })
  const template = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  const pod = { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'main', image: 'db' }] } }
  const spec = {
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: pod,
    volumeClaimTemplates: [template],
  }
  await cluster.create({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'web' }, spec })
  await cluster.create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-db-0', namespace: 'web', labels },
    spec: template.spec,
  })

  const revision = cluster.repository.commit({ 'web/one.json': configMap('one', 'a') })
  await cluster.refresh('web')
  const found = await cluster.untilSynced('web', revision)

  assert.deepEqual(statuses(found), ['ConfigMap/one Synced', 'Service/web Synced'])
  const live = await cluster.get('v1/Service', 'web', 'web')
  assert.equal(live?.metadata.labels?.['app.kubernetes.io/instance'], 'web')
  assert.equal(live?.metadata.annotations?.['argocd.argoproj.io/tracking-id'], undefined)
  assert.equal(
    (await cluster.get('v1/PersistentVolumeClaim', 'data-db-0', 'web'))?.metadata.deletionTimestamp,
    undefined,
  )
})

test("an object of cluster scope stays the application's own when its destination namespace changes", async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/role.json': CLUSTER_ROLE } })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  await cluster.patch(
    APPLICATION,
    'web',
    { spec: { destination: { namespace: 'elsewhere' } } },
    { namespace: CONTROL_NAMESPACE },
  )
  const moved = await cluster.eventually(async () => {
    const live = await cluster.get('rbac.authorization.k8s.io/v1/ClusterRole', 'web-reader')
    const id = live?.metadata.annotations?.['argocd.argoproj.io/tracking-id']
    return id?.includes('elsewhere') === true ? id : undefined
  })

  assert.equal(moved, 'web:rbac.authorization.k8s.io/ClusterRole:elsewhere/web-reader')
  assert.deepEqual(statuses(await cluster.untilSynced('web')), ['ClusterRole/web-reader Synced'])
})

test('a namespaced object with nowhere to go is named, and nothing is applied', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  const destination = { server: 'https://kubernetes.default.svc', namespace: null }
  await cluster.createApplication('web', { ...AUTOMATED, destination })

  const { status } = await cluster.until('web', (found) => (found.status?.conditions ?? []).length > 0)

  assert.deepEqual(
    status?.conditions?.map(({ type, message }) => `${type}: ${message}`),
    ['InvalidSpecError: Namespace for one /v1, Kind=ConfigMap is missing.'],
  )
  assert.equal(status?.sync?.status, 'Unknown')
})

test('objects of nobody are counted, warned of, and shown beside the tree', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  const monitor = { warn: true, ignore: [{ kind: 'ConfigMap', name: 'ignored-*' }] }
  await cluster.patch(
    'argoproj.io/v1alpha1/AppProject',
    'default',
    { spec: { orphanedResources: monitor } },
    { namespace: CONTROL_NAMESPACE },
  )
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stray', namespace: 'web' } })
  await cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ignored-1', namespace: 'web' } })
  await cluster.refresh('web')
  const warned = await cluster.until('web', ({ status }) => (status?.conditions ?? []).length > 0)
  const tree = await createViews(cluster.engine).resourceTree({ namespace: CONTROL_NAMESPACE, name: 'web' })

  assert.deepEqual(
    warned.status?.conditions?.map(({ type, message }) => [type, message]),
    [['OrphanedResourceWarning', 'Application has 1 orphaned resources']],
  )
  assert.equal(warned.status?.sync?.status, 'Synced')
  assert.deepEqual(
    tree.orphanedNodes?.map(({ name }) => name),
    ['stray'],
  )
})

test('FailOnSharedResource=true fails the sync instead of taking over', async (t) => {
  const cluster = await startDeliveryCluster(t, {
    files: { 'web/one.json': configMap('one', 'a', { namespace: 'web' }) },
  })
  const source: JsonObject = { repoURL: cluster.repository.url, path: 'web', targetRevision: 'HEAD' }
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  await cluster.createApplication('thief', { source })
  await cluster.sync('thief', { syncOptions: [...SYNC_OPTIONS, 'FailOnSharedResource=true'] })
  const { phase, message } = await cluster.operationEnd('thief')

  assert.equal(phase, 'Failed')
  assert.equal(message, 'Shared resource found: ConfigMap/one is part of applications argocd/thief and web')
  const live = await cluster.get('v1/ConfigMap', 'one', 'web')
  assert.match(live?.metadata.annotations?.['argocd.argoproj.io/tracking-id'] ?? '', /^web:/)
})

test('IgnoreExtraneous keeps a superfluous object from making the application differ', async (t) => {
  const metadata = { name: 'extra', annotations: { 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' } }
  const extra = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
  const cluster = await startDeliveryCluster(t, {
    files: { 'web/one.json': configMap('one', 'a'), 'web/extra.json': extra },
  })
  await cluster.createApplication('web', { syncPolicy: { automated: {}, syncOptions: SYNC_OPTIONS } })
  await cluster.untilSynced('web')

  const revision = cluster.repository.commit({ 'web/extra.json': undefined })
  await cluster.refresh('web')

  assert.deepEqual(statuses(await cluster.untilSynced('web', revision)), [
    'ConfigMap/extra OutOfSync',
    'ConfigMap/one Synced',
  ])
})

test('several sources make one application', async (t) => {
  const files = {
    'base/one.json': configMap('one', 'a'),
    'more/two.json': configMap('two', 'a'),
    'values/x.yaml': 'a: 1',
  }
  const cluster = await startDeliveryCluster(t, { files })
  const repoURL = cluster.repository.url
  const sources = [
    { repoURL, path: 'base', targetRevision: 'HEAD' },
    { repoURL, path: 'more', targetRevision: 'main' },
    { repoURL, ref: 'values', targetRevision: 'main' },
  ]
  await cluster.createApplication('web', { ...AUTOMATED, source: null, sources })
  const { status } = await cluster.untilSynced('web')

  assert.deepEqual(
    status?.resources?.map(({ name }) => name),
    ['one', 'two'],
  )
  const { sync, history } = status ?? {}
  assert.equal(sync?.revision, undefined)
  assert.deepEqual(
    [sync?.revisions, sync?.comparedTo?.sources, history?.at(-1)?.revisions].map((list) => list?.length),
    [3, 3, 3],
  )
})
