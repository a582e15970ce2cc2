// A registry's credential, registered once: the first pod of an application pulls its image.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTROL_NAMESPACE } from '../support/delivery-cluster.ts'
import {
  assertNeverRefused,
  AUTOMATED,
  deployment,
  entriesOf,
  loginsIn,
  pullSecretsIn,
  register,
  startRegistryDelivery,
  untilRunning,
} from '../support/registry-delivery.ts'

test('[000-06] [000-09] [000-11] [000-17] the first pod of a fresh namespace pulls; rotation and removal follow', async (t) => {
  const { cluster, registry, image } = await startRegistryDelivery(t, { files: {} })
  await register(cluster, 'team-registry', { url: registry.host, username: 'ann', password: 'first-secret' })
  cluster.repository.commit({ 'shop/web.yaml': deployment(image) })
  await cluster.createApplication('shop', AUTOMATED)
  await cluster.untilSynced('shop')
  await untilRunning(cluster, 'shop')

  const [secret, ...more] = await pullSecretsIn(cluster, 'shop')
  assert.ok(secret)
  assert.equal(more.length, 0)
  assert.deepEqual(loginsIn(secret), { [registry.host]: 'ann:first-secret' })
  assert.deepEqual(await entriesOf(cluster, 'shop'), [secret.metadata.name])
  await assertNeverRefused(cluster, 'shop')

  await register(cluster, 'team-registry', { password: 'second-secret' })
  await cluster.eventually(async () => {
    const [now] = await pullSecretsIn(cluster, 'shop')
    return now !== undefined &&
      now.metadata.uid === secret.metadata.uid &&
      loginsIn(now)[registry.host] === 'ann:second-secret'
      ? now
      : undefined
  })

  await cluster.delete('v1/Secret', 'team-registry', CONTROL_NAMESPACE)
  await cluster.eventually(async () => ((await pullSecretsIn(cluster, 'shop')).length === 0 ? true : undefined))
  assert.deepEqual(await entriesOf(cluster, 'shop'), [])
})
