// A cluster whose login may not list every kind, by what the settings say of it.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { KubeError, type KubeClient, type ListOptions, type ResourceType } from '../kube/client/client.ts'
import type { KubeObject } from '../kube/object.ts'
import { ClusterCache } from './cluster-cache.ts'
import { mayList, type RespectRbac } from './refused-kinds.ts'

const VERBS = ['list', 'watch']
const type = (kind: string, group = ''): ResourceType => ({
  group,
  version: 'v1',
  kind,
  resource: `${kind.toLowerCase()}s`,
  namespaced: true,
  verbs: VERBS,
  subresources: [],
})
const SECRET = type('Secret')
const CONFIG_MAP = type('ConfigMap')
const REVIEW = type('SelfSubjectAccessReview', 'authorization.k8s.io')

interface Asked {
  readonly reviews: KubeObject[]
  refusals: number
}

/** Its Secrets are refused; what a review answers is given. */
function clientOf(asked: Asked, isAllowed: (review: KubeObject) => boolean): KubeClient {
  const client: Partial<KubeClient> = {
    resources: async () => [CONFIG_MAP, SECRET],
    resourceOf: async ({ kind }) => [CONFIG_MAP, SECRET, REVIEW].find((one) => one.kind === kind),
    serverVersion: async () => ({ gitVersion: 'v1.36.3', major: '1', minor: '36' }),
    async list({ kind }) {
      if (kind !== 'Secret') return { items: [], resourceVersion: '1' }
      asked.refusals++
      throw new KubeError(403, 'Forbidden', 'secrets is forbidden')
    },
    async *watch(_type: ResourceType, { signal }: ListOptions) {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
      yield* []
    },
    async create(_type, review) {
      asked.reviews.push(review)
      return { ...review, status: { allowed: isAllowed(review) } }
    },
  }
  return client as KubeClient // the cache calls nothing else of it
}

function cacheOf(t: TestContext, client: KubeClient, respectRbac: RespectRbac): ClusterCache {
  const cache = new ClusterCache({
    client,
    clock: systemClock,
    log: silentLog,
    isExcluded: () => false,
    applicationOf: () => undefined,
    health: () => undefined,
    respectRbac: () => respectRbac,
    onChange: () => undefined,
    onKinds: () => undefined,
  })
  cache.whenReady().catch(() => undefined)
  cache.start()
  t.after(() => cache.stop())
  return cache
}

test('a kind that may not be listed is left out, and the others are followed', async (t) => {
  const asked: Asked = { reviews: [], refusals: 0 }
  const cache = cacheOf(
    t,
    clientOf(asked, () => true),
    'normal',
  )
  await cache.whenReady()
  assert.equal(cache.follows({ group: '', kind: 'ConfigMap' }), true)
  assert.equal(cache.follows({ group: '', kind: 'Secret' }), false)
  assert.equal(cache.scopeOf({ group: '', kind: 'Secret' }), true)
  assert.deepEqual(asked.reviews, [])
})

test('strict asks the cluster first, and leaves out what it says may not be listed', async (t) => {
  const asked: Asked = { reviews: [], refusals: 0 }
  const cache = cacheOf(
    t,
    clientOf(asked, () => false),
    'strict',
  )
  await cache.whenReady()
  assert.equal(cache.follows({ group: '', kind: 'Secret' }), false)
  assert.equal(asked.reviews.length, 1)
})

for (const [how, isAllowed] of [
  ['no', false],
  ['strict', true],
] as const) {
  test(`with ${how} a refusal that is not meant keeps the cluster unread`, async (t) => {
    const asked: Asked = { reviews: [], refusals: 0 }
    const cache = cacheOf(
      t,
      clientOf(asked, () => isAllowed),
      how,
    )
    const isRefused = (): boolean => asked.refusals > 0 && (how === 'no' || asked.reviews.length > 0)
    while (!isRefused()) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(cache.isReady, false)
    assert.equal(cache.error, undefined)
  })
}

test('a review is made for all namespaces, or for each of those that are looked after until one allows it', async () => {
  const asked: Asked = { reviews: [], refusals: 0 }
  const client = clientOf(asked, (review) => JSON.stringify(review).includes('"b"'))
  const { signal } = new AbortController()
  assert.equal(await mayList(client, SECRET, { namespaces: [], clusterResources: false, signal }), false)
  const namespaces = ['a', 'b', 'c']
  assert.equal(await mayList(client, SECRET, { namespaces, clusterResources: false, signal }), true)
  const cluster = { ...SECRET, namespaced: false }
  assert.equal(await mayList(client, cluster, { namespaces, clusterResources: true, signal }), false)
  const places = asked.reviews.map(
    (review) => /"namespace":"(?<place>[^"]*)"/.exec(JSON.stringify(review))?.groups?.['place'],
  )
  assert.deepEqual(places, ['*', 'a', 'b', '*'])
})
