// What ends the work of a replica, and what does not.
import assert from 'node:assert/strict'
import { setImmediate as afterOthers } from 'node:timers/promises'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { createLog } from '../base/log.ts'
import { AGAIN_MS, keepAtWork } from './keep-at-work.ts'

test('work that fails is told and begins anew, work that ends begins anew, and the signal ends it', async () => {
  const clock = new ManualClock()
  const lines: string[] = []
  const log = createLog({ clock, level: 'info', format: 'text', write: (line) => lines.push(line) })
  const ending = new AbortController()
  const { signal } = ending
  let begun = 0
  const work = async (): Promise<void> => {
    begun++
    if (begun === 1) throw new Error('the cluster did not answer in time')
    if (begun === 2) return
    ending.abort(new Error('told to end'))
    throw new Error('ended amid its work')
  }

  const running = keepAtWork({ clock, log, signal }, work)
  for (const next of [2, 3]) {
    while (begun < next) {
      clock.advance(AGAIN_MS)
      await afterOthers()
    }
  }
  await running

  assert.equal(begun, 3)
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /begins anew.*did not answer in time/)
})
