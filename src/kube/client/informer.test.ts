// Informers against a scripted client whose watches the test feeds.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { KubeObject } from '../object.ts'
import { KubeError, type KubeClient, type ObjectList, type ResourceType, type WatchEvent } from './client.ts'
import { InformerSet } from './informer-set.ts'
import { Informer, type InformerOptions } from './informer.ts'

const pods: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  verbs: [],
  subresources: [],
}

function pod(name: string, resourceVersion: string, extra: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'n', name, uid: name, resourceVersion, ...extra } }
}

/** Lists what `objects` holds; each watch hands over to the test, which feeds and ends it. */
class ScriptedCluster {
  objects: readonly KubeObject[] = []
  resourceVersion = '10'
  lists = 0
  listError: Error | undefined
  readonly watches: { from: string; push: (event: WatchEvent | Error | 'end') => void }[] = []
  #watchers: (() => void)[] = []

  get client(): KubeClient {
    const scripted = {
      list: () => this.#list(),
      watch: (_type: ResourceType, options: { resourceVersion: string; signal?: AbortSignal }) => this.#watch(options),
      resourceOf: () => Promise.resolve(pods),
    }
    // The informer calls these three alone.
    return scripted as unknown as KubeClient
  }

  async watched(count: number): Promise<void> {
    while (this.watches.length < count) await new Promise<void>((resolve) => this.#watchers.push(resolve))
  }

  #list(): Promise<ObjectList> {
    this.lists++
    if (this.listError !== undefined) return Promise.reject(this.listError)
    return Promise.resolve({ items: this.objects, resourceVersion: this.resourceVersion })
  }

  async *#watch(options: { resourceVersion: string; signal?: AbortSignal }): AsyncGenerator<WatchEvent> {
    const queue: (WatchEvent | Error | 'end')[] = []
    let wake: () => void = () => undefined
    const push = (event: WatchEvent | Error | 'end'): void => {
      queue.push(event)
      wake()
    }
    options.signal?.addEventListener('abort', () => push(new Error('aborted')), { once: true })
    this.watches.push({ from: options.resourceVersion, push })
    for (const watcher of this.#watchers.splice(0)) watcher()
    for (;;) {
      const next = queue.shift()
      if (next === 'end') return
      if (next instanceof Error) throw next
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

interface Scene {
  cluster: ScriptedCluster
  clock: ManualClock
  informer: Informer
  seen: string[]
}

function scene(t: TestContext, options: Partial<InformerOptions> = {}): Scene {
  const cluster = new ScriptedCluster()
  const clock = new ManualClock()
  const informer = new Informer({
    client: cluster.client,
    type: pods,
    clock,
    log: silentLog,
    random: () => 0,
    ...options,
  })
  t.after(() => informer.stop())
  const seen: string[] = []
  informer.onChange((event) => {
    seen.push(`${event.type} ${event.object.metadata.name} ${event.old?.metadata.resourceVersion ?? '-'}`)
  })
  return { cluster, clock, informer, seen }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('an informer', () => {
  test('lists, then follows the watch in order', async (t) => {
    const { cluster, informer, seen } = scene(t)
    cluster.objects = [pod('a', '1')]
    informer.start()
    await informer.hasSynced
    await cluster.watched(1)

    cluster.watches[0]?.push({ type: 'ADDED', object: pod('b', '11') })
    cluster.watches[0]?.push({ type: 'MODIFIED', object: pod('a', '12') })
    cluster.watches[0]?.push({ type: 'DELETED', object: pod('b', '13') })
    cluster.watches[0]?.push({
      type: 'BOOKMARK',
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion: '20' } },
    })
    await settle()

    assert.deepEqual(seen, ['ADDED a -', 'ADDED b -', 'MODIFIED a 1', 'DELETED b 11'])
    assert.deepEqual(
      [informer.size, informer.get('n', 'a')?.metadata.resourceVersion, informer.resourceVersion],
      [1, '12', '20'],
    )
  })

  test('goes on from where it was when the server ends the watch', async (t) => {
    const { cluster, clock, informer } = scene(t)
    informer.start()
    await cluster.watched(1)
    cluster.watches[0]?.push({ type: 'ADDED', object: pod('b', '11') })
    cluster.watches[0]?.push('end')
    await cluster.watched(2)
    await settle()

    clock.advance(0)

    assert.deepEqual([cluster.lists, cluster.watches[1]?.from], [1, '11'])
  })

  test('lists anew after 410 and tells only what differs', async (t) => {
    const { cluster, informer, seen } = scene(t)
    cluster.objects = [pod('a', '1'), pod('b', '2'), pod('c', '3')]
    informer.start()
    await cluster.watched(1)
    seen.length = 0

    cluster.objects = [pod('a', '1'), pod('b', '15'), { ...pod('c', '16', { uid: 'other' }) }, pod('d', '17')]
    cluster.watches[0]?.push(new KubeError(410, 'Expired', 'too old'))
    await cluster.watched(2)

    assert.deepEqual(seen, ['MODIFIED b 2', 'DELETED c 3', 'ADDED c -', 'ADDED d -'])
    assert.equal(cluster.lists, 2)
  })

  test('notices what vanished while it was not watching', async (t) => {
    const { cluster, informer, seen } = scene(t)
    cluster.objects = [pod('a', '1')]
    informer.start()
    await cluster.watched(1)

    cluster.objects = []
    cluster.watches[0]?.push(new KubeError(410, 'Expired', 'too old'))
    await cluster.watched(2)

    assert.deepEqual(seen, ['ADDED a -', 'DELETED a 1'])
  })

  test('backs off while the server fails, and syncs once it answers', async (t) => {
    const { cluster, clock, informer } = scene(t)
    cluster.listError = new KubeError(503, 'ServiceUnavailable', 'down')
    informer.start()
    await settle()
    clock.advance(799)
    await settle()
    const early = cluster.lists
    clock.advance(1)
    await settle()
    const second = cluster.lists
    cluster.listError = undefined
    clock.advance(1600)

    await informer.hasSynced

    assert.deepEqual([early, second, cluster.lists], [1, 2, 3])
  })

  test('does not ask a server without pause whose watches end at once', async (t) => {
    const { cluster, clock, informer } = scene(t)
    informer.start()
    await cluster.watched(1)
    cluster.watches[0]?.push('end')
    await settle()
    const before = cluster.watches.length

    clock.advance(800)
    await cluster.watched(2)

    assert.equal(before, 1)
  })

  test('drops managedFields and keeps indexes up', async (t) => {
    const { cluster, informer } = scene(t, {
      indexes: { label: (object) => Object.keys(object.metadata.labels ?? {}) },
    })
    cluster.objects = [
      pod('a', '1', { labels: { x: '1' }, managedFields: [{}] }),
      pod('b', '2', { labels: { x: '1', y: '1' } }),
    ]
    informer.start()
    await cluster.watched(1)

    cluster.watches[0]?.push({ type: 'MODIFIED', object: pod('b', '11', { labels: { y: '1' } }) })
    await settle()
    const names = (value: string): unknown[] => [...informer.byIndex('label', value)].map((one) => one.metadata.name)

    assert.deepEqual([names('x'), names('y'), names('z')], [['a'], ['b'], []])
    assert.equal(informer.get('n', 'a')?.metadata.managedFields, undefined)
    assert.throws(() => informer.byIndex('nope', 'x'), /no index nope/)
  })

  test('a handler that throws stops nobody, and a late one is told what is there', async (t) => {
    const { cluster, informer } = scene(t)
    cluster.objects = [pod('a', '1')]
    informer.onChange(() => {
      throw new Error('broken')
    })
    informer.start()
    await informer.hasSynced
    const late: string[] = []

    const cancel = informer.onChange((event) => late.push(`${event.type} ${event.object.metadata.name}`))
    await cluster.watched(1)
    cluster.watches[0]?.push({ type: 'ADDED', object: pod('b', '11') })
    await settle()
    cancel()
    cluster.watches[0]?.push({ type: 'ADDED', object: pod('c', '12') })
    await settle()

    assert.deepEqual(late, ['ADDED a', 'ADDED b'])
  })

  test('stopped before its first list, it says so to who waits', async () => {
    const cluster = new ScriptedCluster()
    cluster.listError = new Error('down')
    const informer = new Informer({ client: cluster.client, type: pods, clock: new ManualClock(), log: silentLog })
    informer.start()

    await informer.stop()

    await assert.rejects(informer.hasSynced, /informer of pods stopped before its first list/)
  })
})

test('a set shares one informer per resource and adds the indexes of all', async (t) => {
  const cluster = new ScriptedCluster()
  cluster.objects = [pod('a', '1')]
  const set = new InformerSet({ client: cluster.client, clock: new ManualClock(), log: silentLog })
  t.after(() => set.stop())

  const one = await set.of({ group: '', kind: 'Pod' })
  set.start()
  await set.hasSynced()
  const two = await set.of({ group: '', kind: 'Pod', indexes: { uid: (object) => [object.metadata.uid ?? ''] } })

  assert.equal(one, two)
  assert.deepEqual([cluster.lists, two.byIndex('uid', 'a').size], [1, 1])
})

test('a set keeps metadata alone for who needs no more, unless others follow the whole objects', async (t) => {
  const cluster = new ScriptedCluster()
  cluster.objects = [pod('a', '1')]
  const metadataFirst = new InformerSet({ client: cluster.client, clock: new ManualClock(), log: silentLog })
  const wholeFirst = new InformerSet({ client: cluster.client, clock: new ManualClock(), log: silentLog })
  t.after(() => Promise.all([metadataFirst.stop(), wholeFirst.stop()]))

  const bare = metadataFirst.metadataOf(pods)
  const whole = wholeFirst.ofType(pods)
  metadataFirst.start()
  await metadataFirst.hasSynced()

  const [object] = [...bare.list()]
  assert.deepEqual(Object.keys(object ?? {}), ['apiVersion', 'kind', 'metadata'])
  assert.equal(object?.metadata.labels, undefined)
  assert.notEqual(metadataFirst.ofType(pods), bare)
  assert.equal(wholeFirst.metadataOf(pods), whole)
})
