import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogRow } from './driver.ts'
import { HeadCache } from './head-cache.ts'

function row(key: string, revision: number, change: Partial<LogRow> = {}): LogRow {
  return { key, revision, deleted: false, createRevision: revision, previous: 0, value: 'ten chars.', ...change }
}

describe('the newest rows kept in memory', () => {
  it('gives the newest row of a key', () => {
    const cache = new HeadCache()

    cache.put(row('a', 1))
    cache.put(row('a', 2))

    assert.equal(cache.get('a')?.revision, 2)
  })

  it('pushes out the oldest beyond its limit', () => {
    const cache = new HeadCache(20)

    for (const key of ['a', 'b', 'c']) cache.put(row(key, 1))

    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => cache.get(key)?.key),
      [undefined, 'b', 'c'],
    )
  })

  it('takes what a list read only where there is room', () => {
    const cache = new HeadCache(20)

    cache.put(row('a', 1))
    for (const key of ['b', 'c']) cache.offer(row(key, 1))

    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => cache.get(key)?.key),
      ['a', 'b', undefined],
    )
  })

  it('forgets deleted objects with a compaction', () => {
    const cache = new HeadCache()
    cache.put(row('old', 1, { deleted: true }))
    cache.put(row('new', 3, { deleted: true }))
    cache.put(row('kept', 1))

    cache.compact(2)

    assert.equal(cache.get('old'), undefined)
    assert.equal(cache.get('new')?.revision, 3)
    assert.equal(cache.get('kept')?.revision, 1)
  })
})
