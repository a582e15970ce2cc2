// How simulated pods live, fail and go, on the embedded cluster.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conditionsOf, pod, startScene, stateOf, type Loose } from '../../../test/support/cluster-scene.ts'
import type { Container, ContainerStatus } from '../workloads/kit/model.ts'

function isReady(one: Loose | undefined): boolean {
  return conditionsOf(one).some(({ type, status }) => type === 'Ready' && status === 'True')
}

function initOf(one: Loose | undefined): readonly (string | boolean | undefined)[] {
  const statuses = one?.status?.['initContainerStatuses']
  if (!Array.isArray(statuses)) return []
  return statuses.map(({ state, ready }: ContainerStatus) => `${Object.keys(state ?? {}).join()} ${String(ready)}`)
}

function waiting(reason: string): (one: Loose | undefined) => boolean {
  return (one) => stateOf(one)?.state?.waiting?.reason === reason
}

describe('a pod', () => {
  test('runs its init containers first, then sidecars and the rest, and becomes ready', async (t) => {
    const scene = await startScene(t)
    const initContainers = [
      { name: 'prepare', image: 'busybox', command: ['sh', '-c', 'echo ready'] },
      { name: 'mesh', image: 'proxy', restartPolicy: 'Always' },
    ]
    await scene.create(pod('web', {}, { spec: { initContainers } }))

    const ready = await scene.until(await scene.ref('', 'Pod', 'web'), isReady)

    assert.equal(ready?.status?.['phase'], 'Running')
    assert.deepEqual(initOf(ready), ['terminated true', 'running true'])
    assert.match(JSON.stringify(ready.status['podIP']), /^"10\.244\.\d\.\d+"$/)
    assert.equal(stateOf(ready)?.image, 'docker.io/library/nginx:1.27')
  })

  const ends: readonly [string, Partial<Container>, string, string, number][] = [
    ['succeeds with its command', { command: ['true'] }, 'Never', 'Succeeded', 0],
    ['fails with its exit code', { command: ['sh', '-c', 'echo bad; exit 3'] }, 'Never', 'Failed', 3],
    [
      'of an unknown program ends well when it is meant to end',
      { command: ['./migrate'] },
      'OnFailure',
      'Succeeded',
      0,
    ],
  ]
  for (const [name, container, restartPolicy, phase, exitCode] of ends) {
    test(name, async (t) => {
      const scene = await startScene(t)
      await scene.create(pod('once', container, { spec: { restartPolicy } }))

      const over = await scene.until(await scene.ref('', 'Pod', 'once'), (one) => one?.status?.['phase'] === phase)

      assert.equal(stateOf(over)?.state?.terminated?.exitCode, exitCode)
    })
  }

  const failures: readonly [string, string, readonly string[]][] = [
    ['CrashLoopBackOff', 'CrashLoopBackOff', ['Started', 'BackOff']],
    ['ImagePullBackOff', 'ImagePullBackOff', ['Failed', 'BackOff']],
    ['CreateContainerConfigError', 'CreateContainerConfigError', ['Failed']],
  ]
  for (const [failure, reason, events] of failures) {
    test(`fails with ${failure} where its annotation says so, and recovers when that goes`, async (t) => {
      const scene = await startScene(t)
      await scene.create(pod('bad', {}, { annotations: { 'capstan.dev/simulate-failure': failure } }))
      const ref = await scene.ref('', 'Pod', 'bad')
      await scene.until(ref, waiting(reason))

      await scene.client.patch(ref, 'merge', { metadata: { annotations: { 'capstan.dev/simulate-failure': null } } })
      await scene.until(ref, isReady)

      for (const event of events) await scene.untilEvent('bad', event)
    })
  }

  test('is ready or not as its annotation says', async (t) => {
    const scene = await startScene(t)
    await scene.create(pod('web', {}, { annotations: { 'capstan.dev/ready': 'false' } }))
    const ref = await scene.ref('', 'Pod', 'web')
    const unready = await scene.until(ref, (one) => one?.status?.['phase'] === 'Running')

    await scene.client.patch(ref, 'merge', { metadata: { annotations: { 'capstan.dev/ready': 'true' } } })
    await scene.until(ref, isReady)

    assert.equal(isReady(unready), false)
  })

  test('goes soon after it is deleted, whatever its grace period', async (t) => {
    const scene = await startScene(t)
    await scene.create(pod('web', {}, { spec: { terminationGracePeriodSeconds: 300 } }))
    const ref = await scene.ref('', 'Pod', 'web')
    await scene.until(ref, isReady)

    await scene.client.delete(ref)

    assert.equal(await scene.until(ref, (one) => one === undefined), undefined)
    await scene.untilEvent('web', 'Killing')
  })

  test('that fits nowhere says why, and is bound when there is room', async (t) => {
    const scene = await startScene(t)
    await scene.create(pod('picky', {}, { spec: { nodeSelector: { disk: 'ssd' } } }))
    const ref = await scene.ref('', 'Pod', 'picky')
    const pending = await scene.until(ref, (one) => one?.status?.['conditions'] !== undefined)

    await scene.client.patch(await scene.ref('', 'Node', 'node-3'), 'merge', { metadata: { labels: { disk: 'ssd' } } })
    const bound = await scene.until(ref, isReady)

    const [condition] = conditionsOf(pending)
    assert.match(
      condition?.message ?? '',
      /^0\/3 nodes are available: 3 node\(s\) didn't match Pod's node affinity\/selector\. /,
    )
    assert.equal(bound?.spec?.['nodeName'], 'node-3')
  })
})
