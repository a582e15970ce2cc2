// When a login is renewed before it ends, and how its end is told.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LATEST_MS, renewAtMs, timeLeft } from './renewal.ts'

describe('a login that expires', () => {
  const at = (lifeMs: number, random = 0): number =>
    renewAtMs({ issuedAt: new Date(0), expiresAt: new Date(lifeMs) }, random, 60_000)
  const HOUR = 3_600_000

  test('[003-09] is renewed at half its life, and ten minutes before its end where that is earlier', () => {
    assert.equal(at(12 * HOUR), 6 * HOUR)
    assert.equal(at(15 * 60_000), 5 * 60_000)
    assert.equal(at(10_000), 5000)
    for (const lifeMs of [1_200_000, HOUR, 3 * HOUR, 12 * HOUR]) {
      for (const random of [0, 0.5, 0.999]) assert.ok(at(lifeMs, random) <= lifeMs - LATEST_MS)
    }
    assert.ok(at(12 * HOUR, 1) >= 5.3 * HOUR)
  })

  test('is not asked for without pause where clocks make it end before it began', () => {
    assert.equal(at(-5 * 60_000), 60_000)
    assert.equal(at(0), 60_000)
  })

  test('says how long it lasts', () => {
    assert.equal(timeLeft(new Date(42 * 60_000), 0), 'in 42 minutes')
    assert.equal(timeLeft(new Date(6 * HOUR), 0), 'in 6 hours')
    assert.equal(timeLeft(new Date(0), 3 * 60_000), '3 minutes ago')
  })
})
