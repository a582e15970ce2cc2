// Stories of a sync's inside: waves, hooks, and a process that ends in the middle.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, deployment, job, service } from '../support/manifests.ts'

const BY_HAND = { syncPolicy: { syncOptions: ['CreateNamespace=true'] } }
const SYNC = { syncOptions: ['CreateNamespace=true'] }

/** Names of objects of a kind in the order they were made; a name that was made twice stands twice. */
async function creations(cluster: DeliveryCluster, kinds: readonly string[], namespace: string): Promise<string[]> {
  const seen: string[] = []
  const controller = new AbortController()
  for (const kind of kinds) {
    const { type } = await cluster.ref(kind, '')
    const { resourceVersion } = await cluster.client.list(type, { namespace })
    void (async () => {
      const options = { namespace, resourceVersion, signal: controller.signal }
      for await (const event of cluster.client.watch(type, options)) {
        if (event.type === 'ADDED') seen.push(event.object.metadata.name ?? '')
      }
    })().catch(() => undefined)
  }
  return seen
}

interface Named {
  readonly kind?: string
  readonly type?: { readonly kind: string }
  readonly name?: string
}

/** A client after which the process is gone: once the first call that fits was sent, nothing more gets through. */
function endingAfter(isLast: (verb: string, kind: string) => boolean): (client: KubeClient) => KubeClient {
  let isGone = false
  return (client) =>
    new Proxy(client, {
      get(target, verb: keyof KubeClient) {
        const method: unknown = target[verb]
        if (typeof method !== 'function') return method
        if (verb === 'close' || verb === 'watch') return method.bind(target)
        return (...args: readonly Named[]) => {
          if (isGone) return Promise.reject(new Error('the process has ended'))
          const answer: unknown = Reflect.apply(method, target, args)
          isGone = isLast(verb, kindOfCall(args[0]))
          return answer
        }
      },
    })
}

/** Calls name a resource, or a reference to an object of one. */
function kindOfCall(first: Named | undefined): string {
  return first?.kind ?? first?.type?.kind ?? ''
}

test('[TestSyncSuccessfully_Multistep] [002-09] waves run in order, negative ones first, each when the one before is healthy', async (t) => {
  const files = {
    'web/app.json': deployment('web', 'nginx:1.29', { wave: '1' }),
    'web/service.json': service('web', { wave: '0' }),
    'web/config.json': configMap('web-config', 'a', { wave: '-1' }),
    'web/last.json': configMap('web-last', 'a', { wave: '2' }),
  }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
  const made = await creations(cluster, ['v1/ConfigMap', 'v1/Service', 'apps/v1/Deployment'], 'web')
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web')
  await cluster.until(
    'web',
    ({ status }) => status?.operationState?.message === 'waiting for healthy state of apps/Deployment/web',
  )
  const waiting = await cluster.application('web')
  await cluster.reportAvailable('web', 'web')
  const state = await cluster.operationEnd('web')

  assert.equal(waiting.status?.operationState?.phase, 'Running')
  assert.equal(waiting.status?.operationState?.message, 'waiting for healthy state of apps/Deployment/web')
  assert.equal(state.phase, 'Succeeded')
  assert.deepEqual(
    made.filter((name) => name.startsWith('web')),
    ['web-config', 'web', 'web', 'web-last'],
  )
})

test('[002-10] PreSync, Sync and PostSync hooks run in their phases', async (t) => {
  const files = {
    'web/app.json': configMap('app', 'a'),
    'web/before.json': job('before', { hook: 'PreSync' }),
    'web/after.json': job('after', { hook: 'PostSync', deletePolicy: 'HookSucceeded' }),
  }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web', SYNC)
  const isWaiting = 'waiting for completion of hook batch/Job/before'
  await cluster.until('web', ({ status }) => status?.operationState?.message === isWaiting)
  assert.equal(await cluster.get('v1/ConfigMap', 'app', 'web'), undefined)
  await cluster.finishJob('before', 'web', 'Complete')
  await cluster.finishJob('after', 'web', 'Complete')
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
  assert.deepEqual(
    state.syncResult?.resources
      ?.filter(({ hookType }) => hookType !== undefined)
      .map(({ name, hookType, hookPhase }) => [name, hookType, hookPhase]),
    [
      ['before', 'PreSync', 'Succeeded'],
      ['after', 'PostSync', 'Succeeded'],
    ],
  )
  await cluster.untilGone('batch/v1/Job', 'after', 'web')
  assert.notEqual(await cluster.get('batch/v1/Job', 'before', 'web'), undefined)
})

test('[002-10] a failed PreSync hook stops the sync and runs the SyncFail hooks', async (t) => {
  const files = {
    'web/app.json': configMap('app', 'a'),
    'web/before.json': job('before', { hook: 'PreSync' }),
    'web/rescue.json': job('rescue', { hook: 'SyncFail' }),
  }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web', SYNC)
  await cluster.finishJob('before', 'web', 'Failed')
  await cluster.finishJob('rescue', 'web', 'Complete')
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Failed')
  assert.equal(state.message, 'one or more synchronization tasks completed unsuccessfully')
  assert.equal(await cluster.get('v1/ConfigMap', 'app', 'web'), undefined)
})

test('[TestSync_ExistingHooksWithFinalizer] [002-10] a hook runs again in the next sync, made anew', async (t) => {
  const files = { 'web/app.json': configMap('app', 'a'), 'web/before.json': job('before', { hook: 'PreSync' }) }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)
  await cluster.sync('web', SYNC)
  await cluster.finishJob('before', 'web', 'Complete')
  await cluster.operationEnd('web')
  const first = await cluster.get('batch/v1/Job', 'before', 'web')

  await cluster.sync('web', SYNC)
  await cluster.eventually(async () => {
    const live = await cluster.get('batch/v1/Job', 'before', 'web')
    return live !== undefined && live.metadata.uid !== first?.metadata.uid ? live : undefined
  })
  await cluster.finishJob('before', 'web', 'Complete')
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
})

test('[002-10] Skip keeps an object out of the cluster without making the application differ', async (t) => {
  const files = { 'web/app.json': configMap('app', 'a'), 'web/skip.json': configMap('skipped', 'a', { hook: 'Skip' }) }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)

  await cluster.sync('web', SYNC)
  await cluster.operationEnd('web')
  await cluster.untilSynced('web')

  assert.equal(await cluster.get('v1/ConfigMap', 'skipped', 'web'), undefined)
})

test('a running sync can be ended: its hooks are removed', async (t) => {
  const files = { 'web/app.json': configMap('app', 'a'), 'web/before.json': job('before', { hook: 'PreSync' }) }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', BY_HAND)
  await cluster.sync('web', SYNC)
  await cluster.until('web', ({ status }) => (status?.operationState?.message ?? '').includes('before'))

  await cluster.terminate('web')
  const state = await cluster.operationEnd('web')

  assert.deepEqual([state.phase, state.message], ['Failed', 'Operation terminated'])
  await cluster.untilGone('batch/v1/Job', 'before', 'web')
})

for (const verb of ['create', 'patch'] as const) {
  const when = verb === 'create' ? 'right after a hook was made' : 'right after a hook was noted as done'
  test(`a process that ends ${when} leaves a sync that the next one finishes, each hook run once`, async (t) => {
    const files = {
      'web/app.json': configMap('app', 'a'),
      'web/before.json': job('before', { hook: 'PreSync' }),
      'web/after.json': job('after', { hook: 'PostSync', deletePolicy: 'HookSucceeded' }),
    }
    const cluster = await startDeliveryCluster(t, { files })
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
    const jobs = await creations(cluster, ['batch/v1/Job'], 'web')
    await cluster.createApplication('web', BY_HAND)
    await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
    await cluster.stopEngine()
    const isLast =
      verb === 'create'
        ? (call: string, kind: string) => call === 'create' && kind === 'Job'
        : (call: string, kind: string) => call === 'update' && kind === 'Job'
    await cluster.startEngine(endingAfter(isLast))

    await cluster.sync('web')
    await cluster.finishJob('before', 'web', 'Complete')
    if (verb === 'patch') await cluster.untilReleased('before', 'web')
    await cluster.stopEngine()
    await cluster.startEngine()
    await cluster.finishJob('after', 'web', 'Complete')
    const state = await cluster.operationEnd('web')

    assert.equal(state.phase, 'Succeeded')
    assert.deepEqual(jobs, ['before', 'after'])
  })
}

test('[002-10] PreDelete and PostDelete hooks run around the deletion of the objects, again where they fail', async (t) => {
  const files = {
    'web/app.json': configMap('app', 'a'),
    'web/before.json': job('before', { hook: 'PreDelete' }),
    'web/after.json': job('after', { hook: 'PostDelete', deletePolicy: 'HookSucceeded' }),
  }
  const cluster = await startDeliveryCluster(t, { files })
  const finalizers = ['resources-finalizer.argocd.argoproj.io']
  await cluster.createApplication('web', BY_HAND, { finalizers })
  await cluster.sync('web', SYNC)
  await cluster.operationEnd('web')
  const hooked = await cluster.until('web', ({ metadata }) => (metadata.finalizers ?? []).length === 5)

  await cluster.delete('argoproj.io/v1alpha1/Application', 'web', 'argocd')
  const first = await cluster.eventually(() => cluster.get('batch/v1/Job', 'before', 'web'))
  await cluster.finishJob('before', 'web', 'Failed')
  await cluster.eventually(async () => {
    const again = await cluster.get('batch/v1/Job', 'before', 'web')
    return again?.metadata.uid === first.metadata.uid ? undefined : again
  })
  const kept = await cluster.get('v1/ConfigMap', 'app', 'web')
  await cluster.finishJob('before', 'web', 'Complete')
  await cluster.untilGone('v1/ConfigMap', 'app', 'web')
  await cluster.finishJob('after', 'web', 'Complete')
  await cluster.untilGone('argoproj.io/v1alpha1/Application', 'web', 'argocd')

  assert.equal(hooked.status?.operationState?.phase, 'Succeeded')
  assert.notEqual(kept, undefined)
  assert.equal(await cluster.get('batch/v1/Job', 'before', 'web'), undefined)
})
