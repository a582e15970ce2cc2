import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock, sleep, systemClock } from './clock.ts'

test('a manual clock runs what falls due, in order, and nothing else', () => {
  const clock = new ManualClock(0)
  const ran: string[] = []
  clock.schedule(20, () => ran.push('second'))
  clock.schedule(10, () => clock.schedule(5, () => ran.push(`first at ${clock.now()}`)))
  clock.schedule(31, () => ran.push('too late'))
  const cancel = clock.schedule(1, () => ran.push('cancelled'))
  cancel()

  clock.advance(30)

  assert.deepEqual(ran, ['first at 15', 'second'])
  assert.equal(clock.now(), 30)
})

test('the system clock does not take a delay of more than 24 days for none', async () => {
  let ran = false
  const cancel = systemClock.schedule(2 ** 31 + 1, () => (ran = true))

  await sleep(systemClock, 20)
  cancel()

  assert.equal(ran, false)
})

test('sleep ends when time has passed', async () => {
  const clock = new ManualClock(0)
  const sleeping = sleep(clock, 100)

  clock.advance(100)

  await assert.doesNotReject(sleeping)
})

test('sleep rejects with the reason of the abort and leaves no timer', async () => {
  const clock = new ManualClock(0)
  const controller = new AbortController()
  const sleeping = sleep(clock, 100, controller.signal)

  controller.abort(new Error('shutting down'))

  await assert.rejects(sleeping, { message: 'shutting down' })
})

test('the system clock calls back', async () => {
  await assert.doesNotReject(sleep(systemClock, 1))
})
