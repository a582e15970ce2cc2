// Stories of controllers and a server in processes of their own, as a production install runs them.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Secret } from '../../src/base/secret.ts'
import type { Application } from '../../src/crds/application.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { startCapstan, type Served } from '../support/processes.ts'
import { startRelay, type Relay } from '../support/relay.ts'
import { REDIS_PASSWORD, redisMissing, startRedis, type RedisServer } from '../support/redis.ts'
import { startEmbedded } from '../support/two-clusters.ts'

const PASSWORD = 'of-the-story'
const SERVICE = 'application.ApplicationService'
const skip = redisMissing() ?? false

interface Scene {
  readonly kubeconfig: string
  readonly client: KubeClient
  readonly redis: RedisServer
  readonly repository: ReturnType<typeof createRepository>
}

async function openScene(t: TestContext): Promise<Scene> {
  const [kubeconfig, redis] = await Promise.all([startEmbedded(t), startRedis(t)])
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  const client = createClient(httpTransport(transport), { clock: systemClock })
  t.after(() => client.close())
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'app/one.json': configMap('one', 'a') })
  return { kubeconfig, client, redis, repository }
}

async function startRole(
  t: TestContext,
  { kubeconfig, redis }: Scene,
  [role = '', ...more]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const where = ['--kubeconfig', kubeconfig, '--data-dir', temporaryFolder(t), '--address', '127.0.0.1']
  const flags = [...where, '--metrics-port', '0', '--redis', redis.address, ...more]
  const secrets = { REDIS_PASSWORD, CAPSTAN_ADMIN_PASSWORD: PASSWORD }
  const served = await startCapstan(t, [role, ...flags], /^ready.*$/m, { env: { ...secrets, ...env } })
  t.after(() => {
    if (!t.passed) t.diagnostic(`${role} ${env['POD_NAME'] ?? ''} ${more.join(' ')}\n${served.output()}`)
  })
  t.after(() => {
    if (!t.passed) t.diagnostic(`${role} ${env['POD_NAME'] ?? ''}:\n${served.output().slice(-4000)}`)
  })
  return served
}

async function startServer(t: TestContext, scene: Scene): Promise<ApiClient> {
  const served = await startRole(t, scene, ['server', '--port', '0'])
  const baseUrl = /http:\S+/.exec(served.found[0])?.[0] ?? ''
  const anonymous = createApiClient({ baseUrl, send: fetch })
  const login = { username: 'admin', password: PASSWORD }
  const { token } = await anonymous.call<{ readonly token: string }>('session.SessionService/Create', login)
  return createApiClient({ baseUrl, send: fetch, token: new Secret(token) })
}

function application(name: string, repoURL: string, server = 'https://kubernetes.default.svc'): object {
  const source = { repoURL, path: 'app', targetRevision: 'main' }
  const syncPolicy = { automated: {}, syncOptions: ['CreateNamespace=true'] }
  const spec = { project: 'default', destination: { server, namespace: name }, source, syncPolicy }
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name, namespace: 'argocd' }, spec }
}

async function create({ client }: Scene, object: object): Promise<void> {
  const type = await client.resourceOf({ group: 'argoproj.io', kind: 'Application' })
  assert.ok(type)
  // The helper above makes a whole Application.
  await client.create(type, object as Application)
}

/** Asks until it is so; what never comes is ended by the test's own time limit. */
async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await read()
    if (found !== undefined) return found
    await pause(100)
  }
}

async function untilSynced({ client }: Scene, name: string): Promise<void> {
  const type = await client.resourceOf({ group: 'argoproj.io', kind: 'Application' })
  assert.ok(type)
  await until(async () => {
    const found = (await client.get({ type, namespace: 'argocd', name })) as Application | undefined
    return found?.status?.sync?.status === 'Synced' ? found : undefined
  })
}

async function holderOf({ client }: Scene): Promise<string> {
  const type = await client.resourceOf({ group: 'coordination.k8s.io', kind: 'Lease' })
  assert.ok(type)
  const ref = { type, namespace: 'argocd', name: 'argocd-application-controller' }
  return until(async () => {
    const lease = (await client.get(ref)) as { readonly spec?: { readonly holderIdentity?: string } } | undefined
    return lease?.spec?.holderIdentity === '' ? undefined : lease?.spec?.holderIdentity?.split('_')[0]
  })
}

test(
  'a server shows what a controller elsewhere knows; the leader is killed and the other takes over; Redis may be gone',
  { skip, timeout: 560_000 },
  async (t) => {
    const scene = await openScene(t)
    const { repository, redis } = scene
    const controllers = new Map<string, Served>()
    for (const name of ['east', 'west'])
      controllers.set(name, await startRole(t, scene, ['controller'], { POD_NAME: name }))
    const api = await startServer(t, scene)

    await api.call(`${SERVICE}/Create`, { application: application('first', repository.url) })
    await untilSynced(scene, 'first')
    const tree = await until(async () => {
      const { nodes = [] } = await api.call<{ nodes?: { name: string }[] }>(`${SERVICE}/ResourceTree`, {
        applicationName: 'first',
      })
      return nodes.length > 0 ? nodes : undefined
    })
    const leader = await holderOf(scene)
    assert.equal(await controllers.get(leader)?.end('SIGKILL'), 'SIGKILL')
    await create(scene, application('second', repository.url))
    await untilSynced(scene, 'second')
    const next = await holderOf(scene)
    await redis.kill()
    await create(scene, application('third', repository.url))
    await untilSynced(scene, 'third')
    await assert.rejects(
      api.call(`${SERVICE}/ResourceTree`, { applicationName: 'third' }),
      /shared cache .*redis\.sock/,
    )
    await redis.start()
    await until(async () => {
      const asked = api.call<{ nodes?: unknown[] }>(`${SERVICE}/ResourceTree`, { applicationName: 'third' })
      const { nodes = [] } = await asked.catch(() => ({ nodes: [] }))
      return nodes.length > 0 ? nodes : undefined
    })
    const begunMs = performance.now()
    const code = await controllers.get(next)?.end('SIGTERM')

    assert.deepEqual(
      tree.map(({ name }) => name),
      ['one'],
    )
    assert.deepEqual(new Set([leader, next]), new Set(['east', 'west']))
    assert.equal(code, 0)
    t.diagnostic(`the last controller stopped in ${Math.round(performance.now() - begunMs)} ms`)
  },
)

/** Registers a second embedded cluster, looked after by the shard. */
async function registerRemote(t: TestContext, { client }: Scene, shard: string): Promise<string> {
  const { transport } = await loadKubeConfig({ path: await startEmbedded(t), env: {} })
  const base64 = (text = ''): string => Buffer.from(text).toString('base64')
  const { server, ca, clientCertificate, clientKey } = transport
  const tlsClientConfig = {
    caData: base64(ca),
    certData: base64(clientCertificate),
    keyData: base64(clientKey?.reveal()),
  }
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const labels = { 'argocd.argoproj.io/secret-type': 'cluster' }
  const stringData = { name: 'remote', server, shard, config: JSON.stringify({ tlsClientConfig }) }
  const metadata = { name: 'remote', namespace: 'argocd', labels }
  await client.create(type, { apiVersion: 'v1', kind: 'Secret', metadata, stringData } as KubeObject)
  return server
}

test(
  'clusters are shared out between controllers, and those of one that dies go to the other',
  { skip, timeout: 560_000 },
  async (t) => {
    const scene = await openScene(t)
    const env = { ARGOCD_CONTROLLER_REPLICAS: '2' }
    const flags = ['controller', '--dynamic-cluster-distribution-enabled', '--sharding-method', 'round-robin']
    const start = (shard: string): Promise<Served> =>
      startRole(t, scene, flags, { ...env, POD_NAME: `shard-${shard}`, ARGOCD_CONTROLLER_SHARD: shard })
    const [first, second] = [await start('0'), await start('1')]
    const remote = await registerRemote(t, scene, '1')

    await create(scene, application('here', scene.repository.url))
    await create(scene, application('there', scene.repository.url, remote))
    await Promise.all([untilSynced(scene, 'here'), untilSynced(scene, 'there')])
    // Until its next heartbeat the first one knows of no other, and looks after everything.
    await until(async () => (/alive="0 1"/.test(first.output()) ? true : undefined))
    await second.end('SIGKILL')
    await create(scene, application('later', scene.repository.url, remote))
    await untilSynced(scene, 'later')
    assert.match(first.output(), /shards are shared out anew/)
    assert.equal(await first.end('SIGTERM'), 0)
  },
)

/** The scene behind relays, which may fall silent. */
async function behindRelays(
  t: TestContext,
  scene: Scene,
): Promise<{ readonly scene: Scene; readonly relays: Relay[] }> {
  const text = readFileSync(scene.kubeconfig, 'utf8')
  const found = /127\.0\.0\.1:(?<port>\d+)/.exec(text)
  const api = await startRelay(t, { host: '127.0.0.1', port: Number(found?.groups?.['port']) })
  const redis = await startRelay(t, { path: scene.redis.address })
  const kubeconfig = join(temporaryFolder(t), 'kubeconfig')
  writeFileSync(kubeconfig, text.replaceAll(found?.[0] ?? '', `127.0.0.1:${api.port}`), { mode: 0o600 })
  return {
    scene: { ...scene, kubeconfig, redis: { ...scene.redis, address: `127.0.0.1:${redis.port}` } },
    relays: [api, redis],
  }
}

/** An end takes five seconds; a machine that is busy may need more for it, but not what a request may take. */
const END_MS = 40_000

test(
  'a controller, one that shares its clusters, and a server end in seconds when API server and Redis accept and never answer',
  { skip, timeout: 560_000 },
  async (t) => {
    const scene = await openScene(t)
    const behind = await behindRelays(t, scene)
    const shared = { ARGOCD_CONTROLLER_REPLICAS: '2', ARGOCD_CONTROLLER_SHARD: '1', POD_NAME: 'shard-1' }
    const roles = await Promise.all([
      startRole(t, behind.scene, ['controller'], { POD_NAME: 'east' }),
      startRole(t, behind.scene, ['controller', '--dynamic-cluster-distribution-enabled'], shared),
      startRole(t, behind.scene, ['server', '--port', '0']),
    ])
    await create(scene, application('first', scene.repository.url))
    await untilSynced(scene, 'first')

    for (const relay of behind.relays) relay.silence()
    await Promise.all(behind.relays.map((relay) => relay.untilAsked()))
    const begunMs = performance.now()
    const codes = await Promise.all(roles.map((role) => role.end('SIGTERM')))
    const tookMs = Math.round(performance.now() - begunMs)

    assert.deepEqual(codes, [0, 0, 0])
    assert.ok(tookMs < END_MS, `ended after ${tookMs} ms`)
    t.diagnostic(`all ended in ${tookMs} ms`)
  },
)
