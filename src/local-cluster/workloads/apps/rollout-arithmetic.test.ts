// The arithmetic of rollouts, from tables.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Deployment, ReplicaSet, RollingUpdate } from '../kit/model.ts'
import {
  MAX_REPLICAS,
  newSetSize,
  proportionalSizes,
  rolloutBounds,
  scaledValue,
  shrinkOldSets,
} from './rollout-arithmetic.ts'

const template = { spec: { containers: [] } }

function deployment(replicas: number, rollingUpdate: RollingUpdate = {}): Deployment {
  const spec = { replicas, selector: {}, template, strategy: { type: 'RollingUpdate', rollingUpdate } }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec }
}

function set(name: string, replicas: number, available: number, maxReplicas?: number): ReplicaSet {
  const annotations = maxReplicas === undefined ? {} : { [MAX_REPLICAS]: String(maxReplicas) }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${name.length}Z`, annotations },
    spec: { replicas, selector: {}, template },
    status: { replicas, availableReplicas: available },
  }
}

describe('rollouts', () => {
  test('surge rounds up, unavailable rounds down, and not both are 0', () => {
    const cases: readonly [number, RollingUpdate, number, number][] = [
      [4, {}, 1, 1],
      [1, {}, 1, 0],
      [10, { maxSurge: '30%', maxUnavailable: '35%' }, 3, 3],
      [3, { maxSurge: 0, maxUnavailable: 0 }, 0, 1],
      [2, { maxSurge: 5, maxUnavailable: 9 }, 5, 2],
      [0, {}, 0, 0],
    ]
    for (const [replicas, rolling, maxSurge, maxUnavailable] of cases) {
      assert.deepEqual(
        rolloutBounds(deployment(replicas, rolling)),
        { maxSurge, maxUnavailable },
        `${replicas} ${JSON.stringify(rolling)}`,
      )
    }
    assert.deepEqual([scaledValue('50%', 3, true), scaledValue('50%', 3, false), scaledValue('7', 3, true)], [2, 1, 7])
  })

  test('the new set grows into the room that surge leaves', () => {
    const cases: readonly [number, RollingUpdate, number, number, number][] = [
      [10, { maxSurge: 0 }, 10, 0, 0],
      [10, { maxSurge: 2 }, 10, 0, 2],
      [10, { maxSurge: 2 }, 8, 2, 4],
      [10, { maxSurge: 20 }, 10, 0, 10],
      [10, { maxSurge: 2 }, 0, 9, 10],
    ]
    for (const [replicas, rolling, old, present, expected] of cases) {
      const newSet = set('nn', present, present)
      const size = newSetSize(deployment(replicas, rolling), [set('o', old, old), newSet], newSet)
      assert.equal(size, expected, `${replicas} ${JSON.stringify(rolling)} old ${old} new ${present}`)
    }
  })

  test('old sets lose unhealthy replicas first and never more than availability allows', () => {
    const shrunk = (
      old: readonly ReplicaSet[],
      newSet: ReplicaSet,
      rolling: RollingUpdate,
    ): readonly (string | number)[] =>
      shrinkOldSets(deployment(10, rolling), newSet, old).flatMap(({ replicaSet, replicas }) => [
        replicaSet.metadata.name ?? '',
        replicas,
      ])

    assert.deepEqual(shrunk([set('o', 10, 10)], set('nn', 0, 0), { maxUnavailable: 0, maxSurge: 2 }), [])
    assert.deepEqual(shrunk([set('o', 10, 10)], set('nn', 0, 0), { maxUnavailable: 2 }), ['o', 8])
    assert.deepEqual(shrunk([set('o', 8, 8)], set('nn', 4, 0), { maxUnavailable: 2, maxSurge: 2 }), [])
    assert.deepEqual(shrunk([set('o', 10, 8)], set('nn', 0, 0), { maxUnavailable: 2 }), ['o', 8])
    assert.deepEqual(shrunk([set('o', 4, 4), set('oo', 4, 0)], set('nn', 4, 4), { maxUnavailable: 2, maxSurge: 2 }), [
      'oo',
      0,
    ])
  })

  test('a change of size is spread in proportion', () => {
    const sizes = (replicas: number, sets: readonly ReplicaSet[]): readonly number[] =>
      proportionalSizes(deployment(replicas, { maxSurge: 0 }), sets)
        .toSorted((a, b) => (a.replicaSet.metadata.name ?? '').length - (b.replicaSet.metadata.name ?? '').length)
        .map((one) => one.replicas)

    assert.deepEqual(sizes(12, [set('a', 5, 5, 10), set('bb', 5, 5, 10)]), [6, 6])
    assert.deepEqual(
      sizes(5, [set('a', 5, 5, 10), set('bb', 5, 5, 10)]).toSorted((a, b) => a - b),
      [2, 3],
    )
    assert.deepEqual(sizes(0, [set('a', 5, 5, 10), set('bb', 5, 5, 10)]), [0, 0])
  })
})
