// Bytes on their way from one who writes to one who reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteQueue } from './byte-queue.ts'
import { MAX_UNREAD_BYTES } from './limits.ts'

test('gives what was written, in one piece where nobody read meanwhile', async () => {
  const queue = new ByteQueue()
  await queue.push(Buffer.from('a'))
  await queue.push(Buffer.from('b'))
  queue.end()
  await queue.push(Buffer.from('too late'))

  assert.equal(String(await queue.read()), 'ab')
  assert.equal(await queue.read(), undefined)
})

test('holds the writer up while too much is unread, and lets it go with the reader or the end', async () => {
  const endings: readonly ((queue: ByteQueue) => unknown)[] = [
    (queue) => queue.read(),
    (queue) => queue.end(),
    (queue) => queue.discard(),
  ]
  for (const end of endings) {
    const queue = new ByteQueue()
    let isThrough = false
    const writing = queue.push(Buffer.alloc(MAX_UNREAD_BYTES + 1)).then(() => (isThrough = true))
    await new Promise((resolve) => setImmediate(resolve))
    const before = isThrough

    await end(queue)
    await writing

    assert.deepEqual([before, isThrough], [false, true])
  }
})

test('a reader that waits is told of bytes and of the end', async () => {
  const queue = new ByteQueue()
  const first = queue.read()
  await queue.push(Buffer.from('x'))
  const bytes = await first
  const second = queue.read()
  queue.end()

  assert.deepEqual([String(bytes), await second], ['x', undefined])
})
