// The scheduler on the embedded cluster: what it says, whom it drives out, and who leaves a tainted node.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conditionsOf, pod, startScene, type ClusterScene, type Loose } from '../../../../test/support/cluster-scene.ts'

const TAINT = { key: 'gone', value: 'yes', effect: 'NoExecute' }

async function nodeOf(scene: ClusterScene, name: string): Promise<string> {
  const ref = await scene.ref('', 'Pod', name)
  const bound = await scene.until(ref, (one) => one?.spec?.['nodeName'] !== undefined)
  return String(bound?.spec?.['nodeName'])
}

async function taint(scene: ClusterScene, name: string, taints: readonly object[]): Promise<void> {
  const patch = { spec: { taints: taints.map((one) => ({ ...one })) } }
  await scene.client.patch(await scene.ref('', 'Node', name), 'merge', patch as never) // plain JSON
}

function reasonOf(object: Loose | undefined, type: string): string | undefined {
  return conditionsOf(object).find((one) => one.type === type)?.reason
}

describe('The scheduler', () => {
  test('tells in condition and event why a pod stays where it is', async (t) => {
    const scene = await startScene(t)
    await scene.create(pod('big', { resources: { requests: { cpu: '1000' } } }))
    const total = (await scene.list('', 'Node')).length

    const waiting = await scene.until(await scene.ref('', 'Pod', 'big'), (one) => reasonOf(one, 'PodScheduled') !== undefined) // prettier-ignore
    await scene.untilEvent('big', 'FailedScheduling')

    const head = `0/${total} nodes are available`
    assert.deepEqual(
      conditionsOf(waiting).map(({ status, reason, message }) => [status, reason, message]),
      [['False', 'Unschedulable', `${head}: ${total} Insufficient cpu. no new claims to deallocate, preemption: ${head}: ${total} Preemption is not helpful for scheduling.`]],
    ) // prettier-ignore
  })

  test('holds pods back until their claims have volumes, and volumes without claims are available', async (t) => {
    const scene = await startScene(t)
    const claim = (name: string, storageClassName: string): object => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage: '1Gi' } } },
    })
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
    await scene.create(claim('data', 'by-hand') as never) // plain JSON
    await scene.create(pod('user', {}, { spec: { volumes } }))

    const waiting = await scene.until(await scene.ref('', 'Pod', 'user'), (one) => reasonOf(one, 'PodScheduled') !== undefined) // prettier-ignore
    assert.match(
      conditionsOf(waiting)[0]?.message ?? '',
      /^0\/\d+ nodes are available: pod has unbound immediate PersistentVolumeClaims\. /,
    )

    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'other', hostPath: { path: '/d' } }, // prettier-ignore
    }
    await scene.create(volume as never) // plain JSON
    const ref = await scene.ref('', 'PersistentVolume', 'disk')
    await scene.until(ref, (one) => one?.status?.['phase'] === 'Available')

    const spec = { ...volume.spec, storageClassName: 'by-hand' }
    await scene.create({ ...volume, metadata: { name: 'found' }, spec } as never) // plain JSON
    await nodeOf(scene, 'user')
  })

  test('drives pods of lower priority out', async (t) => {
    const scene = await startScene(t)
    const nodes = (await scene.list('', 'Node')).map(({ metadata }) => metadata.name ?? '')
    for (const name of nodes.slice(1)) await scene.client.patch(await scene.ref('', 'Node', name), 'merge', { spec: { unschedulable: true } }) // prettier-ignore
    const high = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 }
    await scene.create(high)
    await scene.create(pod('low', { resources: { requests: { cpu: '3' } } }, { spec: { terminationGracePeriodSeconds: 0 } })) // prettier-ignore
    await nodeOf(scene, 'low')

    await scene.create(pod('high', { resources: { requests: { cpu: '2' } } }, { spec: { priorityClassName: 'high' } }))

    assert.equal(await nodeOf(scene, 'high'), nodes[0])
    assert.equal(await scene.get('', 'Pod', 'low'), undefined)
    await scene.untilEvent('low', 'Preempted')
  })

  test('takes pods off a node with a NoExecute taint, some of them later and some never', async (t) => {
    const scene = await startScene(t)
    const tolerant = (tolerationSeconds?: number): object => {
      const seconds = tolerationSeconds === undefined ? {} : { tolerationSeconds }
      return { spec: { tolerations: [{ key: 'gone', operator: 'Exists', effect: 'NoExecute', ...seconds }] } }
    }
    const [first = ''] = (await scene.list('', 'Node')).map(({ metadata }) => metadata.name ?? '')
    const here = { nodeName: first, terminationGracePeriodSeconds: 0 }
    const withSpec = (more: object): object => ({ spec: { ...here, ...(more as { spec?: object }).spec } })
    await scene.create(pod('leaves', {}, withSpec({})))
    await scene.create(pod('lingers', {}, withSpec(tolerant(1))))
    await scene.create(pod('stays', {}, withSpec(tolerant())))
    await scene.create(pod('spared', {}, withSpec(tolerant(600))))

    await taint(scene, first, [TAINT])

    await scene.until(await scene.ref('', 'Pod', 'leaves'), (one) => one === undefined)
    assert.notEqual(await scene.get('', 'Pod', 'lingers'), undefined)
    await scene.until(await scene.ref('', 'Pod', 'lingers'), (one) => one === undefined)
    await taint(scene, first, [])
    await scene.untilEvent('spared', 'TaintManagerEviction')
    assert.notEqual(await scene.get('', 'Pod', 'stays'), undefined)
  })
})
