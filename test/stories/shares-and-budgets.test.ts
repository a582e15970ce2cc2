// A team's share of a cluster: what a quota refuses, what a budget keeps running, and what load makes of a Deployment.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { KubeError, type KubeClient, type ResourceRef } from '../../src/kube/client/client.ts'
import { InformerSet } from '../../src/kube/client/informer-set.ts'
import { kindOf, type KubeObject } from '../../src/kube/object.ts'
import { openStoryCluster } from '../support/story-cluster.ts'

const NAMESPACE = 'team-a'
const PATIENCE_MS = 30_000

type Loose = KubeObject & {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

interface Story {
  readonly client: KubeClient
  create(object: Loose): Promise<KubeObject>
  ref(group: string, kind: string, name: string): Promise<ResourceRef>
  until(ref: ResourceRef, condition: (object: Loose | undefined) => boolean): Promise<Loose | undefined>
}

async function open(t: TestContext): Promise<Story> {
  const cluster = await openStoryCluster({ hasNodes: true })
  const client = cluster.client('team')
  const informers = new InformerSet({ client, clock: systemClock, log: silentLog })
  informers.start()
  t.after(async () => {
    await informers.stop()
    await cluster.close()
  })
  const story: Story = {
    client,
    async create(object) {
      const type = await client.resourceOf({ group: kindOf(object).group, kind: object.kind })
      assert.ok(type !== undefined)
      const place = type.namespaced ? { namespace: NAMESPACE } : {}
      return client.create(type, { ...object, metadata: { ...object.metadata, ...place } })
    },
    async ref(group, kind, name) {
      const type = await client.resourceOf({ group, kind })
      assert.ok(type !== undefined)
      return { type, name, namespace: NAMESPACE }
    },
    async until(ref, condition) {
      const informer = informers.ofType<Loose>(ref.type)
      await informer.hasSynced
      const { promise, resolve, reject } = Promise.withResolvers<Loose | undefined>()
      const check = (): void => {
        const object = informer.get(ref.namespace, ref.name)
        if (condition(object)) resolve(object)
      }
      const timer = setTimeout(() => reject(new Error(`not as expected: ${ref.name}`)), PATIENCE_MS)
      const stop = informer.onChange(check)
      check()
      return promise.finally(() => {
        clearTimeout(timer)
        stop()
      })
    },
  }
  await story.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  await story.until(await story.ref('', 'ServiceAccount', 'default'), (one) => one !== undefined)
  return story
}

function deployment(replicas: number, cpuUsage: string): Loose {
  const containers = [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '100m' } } }]
  const metadata = { labels: { app: 'web' }, annotations: { 'capstan.dev/cpu-usage': cpuUsage } }
  const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata, spec: { containers } } }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }
}

test('a team grows within its quota and keeps what its budget asks for', async (t) => {
  const story = await open(t)
  await story.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'share' }, spec: { hard: { pods: '3' } } }) // prettier-ignore
  await story.until(await story.ref('', 'ResourceQuota', 'share'), (one) => one?.status?.['used'] !== undefined)
  await story.create(deployment(2, '80%'))
  const web = await story.ref('apps', 'Deployment', 'web')
  await story.until(web, (one) => one?.status?.['readyReplicas'] === 2)
  const selector = { matchLabels: { app: 'web' } }
  await story.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web' }, spec: { selector, maxUnavailable: 0 } }) // prettier-ignore
  await story.until(await story.ref('policy', 'PodDisruptionBudget', 'web'), (one) => one?.status?.['desiredHealthy'] === 2) // prettier-ignore

  const target = { type: 'Utilization', averageUtilization: 40 }
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  await story.create({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec: { scaleTargetRef, maxReplicas: 4, metrics } }) // prettier-ignore

  const grown = await story.until(web, (one) => one?.spec?.['replicas'] === 4 && one.status?.['readyReplicas'] === 3)
  const failed = await story.until(web, (one) => JSON.stringify(one?.status).includes('exceeded quota: share'))
  const [pod] = (await story.client.list((await story.ref('', 'Pod', '')).type, { namespace: NAMESPACE })).items
  const { name = '' } = pod?.metadata ?? {}
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } }

  assert.equal(grown?.spec?.['replicas'], 4)
  assert.match(JSON.stringify(failed?.status), /requested: pods=1, used: pods=3, limited: pods=3/)
  await assert.rejects(
    story.client.create((await story.ref('', 'Pod', '')).type, eviction, { subresource: 'eviction' }),
    (error) => error instanceof KubeError && error.status === 429,
  )
})
