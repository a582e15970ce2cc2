// Waiting for a stream that is full.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { roomToWrite } from './room-to-write.ts'

for (const event of ['drain', 'close']) {
  test(`waits until ${event}, and leaves no listener behind`, async () => {
    const stream = new EventEmitter()
    let isOver = false
    const waiting = roomToWrite(stream).then(() => (isOver = true))
    await Promise.resolve()
    const before = isOver

    stream.emit(event)
    await waiting

    assert.deepEqual([before, isOver], [false, true])
    assert.deepEqual(stream.eventNames(), [])
  })
}
