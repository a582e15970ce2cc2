// What ends a streaming connection that nobody uses.
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { IDLE_TIMEOUT_MS } from './limits.ts'
import { endWhenIdle } from './upgrade.ts'

interface Counted {
  bytesRead: number
  bytesWritten: number
  destroyed: boolean
}

function watched(clock: ManualClock): { socket: Counted; stop: () => void } {
  const socket = { bytesRead: 0, bytesWritten: 0, destroyed: false, destroy: () => (socket.destroyed = true) }
  // The only parts of a socket that are looked at.
  return { socket, stop: endWhenIdle(socket as unknown as Socket, clock) }
}

test('a connection ends when nothing has moved for the idle time-out', () => {
  const clock = new ManualClock()
  const { socket } = watched(clock)
  clock.advance(IDLE_TIMEOUT_MS - 1)
  const before = socket.destroyed

  clock.advance(IDLE_TIMEOUT_MS / 4 + 1)

  assert.deepEqual([before, socket.destroyed], [false, true])
})

test('bytes in either direction keep it, and a session that is over no longer watches', () => {
  const clock = new ManualClock()
  const { socket } = watched(clock)
  const over = watched(clock)
  over.stop()

  for (let half = 0; half < 6; half++) {
    clock.advance(IDLE_TIMEOUT_MS / 2)
    if (half % 2 === 0) socket.bytesRead++
    else socket.bytesWritten++
  }

  assert.deepEqual([socket.destroyed, over.socket.destroyed], [false, false])
})
