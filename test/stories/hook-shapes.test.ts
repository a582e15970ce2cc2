// Stories of hooks and manifests of unusual shape.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, job } from '../support/manifests.ts'

const SYNC = { syncOptions: ['CreateNamespace=true'] }
const BY_HAND = { syncPolicy: SYNC }

test('[002-10] a hook of two types runs once in each of its phases', async (t) => {
  const files = { 'web/a.json': configMap('a', '1'), 'web/hook.json': job('both', { hook: 'PreSync,PostSync' }) }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web', SYNC)
  await cluster.finishJob('both', 'web', 'Complete')
  const first = await cluster.get('batch/v1/Job', 'both', 'web')
  const second = await cluster.eventually(async () => {
    const live = await cluster.get('batch/v1/Job', 'both', 'web')
    return live !== undefined && live.metadata.uid !== first?.metadata.uid ? live : undefined
  })
  await cluster.finishJob('both', 'web', 'Complete')
  const { phase, syncResult } = await cluster.operationEnd('web')

  assert.notEqual(second.metadata.uid, first?.metadata.uid)
  assert.equal(phase, 'Succeeded')
  assert.deepEqual(
    syncResult?.resources
      ?.filter(({ kind }) => kind !== 'Namespace')
      .map(({ name, syncPhase, hookPhase }) => [name, syncPhase, hookPhase]),
    [
      ['both', 'PreSync', 'Succeeded'],
      ['a', 'Sync', 'Succeeded'],
      ['both', 'PostSync', 'Succeeded'],
    ],
  )
})

test('[002-10] a hook with generateName is named after revision, phase and time, and made anew each time', async (t) => {
  const hook = JSON.parse(job('x', { hook: 'PreSync', deletePolicy: 'HookSucceeded' }))
  const text = JSON.stringify({ ...hook, metadata: { ...hook.metadata, name: undefined, generateName: 'migrate-' } })
  const cluster = await startDeliveryCluster(t, { files: { 'web/hook.json': text, 'web/a.json': configMap('a', '1') } })
  const revision = cluster.repository.commit({})
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web', SYNC)
  const { type } = await cluster.ref('batch/v1/Job', '')
  const made = await cluster.eventually(async () => (await cluster.client.list(type, { namespace: 'web' })).items[0])
  const name = made.metadata.name ?? ''
  await cluster.finishJob(name, 'web', 'Complete')
  const { phase } = await cluster.operationEnd('web')

  assert.match(name, new RegExp(`^migrate-${revision.slice(0, 7)}-presync-\\d+$`))
  assert.equal(phase, 'Succeeded')
  await cluster.untilGone('batch/v1/Job', name, 'web')
})

test('an ordinary object with generateName alone fails the sync and is made by nobody', async (t) => {
  const metadata = { generateName: 'one-' }
  const files = { 'web/one.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }) }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web', SYNC)
  const { phase, syncResult } = await cluster.operationEnd('web')

  assert.equal(phase, 'Failed')
  assert.equal(syncResult?.resources?.at(-1)?.message, 'error: from one-: cannot use generate name with apply')
  const { type } = await cluster.ref('v1/ConfigMap', '')
  const { items } = await cluster.client.list(type, { namespace: 'web' })
  assert.deepEqual(
    items.filter(({ metadata: { name } }) => name?.startsWith('one-')),
    [],
  )
})

test('a List is the objects in it', async (t) => {
  const items = [JSON.parse(configMap('one', 'a')), JSON.parse(configMap('two', 'a'))]
  const files = { 'web/list.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web', SYNC)
  const { syncResult } = await cluster.operationEnd('web')

  const applied = syncResult?.resources?.filter(({ kind }) => kind === 'ConfigMap')
  assert.deepEqual(applied?.map(({ name }) => name).toSorted(), ['one', 'two'])
})
