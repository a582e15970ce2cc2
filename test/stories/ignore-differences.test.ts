// Stories of differences that are none of Git's business: by jq, by manager, by what the server says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '../../src/kube/client/client.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, deployment, GADGETS } from '../support/manifests.ts'

const APPLICATION = 'argoproj.io/v1alpha1/Application'
const SYNC_POLICY = { automated: { selfHeal: true }, syncOptions: ['CreateNamespace=true'] }

test('[002-12] a jq expression hides an element of a list, and self-heal leaves it', async (t) => {
  const files = { 'web/app.json': deployment('web', 'nginx:1.29') }
  const cluster = await startDeliveryCluster(t, { files })
  const jqPathExpressions = ['.spec.template.spec.containers[] | select(.name == "injected")', '.spec.absent[]']
  const ignoreDifferences = [{ group: 'apps', kind: 'Deployment', jqPathExpressions }]
  await cluster.createApplication('web', { ignoreDifferences, syncPolicy: SYNC_POLICY })
  await cluster.untilSynced('web')

  const containers = [
    { name: 'main', image: 'nginx:1.29' },
    { name: 'injected', image: 'proxy' },
  ]
  await cluster.patch(
    'apps/v1/Deployment',
    'web',
    { spec: { template: { spec: { containers } } } },
    { namespace: 'web' },
  )
  await cluster.refresh('web')
  await cluster.untilSynced('web')
  await cluster.engine.idle()

  const live = await cluster.get('apps/v1/Deployment', 'web', 'web')
  assert.match(JSON.stringify(live?.['spec']), /injected/)
  const { status } = await cluster.application('web')
  assert.deepEqual(
    [status?.sync?.status, status?.operationState?.operation.sync?.autoHealAttemptsCount],
    ['Synced', undefined],
  )
})

test('[002-12] an expression that is no jq is told in a condition', async (t) => {
  const cluster = await startDeliveryCluster(t, {
    files: { 'web/one.json': configMap('one', 'a') },
  })
  const ignoreDifferences = [{ group: '', kind: 'ConfigMap', jqPathExpressions: ['.data.value)'] }]
  await cluster.createApplication('web', { ignoreDifferences, syncPolicy: SYNC_POLICY })

  const { status } = await cluster.until('web', (found) => (found.status?.conditions ?? []).length > 0)

  assert.match(status?.conditions?.[0]?.message ?? '', /\.data\.value\)".*unexpected token "\)"/)
})

test('[002-11] ServerSideDiff=true compares with what the server answers, asked again only for what changed', async (t) => {
  const files = {
    'web/app.json': deployment('web', 'nginx:1.29'),
    'web/one.json': configMap('one', 'a'),
  }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.stopEngine()
  const dryRuns: string[] = []
  await cluster.startEngine((client) => countingDryRuns(client, dryRuns))
  const annotations = { 'argocd.argoproj.io/compare-options': 'ServerSideDiff=true' }
  const syncOptions = ['CreateNamespace=true', 'ServerSideApply=true']
  await cluster.createApplication('web', { syncPolicy: { ...SYNC_POLICY, syncOptions } }, { annotations })
  await cluster.untilSynced('web')
  await cluster.engine.idle()
  dryRuns.length = 0

  await cluster.patch('v1/ConfigMap', 'one', { data: { value: 'edited' } }, { namespace: 'web' })
  await cluster.eventually(async () => {
    const live = await cluster.get('v1/ConfigMap', 'one', 'web')
    return (live?.['data'] as JsonObject | undefined)?.['value'] === 'a' ? true : undefined
  })
  await cluster.untilSynced('web')

  assert.ok(dryRuns.length > 0)
  assert.deepEqual([...new Set(dryRuns)], ['one'])
})

function countingDryRuns(client: KubeClient, names: string[]): KubeClient {
  return new Proxy(client, {
    get(target, verb: keyof KubeClient) {
      const method: unknown = target[verb]
      if (typeof method !== 'function') return method
      return (...args: readonly { readonly name?: string; readonly dryRun?: boolean }[]) => {
        if (verb === 'patch' && args[3]?.dryRun === true) names.push(args[0]?.name ?? '')
        const answer: unknown = Reflect.apply(method, target, args)
        return answer
      }
    },
  })
}

test('[001-11] a comparison option in an annotation counts as soon as it is written', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', { syncPolicy: SYNC_POLICY })
  await cluster.untilSynced('web')
  await cluster.engine.idle()
  await cluster.stopEngine()
  const dryRuns: string[] = []
  await cluster.startEngine((client) => countingDryRuns(client, dryRuns))
  await cluster.engine.idle()

  const annotations = { 'argocd.argoproj.io/compare-options': 'ServerSideDiff=true' }
  await cluster.patch(APPLICATION, 'web', { metadata: { annotations } }, { namespace: CONTROL_NAMESPACE })

  await cluster.eventually(async () => (dryRuns.includes('one') ? true : undefined))
})

test('a hundred status updates that change nothing visible write no status', async (t) => {
  const files = { 'web/app.json': deployment('web', 'nginx:1.29') }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', { syncPolicy: SYNC_POLICY })
  await cluster.untilSynced('web')
  const before = await atRest(cluster)

  for (let count = 0; count < 100; count++) {
    const status = { conditions: [{ type: 'Custom', status: 'True', message: String(count) }] }
    await cluster.patch('apps/v1/Deployment', 'web', { status }, { namespace: 'web', subresource: 'status' })
  }

  assert.equal(await atRest(cluster), before)
})

test('edits in quick succession are gathered, and the last one is seen', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', { syncPolicy: { syncOptions: ['CreateNamespace=true'] } })
  await cluster.sync('web', { syncOptions: ['CreateNamespace=true'] })
  await cluster.operationEnd('web')

  for (let count = 0; count < 50; count++) {
    await cluster.patch('v1/ConfigMap', 'one', { metadata: { labels: { count: String(count) } } }, { namespace: 'web' })
  }
  await cluster.patch('v1/ConfigMap', 'one', { data: { value: 'edited' } }, { namespace: 'web' })

  const { status } = await cluster.until('web', (found) => found.status?.sync?.status === 'OutOfSync')
  assert.equal(status?.operationState?.phase, 'Succeeded')
})

for (const [ignoreStatus, expected] of [
  ['all', 'Synced'],
  ['crd', 'OutOfSync'],
  ['none', 'OutOfSync'],
] as const) {
  test(`ignoreResourceStatusField ${ignoreStatus}: a status in Git that the cluster has otherwise is ${expected}`, async (t) => {
    const made = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g' }, spec: {}, status: { a: 1 } }
    const files = { 'web/crd.json': GADGETS, 'web/gadget.json': JSON.stringify(made) }
    const cluster = await startDeliveryCluster(t, { files, settings: { ignoreStatus } })
    await cluster.createApplication('web', { syncPolicy: { syncOptions: ['CreateNamespace=true'] } })
    await cluster.sync('web', { syncOptions: ['CreateNamespace=true'] })
    await cluster.operationEnd('web')
    await cluster.untilSynced('web')

    await cluster.patch('example.com/v1/Gadget', 'g', { status: { a: 2 } }, { namespace: 'web' })
    await cluster.refresh('web')
    const isRefreshed = ({ annotations = {} }: { readonly annotations?: Readonly<Record<string, string>> }): boolean =>
      annotations['argocd.argoproj.io/refresh'] === undefined
    const { status } = await cluster.until(
      'web',
      (found) => isRefreshed(found.metadata) && found.status?.sync?.status === expected,
    )

    assert.equal(status?.resources?.find(({ kind }) => kind === 'Gadget')?.status, expected)
  })
}

test('[002-12] an autoscaler written in v1 and applied on the server is as wanted, whatever version others write', async (t) => {
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 50,
  }
  const scaler = { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec }
  const cluster = await startDeliveryCluster(t, { files: { 'web/hpa.json': JSON.stringify(scaler) } })
  const syncOptions = ['CreateNamespace=true', 'ServerSideApply=true']
  await cluster.createApplication('web', { syncPolicy: { ...SYNC_POLICY, syncOptions } })
  await cluster.untilSynced('web')

  const labels = { metadata: { labels: { team: 'a' } } }
  await cluster.patch('autoscaling/v2/HorizontalPodAutoscaler', 'web', labels, { namespace: 'web' })
  await cluster.refresh('web')
  const { status } = await cluster.untilSynced('web')

  assert.equal(status?.operationState?.operation.sync?.autoHealAttemptsCount, undefined)
})

/** The version of the application once nothing is left to be looked at. */
async function atRest(cluster: DeliveryCluster): Promise<unknown> {
  await cluster.engine.idle()
  const memory = cluster.engine.memories.get(`${CONTROL_NAMESPACE}/web`)
  await cluster.eventually(async () => (memory?.asked === undefined ? true : undefined))
  await cluster.engine.idle()
  return (await cluster.application('web')).metadata.resourceVersion
}
