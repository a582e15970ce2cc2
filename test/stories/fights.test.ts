// Stories of fights between self-heal and somebody else: found, named with the lines that end them, and ended by those lines.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createViews } from '../../src/controllers/applications/views.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import type { JsonObject, JsonValue } from '../../src/kube/object.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { CONTROL_NAMESPACE, type DeliveryCluster, startDeliveryCluster } from '../support/delivery-cluster.ts'
import { configMap, deployment } from '../support/manifests.ts'

const APPLICATION = 'argoproj.io/v1alpha1/Application'
const AUTOMATED = { automated: { selfHeal: true }, syncOptions: ['CreateNamespace=true'] }
async function untilWarned(cluster: DeliveryCluster): Promise<string> {
  const isWarned = (type: string): boolean => type === 'SelfHealLoopWarning'
  const { status } = await cluster.until('web', (found) =>
    (found.status?.conditions ?? []).some(({ type }) => isWarned(type)),
  )
  return status?.conditions?.find(({ type }) => isWarned(type))?.message ?? ''
}

/** Does what the condition says: adds its lines to what the application has. */
async function followAdvice(cluster: DeliveryCluster, message: string): Promise<void> {
  const { spec } = parseYaml(message.slice(message.indexOf('\nspec:'))) as { readonly spec: JsonObject }
  const added = (spec['syncPolicy'] as JsonObject | undefined)?.['syncOptions'] as readonly JsonValue[]
  const syncOptions = [...AUTOMATED.syncOptions, ...added]
  const patch = { spec: { ...spec, syncPolicy: { ...AUTOMATED, syncOptions } } }
  await cluster.patch(APPLICATION, 'web', patch, { namespace: CONTROL_NAMESPACE })
}

async function startFight(t: TestContext, files: Readonly<Record<string, string>>): Promise<DeliveryCluster> {
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', { syncPolicy: AUTOMATED })
  await cluster.untilSynced('web')
  return cluster
}

/** Puts a value back each time it has been undone. */
async function insist(cluster: DeliveryCluster, rounds: number, change: () => Promise<void>): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const before = (await cluster.application('web')).status?.operationState?.operation.sync?.autoHealAttemptsCount ?? 0
    await change()
    if (round === rounds - 1) return
    await cluster.until('web', ({ status, operation }) => {
      const attempts = status?.operationState?.operation.sync?.autoHealAttemptsCount ?? 0
      return attempts > before && status?.operationState?.phase === 'Succeeded' && operation === undefined
    })
  }
}

test('[002-13] a fight with an autoscaler is told with its name and ended by the lines told', async (t) => {
  const pods = { labels: { app: 'web' }, annotations: { 'capstan.dev/cpu-usage': '80%' } }
  const container = { name: 'main', image: 'nginx:1.29', resources: { requests: { cpu: '100m' } } }
  const web: JsonObject = {
    ...(JSON.parse(deployment('web', 'nginx:1.29')) as JsonObject),
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: pods, spec: { containers: [container] } },
    },
  }
  const target = { type: 'Utilization', averageUtilization: 40 }
  const autoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web-load' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 4,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  }
  const files = { 'web/app.json': JSON.stringify(web), 'web/scale.json': JSON.stringify(autoscaler) }
  const cluster = await startDeliveryCluster(t, { files })
  await cluster.createApplication('web', { syncPolicy: AUTOMATED })
  await cluster.until('web', ({ status }) => status?.operationState?.phase === 'Succeeded')
  await insist(cluster, 3, async () => {
    // What its controller does every 15 seconds.
    const at = { namespace: 'web', subresource: 'scale' }
    await cluster.patch('apps/v1/Deployment', 'web', { spec: { replicas: 2 } }, at)
  })

  const message = await untilWarned(cluster)
  const application = { namespace: CONTROL_NAMESPACE, name: 'web' }
  const compared = await createViews(cluster.engine).managedResources(application)
  await followAdvice(cluster, message)
  const calm = await cluster.until('web', ({ status, operation }) => {
    return status?.sync?.status === 'Synced' && operation === undefined && (status.conditions ?? []).length === 0
  })

  assert.match(message, /apps\/Deployment\/web: \/spec\/replicas \(set by HorizontalPodAutoscaler web-load\)/)
  assert.ok((calm.spec.ignoreDifferences ?? []).length > 0)
  const [field] = compared.find(({ kind }) => kind === 'Deployment')?.differingFields ?? []
  assert.deepEqual([field?.path, field?.subresource], ['/spec/replicas', 'scale'])
  assert.ok(field?.manager !== undefined)
  const live = await cluster.get('apps/v1/Deployment', 'web', 'web')
  assert.ok(Number((live?.['spec'] as JsonObject | undefined)?.['replicas']) > 1)
})

test('[002-13] a field that is changed as it is applied is told as the work of a webhook', async (t) => {
  const cluster = await startDeliveryCluster(t, { files: { 'web/one.json': configMap('one', 'a') } })
  await cluster.stopEngine()
  await cluster.startEngine(mutating)
  await cluster.createApplication('web', { syncPolicy: AUTOMATED })

  const message = await untilWarned(cluster)
  await followAdvice(cluster, message)
  const calm = await cluster.untilSynced('web')

  assert.match(message, /ConfigMap\/one: \/data\/value \(changed as it is applied, by a mutating webhook/)
  assert.deepEqual(calm.status?.conditions, [])
})

/** A webhook stands before the cluster: whatever a ConfigMap says, it says something else when it is stored. */
function mutating(client: KubeClient): KubeClient {
  return new Proxy(client, {
    get(target, verb: keyof KubeClient) {
      const method: unknown = target[verb]
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        if (verb === 'create' || verb === 'patch') {
          const at = verb === 'create' ? 1 : 2
          const text = JSON.stringify(args[at]).replaceAll('"value":"a"', '"value":"mutated"')
          args[at] = JSON.parse(text)
        }
        const answer: unknown = Reflect.apply(method, target, args)
        return answer
      }
    },
  })
}

test('[002-13] the warning stays between two heals and after a restart, and goes when the fields leave Git', async (t) => {
  const cluster = await startFight(t, { 'web/one.json': configMap('one', 'a') })
  const edit = (): Promise<void> =>
    cluster.patch('v1/ConfigMap', 'one', { data: { value: 'edited' } }, { namespace: 'web' })
  await insist(cluster, 3, edit)
  const message = await untilWarned(cluster)

  await cluster.untilSynced('web')
  await cluster.stopEngine()
  await cluster.startEngine()
  await cluster.refresh('web')
  await cluster.until('web', ({ metadata }) => metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined)
  const kept = (await cluster.application('web')).status?.conditions ?? []
  cluster.repository.commit({ 'web/one.json': configMap('one', 'edited') })
  await cluster.refresh('web')

  assert.deepEqual(
    kept.map((condition) => condition.message),
    [message],
  )
  await cluster.until('web', ({ status }) => (status?.conditions ?? []).length === 0)
})
