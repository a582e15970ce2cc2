// A pod's life on a clock that the test moves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import type { Container, ContainerStatus, Pod, PodSpec } from '../workloads/kit/model.ts'
import type { ImageResult } from './images/image-manager.ts'
import { PodRun } from './pod-run.ts'

interface Scene {
  readonly clock: ManualClock
  readonly run: PodRun
  /** `phase waiting-reason restarts` of the first app container. */
  readonly line: () => string
}

function scene(
  container: Partial<Container>,
  over: {
    annotations?: Readonly<Record<string, string>>
    spec?: Partial<PodSpec>
    ensureImage?: () => Promise<ImageResult>
    status?: Pod['status']
  } = {},
): Scene {
  const { annotations = {}, spec = {}, status, ensureImage } = over
  const clock = new ManualClock()
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'n', name: 'p', uid: 'u', annotations },
    spec: { containers: [{ name: 'c', image: 'x', ...container }], ...spec },
    ...(status === undefined ? {} : { status }),
  }
  const host = { clock, hostIp: '172.18.0.2', podIp: '10.244.0.2', changed: () => undefined, event: () => undefined }
  const run = new PodRun(pod, { ...host, ...(ensureImage === undefined ? {} : { ensureImage }) })
  run.start()
  return { clock, run, line: () => lineOf(run) }
}

function lineOf(run: PodRun): string {
  const { phase, containerStatuses = [] } = run.status()
  const [first] = containerStatuses
  const state = first?.state ?? {}
  const what = state.waiting?.reason ?? state.terminated?.reason ?? 'running'
  return `${phase} ${what} ${first?.restartCount}`
}

describe('a pod run', () => {
  test('waits out its start delay', () => {
    const { clock, line } = scene({}, { annotations: { 'capstan.dev/start-delay': '2s' } })
    const before = line()

    clock.advance(2000)

    assert.deepEqual([before, line()], ['Pending ContainerCreating 0', 'Running running 0'])
  })

  test('restarts what ends: at once, after 10 s, 20 s, and so on', () => {
    const { clock, line } = scene({ command: ['false'] })
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
    const { clock, run, line } = scene(
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
    const { clock, line } = scene({}, { spec: { restartPolicy: 'Never', initContainers } })

    clock.advance(1000)

    assert.equal(line(), 'Failed PodInitializing 0')
  })

  test('pulls again after a while where the image could not be pulled', async () => {
    const image = { name: 'docker.io/library/x:latest', repoDigest: 'docker.io/library/x@sha256:1', id: 'sha256:2' }
    const results: ImageResult[] = [
      { ok: false, reason: 'ErrImagePull', message: 'unauthorized', retryAfterMs: 10_000 },
      { ok: true, image },
    ]
    const { clock, run, line } = scene(
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
    const { clock, run } = scene({}, { annotations: { 'capstan.dev/simulate-failure': 'Evicted' } })

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
    const { clock, run, line } = scene({}, { status: { phase: 'Running', containerStatuses: [known] } })

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
    const { run } = scene(
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
    const server = scene({})
    const command = scene({ command: ['sleep', '1h'] })
    for (const { clock, run } of [server, command]) {
      clock.advance(1000)
      run.terminate()
    }

    assert.deepEqual([server.line(), command.line()], ['Succeeded Completed 0', 'Failed Error 0'])
  })
})
