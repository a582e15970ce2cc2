// What the ReplicaSet controller does where it may not make pods.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../base/clock.ts'
import { silentLog } from '../../../base/log.ts'
import { createClient } from '../../../kube/client/create-client.ts'
import type { KubeClient } from '../../../kube/client/client.ts'
import { InformerSet } from '../../../kube/client/informer-set.ts'
import type { Transport } from '../../../kube/client/transport.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { startLocalCluster } from '../../start.ts'
import type { ReplicaSet } from '../kit/model.ts'
import { startWorkloads } from '../start-workloads.ts'

const clock = systemClock
const log = silentLog

const WEB = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
} as KubeObject

test('backs off while the service account of its pods is missing, and goes on once it is there', async (t) => {
  const cluster = await startLocalCluster({ clock, log })
  const counted = countPods(cluster.transport())
  const client = createClient(counted.transport, { clock })
  const informers = new InformerSet({ client, clock, log })
  const workloads = await startWorkloads({ client, clock, log, informers, enabled: ['replicaset'] })
  t.after(async () => {
    await workloads.stop()
    await informers.stop()
    await client.close()
    await cluster.close()
  })
  const sets = await informers.of<ReplicaSet>({ group: 'apps', kind: 'ReplicaSet' })

  await client.create(sets.type, WEB)
  await new Promise<void>((resolve) => {
    counted.onPod((count) => {
      if (count === 6) resolve()
    })
  })
  const [condition] = sets.get('default', 'web')?.status?.conditions ?? []
  const before = sets.get('default', 'web')?.metadata.resourceVersion
  await createAccount(client)
  await new Promise<void>((resolve) => {
    sets.onChange(({ object }) => {
      if (object.status?.replicas === 1) resolve()
    })
  })

  const why = 'error looking up service account default/default: serviceaccount "default" not found'
  assert.equal(condition?.message, `pods "web-" is forbidden: ${why}`)
  // The definition, the failure, and nothing for the attempts that told the same.
  assert.ok(counted.statusWrites() <= 3, `${counted.statusWrites()} status writes, last at ${before}`)
})

async function createAccount(client: KubeClient): Promise<void> {
  const type = await client.resourceOf({ group: '', kind: 'ServiceAccount' })
  if (type === undefined) throw new Error('no service accounts')
  const metadata = { name: 'default', namespace: 'default' }
  await client.create(type, { apiVersion: 'v1', kind: 'ServiceAccount', metadata })
}

interface Counted {
  readonly transport: Transport
  readonly onPod: (observer: (count: number) => void) => void
  readonly statusWrites: () => number
}

/** Counts the pods that are asked for and the statuses that are written. */
function countPods(transport: Transport): Counted {
  let [pods, statuses] = [0, 0]
  let observer: (count: number) => void = () => undefined
  const counting: Transport = {
    async send(request) {
      if (request.method === 'POST' && /\/pods(?:\?|$)/.test(request.path)) observer(++pods)
      if (request.method === 'PUT' && request.path.includes('/status')) statuses++
      return transport.send(request)
    },
    close: () => transport.close(),
  }
  return {
    transport: counting,
    onPod: (wanted) => {
      observer = wanted
    },
    statusWrites: () => statuses,
  }
}
