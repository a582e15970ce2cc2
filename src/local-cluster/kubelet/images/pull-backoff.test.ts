// The back-off of pulls: 10 s doubling to 5 minutes, and forgotten after twice as long.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KUBELET_TIMING, PullBackoff, timingFrom } from './pull-backoff.ts'

function failAt(backoff: PullBackoff, nowMs: number): number | undefined {
  backoff.fail('app', 'no', { nowMs, timing: KUBELET_TIMING })
  return backoff.waiting('app', nowMs)?.leftMs
}

test('waits twice as long after each failure, up to five minutes', () => {
  const backoff = new PullBackoff()
  const waits: (number | undefined)[] = []
  let nowMs = 0

  for (let failure = 0; failure < 7; failure++) {
    const wait = failAt(backoff, nowMs)
    waits.push(wait)
    nowMs += wait ?? 0
  }

  assert.deepEqual(waits, [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
})

test('begins anew where the last failure is more than ten minutes ago', () => {
  const backoff = new PullBackoff()
  failAt(backoff, 0)

  assert.equal(failAt(backoff, 600_000), 20_000)
  assert.equal(failAt(backoff, 1_200_001), 10_000)
})

test('lets a pull through once the wait is over, and knows images apart', () => {
  const backoff = new PullBackoff()
  failAt(backoff, 0)

  assert.deepEqual(backoff.waiting('app', 9999), { leftMs: 1, message: 'no' })
  assert.equal(backoff.waiting('app', 10_000), undefined)
  assert.equal(backoff.waiting('other', 1), undefined)
})

test('a shorter first wait shortens all', () => {
  assert.deepEqual(timingFrom(100), { firstMs: 100, maxMs: 3000, relistMs: 10, syncMs: 100 })
  assert.equal(timingFrom(undefined), KUBELET_TIMING)
})
