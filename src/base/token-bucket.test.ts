// Bursts pass at once, the rest at the rate.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TokenBucket } from './token-bucket.ts'

test('lets the burst pass, then spaces the rest at the rate', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 2 })

  const delays = [bucket.reserve(0), bucket.reserve(0), bucket.reserve(0), bucket.reserve(0), bucket.reserve(400)]

  assert.deepEqual(delays, [0, 0, 100, 200, 0])
})

test('fills up to the burst and not beyond', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 1 })

  bucket.reserve(0)

  assert.deepEqual([bucket.reserve(60_000), bucket.reserve(60_000)], [0, 100])
})

test('refuses at once what would have to wait', () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 1 })

  assert.deepEqual(
    [bucket.tryTake(0), bucket.tryTake(0), bucket.tryTake(999), bucket.tryTake(1000)],
    [true, false, false, true],
  )
})
