import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMailbox } from './mailbox.ts'

test('gives what was put before and while reading, until the signal aborts', async () => {
  const controller = new AbortController()
  const mailbox = createMailbox<number>({ limit: 10, signal: controller.signal })
  const read: number[] = []
  mailbox.put(1)

  for await (const item of mailbox) {
    read.push(item)
    if (item < 3) queueMicrotask(() => mailbox.put(item + 1))
    else controller.abort()
  }

  assert.deepEqual(read, [1, 2, 3])
})

test('a reader that lets more than the limit pile up is told so', async () => {
  const mailbox = createMailbox<number>({ limit: 2, signal: new AbortController().signal })
  for (const item of [1, 2, 3]) mailbox.put(item)

  await assert.rejects(mailbox[Symbol.asyncIterator]().next(), { code: 'limit' })
})
