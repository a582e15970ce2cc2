// How long a role takes to end.
import assert from 'node:assert/strict'
import { setImmediate as afterOthers } from 'node:timers/promises'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { runRole, STOP_LIMIT_MS } from './run-role.ts'
import type { Started } from './started.ts'

const never = new Promise<never>(() => undefined)

interface Scene {
  readonly clock: ManualClock
  readonly abort: () => void
  readonly run: (work: (started: Started, signal: AbortSignal) => Promise<void>) => Promise<void>
  /** Has the run ended, well or not, when all that can go on has gone on? */
  readonly hasEnded: () => Promise<boolean>
}

function openScene(): Scene {
  const clock = new ManualClock()
  const ending = new AbortController()
  let isEnded = false
  return {
    clock,
    abort: () => ending.abort(new Error('told to end')),
    async run(work) {
      const { signal } = ending
      try {
        await runRole({ clock, log: silentLog, signal, work: (started) => work(started, signal) })
      } finally {
        isEnded = true
      }
    },
    async hasEnded() {
      for (let turn = 0; turn < 10; turn++) await afterOthers()
      return isEnded
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

test('what was started is ended in reverse when the work is done', async () => {
  const { run } = openScene()
  const ended: string[] = []

  await run(async (started) => {
    for (const name of ['first', 'second']) started.add(name, async (each) => void ended.push(each))
  })

  assert.deepEqual(ended, ['second', 'first'])
})

const stuck: Readonly<Record<string, (started: Started, signal: AbortSignal) => Promise<void>>> = {
  'work that does not listen': () => never,
  'a thing that does not end': async (started, signal) => {
    started.add('stuck', () => never)
    await aborted(signal)
  },
}
for (const [name, work] of Object.entries(stuck)) {
  test(`${name} holds up the end of a role for five seconds`, async () => {
    const { clock, run, abort, hasEnded } = openScene()
    const running = run(work)
    clock.advance(10 * STOP_LIMIT_MS)
    const isEarly = await hasEnded()

    abort()
    await hasEnded()
    clock.advance(STOP_LIMIT_MS - 1)
    const isBefore = await hasEnded()
    clock.advance(1)
    await running

    assert.deepEqual([isEarly, isBefore], [false, false])
  })
}

test('work that fails tells why, also where what it started does not end', async () => {
  const { clock, run, hasEnded } = openScene()
  const running = run(async (started) => {
    started.add('stuck', () => never)
    throw new Error('no such cluster')
  })
  const failed = assert.rejects(running, /no such cluster/)

  const isBefore = await hasEnded()
  clock.advance(STOP_LIMIT_MS)
  await failed

  assert.equal(isBefore, false)
})

test('an end that fails is told', async () => {
  const { run } = openScene()

  const running = run(async (started) => {
    started.add('broken', async () => {
      throw new Error('cannot end')
    })
  })

  await assert.rejects(running, /cannot end/)
})
