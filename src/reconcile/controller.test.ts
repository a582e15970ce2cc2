// What each outcome of a reconcile means for its request.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { createController, type Controller, type Reconcile, type ReconcileReport } from './controller.ts'
import { TerminalError, WaitingError } from './outcome.ts'

interface Scene {
  clock: ManualClock
  controller: Controller
  reports: ReconcileReport[]
}

function scene(
  t: TestContext,
  reconcile: Reconcile,
  options: { workers?: number; reconcileTimeoutMs?: number } = {},
): Scene {
  const clock = new ManualClock()
  const reports: ReconcileReport[] = []
  const onReconciled = (report: ReconcileReport): void => void reports.push(report)
  const controller = createController({ name: 'test', reconcile, clock, log: silentLog, onReconciled, ...options })
  controller.start()
  t.after(() => controller.stop())
  return { clock, controller, reports }
}

const request = { namespace: 'n', name: 'a' }

describe('a controller', () => {
  const cases: readonly [string, Reconcile, ReconcileReport['outcome'], number | undefined][] = [
    ['is done with a request that ends well', async () => {}, 'done', undefined],
    ['comes back when asked to', async () => ({ retryAfterMs: 500 }), 'retry-after', 500],
    [
      'comes back to who waits, at its time',
      async () => {
        throw new WaitingError(700, 'not yet')
      },
      'waiting',
      700,
    ],
    [
      'retries an error with back-off',
      async () => {
        throw new Error('broken')
      },
      'error',
      5,
    ],
    [
      'does not retry a terminal error',
      async () => {
        throw new TerminalError('wrong spec')
      },
      'terminal',
      undefined,
    ],
    [
      'survives a reconcile that throws before it is asynchronous',
      () => {
        throw new TypeError('undefined is not a function')
      },
      'error',
      5,
    ],
  ]
  for (const [name, reconcile, outcome, againAfterMs] of cases) {
    test(name, async (t) => {
      const { clock, controller, reports } = scene(t, reconcile)

      controller.enqueue(request)
      await controller.idle()
      clock.advance((againAfterMs ?? 1e6) - 1)
      await controller.idle()
      const early = reports.length
      clock.advance(1)
      await controller.idle()

      assert.deepEqual([reports[0]?.outcome, reports[0]?.request, early], [outcome, request, 1])
      assert.equal(reports.length, againAfterMs === undefined ? 1 : 2)
    })
  }

  test('a request that always comes back at once leaves others their turn', async (t) => {
    const limit = 1_000_000
    let passes = 0
    const reconcile: Reconcile = async () => {
      if (++passes === limit) throw new TerminalError('nobody had a turn')
      return { retryAfterMs: 0 }
    }
    const { controller } = scene(t, reconcile)
    controller.enqueue(request)

    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))

    assert.ok(passes > 0 && passes < limit, `${passes} passes`)
  })

  test('a success makes the next back-off short again', async (t) => {
    let calls = 0
    const { clock, controller, reports } = scene(t, async () => {
      calls++
      if (calls !== 3) throw new Error('broken')
    })
    controller.enqueue(request)
    await controller.idle()
    clock.advance(5)
    await controller.idle()
    clock.advance(10)
    await controller.idle()

    controller.enqueue(request)
    await controller.idle()
    clock.advance(5)
    await controller.idle()

    assert.equal(reports.length, 5)
  })

  test('reconciles different requests side by side, the same one never', async (t) => {
    const running = new Map<string, number>()
    let most = 0
    const gate = Promise.withResolvers<void>()
    const { controller } = scene(
      t,
      async ({ name }) => {
        running.set(name, (running.get(name) ?? 0) + 1)
        most = Math.max(most, running.size)
        assert.equal(running.get(name), 1)
        await gate.promise
        running.delete(name)
      },
      { workers: 3 },
    )

    for (const name of ['a', 'b', 'a', 'c', 'a']) controller.enqueue({ namespace: '', name })
    await Promise.resolve()
    controller.enqueue({ namespace: '', name: 'a' })
    gate.resolve()
    await controller.idle()

    assert.equal(most, 3)
  })

  test('tells a reconcile that its time is up', async (t) => {
    const { clock, controller, reports } = scene(
      t,
      (_request, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
        ),
      { reconcileTimeoutMs: 1000 },
    )
    controller.enqueue(request)
    await Promise.resolve()

    clock.advance(1000)
    await controller.idle()

    assert.deepEqual([reports[0]?.outcome, reports[0]?.durationMs], ['error', 1000])
  })

  test('stopping aborts what runs and takes nothing more', async () => {
    const clock = new ManualClock()
    let calls = 0
    const reconcile: Reconcile = (_request, { signal }) => {
      calls++
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    }
    const controller = createController({ name: 'test', reconcile, clock, log: silentLog })
    controller.start()
    controller.enqueue(request)
    controller.enqueue({ ...request, name: 'b' })
    await Promise.resolve()

    await controller.stop()

    assert.equal(calls, 1)
  })
})
