// StatefulSets and DaemonSets on the embedded cluster: claims that go, shares that may be away, nodes that surge.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  startScene,
  template,
  workload,
  type ClusterScene,
  type Loose,
} from '../../../../test/support/cluster-scene.ts'

const CLAIMS = [
  { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
]
const NEXT = { spec: { template: { metadata: { annotations: { round: '2' } } } } }

async function names(scene: ClusterScene, kind: string): Promise<readonly string[]> {
  return (await scene.list('', kind)).map(({ metadata }) => metadata.name ?? '').toSorted()
}

function statusIs(expected: Readonly<Record<string, unknown>>): (one: Loose | undefined) => boolean {
  return (one) => Object.entries(expected).every(([field, value]) => one?.status?.[field] === value)
}

describe('StatefulSets', () => {
  test('give up claims as their retention policy says', async (t) => {
    const scene = await startScene(t)
    const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete', whenDeleted: 'Delete' }
    await scene.create(workload('StatefulSet', 'db', { replicas: 2, serviceName: 'db', volumeClaimTemplates: CLAIMS, persistentVolumeClaimRetentionPolicy })) // prettier-ignore
    const ref = await scene.ref('apps', 'StatefulSet', 'db')
    await scene.until(ref, statusIs({ readyReplicas: 2 }))

    await scene.client.patch(ref, 'merge', { spec: { replicas: 1 } })
    await scene.until(await scene.ref('', 'PersistentVolumeClaim', 'data-db-1'), (one) => one === undefined)
    assert.deepEqual(await names(scene, 'PersistentVolumeClaim'), ['data-db-0'])
    await scene.client.delete(ref)
    await scene.until(await scene.ref('', 'PersistentVolumeClaim', 'data-db-0'), (one) => one === undefined)
  })

  test('keep claims where nothing else is said, and count from their first ordinal', async (t) => {
    const scene = await startScene(t)
    const spec = { replicas: 2, serviceName: 'db', volumeClaimTemplates: CLAIMS, ordinals: { start: 5 }, podManagementPolicy: 'Parallel' } // prettier-ignore
    await scene.create(workload('StatefulSet', 'db', spec))
    const ref = await scene.ref('apps', 'StatefulSet', 'db')
    await scene.until(ref, statusIs({ readyReplicas: 2 }))
    const pods = await names(scene, 'Pod')

    await scene.client.patch(ref, 'merge', { spec: { replicas: 0 } })
    await scene.until(ref, statusIs({ replicas: 0 }))

    assert.deepEqual(pods, ['db-5', 'db-6'])
    assert.deepEqual(await names(scene, 'PersistentVolumeClaim'), ['data-db-5', 'data-db-6'])
  })
})

describe('DaemonSets', () => {
  test('start new pods beside old ones where they may surge', async (t) => {
    const scene = await startScene(t)
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } }
    await scene.create(workload('DaemonSet', 'agent', { template: template('agent'), updateStrategy }))
    const ref = await scene.ref('apps', 'DaemonSet', 'agent')
    const count = (await scene.list('', 'Node')).length
    await scene.until(ref, statusIs({ numberAvailable: count, updatedNumberScheduled: count }))
    const least = { seen: count }

    await scene.client.patch(ref, 'merge', NEXT)
    await scene.until(ref, (one) => {
      least.seen = Math.min(least.seen, Number(one?.status?.['numberAvailable'] ?? 0))
      return one?.status?.['observedGeneration'] === 2 && statusIs({ updatedNumberScheduled: count })(one)
    })

    assert.equal(least.seen, count)
  })
})
