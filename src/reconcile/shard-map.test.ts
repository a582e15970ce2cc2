// Controllers that share out shards through a ConfigMap of the embedded cluster.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { startMemoryCluster } from '../../test/support/guarded-cluster.ts'
import { ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { SHARD_MAP_NAME, ShardMap } from './shard-map.ts'

const HEARTBEAT_MS = 10_000

interface Controller {
  readonly map: ShardMap
  /** Ends it as kill -9 does. */
  readonly kill: () => void
  readonly stop: () => Promise<void>
}

async function open(t: TestContext): Promise<KubeClient> {
  return (await startMemoryCluster(t)).client('test')
}

function controller(t: TestContext, client: KubeClient, clock: ManualClock, identity: string): Controller {
  const ended = new AbortController()
  const kill = (): void => ended.abort(new Error('killed'))
  t.after(kill)
  const common = { client, clock, log: silentLog, namespace: 'default', replicas: 3, heartbeatMs: HEARTBEAT_MS }
  const map = new ShardMap({ ...common, identity, signal: ended.signal, onChange: () => undefined })
  map.start()
  const stop = (): Promise<void> => {
    kill()
    return map.stop()
  }
  return { map, kill, stop }
}

/** Lets time pass until it is so; what never comes is ended by the test's own time limit. */
async function until(clock: ManualClock, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    clock.advance(HEARTBEAT_MS / 10)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

test('each takes a free shard, a silent one is no longer alive, and who comes takes its place', async (t) => {
  const client = await open(t)
  const clock = new ManualClock()
  const east = controller(t, client, clock, 'east')
  await until(clock, () => east.map.shard !== undefined)
  const west = controller(t, client, clock, 'west')
  await until(clock, () => west.map.shard !== undefined && east.map.alive.length === 2)
  const [first, second] = [east.map.shard, west.map.shard]

  west.kill()
  await until(clock, () => east.map.alive.length === 1)
  const alone = [...east.map.alive]
  const north = controller(t, client, clock, 'north')
  const south = controller(t, client, clock, 'south')
  await until(
    clock,
    () => north.map.shard !== undefined && south.map.shard !== undefined && east.map.alive.length === 3,
  )
  const shards = new Set([east, north, south].map(({ map }) => map.shard))
  await south.stop()
  await until(clock, () => east.map.alive.length === 2)

  assert.deepEqual([first, second, alone], [0, 1, [0]])
  assert.deepEqual(shards, new Set([0, 1, 2]))
})

test("the map has upstream's name, key and fields, and another number of replicas begins anew", async (t) => {
  const client = await open(t)
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  const entry = { ShardNumber: 7, ControllerName: 'old', HeartbeatTime: '2026-01-01T00:00:00Z' }
  const data = { shardControllerMapping: JSON.stringify([entry, entry, entry, entry]) }
  const metadata = { name: SHARD_MAP_NAME, namespace: 'default' }
  const before = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
  await client.create(type, before)
  const clock = new ManualClock()
  const east = controller(t, client, clock, 'east')

  await until(clock, () => east.map.shard !== undefined)

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
