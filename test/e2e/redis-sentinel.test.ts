// The shared store behind Redis Sentinels: it follows the master when that is gone and another takes its place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { silentLog } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import { openRedis, type SharedStore } from '../../src/shared-cache/redis-store.ts'
import { redisMissing } from '../support/redis.ts'
import { GROUP, GROUP_PASSWORD, SENTINEL_PASSWORD, startSentinelGroup } from '../support/redis-sentinel.ts'

const PATIENCE_MS = 120_000
const skip = redisMissing() ?? false

test('a store that Sentinels look after goes on with the next master', { skip, timeout: 300_000 }, async (t) => {
  const group = await startSentinelGroup(t)
  const commands: string[] = []
  const store = await openRedis({
    address: '',
    sentinel: { addresses: [group.address], master: GROUP, password: new Secret(SENTINEL_PASSWORD) },
    password: new Secret(GROUP_PASSWORD),
    log: silentLog,
    onRequest: ({ command, hasFailed }) => void commands.push(`${command} ${hasFailed}`),
  })
  t.after(() => store.close())
  let news = 0
  let connections = 0
  store.onConnected(() => connections++)
  store.subscribe('news', () => news++)
  await until('the first master is connected', () => store.isConnected)
  assert.equal(connections, 1)

  await store.set('key', Buffer.from([0, 255]), 600_000)
  assert.deepEqual(await store.get('key'), Buffer.from([0, 255]))
  assert.equal(await store.get('none'), undefined)
  await until('news arrive', async () => {
    await store.publish('news')
    return news > 0
  })

  await group.killMaster()
  await until('the next master takes writes', () => canWrite(store))
  const before = news
  await until('news arrive from the next master', async () => {
    await store.publish('news')
    return news > before
  })
  await store.delete(['later'])
  assert.equal(await store.get('later'), undefined)
  assert.ok(commands.includes('get false') && commands.includes('set false') && commands.includes('del false'))
})

test('Sentinels that are away are waited for', { skip, timeout: 300_000 }, async (t) => {
  const sentinel = { addresses: ['127.0.0.1:1'], master: GROUP }
  const store = await openRedis({ address: '', sentinel, log: silentLog })
  t.after(() => store.close())
  assert.equal(store.isConnected, false)
  await assert.rejects(store.get('key'), { code: 'unavailable', message: /capstan of the Sentinels 127\.0\.0\.1:1: / })
})

async function canWrite(store: SharedStore): Promise<boolean> {
  try {
    await store.set('later', Buffer.from('b'), 600_000)
    return true
  } catch {
    // Nobody is the master for a moment.
    return false
  }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await pause(50)
  }
}
