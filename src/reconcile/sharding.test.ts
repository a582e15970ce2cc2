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

const OWN_SERVER = 'https://kubernetes.default.svc'

/** Shards, whether loads differ, the shard of the own cluster, and those of forty others as digits of base 36. */
const CONSISTENT: readonly (readonly [number, boolean, number, string])[] = [
  [2, false, 1, '0011101100111010000100001011110011010001'],
  [2, true, 1, '0011101100111010000100001011110011010001'],
  [3, false, 1, '0212101122111010222102021022112022220200'],
  [3, true, 1, '0222111122112010212102001022112022220201'],
  [5, false, 3, '4212401124441414202130401024113022230231'],
  [5, true, 3, '4224401324141410200130401022412023232231'],
  [12, false, 3, '48a26721a55466108029704a902b417879bb86a1'],
  [12, true, 3, '48a247136559766060b1409a9a2b487829b3a2b1'],
]

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

  test('a shard that does not exist is shard 0, a named shard is kept', () => {
    for (const algorithm of ['legacy', 'round-robin', 'consistent-hashing'] as const) {
      assert.deepEqual(shards(algorithm, 3, [cluster('x', 9), cluster('y', 2)]), [0, 2])
    }
  })

  test('the own cluster is the first of those in a row, and has a place on the ring like any other', () => {
    const clusters = ['', '1', '2'].map((id) => cluster(id))

    assert.equal(shards('legacy', 2, clusters)[0], 0)
    assert.deepEqual(shards('round-robin', 2, clusters), [0, 1, 0])
    assert.equal(shards('consistent-hashing', 2, clusters)[0], 1)
  })

  // Computed with upstream's package itself (argo-cd v3.5.1 `controller/sharding/consistent`), in Go.
  for (const [replicas, isWeighted, own, others] of CONSISTENT) {
    const loads = isWeighted ? 'different loads' : 'equal loads'
    test(`consistent hashing puts clusters where upstream does: ${replicas} shards, ${loads}`, () => {
      const known = Array.from({ length: 40 }, (_, index): ShardedCluster => {
        const start = ((BigInt(index) * 2654435761n) % 2n ** 32n).toString(16).padStart(8, '0')
        return { id: `${start}-0000-4000-8000-${String(index).padStart(12, '0')}`, server: `https://c${index}:6443` }
      })
      const clusters = [{ id: '', server: OWN_SERVER }, ...known]
      const applicationsOf = (server: string): number => {
        if (server === OWN_SERVER) return 4
        const index = Number(/\d+/.exec(server)?.[0])
        return isWeighted ? (index * index) % 17 : 1
      }

      const shardOf = distribute({ algorithm: 'consistent-hashing', replicas, clusters, applicationsOf })

      assert.equal(shardOf({ id: '', server: OWN_SERVER }), own)
      assert.equal(known.map((one) => shardOf(one).toString(36)).join(''), others)
    })
  }

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
