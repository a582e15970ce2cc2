// An API server that is gone for a whole minute: the controller goes on where it was, and puts right what happened meanwhile.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { parseApplication, type Application } from '../../src/crds/application.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { startCapstan } from '../support/processes.ts'
import { startEmbedded } from '../support/two-clusters.ts'

const GONE_MS = 60_000
const PATIENCE_MS = 180_000

interface Way {
  readonly port: number
  /** Breaks every connection, and each new one at once, as a server does that has ended behind a load balancer. */
  cut(): void
  mend(): void
}

async function startWay(t: TestContext, target: number): Promise<Way> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return void near.destroy()
    const far = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('data', (bytes) => other.write(bytes))
      // The other end is told by the close that follows.
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  t.after(() => {
    server.close()
    breakAll()
  })
  // Listening on TCP, so there is an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut() {
      isCut = true
      breakAll()
    },
    mend() {
      isCut = false
    },
  }
}

async function until<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await read()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await pause(200)
  }
}

interface Scene {
  readonly client: KubeClient
}

async function get({ client }: Scene, kind: string, name: string): Promise<KubeObject | undefined> {
  const group = kind === 'Application' ? 'argoproj.io' : ''
  const type = await client.resourceOf({ group, kind })
  assert.ok(type !== undefined)
  return client.get({ type, namespace: group === '' ? 'web' : 'argocd', name })
}

async function valueOf(scene: Scene, name: string): Promise<string | undefined> {
  const object = await get(scene, 'ConfigMap', name)
  return object === undefined ? undefined : /"value":"(?<value>[^"]*)"/.exec(JSON.stringify(object))?.groups?.['value']
}

async function untilSynced(scene: Scene, revision: string): Promise<Application> {
  return until(`web is Synced to ${revision}`, async () => {
    const object = await get(scene, 'Application', 'web')
    if (object === undefined) return undefined
    const application = parseApplication(object)
    const { sync } = application.status ?? {}
    return sync?.status === 'Synced' && sync.revision === revision ? application : undefined
  })
}

test('an API server that is gone for a minute costs nothing but the minute', { timeout: 600_000 }, async (t) => {
  const kubeconfig = await startEmbedded(t)
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  const client = createClient(httpTransport(transport), { clock: systemClock })
  t.after(() => client.close())
  const scene: Scene = { client }
  const way = await startWay(t, Number(new URL(transport.server).port))
  const around = join(temporaryFolder(t), 'kubeconfig')
  const address = transport.server.replace(/:\d+$/, `:${way.port}`)
  writeFileSync(around, readFileSync(kubeconfig, 'utf8').replaceAll(transport.server, address), { mode: 0o600 })
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const first = repository.commit({
    'app/one.json': configMap('one', 'a'),
    'app/two.json': configMap('two', 'a'),
    'app/three.json': configMap('three', 'a'),
  })
  const where = ['--kubeconfig', around, '--data-dir', temporaryFolder(t), '--address', '127.0.0.1']
  const controller = await startCapstan(t, ['controller', '--no-leader-election', '--metrics-port', '0', ...where], /^ready/m) // prettier-ignore
  const type = await client.resourceOf({ group: 'argoproj.io', kind: 'Application' })
  assert.ok(type !== undefined)
  const source = { repoURL: repository.url, path: 'app', targetRevision: 'main' }
  const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' }
  const syncPolicy = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] }
  const spec = { project: 'default', source, destination, syncPolicy }
  const metadata = { name: 'web', namespace: 'argocd' }
  const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata, spec }
  await client.create(type, application)
  await untilSynced(scene, first)

  way.cut()
  const second = repository.commit({ 'app/one.json': configMap('one', 'b'), 'app/two.json': null })
  const configMaps = await client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(configMaps !== undefined)
  await client.patch({ type: configMaps, namespace: 'web', name: 'three' }, 'merge', { data: { value: 'edited' } })
  const annotations = { 'argocd.argoproj.io/refresh': 'normal' }
  await client.patch({ type, namespace: 'argocd', name: 'web' }, 'merge', { metadata: { annotations } })
  await pause(GONE_MS)
  // Nothing of it could arrive.
  assert.equal(await valueOf(scene, 'one'), 'a')
  assert.equal(await valueOf(scene, 'three'), 'edited')
  way.mend()

  await untilSynced(scene, second)
  await until('the edit is undone', async () => ((await valueOf(scene, 'three')) === 'a' ? true : undefined))
  assert.equal(await valueOf(scene, 'one'), 'b')
  assert.equal(await valueOf(scene, 'two'), undefined)
  assert.doesNotMatch(controller.output(), /unexpected error|Unhandled|uncaught/i)
})
