// What the controllers make of workloads, on the embedded cluster with its simulated nodes.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  conditionsOf,
  startScene,
  template,
  workload,
  type ClusterScene,
  type Loose,
} from '../../../test/support/cluster-scene.ts'
import type { Condition, Container } from './kit/model.ts'

function condition(object: Loose | undefined, type: string): Condition | undefined {
  return conditionsOf(object).find((one) => one.type === type)
}

function isRolledOut(object: Loose | undefined): boolean {
  const { status = {}, metadata, spec } = object ?? {}
  const wanted = spec?.['replicas']
  const counts = ['replicas', 'updatedReplicas', 'availableReplicas'].map((field) => status[field])
  const isSeen = status['observedGeneration'] === metadata?.generation
  return (
    isSeen &&
    counts.every((count) => count === wanted) &&
    condition(object, 'Progressing')?.reason === 'NewReplicaSetAvailable'
  )
}

async function podsOf(scene: ClusterScene, app: string): Promise<readonly Loose[]> {
  return (await scene.list('', 'Pod')).filter((one) => one.metadata.labels?.['app'] === app)
}

function imageOf(object: Loose): string | undefined {
  const containers = object.spec?.['containers']
  return Array.isArray(containers) ? containers.map((one: Container) => one.image).join() : undefined
}

const NEW_IMAGE = { spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.28' }] } } } }

describe('Deployments', () => {
  test('roll out, roll over to a new template, and say so in conditions and revisions', async (t) => {
    const scene = await startScene(t)
    await scene.create(workload('Deployment', 'web', { replicas: 4 }))
    const ref = await scene.ref('apps', 'Deployment', 'web')
    await scene.until(ref, isRolledOut)

    await scene.client.patch(ref, 'strategic', NEW_IMAGE)
    const rolled = await scene.until(ref, (one) => one?.metadata.generation === 2 && isRolledOut(one))

    const sets = await scene.list('apps', 'ReplicaSet')
    assert.equal(rolled?.metadata.annotations?.['deployment.kubernetes.io/revision'], '2')
    assert.deepEqual(
      [condition(rolled, 'Available')?.message, sets.length],
      ['Deployment has minimum availability.', 2],
    )
    assert.match(
      condition(rolled, 'Progressing')?.message ?? '',
      /^ReplicaSet "web-[a-z0-9]+" has successfully progressed\.$/,
    )
    assert.deepEqual(new Set(sets.map((set) => set.spec?.['replicas'])), new Set([0, 4]))
  })

  test('replace all pods before new ones start with Recreate', async (t) => {
    const scene = await startScene(t)
    await scene.create(workload('Deployment', 'web', { replicas: 2, strategy: { type: 'Recreate' } }))
    const ref = await scene.ref('apps', 'Deployment', 'web')
    await scene.until(ref, isRolledOut)
    const most = { seen: 0 }

    await scene.client.patch(ref, 'strategic', NEW_IMAGE)
    await scene.until(ref, (one) => {
      most.seen = Math.max(most.seen, Number(one?.status?.['replicas'] ?? 0))
      return one?.metadata.generation === 2 && isRolledOut(one)
    })

    assert.equal(most.seen, 2)
    assert.deepEqual((await podsOf(scene, 'web')).map(imageOf), ['nginx:1.28', 'nginx:1.28'])
  })

  test('do not go on while paused', async (t) => {
    const scene = await startScene(t)
    await scene.create(workload('Deployment', 'web', { replicas: 1, paused: true }))
    const ref = await scene.ref('apps', 'Deployment', 'web')

    const paused = await scene.until(ref, (one) => condition(one, 'Progressing')?.reason === 'DeploymentPaused')
    const before = await scene.list('apps', 'ReplicaSet')
    await scene.client.patch(ref, 'merge', { spec: { paused: false } })
    await scene.until(ref, isRolledOut)

    assert.deepEqual([condition(paused, 'Progressing')?.status, before.length], ['Unknown', 0])
  })

  test('report a deadline that has passed', async (t) => {
    const scene = await startScene(t)
    const failing = {
      ...template('web'),
      metadata: { labels: { app: 'web' }, annotations: { 'capstan.dev/ready': 'false' } },
    }
    await scene.create(workload('Deployment', 'web', { replicas: 1, progressDeadlineSeconds: 1, template: failing }))

    const late = await scene.until(
      await scene.ref('apps', 'Deployment', 'web'),
      (one) => condition(one, 'Progressing')?.status === 'False',
    )

    assert.equal(condition(late, 'Progressing')?.reason, 'ProgressDeadlineExceeded')
    assert.equal(condition(late, 'Available')?.reason, 'MinimumReplicasUnavailable')
  })
})

describe('StatefulSets', () => {
  test('make pods one after the other, with claims, and replace them from the highest ordinal down', async (t) => {
    const scene = await startScene(t)
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }
    await scene.create(workload('StatefulSet', 'db', { replicas: 3, serviceName: 'db', volumeClaimTemplates: [claim] }))
    const ref = await scene.ref('apps', 'StatefulSet', 'db')
    await scene.until(ref, (one) => one?.status?.['readyReplicas'] === 3)
    const born = (await podsOf(scene, 'db')).toSorted(
      (a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
    )

    await scene.client.patch(ref, 'strategic', {
      spec: { updateStrategy: { rollingUpdate: { partition: 1 } }, ...NEW_IMAGE.spec },
    })
    await scene.until(ref, (one) => one?.status?.['updatedReplicas'] === 2 && one.status['readyReplicas'] === 3)

    const images = (await podsOf(scene, 'db')).map((one) => `${one.metadata.name} ${imageOf(one)}`).toSorted()
    const volume = await scene.until(
      await scene.ref('', 'PersistentVolumeClaim', 'data-db-0'),
      (one) => one?.status?.['phase'] === 'Bound',
    )
    assert.deepEqual(
      born.map((one) => one.metadata.name),
      ['db-0', 'db-1', 'db-2'],
    )
    assert.deepEqual(images, ['db-0 nginx:1.27', 'db-1 nginx:1.28', 'db-2 nginx:1.28'])
    assert.equal(volume?.spec?.['storageClassName'], 'standard')
  })
})

describe('DaemonSets', () => {
  test('put one pod on every node that fits', async (t) => {
    const scene = await startScene(t)
    await scene.client.patch(await scene.ref('', 'Node', 'node-2'), 'merge', { metadata: { labels: { disk: 'ssd' } } })
    const spec = { nodeSelector: { disk: 'ssd' } }
    await scene.create(workload('DaemonSet', 'everywhere'))
    await scene.create(workload('DaemonSet', 'ssd', { template: template('ssd', {}, spec) }))

    const all = await scene.until(
      await scene.ref('apps', 'DaemonSet', 'everywhere'),
      (one) => one?.status?.['numberReady'] === 3,
    )
    await scene.until(await scene.ref('apps', 'DaemonSet', 'ssd'), (one) => one?.status?.['numberReady'] === 1)

    const [chosen] = await podsOf(scene, 'ssd')
    assert.deepEqual([all?.status?.['desiredNumberScheduled'], chosen?.spec?.['nodeName']], [3, 'node-2'])
  })
})

describe('Jobs', () => {
  const job = (name: string, command: readonly string[], spec: object = {}): Loose => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { template: template(name, { command }, { restartPolicy: 'Never' }), ...spec },
  })
  const isOver = (one: Loose | undefined): boolean =>
    ['Complete', 'Failed'].some((type) => condition(one, type)?.status === 'True')

  test('run as many pods to their end as asked for', async (t) => {
    const scene = await startScene(t)
    await scene.create(
      job('work', ['sh', '-c', 'echo one; sleep 0.01 && echo two'], { completions: 3, parallelism: 2 }),
    )

    const done = await scene.until(await scene.ref('batch', 'Job', 'work'), isOver)

    assert.deepEqual(
      [done?.status?.['succeeded'], condition(done, 'SuccessCriteriaMet')?.reason, condition(done, 'Complete')?.status],
      [3, 'CompletionsReached', 'True'],
    )
    assert.deepEqual(done?.status?.['uncountedTerminatedPods'], {})
  })

  test('fail at the back-off limit, with the target named first', async (t) => {
    const scene = await startScene(t)
    await scene.create(job('broken', ['false'], { backoffLimit: 0 }))

    const failed = await scene.until(await scene.ref('batch', 'Job', 'broken'), isOver)

    const types = conditionsOf(failed).map(({ type, reason }) => `${type} ${reason}`)
    assert.deepEqual(types, ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded'])
  })

  test('end at their deadline', async (t) => {
    const scene = await startScene(t)
    await scene.create(job('slow', ['sleep', '1h'], { activeDeadlineSeconds: 1 }))

    const failed = await scene.until(await scene.ref('batch', 'Job', 'slow'), isOver)

    assert.equal(condition(failed, 'Failed')?.reason, 'DeadlineExceeded')
  })

  test('give each index its pod and vanish after their time to live', async (t) => {
    const scene = await startScene(t)
    await scene.create(
      job('indexed', ['true'], {
        completions: 3,
        parallelism: 3,
        completionMode: 'Indexed',
        ttlSecondsAfterFinished: 0,
      }),
    )
    const ref = await scene.ref('batch', 'Job', 'indexed')
    const seen: { indexes: unknown } = { indexes: undefined }

    await scene.until(ref, (one) => {
      seen.indexes = one?.status?.['completedIndexes'] ?? seen.indexes
      return one === undefined && seen.indexes !== undefined
    })

    assert.equal(seen.indexes, '0-2')
  })
})

describe('owners', () => {
  for (const policy of ['Background', 'Foreground', 'Orphan'] as const) {
    test(`a deletion in ${policy} does to dependents what it says`, async (t) => {
      const scene = await startScene(t)
      await scene.create(workload('ReplicaSet', 'set', { replicas: 2 }))
      const ref = await scene.ref('apps', 'ReplicaSet', 'set')
      await scene.until(ref, (one) => one?.status?.['readyReplicas'] === 2)
      const pods = await podsOf(scene, 'set')

      await scene.client.delete(ref, { propagationPolicy: policy })
      await scene.until(ref, (one) => one === undefined)

      const first = await scene.ref('', 'Pod', pods[0]?.metadata.name ?? '')
      const expected = (one: Loose | undefined): boolean =>
        policy === 'Orphan' ? one?.metadata.ownerReferences === undefined : one === undefined
      const left = await scene.until(first, expected)
      assert.equal(left === undefined, policy !== 'Orphan')
    })
  }

  test('an owner that goes in the foreground does not wait for a dependent that was let go', async (t) => {
    const scene = await startScene(t)
    await scene.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner' } })
    const owner = await scene.ref('', 'ConfigMap', 'owner')
    const { uid = '' } = (await scene.until(owner, (one) => one !== undefined))?.metadata ?? {}
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, blockOwnerDeletion: true }
    const metadata = { name: 'child', ownerReferences: [reference], finalizers: ['example.com/hold'] }
    await scene.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
    const child = await scene.ref('', 'ConfigMap', 'child')

    await scene.client.delete(owner, { propagationPolicy: 'Foreground' })
    await scene.until(child, (one) => one?.metadata.deletionTimestamp !== undefined)
    await scene.client.patch(child, 'merge', { metadata: { ownerReferences: null } })

    assert.equal(await scene.until(owner, (one) => one === undefined), undefined)
  })

  test('an object whose owner never existed is removed', async (t) => {
    const scene = await startScene(t)
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'd5a0b8e2-0000-4000-8000-000000000000' }
    await scene.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'child', ownerReferences: [owner] } })

    assert.equal(await scene.until(await scene.ref('', 'ConfigMap', 'child'), (one) => one === undefined), undefined)
  })
})

describe('namespaces', () => {
  test('are born with an account and a certificate, and take everything along when they go', async (t) => {
    const scene = await startScene(t)
    await scene.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })
    await scene.until(await scene.ref('', 'ServiceAccount', 'default', 'team'), (one) => one !== undefined)
    const certificate = await scene.ref('', 'ConfigMap', 'kube-root-ca.crt', 'team')
    await scene.until(certificate, (one) => JSON.stringify(one).includes('-----BEGIN CERTIFICATE-----'))
    const web = workload('Deployment', 'web', { replicas: 2 })
    await scene.create({ ...web, metadata: { ...web.metadata, namespace: 'team' } })
    await scene.until(await scene.ref('apps', 'Deployment', 'web', 'team'), isRolledOut)
    const held = { name: 'held', namespace: 'team', finalizers: ['example.com/hold'] }
    await scene.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: held })
    const ref = await scene.ref('', 'Namespace', 'team')

    await scene.client.delete(ref)
    const waiting = await scene.until(ref, (one) => condition(one, 'NamespaceFinalizersRemaining')?.status === 'True')
    await scene.client.patch(await scene.ref('', 'ConfigMap', 'held', 'team'), 'merge', {
      metadata: { finalizers: null },
    })
    await scene.until(ref, (one) => one === undefined)

    assert.equal(waiting?.status?.['phase'], 'Terminating')
    assert.match(
      condition(waiting, 'NamespaceFinalizersRemaining')?.message ?? '',
      /example\.com\/hold in 1 resource instances/,
    )
  })
})

describe('services', () => {
  test('know the ready pods behind them and get an address from outside', async (t) => {
    const scene = await startScene(t)
    const ports = [{ name: 'http', containerPort: 8080 }]
    await scene.create(workload('Deployment', 'web', { replicas: 2, template: template('web', { ports }) }))
    const spec = { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] }
    await scene.create({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec })

    const endpoints = (await scene.until(
      await scene.ref('', 'Endpoints', 'web'),
      (one) => addressesOf(one) === 2,
    )) as Loose & { readonly subsets: readonly { readonly ports: unknown }[] }
    const service = await scene.until(await scene.ref('', 'Service', 'web'), (one) =>
      JSON.stringify(one?.status).includes('203.0.113.'),
    )

    const slices = await scene.list('discovery.k8s.io', 'EndpointSlice')
    assert.deepEqual(endpoints.subsets[0]?.ports, [{ port: 8080, protocol: 'TCP' }])
    assert.ok(slices.some((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === 'web'))
    assert.ok(service !== undefined)
  })
})

function addressesOf(object: Loose | undefined): number {
  const { subsets } = (object ?? {}) as { readonly subsets?: readonly { readonly addresses?: readonly unknown[] }[] }
  return subsets?.[0]?.addresses?.length ?? 0
}
