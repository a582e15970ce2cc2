// Stories of commits that are seen by themselves: what they change is delivered, everything else is told its revision.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Application } from '../../src/crds/application.ts'
import { type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap } from '../support/manifests.ts'

const NAMES = ['web', 'shop', 'mail', 'wiki']
const AUTOMATED = { syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] } }

async function startAll(cluster: DeliveryCluster): Promise<readonly Application[]> {
  for (const name of NAMES) await cluster.createApplication(name, AUTOMATED)
  await Promise.all(NAMES.map((name) => cluster.untilSynced(name)))
  await cluster.engine.idle()
  return Promise.all(NAMES.map((name) => cluster.application(name)))
}

async function versionsOf(cluster: DeliveryCluster): Promise<readonly unknown[]> {
  const applications = await Promise.all(NAMES.map((name) => cluster.application(name)))
  return applications.map(({ metadata }) => metadata.resourceVersion)
}

const files = Object.fromEntries(NAMES.map((name) => [`${name}/one.json`, configMap(name, 'first')]))

test('a commit to one of many applications syncs it; the others get its revision without being compared', async (t) => {
  const cluster = await startDeliveryCluster(t, { files })
  const before = await startAll(cluster)

  const commit = cluster.repository.commit({ 'web/one.json': configMap('web', 'second') })
  cluster.repository.announce()

  await cluster.untilSynced('web', commit)
  const after = await Promise.all(NAMES.map((name) => cluster.untilSynced(name, commit)))
  const timesOf = (applications: readonly Application[]): unknown[] =>
    applications.slice(1).map(({ status }) => [status?.reconciledAt, status?.operationState?.finishedAt])
  assert.deepEqual(timesOf(after), timesOf(before))
})

test('one that is asked to refresh is told the revision at once', async (t) => {
  const cluster = await startDeliveryCluster(t, { files })
  await startAll(cluster)

  const commit = cluster.repository.commit({ 'web/one.json': configMap('web', 'second') })
  await cluster.refresh('mail')

  const mail = await cluster.untilSynced('mail', commit)
  assert.equal(mail.metadata.annotations?.['argocd.argoproj.io/refresh'], undefined)
})

test('a revision that was not written before the end of the process is written after its start', async (t) => {
  const cluster = await startDeliveryCluster(t, { files })
  await startAll(cluster)
  await cluster.stopEngine()
  const commit = cluster.repository.commit({ 'elsewhere.txt': 'x' })

  await cluster.startEngine()

  await Promise.all(NAMES.map((name) => cluster.untilSynced(name, commit)))
})

test('[001-11] commits are found by polling; a ref that stands still writes nothing', async (t) => {
  const cluster = await startDeliveryCluster(t, { files, settings: { resyncMs: 50, resyncJitterMs: 0 } })
  await startAll(cluster)

  await cluster.eventually(async () => {
    const before = await versionsOf(cluster)
    const opened = cluster.repository.opened.length
    const isPolled = (): boolean => cluster.repository.opened.length > opened + 5 * NAMES.length
    await cluster.eventually(() => Promise.resolve(isPolled() ? true : undefined))
    return isDeepStrictEqual(await versionsOf(cluster), before) ? true : undefined
  })

  const commit = cluster.repository.commit({ 'web/one.json': configMap('web', 'second') })
  await Promise.all(NAMES.map((name) => cluster.untilSynced(name, commit)))
})
