// What a start has begun comes to its end, whatever fails on the way.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Started } from './started.ts'

test('all is ended in reverse though ends fail, and the first fault is told', async () => {
  const started = new Started()
  const ended: string[] = []
  const add = (name: string, fault?: Error): void => {
    started.add(name, async (thing) => {
      ended.push(thing)
      if (fault !== undefined) throw fault
    })
  }
  add('engine')
  add('events', new Error('events'))
  add('hydrator')
  add('notifications', new Error('notifications'))

  await assert.rejects(started.stop(), { message: 'notifications' })

  assert.deepEqual(ended, ['notifications', 'hydrator', 'events', 'engine'])
  await started.stop()
  assert.equal(ended.length, 4, 'nothing is ended twice')
})
