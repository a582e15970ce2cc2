// Several embedded clusters: one process for all of them, snapshots of one that runs, delivery from one to another.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { startLocalCluster, type LocalCluster } from '../../src/local-cluster/start.ts'
import { startDeliveryCluster } from '../support/delivery-cluster.ts'
import { capstan, startCapstan } from '../support/processes.ts'

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'clusters-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

interface Ready {
  readonly kubeconfig: string
  readonly clusters: readonly { readonly name: string; readonly server: string; readonly context: string }[]
}

async function connect(t: TestContext, { kubeconfig }: Ready, context: string): Promise<KubeClient> {
  const { transport } = await loadKubeConfig({ path: kubeconfig, context, env: {} })
  const client = createClient(httpTransport(transport))
  t.after(() => client.close())
  return client
}

async function addMap(client: KubeClient, name: string): Promise<void> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  await client.create(type, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } })
}

async function mapNames(client: KubeClient): Promise<readonly string[]> {
  const type = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  const { items } = await client.list(type, { namespace: 'default' })
  return items.map(({ metadata }) => metadata.name ?? '').filter((name) => name !== 'kube-root-ca.crt')
}

const OFF = ['--port', '0', '--controllers', 'off', '--kubelet', 'off', '-o', 'json']

test('one process serves several clusters, which are listed, copied, stopped, restored and deleted by name', async (t) => {
  const dataDir = folder(t)
  const file = join(dataDir, 'a.snapshot')
  const admin = (...args: readonly string[]): ReturnType<typeof capstan> =>
    capstan(['local-cluster', ...args, '--data-dir', dataDir])
  const served = await startCapstan(
    t,
    ['local-cluster', '--data-dir', dataDir, '--name', 'a', '--name', 'b', ...OFF],
    /^\{"ready":true.*$/m,
  )
  const ready = JSON.parse(served.found[0]) as Ready
  await addMap(await connect(t, ready, 'capstan-a'), 'of-a')
  await addMap(await connect(t, ready, 'capstan-b'), 'of-b')

  const running = await admin('list')
  const copied = await admin('snapshot', file, '--name', 'a', '-o', 'json')
  const refused = await admin('delete', 'a')
  const stopped = await admin('stop', 'a')
  const restored = await admin('restore', file, '--name', 'c')
  const deleted = await admin('delete', 'a')
  const left = await admin('list', '-o', 'name')

  assert.deepEqual(
    ready.clusters.map(({ context }) => context),
    ['capstan-a', 'capstan-b'],
  )
  assert.match(running.stdout, /^a +Running +https:.*\nb +Running /m)
  assert.equal((JSON.parse(copied.stdout) as { cluster: string }).cluster, 'a')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.match(refused.stderr, /cluster a is running; stop it first/)
  assert.equal(stopped.stdout, 'cluster a stopped\ncluster b stopped\n')
  assert.equal(await served.end(), 0)
  assert.match(restored.stdout, /^cluster c restored/)
  assert.equal(deleted.stdout, 'cluster a deleted\n')
  assert.equal(left.stdout, 'b\nc\n')
})

test('a cluster for one test begins with a snapshot, keeps nothing and ends with its parent', async (t) => {
  const dataDir = folder(t)
  const file = join(dataDir, 'some.snapshot')
  const first = await startLocalCluster({ dataDir, clock: systemClock, log: silentLog })
  await addMap(first.client(), 'kept')
  await first.close()
  await capstan(['local-cluster', 'snapshot', file, '--data-dir', dataDir])

  const served = await startCapstan(
    t,
    ['local-cluster', '--data-dir', 'memory', '--snapshot', file, '--end-with-parent', ...OFF],
    /^\{"ready":true.*$/m,
  )
  const ready = JSON.parse(served.found[0]) as Ready
  const names = await mapNames(await connect(t, ready, 'capstan'))
  const code = await served.endInput()

  assert.deepEqual(names, ['kept'])
  assert.equal(code, 0)
  assert.ok(!existsSync(ready.kubeconfig))
})

test('an Application is delivered to a second embedded cluster that a cluster Secret names', async (t) => {
  const files = { 'web/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: delivered\ndata:\n  a: b\n' }
  const delivery = await startDeliveryCluster(t, { files })
  const second = await startLocalCluster({ port: 0, clock: systemClock, log: silentLog, name: 'second' })
  t.after(() => second.close())
  await delivery.create(clusterSecret(second))

  await delivery.createApplication('web', {
    destination: { name: 'second', namespace: 'default' },
    syncPolicy: { automated: {} },
  })
  await delivery.untilSynced('web')

  assert.deepEqual(await mapNames(second.client()), ['delivered'])
  assert.equal(await delivery.get('v1/ConfigMap', 'delivered', 'default'), undefined)
})

function clusterSecret(cluster: LocalCluster): Parameters<KubeClient['create']>[1] & Readonly<Record<string, unknown>> {
  const { name, url, authority, admin } = cluster.access()
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const tls = { caData: base64(authority), certData: base64(admin.certificate), keyData: base64(admin.key) }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `cluster-${name}`,
      namespace: 'argocd',
      labels: { 'argocd.argoproj.io/secret-type': 'cluster' },
    },
    stringData: { name, server: url, config: JSON.stringify({ tlsClientConfig: tls }) },
  }
}
