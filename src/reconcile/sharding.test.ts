// Clusters over shards, with the figures of upstream's own tests.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { distribute, standIn, type ShardedCluster, type ShardingAlgorithm } from './sharding.ts'

function cluster(id: string, shard?: number): ShardedCluster {
  return { id, server: `https://${id}`, ...(shard === undefined ? {} : { shard }) }
}

function shards(
  algorithm: ShardingAlgorithm,
  replicas: number,
  clusters: readonly ShardedCluster[],
): readonly number[] {
  const shardOf = distribute({ algorithm, replicas, clusters, applicationsOf: () => 1 })
  return clusters.map(shardOf)
}

describe('sharding', () => {
  // argo-cd v3.5.1 controller/sharding/sharding_test.go: TestGetShardByID_*, TestGetClusterFilter*.
  test('legacy takes the hash of the id', () => {
    assert.deepEqual(
      shards(
        'legacy',
        2,
        ['1', '2', '3', '4'].map((id) => cluster(id)),
      ),
      [0, 1, 0, 1],
    )
  })

  test('round-robin follows the sorted ids', () => {
    assert.deepEqual(
      shards(
        'round-robin',
        2,
        ['4', '1', '3', '2'].map((id) => cluster(id)),
      ),
      [1, 0, 0, 1],
    )
  })

  test('the own cluster and a shard that does not exist are of shard 0, a named shard is kept', () => {
    for (const algorithm of ['legacy', 'round-robin', 'consistent-hashing'] as const) {
      assert.deepEqual(shards(algorithm, 3, [cluster(''), cluster('x', 9), cluster('y', 2)]), [0, 0, 2])
    }
  })

  test('consistent hashing loads no shard a quarter beyond its part, and moves little when one comes', () => {
    const clusters = Array.from({ length: 100 }, (_, index) => cluster(`uid-${index}`))

    const of = (replicas: number): readonly number[] => shards('consistent-hashing', replicas, clusters)
    const [three, four] = [of(3), of(4)]

    for (const shard of [0, 1, 2, 3]) assert.ok(four.filter((one) => one === shard).length <= (100 / 4) * 1.25 + 1)
    const moved = three.filter((shard, index) => shard !== four[index]).length
    assert.ok(moved < 50, `${moved} of 100 moved`)
  })

  test('the clusters of a silent shard go to those alive, all others stay', () => {
    const ids = Array.from({ length: 50 }, (_, index) => `uid-${index}`)

    const taken = ids.map((id) => standIn(1, id, [2, 0]))

    assert.deepEqual(new Set(taken), new Set([0, 2]))
    assert.deepEqual([standIn(0, 'a', [0, 2]), standIn(1, 'a', [])], [0, 1])
  })
})
