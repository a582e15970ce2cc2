// Controllers that share out shards through a ConfigMap of the embedded cluster.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { startMemoryCluster } from '../../test/support/guarded-cluster.ts'
import { ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { KubeError, type KubeClient } from '../kube/client/client.ts'
import { SHARD_MAP_NAME, ShardMap } from './shard-map.ts'

const HEARTBEAT_MS = 10_000

interface Controller {
  readonly map: ShardMap
  /** Ends it as kill -9 does. */
  readonly kill: () => void
  readonly stop: () => Promise<void>
}

/** A client whose API server may accept and never answer, or be in the way of some writes. */
class Hindered {
  isSilent = false
  conflicts = 0
  /** Requests that will be answered. */
  underWay = 0
  readonly client: KubeClient

  constructor(client: KubeClient) {
    this.client = new Proxy(client, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: readonly unknown[]) => {
          if (this.isSilent) return unanswered(args)
          if (name === 'update' && this.conflicts-- > 0) throw new KubeError(409, 'Conflict', 'somebody was faster')
          return this.#counted(Reflect.apply(value, target, args))
        }
      },
    })
  }

  async #counted(answer: unknown): Promise<unknown> {
    this.underWay++
    try {
      return await answer
    } finally {
      this.underWay--
    }
  }
}

/** Rejects when the signal of the call aborts, like every call of a client. */
function unanswered(args: readonly unknown[]): Promise<never> {
  const last = args.at(-1)
  const signal = last instanceof AbortSignal ? last : (last as { readonly signal: AbortSignal }).signal
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true })
  })
}

function controller(t: TestContext, { hindered, clock }: Scene, identity: string): Controller {
  const ended = new AbortController()
  const kill = (): void => ended.abort(new Error('killed'))
  t.after(kill)
  const common = {
    client: hindered.client,
    clock,
    log: silentLog,
    namespace: 'default',
    replicas: 3,
    heartbeatMs: HEARTBEAT_MS,
  }
  const map = new ShardMap({ ...common, identity, signal: ended.signal, onChange: () => undefined })
  map.start()
  const stop = (): Promise<void> => {
    kill()
    return map.stop()
  }
  return { map, kill, stop }
}

interface Scene {
  readonly hindered: Hindered
  readonly clock: ManualClock
}

/** Lets time pass until it is so, but none while a request is under way; what never comes is ended by the test's own time limit. */
async function until({ hindered, clock }: Scene, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    if (hindered.underWay === 0) clock.advance(HEARTBEAT_MS / 10)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function openScene(t: TestContext): Promise<Scene> {
  return { hindered: new Hindered((await startMemoryCluster(t)).client('test')), clock: new ManualClock() }
}

test('each takes a free shard, a silent one is no longer alive, and who comes takes its place', async (t) => {
  const scene = await openScene(t)
  const east = controller(t, scene, 'east')
  await until(scene, () => east.map.shard !== undefined)
  const west = controller(t, scene, 'west')
  await until(scene, () => west.map.shard !== undefined && east.map.alive.length === 2)
  const [first, second] = [east.map.shard, west.map.shard]

  west.kill()
  await until(scene, () => east.map.alive.length === 1)
  const alone = [...east.map.alive]
  const north = controller(t, scene, 'north')
  const south = controller(t, scene, 'south')
  await until(
    scene,
    () => north.map.shard !== undefined && south.map.shard !== undefined && east.map.alive.length === 3,
  )
  const shards = new Set([east, north, south].map(({ map }) => map.shard))
  await south.stop()
  await until(scene, () => east.map.alive.length === 2)

  assert.deepEqual([first, second, alone], [0, 1, [0]])
  assert.deepEqual(shards, new Set([0, 1, 2]))
})

test('what belongs to who comes or goes is looked after by one at a time, and in the end by one', async (t) => {
  const scene = await openScene(t)
  const all: Controller[] = []
  const clusters = [0, 1, 2].flatMap((shard) => ['a', 'b', 'c', 'd'].map((id) => [shard, id] as const))
  const ownersOf = ([shard, id]: readonly [number, string]): number =>
    all.filter(({ map }) => map.owns(shard, id)).length
  let most = 0
  const untilAllOwned = (): Promise<void> =>
    until(scene, () => {
      const owners = clusters.map(ownersOf)
      most = Math.max(most, ...owners)
      return owners.every((count) => count === 1) && all.every(({ map }) => map.shard !== undefined)
    })

  for (const identity of ['east', 'west', 'north']) {
    all.push(controller(t, scene, identity))
    await untilAllOwned()
  }
  const east = all.shift()
  east?.kill()
  await untilAllOwned()
  all.push(controller(t, scene, 'south'))
  await untilAllOwned()

  assert.equal(most, 1)
  assert.equal(new Set(all.map(({ map }) => map.shard)).size, 3)
})

test("the map has upstream's name, key and fields, and another number of replicas begins anew", async (t) => {
  const scene = await openScene(t)
  const { client } = scene.hindered
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  const entry = { ShardNumber: 7, ControllerName: 'old', HeartbeatTime: '2026-01-01T00:00:00Z' }
  const data = { shardControllerMapping: JSON.stringify([entry, entry, entry, entry]) }
  const metadata = { name: SHARD_MAP_NAME, namespace: 'default' }
  const before = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
  await client.create(type, before)
  const east = controller(t, scene, 'east')

  await until(scene, () => east.map.shard !== undefined)

  const written = await client.get({ type, ...metadata })
  const { shardControllerMapping: text } = (written as unknown as typeof before).data
  const parsed = JSON.parse(text) as readonly Readonly<Record<string, unknown>>[]
  assert.deepEqual(
    parsed.map(({ ShardNumber, ControllerName }) => [ShardNumber, ControllerName]),
    [
      [0, 'east'],
      [1, ''],
      [2, ''],
    ],
  )
  assert.match(String(parsed[0]?.['HeartbeatTime']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test('a controller whose API server does not answer keeps its shard for three heartbeats, and takes it up again', async (t) => {
  const scene = await openScene(t)
  const { hindered, clock } = scene
  const { map } = controller(t, scene, 'east')
  await until(scene, () => map.shard === 0)
  hindered.isSilent = true
  const silentMs = clock.now()

  await until(scene, () => map.shard === undefined)
  const keptMs = clock.now() - silentMs
  hindered.isSilent = false
  await until(scene, () => map.shard === 0)

  // From the last beat on, which may have been one heartbeat ago, and in steps of a tenth.
  assert.ok(keptMs >= 2 * HEARTBEAT_MS - HEARTBEAT_MS / 10, `kept for ${keptMs} ms`)
  assert.ok(keptMs <= 3 * HEARTBEAT_MS + HEARTBEAT_MS / 10, `kept for ${keptMs} ms`)
})

test('a controller that others are in the way of keeps its shard', async (t) => {
  const scene = await openScene(t)
  const { hindered } = scene
  const { map } = controller(t, scene, 'east')
  await until(scene, () => map.shard === 0)
  hindered.conflicts = 5
  let isLost = false

  await until(scene, () => {
    isLost ||= map.shard !== 0
    return hindered.conflicts < 0
  })

  assert.equal(isLost, false)
})

test('a stop waits for no API server that does not answer', async (t) => {
  const scene = await openScene(t)
  const { hindered, clock } = scene
  const { map, stop } = controller(t, scene, 'east')
  await until(scene, () => map.shard === 0)
  hindered.isSilent = true
  const begunMs = clock.now()
  let hasStopped = false

  const stopping = stop().then(() => (hasStopped = true))
  await until(scene, () => hasStopped)
  await stopping

  assert.ok(clock.now() - begunMs <= 10_000, `stopped after ${clock.now() - begunMs} ms`)
})
