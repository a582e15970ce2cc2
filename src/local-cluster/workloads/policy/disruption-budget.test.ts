// Disruption budgets on the embedded cluster: what they count, and what an eviction meets.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeError, ResourceRef } from '../../../kube/client/client.ts'
import {
  conditionsOf,
  pod,
  startScene,
  workload,
  type ClusterScene,
  type Loose,
} from '../../../../test/support/cluster-scene.ts'

async function createBudget(scene: ClusterScene, spec: Readonly<Record<string, unknown>>): Promise<ResourceRef> {
  const selector = { matchLabels: { app: 'web' } }
  await scene.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: { selector, ...spec } }) // prettier-ignore
  return scene.ref('policy', 'PodDisruptionBudget', 'b')
}

async function evict(scene: ClusterScene, name: string): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } }
  await scene.client.create(await scene.type('', 'Pod'), eviction, { subresource: 'eviction' })
}

function countsOf(object: Loose | undefined): readonly unknown[] {
  const { status = {} } = object ?? {}
  return ['currentHealthy', 'desiredHealthy', 'disruptionsAllowed', 'expectedPods'].map((field) => status[field])
}

function reasonOf(object: Loose | undefined): string | undefined {
  return conditionsOf(object).find(({ type }) => type === 'DisruptionAllowed')?.reason
}

describe('PodDisruptionBudgets', () => {
  const shares: readonly [Readonly<Record<string, unknown>>, readonly number[]][] = [
    [{ maxUnavailable: '30%' }, [4, 2, 2, 4]],
    [{ maxUnavailable: 1 }, [4, 3, 1, 4]],
    [{ minAvailable: '30%' }, [4, 2, 2, 4]],
    [{ minAvailable: 3 }, [4, 3, 1, 4]],
    [{ minAvailable: '100%' }, [4, 4, 0, 4]],
  ]

  test('count healthy pods against shares of what their controllers want', async (t) => {
    const scene = await startScene(t)
    await scene.create(workload('Deployment', 'web', { replicas: 4 }))
    for (const [spec, expected] of shares) {
      const ref = await createBudget(scene, spec)

      const seen = await scene.until(ref, (one) => JSON.stringify(countsOf(one)) === JSON.stringify(expected))

      assert.equal(reasonOf(seen), expected[2] === 0 ? 'InsufficientPods' : 'SufficientPods')
      assert.equal(seen?.status?.['observedGeneration'], 1)
      await scene.client.delete(ref)
    }
  })

  test('let one pod go and hold the next until it is replaced', async (t) => {
    const scene = await startScene(t)
    const slow = { template: { metadata: { labels: { app: 'web' }, annotations: { 'capstan.dev/start-delay': '400ms' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } } } // prettier-ignore
    await scene.create(workload('Deployment', 'web', { replicas: 2, ...slow }))
    const ref = await createBudget(scene, { minAvailable: 1 })
    await scene.until(ref, (one) => one?.status?.['disruptionsAllowed'] === 1)
    const [first, second] = (await scene.list('', 'Pod')).map(({ metadata }) => metadata.name ?? '')

    await evict(scene, first ?? '')

    await assert.rejects(evict(scene, second ?? ''), (error: KubeError) => {
      assert.deepEqual([error.status, error.message], [429, "Cannot evict pod as it would violate the pod's disruption budget."]) // prettier-ignore
      assert.match(JSON.stringify(error.details), /The disruption budget b needs 1 healthy pods and has [12] currently/)
      return true
    })
    await scene.until(ref, (one) => one?.status?.['disruptionsAllowed'] === 1 && one.status['disruptedPods'] === undefined) // prettier-ignore
    await evict(scene, second ?? '')
  })

  test('allow no more evictions than they count, however many are asked for at once', async (t) => {
    const scene = await startScene(t)
    await scene.create(workload('Deployment', 'web', { replicas: 6 }))
    const ref = await createBudget(scene, { maxUnavailable: 2 })
    await scene.until(ref, (one) => one?.status?.['disruptionsAllowed'] === 2)
    const names = (await scene.list('', 'Pod')).map(({ metadata }) => metadata.name ?? '')

    const results = await Promise.allSettled(names.map((name) => evict(scene, name)))

    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 2)
  })

  test('close where nobody knows how many pods there should be', async (t) => {
    const scene = await startScene(t)
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'cm', uid: 'u', controller: true }]
    const map = await scene.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm' } })
    const owned = ownerReferences.map((one) => ({ ...one, uid: map.metadata.uid ?? '' }))
    const orphan = pod('web')
    await scene.create({ ...orphan, metadata: { ...orphan.metadata, ownerReferences: owned } })
    const ref = await createBudget(scene, { maxUnavailable: 1 })

    const closed = await scene.until(ref, (one) => reasonOf(one) === 'SyncFailed')

    assert.equal(conditionsOf(closed)[0]?.message, 'configmaps does not implement the scale subresource')
    await scene.untilEvent('b', 'CalculateExpectedPodCountFailed')
  })

  test('say which pods they cannot count', async (t) => {
    const scene = await startScene(t)
    await scene.create(pod('web'))
    await createBudget(scene, { maxUnavailable: 1 })

    await scene.untilEvent('b', 'UnmanagedPods')
  })
})
