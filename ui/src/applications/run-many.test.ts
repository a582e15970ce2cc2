// Tests that many are worked through, whatever becomes of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MANY_AT_ONCE, runMany, type Outcome } from './run-many.ts'

test('all are tried, no more than a few at once, and failures are told', async () => {
  const keys = Array.from({ length: 10 }, (_, index) => `k${index}`)
  const outcomes: Outcome[] = []
  let [running, most] = [0, 0]

  await runMany(
    keys,
    async (key) => {
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      running -= 1
      if (key === 'k3') throw new Error('permission denied')
    },
    (outcome) => outcomes.push(outcome),
    new AbortController().signal,
  )

  assert.equal(outcomes.length, 10)
  assert.ok(most <= MANY_AT_ONCE)
  assert.deepEqual(outcomes.filter(({ failure }) => failure !== undefined), [{ key: 'k3', failure: 'permission denied' }]) // prettier-ignore
})

test('nothing is begun any more after it was stopped', async () => {
  const stop = new AbortController()
  const done: string[] = []

  await runMany(
    ['a', 'b', 'c', 'd', 'e', 'f'],
    async (key) => {
      done.push(key)
      stop.abort()
    },
    () => {},
    stop.signal,
  )

  assert.ok(done.length <= MANY_AT_ONCE)
})
