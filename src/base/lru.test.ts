// What the cache keeps, and what it lets go.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LruCache } from './lru.ts'

test('lets go of what was not asked for longest', () => {
  const evicted: string[] = []
  const cache = new LruCache<number>({ maxSize: 2, onEvict: (key) => evicted.push(key) })

  cache.set('a', 1)
  cache.set('b', 2)
  cache.get('a')
  cache.set('c', 3)

  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c'), evicted], [1, undefined, 3, ['b']])
  assert.deepEqual(cache.statistics, { hits: 3, misses: 1 })
})

test('counts sizes, and keeps nothing larger than itself', () => {
  const cache = new LruCache<string>({ maxSize: 5, sizeOf: (value) => value.length })

  cache.set('a', 'xxx')
  cache.set('a', 'xx')
  cache.set('b', 'yyy')
  cache.set('c', 'zzzzzz')

  assert.deepEqual([cache.size, cache.count, cache.has('c')], [5, 2, false])
  assert.equal(cache.delete('a'), true)
  assert.equal(cache.size, 3)
  cache.clear()
  assert.deepEqual([cache.size, cache.count], [0, 0])
})
