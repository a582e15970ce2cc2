// Connections to clusters of Secrets: wrong ones, revoked ones, limited ones, broken ones.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryFolder } from '../../../test/support/git.ts'
import { startGuardedCluster, startMemoryCluster, type GuardedCluster } from '../../../test/support/guarded-cluster.ts'
import { loopbackIdentity } from '../../../test/support/tls-identity.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { connectCluster, type ClusterRecord } from './cluster-client.ts'
import { Clusters } from './clusters.ts'
import { DEFAULT_SETTINGS } from './engine-settings.ts'

const PROBE_MS = 100
/** Longer than any test. */
const SELDOM_MS = 3_600_000

interface Registered {
  readonly server: string
  readonly config?: object
  readonly more?: Readonly<Record<string, string>>
}

type Secrets = Readonly<Record<string, Registered>>

async function register(t: TestContext, secrets: Secrets): Promise<Clusters> {
  return (await controlPlane(t, secrets)).clusters
}

interface ControlPlane {
  readonly clusters: Clusters
  /** Changes the Secret of a cluster. */
  readonly change: (name: string, patch: JsonObject) => Promise<void>
}

/** A control plane with these clusters in Secrets, by name. */
async function controlPlane(t: TestContext, secrets: Secrets, probeMs: number = PROBE_MS): Promise<ControlPlane> {
  const control = await startMemoryCluster(t)
  const client = control.client('test')
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  for (const [name, { server, config = {}, more = {} }] of Object.entries(secrets)) {
    const labels = { 'argocd.argoproj.io/secret-type': 'cluster' }
    const stringData = { name, server, config: JSON.stringify(config), ...more }
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default', labels }, stringData }
    await client.create(type, secret as KubeObject)
  }
  const common = { clock: systemClock, log: silentLog, namespace: 'default', settings: () => DEFAULT_SETTINGS }
  const clusters = new Clusters({ ...common, client, probeMs })
  await clusters.start()
  t.after(() => clusters.stop())
  const change = async (name: string, body: JsonObject): Promise<void> => {
    await client.patch({ type, namespace: 'default', name }, 'merge', body)
  }
  return { clusters, change }
}

/** Waits for what the test's own time limit ends. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20)
}

async function create(cluster: GuardedCluster, name: string, namespace = 'default'): Promise<void> {
  const type = await cluster.client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  await cluster.client.create(type, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } })
}

function hasConfigMap(clusters: Clusters, server: string, name: string): boolean {
  const cache = clusters.cacheOf(clusters.find({ server }))
  return cache.get({ group: '', kind: 'ConfigMap', namespace: 'default', name }) !== undefined
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

test('a configuration that is wrong is a failed connection that names its field', async (t) => {
  const { server: one } = loopbackIdentity()
  const { server: other } = loopbackIdentity()
  const [cert, otherKey] = [one.certificate, other.key].map(base64)
  const exec = { command: 'aws', apiVersion: 'client.authentication.k8s.io/v1alpha1' }
  const wrong: readonly (readonly [config: object | string, wanted: RegExp])[] = [
    [{ tlsClientConfig: { insecure: true, caData: cert } }, /tlsClientConfig: insecure and caData exclude each other/],
    [{ tlsClientConfig: { caData: base64('no PEM') } }, /tlsClientConfig\.caData holds no certificate in PEM/],
    [{ tlsClientConfig: { certData: cert } }, /tlsClientConfig\.keyData is missing/],
    [{ tlsClientConfig: { certData: cert, keyData: base64('x') } }, /tlsClientConfig\.keyData holds no private key/],
    [{ tlsClientConfig: { certData: cert, keyData: otherKey } }, /tlsClientConfig\.keyData is not the key of certData/],
    [{ proxyUrl: 'socks5://proxy' }, /proxyUrl is no http/],
    [{ execProviderConfig: exec }, /execProviderConfig: apiVersion .*v1alpha1" is not supported/],
    ['{', /key config is no JSON/],
  ]
  const secrets = Object.fromEntries(
    wrong.map(([config], index) => {
      const server = `https://127.0.0.${index + 2}:1`
      return typeof config === 'string'
        ? [`c${index}`, { server, more: { config } }]
        : [`c${index}`, { server, config }]
    }),
  )
  const clusters = await register(t, secrets)

  for (const [index, [, wanted]] of wrong.entries()) {
    const { status, message } = clusters.connectionOf(`https://127.0.0.${index + 2}:1`, true)
    assert.deepEqual([status, wanted.test(message)], ['Failed', true], message)
  }
  // A right one is none of them.
  const record: ClusterRecord = {
    ...clusters.list()[0]!,
    server: 'https://127.0.0.1:1',
    connection: { certData: one.certificate },
  }
  assert.throws(
    () => connectCluster(record, { clock: systemClock, env: {} }),
    /cluster in-cluster: tlsClientConfig\.keyData/,
  )
})

test('a revoked login is a failed connection, and a renewed one brings it back without a restart', async (t) => {
  const cluster = await startGuardedCluster(t)
  cluster.token = 'one'
  const folder = temporaryFolder(t)
  const command = join(folder, 'login')
  writeFileSync(join(folder, 'token'), 'one')
  const answer = '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s"}}'
  writeFileSync(command, `#!/bin/sh\nprintf '${answer}' "$(cat ${folder}/token)"\n`)
  chmodSync(command, 0o700)
  const execProviderConfig = { command, apiVersion: 'client.authentication.k8s.io/v1' }
  const clusters = await register(t, { east: { server: cluster.url, config: { execProviderConfig } } })
  const state = (): string => clusters.connectionOf(cluster.url, true).status
  await until(() => state() === 'Successful')

  cluster.token = 'two'
  cluster.cut()
  await until(() => state() === 'Failed')
  const { message } = clusters.connectionOf(cluster.url, true)
  await create(cluster, 'meanwhile')
  writeFileSync(join(folder, 'token'), 'two')
  await until(() => state() === 'Successful' && hasConfigMap(clusters, cluster.url, 'meanwhile'))

  assert.match(message, /Unauthorized/)
})

test('those who ask for the version at once share one request, and one who leaves takes nobody along', async (t) => {
  const cluster = await startGuardedCluster(t)
  const { clusters } = await controlPlane(t, { east: { server: cluster.url } }, SELDOM_MS)
  const cache = clusters.cacheOf(clusters.find({ server: cluster.url }))
  await cache.whenReady()
  const leaving = new AbortController()

  const left = cache.version(leaving.signal)
  const all = Promise.all(Array.from({ length: 20 }, () => cache.version()))
  leaving.abort(new Error('left'))

  await assert.rejects(left, /left/)
  const [one, ...others] = await all
  assert.match(one?.kubeVersion ?? '', /^\d+\.\d+/)
  assert.equal(cluster.asked.filter((path) => path.startsWith('/version')).length, 1)
  assert.ok(others.every(({ kubeVersion }) => kubeVersion === one?.kubeVersion))
})

test('only what a Secret says of its cluster ends the connection, and a refresh that is asked for', async (t) => {
  const cluster = await startGuardedCluster(t)
  const { clusters, change } = await controlPlane(t, { east: { server: cluster.url } })
  const told: string[] = []
  clusters.onChange((server, of) => void (of === undefined && told.push(server)))
  const record = (): ClusterRecord => clusters.find({ server: cluster.url })
  const first = clusters.cacheOf(record())
  await first.whenReady()
  told.length = 0
  cluster.asked.length = 0
  const refresh = 'argocd.argoproj.io/refresh'

  await change('east', { metadata: { labels: { team: 'a' }, annotations: { note: 'b' } } })
  await until(() => record().labels['team'] === 'a' && record().annotations['note'] === 'b')
  const afterLabels = { isSame: clusters.cacheOf(record()) === first, told: [...told] }
  const lists = kindsOf(cluster.asked, false)
  await change('east', { metadata: { annotations: { [refresh]: '2026-01-01T00:00:00Z' } } })
  await until(() => clusters.cacheOf(record()) !== first)
  const second = clusters.cacheOf(record())
  await change('east', { metadata: { annotations: { [refresh]: null } } })
  await until(() => record().annotations[refresh] === undefined)
  const afterRefresh = clusters.cacheOf(record())
  await change('east', { stringData: { namespaces: 'default' } })
  await until(() => clusters.cacheOf(record()) !== second)

  assert.deepEqual(afterLabels, { isSame: true, told: [] })
  assert.deepEqual(lists, [])
  assert.equal(afterRefresh, second)
})

test('a cluster limited to namespaces is asked there alone, and cluster-wide only where it says so', async (t) => {
  const [limited, wider] = [await startGuardedCluster(t), await startGuardedCluster(t)]
  const more = { namespaces: 'default,kube-system' }
  const clusters = await register(t, {
    limited: { server: limited.url, more },
    wider: { server: wider.url, more: { ...more, clusterResources: 'true' } },
  })

  for (const { url } of [limited, wider]) await clusters.cacheOf(clusters.find({ server: url })).whenReady()

  const lists = ({ asked }: GuardedCluster): readonly string[] =>
    asked.filter((path) => /^\/apis?\/.+\/[a-z]+\?/.test(path)).map((path) => path.split('?')[0] ?? '')
  const outside = (paths: readonly string[]): readonly string[] =>
    paths.filter((path) => !/\/namespaces\/(?:default|kube-system)\/[a-z]+$/.test(path))
  assert.ok(lists(limited).some((path) => path.endsWith('/namespaces/kube-system/configmaps')))
  assert.deepEqual(outside(lists(limited)), [])
  const wide = new Set(outside(lists(wider)))
  assert.ok(wide.has('/api/v1/nodes') && wide.has('/apis/apiextensions.k8s.io/v1/customresourcedefinitions'))
  assert.ok(!wide.has('/api/v1/configmaps'))
})

test('a cluster is reached through its proxy', async (t) => {
  const cluster = await startMemoryCluster(t, { port: 0 })
  const targets: string[] = []
  const logins: (string | undefined)[] = []
  const proxy = createHttpServer()
  proxy.on('connect', (request, socket) => {
    targets.push(request.url ?? '')
    logins.push(request.headers['proxy-authorization'])
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    for (const each of [onward, socket]) each.on('error', () => each.destroy())
    socket.on('close', () => onward.destroy())
    onward.on('close', () => socket.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => proxy.close())
  // A listening TCP server has an AddressInfo.
  const proxyUrl = `http://me:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const { url: server, authority, admin } = cluster.access()
  const tlsClientConfig = {
    caData: base64(authority),
    certData: base64(admin.certificate),
    keyData: base64(admin.key),
  }
  const clusters = await register(t, { east: { server, config: { proxyUrl, tlsClientConfig } } })

  await clusters.cacheOf(clusters.find({ name: 'east' })).whenReady()

  assert.deepEqual(new Set(targets), new Set([server.slice('https://'.length)]))
  assert.equal(logins[0], `Basic ${base64('me:secret')}`)
})

/** Paths of lists or of watches. */
function kindsOf(paths: readonly string[], isWatch: boolean): readonly string[] {
  return paths
    .filter((path) => path.includes('?') && path.includes('watch=') === isWatch && !path.startsWith('/version'))
    .map((path) => path.split('?')[0] ?? '')
}

/** A cluster of whose every kind a watch is open, and how many there are. */
async function followed(t: TestContext): Promise<{ cluster: GuardedCluster; clusters: Clusters; kinds: number }> {
  const cluster = await startGuardedCluster(t)
  const clusters = await register(t, { east: { server: cluster.url } })
  await clusters.cacheOf(clusters.find({ server: cluster.url })).whenReady()
  const kinds = new Set(kindsOf(cluster.asked, false)).size
  await until(() => new Set(kindsOf(cluster.asked, true)).size === kinds)
  return { cluster, clusters, kinds }
}

test('a network that was gone is followed on without listing anew', async (t) => {
  const { cluster, clusters, kinds } = await followed(t)

  const begunMs = performance.now()
  cluster.state = 'down'
  cluster.asked.length = 0
  for (let times = 0; times < 5; times++) {
    cluster.cut()
    await pause(300)
  }
  const whileGone = kindsOf(cluster.asked, true).length
  const goneMs = performance.now() - begunMs
  await create(cluster, 'meanwhile')
  cluster.asked.length = 0
  cluster.state = 'up'
  await until(() => hasConfigMap(clusters, cluster.url, 'meanwhile'))
  const listsAfter = kindsOf(cluster.asked, false).length

  // A read that finds its connection closed is sent twice, and the waits grow from 0.8 s.
  assert.ok(whileGone <= kinds * 2 * (2 + goneMs / 800), `${whileGone} watches for ${kinds} kinds in ${goneMs} ms`)
  assert.equal(listsAfter, 0)
})

test('an expired history costs one list of each kind', async (t) => {
  const { cluster, clusters, kinds } = await followed(t)

  cluster.asked.length = 0
  cluster.expired = new Set()
  cluster.cut()
  await until(() => cluster.expired?.size === kinds)
  await create(cluster, 'later')
  await until(() => hasConfigMap(clusters, cluster.url, 'later'))
  await until(() => new Set(kindsOf(cluster.asked, false)).size === kinds)

  assert.equal(kindsOf(cluster.asked, false).length, kinds)
})

test('a kind that comes and goes is followed and let go without a restart', async (t) => {
  const cluster = await startGuardedCluster(t)
  const clusters = await register(t, { east: { server: cluster.url } })
  const cache = clusters.cacheOf(clusters.find({ server: cluster.url }))
  await cache.whenReady()
  const crds = await cluster.client.resourceOf({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' })
  assert.ok(crds)
  const names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' }
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  const versions = [{ name: 'v1', served: true, storage: true, schema }]
  const spec = { group: 'example.com', names, scope: 'Namespaced', versions }
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec,
  }

  await cluster.client.create(crds, crd)
  const gadget = { group: 'example.com', kind: 'Gadget' }
  await until(() => cache.follows(gadget))
  await cluster.client.delete({ type: crds, name: 'gadgets.example.com' })
  await until(() => cache.scopeOf(gadget) === undefined && !cache.follows(gadget))
})

test('a silent cluster is a failed one in its time, and holds up nobody else', async (t) => {
  const [silent, well] = [await startGuardedCluster(t), await startGuardedCluster(t)]
  silent.state = 'silent'
  const clusters = await register(t, { silent: { server: silent.url }, well: { server: well.url } })

  const pending = clusters.pendingOf({ name: 'silent' })
  await clusters.cacheOf(clusters.find({ name: 'well' })).whenReady()

  assert.ok(pending !== undefined)
  pending.catch(() => undefined)
  assert.equal(clusters.pendingOf({ name: 'well' }), undefined)
  assert.equal(clusters.connectionOf(silent.url, true).status, 'Unknown')
  assert.equal(clusters.connectionOf(well.url, true).status, 'Successful')
})
