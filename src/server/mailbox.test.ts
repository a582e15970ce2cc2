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

test('what has one key waits once, merged and where it first stood', async () => {
  const controller = new AbortController()
  const mailbox = createMailbox<string>({
    limit: 2,
    signal: controller.signal,
    keyOf: (item) => item.slice(0, 1),
    merge: (waiting, newer) => waiting + newer.slice(1),
  })
  for (const item of ['a1', 'b1', 'a2', 'a3']) mailbox.put(item)
  const read: string[] = []

  for await (const item of mailbox) {
    read.push(item)
    if (item === 'b1') mailbox.put('a4')
    if (item === 'a4') controller.abort()
  }

  assert.deepEqual(read, ['a123', 'b1', 'a4'])
})

test('a reader learns that it was too slow before it gets more', async () => {
  const mailbox = createMailbox<number>({ limit: 2, signal: new AbortController().signal })
  const reader = mailbox[Symbol.asyncIterator]()
  for (const item of [1, 2]) mailbox.put(item)
  await reader.next()
  for (const item of [3, 4]) mailbox.put(item)

  await assert.rejects(reader.next(), { code: 'limit' })
})
