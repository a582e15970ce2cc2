// Trees through a real Redis, which goes and comes back.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { REDIS_PASSWORD, redisMissing, startRedis } from '../../test/support/redis.ts'
import { silentLog } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import { AppState } from './app-state.ts'
import { openRedis, type SharedStore } from './redis-store.ts'

const TREE = { nodes: [{ kind: 'Pod', name: 'web-1', namespace: 'web', version: 'v1' }] }

async function open(t: TestContext, address: string, password = REDIS_PASSWORD): Promise<SharedStore> {
  const store = await openRedis({ address, password: new Secret(password), log: silentLog })
  t.after(() => store.close())
  return store
}

/** Waits for what the test's own time limit ends. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(20)
}

function connected(store: SharedStore): Promise<void> {
  return until(() => store.isConnected)
}

const skip = redisMissing() ?? false

test("a tree is stored under upstream's key, compressed as JSON, and read back", { skip }, async (t) => {
  const { address } = await startRedis(t)
  const store = await open(t, address)
  await connected(store)
  const state = new AppState({ store })

  await state.setTree('web', TREE)
  await state.setManagedResources('web', [{ kind: 'ConfigMap', name: 'a', liveState: '{}' }])

  const raw = await store.get('app|resources-tree|web|1.8.3.gz')
  assert.deepEqual(JSON.parse(gunzipSync(raw ?? Buffer.alloc(0)).toString()), TREE)
  assert.deepEqual(await state.tree('web'), TREE)
  assert.equal((await state.managedResources('web'))?.[0]?.liveState, '{}')
  assert.equal(await state.tree('other'), undefined)
  await state.forget('web')
  assert.equal(await state.tree('web'), undefined)
})

test('a tree that upstream has stored in parts is put together', { skip }, async (t) => {
  const { address } = await startRedis(t)
  const store = await open(t, address)
  await connected(store)
  const write = (key: string, value: object): Promise<void> =>
    store.set(`${key}|1.8.3`, Buffer.from(JSON.stringify(value)), 60_000)

  await write('app|resources-tree|web', { nodes: [{ name: 'a' }], shardsCount: 2 })
  await write('app|resources-tree|web|1', { nodes: [{ name: 'b' }], hosts: [{ name: 'node' }] })

  const tree = await new AppState({ store, isCompressed: false }).tree('web')
  assert.deepEqual(
    tree?.nodes?.map((node) => node.name),
    ['a', 'b'],
  )
  assert.equal(tree?.hosts?.length, 1)
})

test('news reach who listens, also after the server was gone', { skip }, async (t) => {
  const redis = await startRedis(t)
  const [writer, reader] = [await open(t, redis.address), await open(t, redis.address)]
  await Promise.all([connected(writer), connected(reader)])
  let told = 0
  let connections = 0
  writer.onConnected(() => connections++)
  const stop = new AppState({ store: reader }).onChange('web', () => told++)
  const state = new AppState({ store: writer })
  const untilTold = async (): Promise<void> => {
    const before = told
    // A subscription takes a moment: news are told until one has come through.
    await until(async () => {
      await state.notify('web').catch(() => undefined)
      return told > before
    })
  }

  await untilTold()
  await redis.kill()
  await until(() => !writer.isConnected)
  await assert.rejects(state.setTree('web', TREE), { code: 'unavailable' })
  await redis.start()
  await until(() => connections > 1)
  await untilTold()
  stop()

  assert.ok(told >= 2)
})

test('an address that is none is refused by its name', async () => {
  await assert.rejects(openRedis({ address: 'a:b:c', log: silentLog }), /redis address "a:b:c": expected host:port/)
})
