// A pod's life on a clock that the test moves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { dataObject, podScene, told, waiting } from '../../../test/support/pod-scene.ts'
import type { ContainerStatus } from '../workloads/kit/model.ts'
import type { ImageResult } from './images/image-manager.ts'

describe('a pod run', () => {
  test('waits out its start delay', () => {
    const { clock, line } = podScene({}, { annotations: { 'capstan.dev/start-delay': '2s' } })
    const before = line()

    clock.advance(2000)

    assert.deepEqual([before, line()], ['Pending ContainerCreating 0', 'Running running 0'])
  })

  test('restarts what ends: at once, after 10 s, 20 s, and so on', () => {
    const { clock, line } = podScene({ command: ['false'] })
    const lines: string[] = []

    for (const ms of [22, 9_999, 2, 19_999, 2]) {
      clock.advance(ms)
      lines.push(line())
    }

    assert.deepEqual(lines, [
      'Running CrashLoopBackOff 1',
      'Running CrashLoopBackOff 1',
      'Running CrashLoopBackOff 2',
      'Running CrashLoopBackOff 2',
      'Running CrashLoopBackOff 3',
    ])
  })

  test('is over where nothing restarts, sidecars included', () => {
    const initContainers = [{ name: 'side', image: 'y', restartPolicy: 'Always' }]
    const { clock, run, line } = podScene(
      { command: ['sleep', '5'] },
      { spec: { restartPolicy: 'Never', initContainers } },
    )
    clock.advance(1000)
    const during = line()

    clock.advance(5000)

    const [side] = run.status().initContainerStatuses ?? []
    assert.deepEqual(
      [during, line(), side?.state?.terminated?.exitCode],
      ['Running running 0', 'Succeeded Completed 0', 0],
    )
  })

  test('fails with its init container', () => {
    const initContainers = [{ name: 'i', image: 'y', command: ['false'] }]
    const { clock, line } = podScene({}, { spec: { restartPolicy: 'Never', initContainers } })

    clock.advance(1000)

    assert.equal(line(), 'Failed PodInitializing 0')
  })

  test('pulls again after a while where the image could not be pulled', async () => {
    const image = { name: 'docker.io/library/x:latest', repoDigest: 'docker.io/library/x@sha256:1', id: 'sha256:2' }
    const results: ImageResult[] = [
      { ok: false, reason: 'ErrImagePull', message: 'unauthorized', retryAfterMs: 10_000 },
      { ok: true, image },
    ]
    const { clock, run, line } = podScene(
      {},
      { ensureImage: () => Promise.resolve(results.shift() ?? { ok: true, image }) },
    )
    clock.advance(20)
    await new Promise((resolve) => setImmediate(resolve))
    const refused = run.status().containerStatuses?.[0]?.state?.waiting

    clock.advance(10_000)
    await new Promise((resolve) => setImmediate(resolve))

    assert.deepEqual(refused, {
      reason: 'ErrImagePull',
      message: 'unauthorized',
    })
    assert.equal(run.status().containerStatuses?.[0]?.imageID, image.repoDigest)
    assert.equal(line(), 'Running running 0')
  })

  test('is evicted where its annotation says so', () => {
    const { clock, run } = podScene({}, { annotations: { 'capstan.dev/simulate-failure': 'Evicted' } })

    clock.advance(20)

    const { phase, reason } = run.status()
    assert.deepEqual([phase, reason], ['Failed', 'Evicted'])
  })

  test('goes on with what an earlier kubelet had started', () => {
    const known: ContainerStatus = {
      name: 'c',
      ready: true,
      restartCount: 4,
      image: 'x',
      imageID: 'x',
      containerID: 'containerd://1',
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    }
    const { clock, run, line } = podScene({}, { status: { phase: 'Running', containerStatuses: [known] } })

    clock.advance(1000)

    assert.deepEqual(
      [line(), run.status().containerStatuses?.[0]?.containerID],
      ['Running running 4', 'containerd://1'],
    )
  })

  test('looks again for an image that an earlier kubelet could not pull, and keeps the digest of one that runs', async () => {
    const common = { ready: false, restartCount: 0, image: 'x', imageID: '' }
    const waiting = { ...common, name: 'c', state: { waiting: { reason: 'ImagePullBackOff', message: 'm' } } }
    const running: ContainerStatus = {
      ...common,
      name: 'other',
      imageID: 'docker.io/library/y@sha256:3',
      containerID: 'containerd://1',
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    }
    const image = { name: 'docker.io/library/x:latest', repoDigest: 'docker.io/library/x@sha256:1', id: 'sha256:2' }
    const containers = ['c', 'other'].map((name) => ({ name, image: 'x' }))
    const { run } = podScene(
      {},
      {
        spec: { containers },
        status: { phase: 'Pending', containerStatuses: [waiting, running] },
        ensureImage: () => Promise.resolve({ ok: true, image }),
      },
    )

    await new Promise((resolve) => setImmediate(resolve))

    const { phase, containerStatuses = [] } = run.status()
    assert.equal(phase, 'Running')
    assert.deepEqual(
      containerStatuses.map(({ imageID }) => imageID),
      [image.repoDigest, running.imageID],
    )
  })

  test('ends servers well and interrupted commands badly when it is deleted', () => {
    const server = podScene({})
    const command = podScene({ command: ['sleep', '1h'] })
    for (const { clock, run } of [server, command]) {
      clock.advance(1000)
      run.terminate()
    }

    assert.deepEqual([server.line(), command.line()], ['Succeeded Completed 0', 'Failed Error 0'])
  })

  test('waits for its volumes, tells of it more and more rarely, and starts when they are there', async () => {
    const spec = {
      volumes: [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: 'k' }] } }],
    }
    const { run, objects, events, pass } = podScene({}, { spec })
    await pass(20)
    await pass(500)
    objects.set('Secret/s', dataObject('Secret', {}))
    await pass(1_000)
    const before = [waiting(run), run.status().conditions?.[0]?.status]

    objects.set('Secret/s', dataObject('Secret', { k: '' }))
    await pass(2_000)

    const text = 'MountVolume.SetUp failed for volume "v" : '
    const unknown = `${text}secret "s" not found`
    assert.deepEqual(before, ['ContainerCreating', 'False'])
    assert.deepEqual(told(events, 'FailedMount'), [unknown, unknown, `${text}references non-existent secret key: k`])
    assert.equal(run.status().phase, 'Running')
  })

  test('fails when its deadline has passed', async () => {
    const { run, pass } = podScene({}, { spec: { activeDeadlineSeconds: 5 } })
    await pass(4_999)
    const before = run.status().phase

    await pass(1)

    const { phase, reason, message } = run.status()
    assert.deepEqual(
      [before, phase, reason, message],
      ['Running', 'Failed', 'DeadlineExceeded', 'Pod was active on the node longer than the specified deadline'],
    )
  })

  test('is ready only with its readiness gates, and says what keeps them shut', async () => {
    const readinessGates = [{ conditionType: 'a/b' }, { conditionType: 'c/d' }]
    const conditions = [{ type: 'c/d', status: 'False' }] as const
    const { run, pod, pass } = podScene({}, { spec: { readinessGates }, status: { conditions } })
    await pass(20)
    const ready = (): string | undefined => run.status().conditions?.find(({ type }) => type === 'Ready')?.message
    const before = ready()

    run.update({
      ...pod,
      status: { conditions: readinessGates.map(({ conditionType }) => ({ type: conditionType, status: 'True' })) },
    })

    assert.equal(
      before,
      'corresponding condition of pod readiness gate "a/b" does not exist., the status of pod readiness gate "c/d" is not "True", but False',
    )
    assert.equal(ready(), undefined)
  })

  test('takes an ephemeral container while it runs, which never restarts', async () => {
    const { run, pod, pass } = podScene({})
    await pass(20)

    run.update({
      ...pod,
      spec: { ...pod.spec, ephemeralContainers: [{ name: 'debug', image: 'busybox', command: ['false'] }] },
    })
    await pass(60_000)

    const [debug] = run.status().ephemeralContainerStatuses ?? []
    assert.deepEqual([debug?.state?.terminated?.exitCode, debug?.restartCount, run.status().phase], [1, 0, 'Running'])
  })

  test('reports resources that were changed in place', async () => {
    const { run, pod, pass } = podScene({ resources: { requests: { cpu: '1' } } })
    await pass(20)

    run.update({ ...pod, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '2' } } }] } })

    const [status] = run.status().containerStatuses ?? []
    assert.deepEqual([status?.allocatedResources, status?.restartCount], [{ cpu: '2' }, 0])
  })
})
