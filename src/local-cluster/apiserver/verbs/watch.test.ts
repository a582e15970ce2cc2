// Watches: long histories, slow readers, bookmarks, protobuf; straight on the server's one function.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ManualClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import { decodeObject } from '../../../kube/protobuf/decode-object.ts'
import { builtinResources } from '../../kinds/resources.ts'
import { rulesFor } from '../../kinds/rules.ts'
import { openMemoryStore } from '../../storage/open-store.ts'
import type { Store } from '../../storage/store.ts'
import { MAX_WAITING_EVENTS, MAX_WAITING_TEXT, WATCH_CHUNK_BYTES } from '../limits.ts'
import { createApiServer } from '../server.ts'
import { CLUSTER_ADMIN } from '../user.ts'

const MAPS = '/api/v1/namespaces/ns/configmaps'

interface Scene {
  readonly clock: ManualClock
  readonly store: Store
  /** Writes without a word to the caller before the commit, as a real writer would do it. */
  write(name: string, size?: number): Promise<unknown>
  watch(query: string, accept?: string): Promise<AsyncIterator<string | Uint8Array>>
}

function startScene(t: TestContext): Scene {
  const clock = new ManualClock()
  const store = openMemoryStore()
  const server = createApiServer({
    store,
    catalogue: { resources: builtinResources(), rulesFor },
    clock,
    log: silentLog,
  })
  t.after(async () => {
    await server.close()
    await store.close()
  })
  return {
    clock,
    store,
    write(name, size = 1) {
      const key = `/configmaps/ns/${name}`
      const text = 'x'.repeat(size)
      return store.write({
        key,
        expected: store.get(key)?.revision ?? 0,
        encode: (revision) =>
          `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"${name}","namespace":"ns","resourceVersion":"${revision}"},"data":{"text":"${text}"}}`,
      })
    },
    async watch(query, accept = 'application/json') {
      const { body } = await server.handle(
        { method: 'GET', path: `${MAPS}?watch=1&${query}`, headers: { accept } },
        CLUSTER_ADMIN,
      )
      assert.ok(typeof body === 'object' && Symbol.asyncIterator in body)
      return body[Symbol.asyncIterator]()
    },
  }
}

async function nextText(stream: AsyncIterator<string | Uint8Array>): Promise<string | undefined> {
  const { done, value } = await stream.next()
  return done === true ? undefined : Buffer.from(value).toString('utf8')
}

test('a history longer than what may wait is told whole, in chunks of bounded size', async (t) => {
  const scene = startScene(t)
  await scene.write('first')
  const count = MAX_WAITING_EVENTS + 1
  for (let round = 0; round < count; round++) void scene.write(`map-${round % 50}`)
  await scene.store.committed()

  const stream = await scene.watch('resourceVersion=1')
  let events = 0
  while (events < count) {
    const chunk = (await nextText(stream)) ?? ''
    assert.ok(chunk.length < WATCH_CHUNK_BYTES + 1000)
    events += chunk.split('\n').length - 1
  }

  assert.equal(events, count)
  await stream.return?.()
})

test('a reader that stops is cut off by the text that waits for it; others are told everything', async (t) => {
  const scene = startScene(t)
  await scene.write('first')
  const [slow, fast] = await Promise.all([scene.watch('resourceVersion=1'), scene.watch('resourceVersion=1')])
  const size = 1024 * 1024
  const count = MAX_WAITING_TEXT / size + 1

  let told = 0
  for (let round = 0; round < count; round++) {
    await scene.write('large', size)
    told += ((await nextText(fast)) ?? '').split('\n').length - 1
  }

  assert.equal(told, count)
  assert.equal(await nextText(slow), undefined)
  await fast.return?.()
})

test('a bookmark names only what was committed and told', async (t) => {
  const scene = startScene(t)
  await scene.write('first')
  const stream = await scene.watch('resourceVersion=1&timeoutSeconds=3&allowWatchBookmarks=true')

  const writing = scene.write('second')
  scene.clock.advance(1_000)
  const bookmark = (await nextText(stream)) ?? ''
  await writing
  const change = (await nextText(stream)) ?? ''

  assert.equal(scene.store.revision, 2)
  assert.match(bookmark, /"BOOKMARK".*"resourceVersion":"1"/)
  assert.match(change, /"ADDED".*"resourceVersion":"2"/)
  await stream.return?.()
})

test('events in protobuf have their length before them', async (t) => {
  const scene = startScene(t)
  await scene.write('first')
  const stream = await scene.watch(
    'sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    'application/vnd.kubernetes.protobuf',
  )

  const { value } = await stream.next()
  const bytes = Buffer.from(value ?? '')
  await stream.return?.()

  assert.equal(bytes.readUInt32BE(0), bytes.length - 4)
  const { object } = decodeObject(bytes.subarray(bytes.indexOf('k8s\0')))
  assert.deepEqual([object['kind'], object['data']], ['ConfigMap', { text: 'x' }])
})
