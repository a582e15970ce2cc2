// Probes of simulated containers, on a clock that the test moves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { podScene, told } from '../../../test/support/pod-scene.ts'

describe('probes', () => {
  const probe = { periodSeconds: 1, failureThreshold: 2 }

  test('restart a container whose liveness probe fails as its annotation says', async () => {
    const { run, events, pass } = podScene(
      { livenessProbe: probe },
      { annotations: { 'capstan.dev/liveness-probe': 'failure-after=5s' } },
    )
    await pass(4_900)
    const before = run.status().containerStatuses?.[0]?.restartCount

    for (let second = 0; second < 3; second++) await pass(1_000)

    const failed = 'Liveness probe failed: HTTP probe failed with statuscode: 500'
    assert.deepEqual([before, run.status().containerStatuses?.[0]?.restartCount], [0, 1])
    assert.deepEqual(told(events, 'Unhealthy'), [failed, failed])
    assert.deepEqual(told(events, 'Killing'), ['Container c failed liveness probe, will be restarted'])
  })

  test('that fail leave a container unready until they succeed', async () => {
    const { run, events, pass } = podScene(
      { readinessProbe: probe },
      { annotations: { 'capstan.dev/readiness-probe': 'success-after=3s' } },
    )
    const ready = (): boolean | undefined => run.status().containerStatuses?.[0]?.ready
    await pass(2_000)
    const before = ready()

    await pass(2_000)

    assert.deepEqual([before, ready()], [false, true])
    assert.equal(told(events, 'Unhealthy').length, 3)
  })

  test('of start-up hold the others back', async () => {
    const container = { startupProbe: { ...probe, failureThreshold: 10 }, readinessProbe: probe }
    const { run, pass } = podScene(container, { annotations: { 'capstan.dev/startup-probe': 'success-after=3s' } })
    const state = (): readonly (boolean | undefined)[] => {
      const [status] = run.status().containerStatuses ?? []
      return [status?.started, status?.ready]
    }
    await pass(2_000)
    const before = state()

    await pass(2_000)

    assert.deepEqual(
      [before, state()],
      [
        [false, false],
        [true, true],
      ],
    )
  })

  test('by command are run where the container itself is interpreted, and taken to succeed elsewhere', async () => {
    const livenessProbe = { ...probe, exec: { command: ['cat', '/tmp/healthy'] } }
    const interpreted = podScene({
      command: ['sh', '-c', 'touch /tmp/healthy; sleep 3; rm /tmp/healthy; sleep 600'],
      livenessProbe,
    })
    const image = podScene({ livenessProbe })

    for (const { pass } of [interpreted, image]) for (let half = 0; half < 20; half++) await pass(500)

    assert.deepEqual(
      [interpreted, image].map(({ run }) => run.status().containerStatuses?.[0]?.restartCount),
      [1, 0],
    )
    assert.match(
      told(interpreted.events, 'Unhealthy')[0] ?? '',
      /^Liveness probe failed: cat: can't open '\/tmp\/healthy'/,
    )
  })

  test('are those of the container that is named', async () => {
    const annotations = { 'capstan.dev/liveness-probe': 'failure', 'capstan.dev/probe-container': 'other' }
    const { events, pass } = podScene({ livenessProbe: probe }, { annotations })

    await pass(10_000)

    assert.deepEqual(told(events, 'Unhealthy'), [])
  })
})
