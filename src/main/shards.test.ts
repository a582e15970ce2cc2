// What a controller reads of its shard from flags and variables.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shardSettings } from './shards.ts'

const REPLICAS = { ARGOCD_CONTROLLER_REPLICAS: '3', POD_NAME: 'controller-2' }

test('a heartbeat outside of 10 to 60 seconds counts as 10: a controller that beats too fast would lose its shard by being slow', () => {
  const beats = ['', '-1', '0', '1', '9', '10', '25', '60', '61'].map(
    (text) => shardSettings({}, { ...REPLICAS, ARGOCD_CONTROLLER_HEARTBEAT_TIME: text }).heartbeatMs / 1000,
  )

  assert.deepEqual(beats, [10, 10, 10, 10, 10, 10, 25, 60, 10])
})

test('the shard is the named one, or the number of the pod; where shards are shared out, any that is free', () => {
  const isDynamic = { dynamicClusterDistributionEnabled: true }

  assert.equal(shardSettings({}, REPLICAS).shard, 2)
  assert.equal(shardSettings({}, { ...REPLICAS, POD_NAME: 'controller' }).shard, 0)
  assert.equal(shardSettings({}, { ...REPLICAS, ARGOCD_CONTROLLER_SHARD: '1' }).shard, 1)
  assert.equal(shardSettings(isDynamic, REPLICAS).shard, undefined)
  assert.equal(shardSettings(isDynamic, { ...REPLICAS, ARGOCD_CONTROLLER_SHARD: '1' }).shard, 1)
})

test('what cannot be meant is told with its name', () => {
  const wrong = [
    [{ shardingMethod: 'random' }, {}, /--sharding-method random: one of legacy, round-robin, consistent-hashing/],
    [{}, { ARGOCD_CONTROLLER_SHARD: '3' }, /ARGOCD_CONTROLLER_SHARD 3: there are 3 shards, from 0/],
    [{}, { ARGOCD_CONTROLLER_REPLICAS: 'many' }, /ARGOCD_CONTROLLER_REPLICAS many: write a whole number/],
  ] as const
  for (const [flags, env, message] of wrong) {
    assert.throws(() => shardSettings(flags, { ...REPLICAS, ...env }), message)
  }
})
