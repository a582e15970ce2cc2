// ResourceQuotas on the embedded cluster: what is refused, what is counted, and what is given back.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KubeError } from '../../../kube/client/client.ts'
import { pod, startScene, workload, type ClusterScene, type Loose } from '../../../../test/support/cluster-scene.ts'

function quota(hard: Readonly<Record<string, string>>, more: object = {}): Loose {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard, ...more } }
}

async function createQuota(scene: ClusterScene, object: Loose): Promise<(used: object) => Promise<void>> {
  await scene.create(object)
  const ref = await scene.ref('', 'ResourceQuota', 'q')
  await scene.until(ref, (one) => one?.status?.['used'] !== undefined)
  return async (used) => {
    await scene.until(ref, (one) => JSON.stringify(one?.status?.['used']) === JSON.stringify(used))
  }
}

function configMap(name: string): Loose {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }
}

const demand = (cpu: string): object => ({ resources: { requests: { cpu } } })

describe('ResourceQuotas', () => {
  test('refuse what exceeds them with the text of kubernetes, and count what goes', async (t) => {
    const scene = await startScene(t)
    const untilUsed = await createQuota(scene, quota({ pods: '2', 'requests.cpu': '1' }))
    await scene.create(pod('a', demand('600m')))

    await assert.rejects(scene.create(pod('b', demand('500m'))), {
      message:
        'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    })
    await assert.rejects(scene.create(pod('c')), {
      message: 'pods "c" is forbidden: failed quota: q: must specify requests.cpu for: main',
    })
    await untilUsed({ pods: '1', 'requests.cpu': '600m' })
    await scene.client.delete(await scene.ref('', 'Pod', 'a'), { gracePeriodSeconds: 0 })
    await untilUsed({ pods: '0', 'requests.cpu': '0' })
    await scene.create(pod('b', demand('1')))
  })

  test('admit no more than they allow, however many ask at once', async (t) => {
    const scene = await startScene(t)
    await createQuota(scene, quota({ 'count/configmaps': '6' }))

    const names = Array.from({ length: 30 }, (_, index) => `c${index}`)
    const results = await Promise.allSettled(names.map((name) => scene.create(configMap(name))))

    // The namespace's own kube-root-ca.crt takes one.
    const refused = results.filter((result) => result.status === 'rejected')
    assert.equal(refused.length, 25)
    assert.ok(refused.every(({ reason }) => reason instanceof KubeError && reason.status === 403))
    assert.equal((await scene.list('', 'ConfigMap')).filter(({ metadata }) => metadata.namespace === 'default').length, 6) // prettier-ignore
  })

  test('charge nothing for writes that fail or are tried only', async (t) => {
    const scene = await startScene(t)
    const untilUsed = await createQuota(scene, quota({ 'count/configmaps': '3' }))
    const type = await scene.type('', 'ConfigMap')
    await scene.create(configMap('a'))

    await assert.rejects(scene.create(configMap('a')))
    await assert.rejects(scene.create(configMap('A_b')))
    await scene.client.create(type, { ...configMap('b'), metadata: { name: 'b', namespace: 'default' } }, { dryRun: true }) // prettier-ignore
    await scene.create(configMap('b'))

    await untilUsed({ 'count/configmaps': '3' })
  })

  test('count a service by its type as it changes', async (t) => {
    const scene = await startScene(t)
    const untilUsed = await createQuota(scene, quota({ 'services.nodeports': '1', 'count/deployments.apps': '1' }))
    const ports = [{ name: 'a', port: 80 }]
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'NodePort', ports } }
    await scene.create(service)
    const ref = await scene.ref('', 'Service', 's')

    await untilUsed({ 'services.nodeports': '1', 'count/deployments.apps': '0' })
    await assert.rejects(
      scene.client.patch(ref, 'merge', { spec: { ports: [...ports, { name: 'b', port: 81 }] } }),
      /services "s" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1/,
    )
    await scene.client.patch(ref, 'merge', { spec: { type: 'ClusterIP' } })
    await untilUsed({ 'services.nodeports': '0', 'count/deployments.apps': '0' })
  })

  test('show in a Deployment why its pods do not come', async (t) => {
    const scene = await startScene(t)
    await createQuota(scene, quota({ pods: '1' }))
    await scene.create(workload('Deployment', 'web', { replicas: 2 }))

    const failed = await scene.until(await scene.ref('apps', 'Deployment', 'web'), (one) =>
      JSON.stringify(one?.status).includes('ReplicaFailure'),
    )

    assert.match(
      JSON.stringify(failed?.status),
      /"reason":"FailedCreate","message":"pods \\"web-[a-z0-9]+-[a-z0-9]{5}\\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"/,
    )
  })
})
