// Stories of figures: what Prometheus is told of applications, their syncs and their cluster.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from '../../src/base/metrics.ts'
import { CONTROL_NAMESPACE, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap } from '../support/manifests.ts'

const AUTOMATED = { automated: { selfHeal: true }, syncOptions: ['CreateNamespace=true'] }
const SERVER = 'https://kubernetes.default.svc'

/** The values of the series of a metric, by their labels. */
function valuesOf(metrics: Metrics, name: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  for (const line of metrics.text().split('\n')) {
    const { labels = '', value } = /^(?<name>\w+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/.exec(line)?.groups ?? {}
    if (value !== undefined && /^\w+/.exec(line)?.[0] === name) values.set(labels, Number(value))
  }
  return values
}

test("an application's state and syncs are told under upstream's names, until it is gone", async (t) => {
  const metrics = new Metrics()
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') }, metrics })
  const self = `namespace="argocd",name="web",project="default"`
  await cluster.createApplication('web', { syncPolicy: AUTOMATED })
  await cluster.untilSynced('web')
  await cluster.until('web', ({ status }) => status?.health?.status === 'Healthy')
  await cluster.engine.idle()

  const place = `dest_server="${SERVER}",dest_namespace="web"`
  assert.deepEqual(
    [...valuesOf(metrics, 'argocd_app_info')],
    [
      [
        `${self},autosync_enabled="true",repo="https://git.example.com/apps",${place},` +
          'sync_status="Synced",health_status="Healthy",operation=""',
        1,
      ],
    ],
  )
  assert.deepEqual(
    [...valuesOf(metrics, 'argocd_app_sync_total')],
    [[`${self},dest_server="${SERVER}",phase="Succeeded",dry_run="false"`, 1]],
  )
  const requests = valuesOf(metrics, 'argocd_app_k8s_request_total')
  const labels = 'resource_kind="ConfigMap",resource_namespace="web",dry_run="false",response_code="200"'
  assert.ok(
    [...requests.keys()].some((key) => key.endsWith(labels)),
    [...requests.keys()].join('\n'),
  )
  assert.ok(
    (valuesOf(metrics, 'argocd_app_reconcile_count').get(`namespace="argocd",dest_server="${SERVER}"`) ?? 0) > 0,
  )
  assert.equal(valuesOf(metrics, 'argocd_cluster_connection_status').values().next().value, 1)
  assert.ok((valuesOf(metrics, 'argocd_cluster_api_resource_objects').get(`server="${SERVER}"`) ?? 0) > 0)
  assert.ok((valuesOf(metrics, 'workqueue_adds_total').get('name="app_reconciliation_queue"') ?? 0) > 0)

  await cluster.delete('argoproj.io/v1alpha1/Application', 'web', CONTROL_NAMESPACE)
  await cluster.eventually(async () => (metrics.text().includes('name="web"') ? undefined : true))
})

test('objects of nobody are counted where the project looks for them', async (t) => {
  const metrics = new Metrics()
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') }, metrics })
  const labels = 'namespace="argocd",name="web",project="default"'
  const orphans = (): number | undefined => valuesOf(metrics, 'argocd_app_orphaned_resources_count').get(labels)
  await cluster.createApplication('web', { syncPolicy: AUTOMATED })
  await cluster.untilSynced('web')
  const unlooked = orphans()
  await cluster.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'stray', namespace: 'web' },
    data: {},
  })

  const ignore = [{ kind: 'ServiceAccount' }, { kind: 'ConfigMap', name: 'kube-root-ca.crt' }]
  const spec = { orphanedResources: { warn: false, ignore } }
  await cluster.patch('argoproj.io/v1alpha1/AppProject', 'default', { spec }, { namespace: CONTROL_NAMESPACE })
  await cluster.refresh('web')

  assert.equal(unlooked, 0)
  await cluster.eventually(async () => (orphans() === 1 ? true : undefined))
  assert.ok((valuesOf(metrics, 'argocd_cluster_cache_age_seconds').get(`server="${SERVER}"`) ?? -1) >= 0)
})
