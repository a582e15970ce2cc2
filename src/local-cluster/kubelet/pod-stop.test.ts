// How pods stop, and what their hooks do, on a clock that the test moves.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { podScene, told, type PodOver } from '../../../test/support/pod-scene.ts'
import type { Container } from '../workloads/kit/model.ts'

describe('stopping', () => {
  const stops: readonly [string, Partial<Container>, PodOver, number, number][] = [
    ['at once by itself', {}, {}, 0, 0],
    ['after its preStop sleep', { lifecycle: { preStop: { sleep: { seconds: 4 } } } }, {}, 4_000, 0],
    [
      'as long as its annotation says',
      { command: ['sleep', '1h'] },
      { annotations: { 'capstan.dev/stop-after': '3s' } },
      3_000,
      143,
    ],
    [
      'no longer than its grace period',
      {},
      { annotations: { 'capstan.dev/stop-after': '1h' }, spec: { terminationGracePeriodSeconds: 7 } },
      7_000,
      137,
    ],
  ]
  for (const [name, container, over, afterMs, exitCode] of stops) {
    test(`takes ${name}`, async () => {
      const { run, pass } = podScene(container, over)
      await pass(1_000)
      let isOver = false
      run.terminate(() => (isOver = true))
      const before = afterMs > 0 && isOver
      await pass(Math.max(0, afterMs - 1))
      const justBefore = afterMs > 0 && isOver

      await pass(1)

      assert.deepEqual([before, justBefore, isOver], [false, false, true])
      assert.equal(run.status().containerStatuses?.[0]?.state?.terminated?.exitCode, exitCode)
    })
  }

  test('runs a preStop command of an interpreted container', async () => {
    const lifecycle = { preStop: { exec: { command: ['sleep', '2'] } } }
    const { run, pass } = podScene({ command: ['sleep', '1h'], lifecycle })
    await pass(1_000)
    let isOver = false
    run.terminate(() => (isOver = true))
    await pass(0)

    await pass(1_000)
    const before = isOver
    await pass(1_100)
    await pass(10)

    assert.deepEqual([before, isOver], [false, true])
  })

  test('is over for everyone who asks, also for a pod that has failed before', async () => {
    const { run, pass } = podScene(
      {},
      { spec: { activeDeadlineSeconds: 1 }, annotations: { 'capstan.dev/stop-after': '2s' } },
    )
    await pass(1_000)
    const over: string[] = []
    run.terminate(() => over.push('while it stops'))
    const before = [...over]

    await pass(2_000)
    run.terminate(() => over.push('afterwards'))

    assert.deepEqual([before, over], [[], ['while it stops', 'afterwards']])
  })

  test('ends sidecars last, in reverse order', async () => {
    const initContainers = ['one', 'two'].map((name) => ({ name, image: 'y', restartPolicy: 'Always' }))
    const { run, pass } = podScene({}, { spec: { initContainers }, annotations: { 'capstan.dev/stop-after': '1s' } })
    await pass(1_000)
    run.terminate()
    const running = (): readonly string[] => {
      const { containerStatuses = [], initContainerStatuses = [] } = run.status()
      return [...initContainerStatuses, ...containerStatuses]
        .filter(({ state }) => state?.running)
        .map(({ name }) => name)
    }

    const seen = [running()]
    for (let second = 0; second < 3; second++) {
      await pass(1_000)
      seen.push(running())
    }

    assert.deepEqual(seen, [['one', 'two', 'c'], ['one', 'two'], ['one'], []])
  })

  test('a postStart command that fails ends its container', async () => {
    const lifecycle = { postStart: { exec: { command: ['false'] } } }
    const { run, events, pass } = podScene(
      { command: ['sleep', '1h'], lifecycle },
      { spec: { restartPolicy: 'Never' } },
    )

    await pass(20)
    await pass(5)
    await pass(5)

    assert.deepEqual(told(events, 'FailedPostStartHook'), ['PostStartHook failed'])
    assert.equal(run.status().phase, 'Failed')
  })
})
