// Folders that hold nothing are known until something is written below them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EmptyPrefixes } from './empty-prefixes.ts'

describe('empty prefixes', () => {
  test('are filled by a key anywhere below', () => {
    const prefixes = new EmptyPrefixes()
    for (const prefix of ['/', '/quotas/', '/quotas/a/', '/quotas/b/']) prefixes.add(prefix)

    prefixes.fill('/quotas/a/one')

    const left = ['/', '/quotas/', '/quotas/a/', '/quotas/b/'].filter((prefix) => prefixes.has(prefix))
    assert.deepEqual(left, ['/quotas/b/'])
  })

  test('are not noted where a key may go on in the middle of a name', () => {
    const prefixes = new EmptyPrefixes()

    prefixes.add('/quotas/a')

    assert.equal(prefixes.has('/quotas/a'), false)
  })

  test('are forgotten beyond the limit', () => {
    const prefixes = new EmptyPrefixes(2)

    for (const prefix of ['/a/', '/b/', '/c/']) prefixes.add(prefix)

    assert.deepEqual(
      ['/a/', '/b/', '/c/'].map((prefix) => prefixes.has(prefix)),
      [false, false, true],
    )
  })
})
