// What a controller reads of its shard from flags and variables.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient, ResourceRef } from '../kube/client/client.ts'
import { shardSettings, withDeployedReplicas } from './shards.ts'

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

test('where clusters are shared out, the replicas of the Deployment count, and without one those of the variable', async () => {
  const asked: string[] = []
  const type = { group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', namespaced: true, verbs: [], subresources: [] } // prettier-ignore
  const clientOf = (replicas: number | undefined): KubeClient => {
    const client: Partial<KubeClient> = {
      resourceOf: async () => type,
      async get({ name }: ResourceRef) {
        asked.push(name)
        const spec = { replicas }
        return replicas === undefined ? undefined : { apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec }
      },
    }
    return client as KubeClient // nothing else of it is called
  }
  const { signal } = new AbortController()
  const replicasOf = async (replicas: number | undefined, flags: object, more: object = {}): Promise<number> => {
    const options = { client: clientOf(replicas), namespace: 'argocd', signal }
    return shardSettings(flags, await withDeployedReplicas(flags, { ...REPLICAS, ...more }, options)).replicas
  }
  const isDynamic = { dynamicClusterDistributionEnabled: true }

  assert.equal(await replicasOf(5, isDynamic), 5)
  assert.equal(await replicasOf(undefined, isDynamic), 3)
  assert.equal(await replicasOf(5, {}), 3)
  assert.equal(await replicasOf(4, {}, { ARGOCD_ENABLE_DYNAMIC_CLUSTER_DISTRIBUTION: 'true' }), 4)
  assert.equal(await replicasOf(2, isDynamic, { ARGOCD_APPLICATION_CONTROLLER_NAME: 'mine' }), 2)
  assert.deepEqual(asked, [...Array.from({ length: 3 }, () => 'argocd-application-controller'), 'mine'])
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
