import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FailedDeliveries, FIRST_PAUSE_MS, LONGEST_PAUSE_MS } from './failed-deliveries.ts'
import { isRefreshed } from './refreshed.ts'
import { SentMemory } from './sent-memory.ts'

describe('what was sent', () => {
  test('counts before the cache has seen it', () => {
    const memory = new SentMemory()

    memory.remember('u', undefined, 'new', 'new')

    assert.deepEqual(memory.current('u', undefined), { text: 'new', stored: 'new' })
    assert.deepEqual(memory.current('u', 'new'), { text: 'new', stored: 'new' })
    assert.deepEqual(memory.current('u', undefined), {})
  })

  test('counts where it could not be written, and is to be written still', () => {
    const memory = new SentMemory()

    memory.remember('u', 'old', 'new', 'old')

    assert.deepEqual(memory.current('u', 'old'), { text: 'new', stored: 'old' })
  })

  test('gives way to what somebody else wrote', () => {
    const memory = new SentMemory()
    memory.remember('u', 'old', 'new', 'new')

    assert.deepEqual(memory.current('u', 'theirs'), { text: 'theirs', stored: 'theirs' })
  })

  test('is forgotten with its object', () => {
    const memory = new SentMemory()
    memory.remember('u', undefined, 'new', 'new')

    memory.forget('u')

    assert.deepEqual(memory.current('u', undefined), {})
  })
})

describe('what failed', () => {
  test('waits longer each time, up to a bound, and not at all once it arrived', () => {
    const failures = new FailedDeliveries()

    assert.equal(failures.pauseMs('k', 0), 0)
    assert.deepEqual([failures.failed('k', 0), failures.failed('k', 0)], [FIRST_PAUSE_MS, 2 * FIRST_PAUSE_MS])
    assert.equal(failures.pauseMs('k', 5_000), 2 * FIRST_PAUSE_MS - 5_000)
    for (let count = 0; count < 20; count++) failures.failed('k', 0)
    assert.equal(failures.pauseMs('k', 0), LONGEST_PAUSE_MS)
    failures.settled('k')
    assert.equal(failures.pauseMs('k', 0), 0)
  })

  test('is forgotten with its object', () => {
    const failures = new FailedDeliveries()
    failures.failed('u1 a', 0)
    failures.failed('u2 a', 0)

    failures.forget('u1')

    assert.deepEqual([failures.pauseMs('u1 a', 0), failures.pauseMs('u2 a', 0)], [0, FIRST_PAUSE_MS])
  })
})

const END = '2026-03-04T05:06:07Z'
const CASES: readonly (readonly [string, object, boolean])[] = [
  ['without an operation', {}, true],
  ['while it runs', { operationState: { phase: 'Running' } }, true],
  ['ended, compared since', { operationState: { phase: 'Succeeded', finishedAt: END }, reconciledAt: END }, true],
  ['ended, observed since', { operationState: { phase: 'Error', finishedAt: END }, observedAt: END }, true],
  [
    'ended, compared before',
    { operationState: { phase: 'Failed', finishedAt: END }, reconciledAt: '2026-03-04T05:06:06Z' },
    false,
  ],
  ['ended, never compared', { operationState: { phase: 'Succeeded', finishedAt: END } }, false],
  ['ended at no time', { operationState: { phase: 'Succeeded' }, reconciledAt: END }, false],
]
describe('a status is up to date', () => {
  for (const [what, status, isSo] of CASES) {
    test(`${what}: ${isSo}`, () => assert.equal(isRefreshed({ status }), isSo))
  }
})
