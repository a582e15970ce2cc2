// The queue's promises to controllers, one by one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from './clock.ts'
import { WorkQueue } from './queue.ts'
import { TokenBucket } from './token-bucket.ts'

function createQueue(): { queue: WorkQueue; clock: ManualClock } {
  const clock = new ManualClock()
  return { queue: new WorkQueue({ clock }), clock }
}

test('a key added twice is taken once', async () => {
  const { queue } = createQueue()

  queue.add('a')
  queue.add('a')
  queue.add('b')

  assert.deepEqual([await queue.take(), await queue.take()], ['a', 'b'])
  assert.equal(queue.statistics().depth, 0)
})

test('a key added while it is worked on comes again, but only when that is done', async () => {
  const { queue } = createQueue()
  queue.add('a')
  await queue.take()

  queue.add('a')
  const before = queue.statistics().depth
  queue.done('a')

  assert.equal(before, 0)
  assert.equal(await queue.take(), 'a')
})

test('a waiting worker gets the next key', async () => {
  const { queue } = createQueue()
  const taken = queue.take()

  queue.add('a')

  assert.equal(await taken, 'a')
})

test('the earliest of several delays holds', () => {
  const { queue, clock } = createQueue()

  queue.addAfter('a', 100)
  queue.addAfter('a', 50)
  queue.addAfter('a', 200)
  clock.advance(49)
  const before = queue.statistics()
  clock.advance(1)

  assert.deepEqual([before.depth, before.delayed, queue.statistics().depth, queue.statistics().delayed], [0, 1, 1, 0])
})

test('retries of a key wait longer each time until it is forgotten', async () => {
  const { queue, clock } = createQueue()
  const delays: number[] = []
  for (let failures = 0; failures < 5; failures++) {
    if (failures === 4) queue.forget('a')
    queue.addRateLimited('a')
    const start = clock.now()
    while (queue.statistics().depth === 0) clock.advance(1)
    delays.push(clock.now() - start)
    await queue.take()
    queue.done('a')
  }

  assert.deepEqual(delays, [5, 10, 20, 40, 5])
})

test('a token bucket bounds the retries of all keys together', () => {
  const clock = new ManualClock()
  const queue = new WorkQueue({ clock, tokenBucket: new TokenBucket({ perSecond: 1, burst: 1 }) })

  for (const key of ['a', 'b', 'c']) queue.addRateLimited(key)
  clock.advance(5)
  const first = queue.statistics().depth
  clock.advance(2000)

  assert.deepEqual([first, queue.statistics().depth], [1, 3])
})

test('closing wakes the workers and drops what waits', async () => {
  const { queue, clock } = createQueue()
  const taken = queue.take()
  queue.addAfter('a', 10)

  queue.close()
  queue.add('b')
  clock.advance(10)

  assert.equal(await taken, undefined)
  assert.equal(await queue.take(), undefined)
  assert.equal(queue.statistics().delayed, 0)
})

test('is idle once what was ready is done', async () => {
  const { queue } = createQueue()
  queue.add('a')
  let idle = false
  const waiting = queue.idle().then(() => {
    idle = true
  })
  await queue.take()
  const whileWorking = idle

  queue.done('a')
  await waiting

  assert.deepEqual([whileWorking, idle], [false, true])
})

test('says how long the oldest key has waited', () => {
  const { queue, clock } = createQueue()

  queue.add('a')
  clock.advance(30)
  queue.add('b')
  clock.advance(10)

  assert.equal(queue.statistics().oldestAgeMs, 40)
})
