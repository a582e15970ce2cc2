// Delays grow, stop growing at the bound, and start anew after a success.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff, backoffDelayMs } from './backoff.ts'

test('delays double up to the bound', () => {
  const cases: readonly [number, number][] = [
    [0, 0],
    [1, 5],
    [2, 10],
    [3, 20],
    [9, 1000],
    [5000, 1000],
  ]
  for (const [failures, expected] of cases) {
    assert.equal(backoffDelayMs({ baseMs: 5, maxMs: 1000 }, failures), expected, `${failures} failures`)
  }
})

test('jitter adds at most its share', () => {
  const options = { baseMs: 100, maxMs: 1000, jitter: 0.5 }

  assert.equal(backoffDelayMs({ ...options, random: () => 0 }, 1), 100)
  assert.equal(backoffDelayMs({ ...options, random: () => 0.5 }, 1), 125)
})

test('starts anew after a success', () => {
  const backoff = new Backoff({ baseMs: 1, maxMs: 100, factor: 3 })

  const delays = [backoff.nextMs(), backoff.nextMs(), backoff.nextMs()]
  backoff.reset()

  assert.deepEqual([...delays, backoff.nextMs()], [1, 3, 9, 1])
})
