// Reads that several ask for at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LaterReads } from './later-reads.ts'

interface Reading {
  readonly key: string
  readonly end: (value: string) => void
  readonly fail: (error: Error) => void
}

function reader(): { readonly reads: LaterReads<string>; readonly readings: Reading[] } {
  const readings: Reading[] = []
  const reads = new LaterReads<string>((key) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    readings.push({ key, end: resolve, fail: reject })
    return promise
  })
  return { reads, readings }
}

test('who asks while a read is under way shares the next one, which begins after it', async () => {
  const { reads, readings } = reader()
  const first = reads.read('a')
  const late = [reads.read('a'), reads.read('a')]
  const other = reads.read('b')
  assert.deepEqual(
    readings.map(({ key }) => key),
    ['a', 'b'],
  )
  readings[0]?.end('old')
  readings[1]?.end('of b')
  assert.equal(await first, 'old')
  assert.equal(await other, 'of b')
  readings[2]?.end('new')
  assert.deepEqual(await Promise.all(late), ['new', 'new'])
  assert.equal(readings.length, 3)
})

test('a read that fails is that of its own callers alone', async () => {
  const { reads, readings } = reader()
  const first = reads.read('a')
  const second = reads.read('a')
  readings[0]?.fail(new Error('gone'))
  await assert.rejects(first, /gone/)
  await new Promise((resolve) => setImmediate(resolve))
  readings[1]?.end('back')
  assert.equal(await second, 'back')
  const third = reads.read('a')
  readings[2]?.end('again')
  assert.equal(await third, 'again')
})
