// Stories of what goes away in the middle and comes back: the process, the API server, Git, the access to another cluster.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { type KubeClient, KubeError } from '../../src/kube/client/client.ts'
import type { JsonObject } from '../../src/kube/object.ts'
import { startLocalCluster, type LocalCluster } from '../../src/local-cluster/start.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap } from '../support/manifests.ts'

const AUTOMATED = { syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] } }
const BY_HAND = { syncPolicy: { syncOptions: ['CreateNamespace=true'] } }
const MANY = 50

function many(value: string): Record<string, string> {
  const names = Array.from({ length: MANY }, (_, index) => `map-${String(index).padStart(2, '0')}`)
  return Object.fromEntries(names.map((name) => [`web/${name}.json`, configMap(name, value)]))
}

/** A way to the cluster that can be cut: calls are refused, and watches that run end. */
function gate(): { readonly through: (client: KubeClient) => KubeClient; cut(): void; mend(): void } {
  let isCut = false
  let cutting = new AbortController()
  const refused = (): KubeError => new KubeError(503, 'ServiceUnavailable', 'the API server is gone')
  const through = (client: KubeClient): KubeClient =>
    new Proxy(client, {
      get(target, verb: keyof KubeClient) {
        const method: unknown = target[verb]
        if (typeof method !== 'function' || verb === 'close') return typeof method === 'function' ? method.bind(target) : method // prettier-ignore
        return (...args: readonly unknown[]) => {
          if (verb === 'watch') return cuttable(target, args)
          return isCut ? Promise.reject(refused()) : Reflect.apply(method, target, args)
        }
      },
    })
  async function* cuttable(client: KubeClient, args: readonly unknown[]): ReturnType<KubeClient['watch']> {
    if (isCut) throw refused()
    // The client's own contract: a type, then options.
    const [type, options] = args as Parameters<KubeClient['watch']>
    const signals = [cutting.signal, ...(options.signal === undefined ? [] : [options.signal])]
    yield* client.watch(type, { ...options, signal: AbortSignal.any(signals) })
  }
  return {
    through,
    cut() {
      isCut = true
      cutting.abort(refused())
    },
    mend() {
      isCut = false
      cutting = new AbortController()
    },
  }
}

/** A client after which the process is gone: when a call fits for the `last`th time, nothing more gets through. */
function endingAt(
  last: number,
  isCounted: (verb: string, kind: string) => boolean,
): (client: KubeClient) => KubeClient {
  let left = last
  return (client) =>
    new Proxy(client, {
      get(target, verb: keyof KubeClient) {
        const method: unknown = target[verb]
        if (typeof method !== 'function') return method
        if (verb === 'close' || verb === 'watch') return method.bind(target)
        return (...args: readonly { readonly kind?: string; readonly type?: { readonly kind: string } }[]) => {
          if (left <= 0) return Promise.reject(new Error('the process has ended'))
          if (isCounted(verb, args[0]?.kind ?? args[0]?.type?.kind ?? '')) left--
          return Reflect.apply(method, target, args)
        }
      },
    })
}

async function maps(cluster: DeliveryCluster): Promise<readonly string[]> {
  const { type } = await cluster.ref('v1/ConfigMap', '')
  const { items } = await cluster.client.list(type, { namespace: 'web' })
  return items.map(({ metadata }) => metadata.name ?? '').filter((name) => name.startsWith('map-'))
}

test('a process that ends in the middle of a sync of fifty objects leaves the rest to the next one', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: many('a') })
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
  await cluster.createApplication('web', BY_HAND)
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  await cluster.stopEngine()
  await cluster.startEngine(endingAt(MANY / 2, (verb, kind) => verb === 'create' && kind === 'ConfigMap'))
  await cluster.sync('web')
  await cluster.eventually(async () => ((await maps(cluster)).length >= MANY / 2 ? true : undefined))
  await cluster.stopEngine()
  const half = await maps(cluster)

  await cluster.startEngine()
  const state = await cluster.operationEnd('web')

  assert.ok(half.length < MANY, `${half.length}`)
  assert.equal(state.phase, 'Succeeded')
  assert.equal((await maps(cluster)).length, MANY)
  assert.equal(state.syncResult?.resources?.filter(({ status }) => status === 'Synced').length, MANY)
  await cluster.untilSynced('web')
})

test('a process that ends in the middle of pruning leaves the rest to the next one', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { ...many('a'), 'web/kept.json': configMap('kept', 'a') } })
  await cluster.createApplication('web', BY_HAND)
  await cluster.sync('web', { syncOptions: ['CreateNamespace=true'] })
  await cluster.operationEnd('web')
  cluster.repository.commit(Object.fromEntries(Object.keys(many('a')).map((path) => [path, undefined])))
  await cluster.refresh('web')
  await cluster.until('web', ({ status }) => status?.sync?.status === 'OutOfSync')
  await cluster.stopEngine()
  await cluster.startEngine(endingAt(MANY / 2, (verb, kind) => verb === 'delete' && kind === 'ConfigMap'))
  await cluster.sync('web')
  await cluster.eventually(async () => ((await maps(cluster)).length <= MANY / 2 ? true : undefined))
  await cluster.stopEngine()

  await cluster.startEngine()
  const state = await cluster.operationEnd('web')

  assert.equal(state.phase, 'Succeeded')
  // The last ones are being deleted in the foreground.
  await cluster.eventually(async () => ((await maps(cluster)).length === 0 ? true : undefined))
  assert.notEqual(await cluster.get('v1/ConfigMap', 'kept', 'web'), undefined)
  await cluster.untilSynced('web')
})

test('while the API server is gone nothing is lost; when it is back, what was pushed and edited meanwhile is put right', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')
  await cluster.stopEngine()
  const way = gate()
  await cluster.startEngine(way.through)
  await cluster.engine.idle()

  way.cut()
  const revision = cluster.repository.commit({ 'web/two.json': configMap('two', 'a') })
  await cluster.patch('v1/ConfigMap', 'one', { data: { value: 'edited' } }, { namespace: 'web' })
  await cluster.refresh('web')
  way.mend()

  await cluster.untilSynced('web', revision)
  const one = await cluster.eventually(async () => {
    const live = await cluster.get('v1/ConfigMap', 'one', 'web')
    return (live?.['data'] as JsonObject | undefined)?.['value'] === 'a' ? live : undefined
  })
  assert.equal(one.metadata.name, 'one')
  assert.notEqual(await cluster.get('v1/ConfigMap', 'two', 'web'), undefined)
})

test('while Git is gone a condition says so and live objects stay; when it is back the condition goes', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.createApplication('web', AUTOMATED)
  await cluster.untilSynced('web')

  cluster.repository.goAway(true)
  // An event of a live object that comes late compares it with what was read of Git before: asked again, Git is gone still.
  const gone = await cluster.eventually(async () => {
    await cluster.refresh('web', 'hard')
    const application = await cluster.application('web')
    return application.status?.sync?.status === 'Unknown' ? application : undefined
  })
  const kept = await cluster.get('v1/ConfigMap', 'one', 'web')
  cluster.repository.goAway(false)
  await cluster.refresh('web')
  const back = await cluster.untilSynced('web')

  const [condition] = gone.status?.conditions ?? []
  assert.equal(condition?.type, 'ComparisonError')
  assert.match(condition?.message ?? '', /the repository does not answer/)
  assert.equal(kept?.metadata.deletionTimestamp, undefined)
  assert.deepEqual(back.status?.conditions ?? [], [])
})

/** A service account that may do everything, and a token of it. */
async function account(cluster: LocalCluster, name: string): Promise<string> {
  const client = cluster.client()
  const typeOf = async (group: string, kind: string): Promise<Parameters<KubeClient['create']>[0]> => {
    const type = await client.resourceOf({ group, version: 'v1', kind })
    assert.ok(type, kind)
    return type
  }
  const accounts = await typeOf('', 'ServiceAccount')
  await client.create(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } })
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace: 'default' }],
  }
  await client.create(await typeOf('rbac.authorization.k8s.io', 'ClusterRoleBinding'), binding)
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name, namespace: 'default' }, spec: {} } // prettier-ignore
  const issued = await client.create(accounts, request, { subresource: 'token' })
  return (issued as unknown as { readonly status: { readonly token: string } }).status.token
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

test('access to a cluster that is revoked is told by the sync; renewed, the same sync goes on', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  const second = await startLocalCluster({ port: 0, clock: systemClock, log: silentLog, name: 'second' })
  t.after(() => second.close())
  const { url, authority } = second.access()
  const config = (bearerToken: string): string =>
    JSON.stringify({ bearerToken, tlsClientConfig: { caData: base64(authority) } })
  const metadata = {
    name: 'cluster-second',
    namespace: CONTROL_NAMESPACE,
    labels: { 'argocd.argoproj.io/secret-type': 'cluster' },
  }
  const stringData = { name: 'second', server: url, config: config(await account(second, 'old')) }
  await cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData })
  const destination = { name: 'second', namespace: 'default' }
  const retry = { limit: -1, backoff: { duration: '100ms', factor: 1 } }
  await cluster.createApplication('web', { syncPolicy: { ...AUTOMATED.syncPolicy, retry }, destination })
  await cluster.untilSynced('web')

  const client = second.client()
  const type = await client.resourceOf({ group: '', version: 'v1', kind: 'ServiceAccount' })
  assert.ok(type)
  await client.delete({ type, namespace: 'default', name: 'old' })
  const revision = cluster.repository.commit({ 'web/one.json': configMap('one', 'b') })
  await cluster.refresh('web')
  await cluster.until('web', ({ status }) => /Unauthorized/.test(status?.operationState?.message ?? ''))
  const data = { config: base64(config(await account(second, 'new'))) }
  await cluster.patch('v1/Secret', 'cluster-second', { data }, { namespace: CONTROL_NAMESPACE })
  await cluster.refresh('web')
  const { status } = await cluster.untilSynced('web', revision)

  assert.equal(status?.operationState?.phase, 'Succeeded')
  assert.ok((status?.operationState?.retryCount ?? 0) > 0)
})
