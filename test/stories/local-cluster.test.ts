// The embedded cluster over its TLS port: who gets in, what survives a restart, what a second process is told.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import { parseApplication } from '../../src/crds/application.ts'
import { applicationCrd } from '../../src/crds/crd.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport, type HttpTransportOptions } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { ApiRequest } from '../../src/kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { writeKubeconfig } from '../../src/local-cluster/kubeconfig.ts'
import { startLocalCluster, type LocalCluster, type LocalClusterOptions } from '../../src/local-cluster/start.ts'
import { untilServed } from '../../src/main/until-served.ts'

async function start(t: TestContext, options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  const cluster = await startLocalCluster({ port: 0, clock: systemClock, log: silentLog, ...options })
  t.after(() => cluster.close())
  return cluster
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-cluster-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What a kubeconfig written for the cluster says, read as any client reads it. */
async function connect(t: TestContext, cluster: LocalCluster): Promise<HttpTransportOptions> {
  const file = join(temporaryFolder(t), 'kubeconfig')
  writeKubeconfig(file, cluster.kubeconfig())
  return (await loadKubeConfig({ path: file, env: {} })).transport
}

function clientFor(t: TestContext, options: HttpTransportOptions): KubeClient {
  const client = createClient(httpTransport(options))
  t.after(() => client.close())
  return client
}

async function typeOf(client: KubeClient, kind: string): Promise<ResourceType> {
  const type = await client.resourceOf({ group: '', kind })
  assert.ok(type)
  return type
}

async function status(t: TestContext, options: HttpTransportOptions, path: string): Promise<number> {
  const transport = httpTransport(options)
  t.after(() => transport.close())
  const request: ApiRequest = { method: 'GET', path, headers: {} }
  return (await transport.send(request)).status
}

const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default' },
  data: { k: 'v' },
}

test('a client with the kubeconfig creates, watches and deletes over TLS', async (t) => {
  const cluster = await start(t)
  const client = clientFor(t, await connect(t, cluster))
  const type = await typeOf(client, 'ConfigMap')

  const made = await client.create(type, CONFIG_MAP)
  const events = client.watch(type, { namespace: 'default', resourceVersion: made.metadata.resourceVersion ?? '' })
  const deleted = client.delete({ type, namespace: 'default', name: 'a' })
  const seen: string[] = []
  for await (const event of events) {
    seen.push(event.type)
    break
  }

  assert.equal(await deleted, true)
  assert.deepEqual(seen, ['DELETED'])
  assert.equal((await client.serverVersion()).gitVersion, 'v1.36.3')
})

test('without credentials only the public paths answer, with a wrong token nothing does', async (t) => {
  const cluster = await start(t)
  const { server, ca } = await connect(t, cluster)
  const anonymous = { server, ...(ca === undefined ? {} : { ca }) }
  const stranger = { ...anonymous, token: new Secret('not-a-token') }

  assert.equal(await status(t, anonymous, '/readyz'), 200)
  assert.equal(await status(t, anonymous, '/api/v1/namespaces'), 403)
  assert.equal(await status(t, stranger, '/readyz'), 401)
})

test('a token of a service account is known, and ends with its account', async (t) => {
  const cluster = await start(t)
  const inside = cluster.client()
  const type = await typeOf(inside, 'ServiceAccount')
  await inside.create(type, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'robot', namespace: 'default' },
  })
  const answer = await cluster.transport().send({
    method: 'POST',
    path: '/api/v1/namespaces/default/serviceaccounts/robot/token',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
  })
  assert.ok(typeof answer.body === 'string')
  const { status: issued } = JSON.parse(answer.body) as { status: { token: string } }
  const { server, ca } = await connect(t, cluster)
  const robot = { server, token: new Secret(issued.token), ...(ca === undefined ? {} : { ca }) }

  const before = await status(t, robot, '/api')
  await inside.delete({ type, namespace: 'default', name: 'robot' })

  assert.equal(before, 200)
  assert.equal(await status(t, robot, '/api'), 401)
})

test('objects, keys and the kubeconfig survive a restart', async (t) => {
  const dataDir = temporaryFolder(t)
  const first = await start(t, { dataDir })
  const kubeconfig = await connect(t, first)
  const client = first.client()
  const made = await client.create(await typeOf(client, 'ConfigMap'), CONFIG_MAP)
  await first.close()

  const second = await start(t, { dataDir })
  const again = clientFor(t, { ...kubeconfig, server: second.url ?? '' })
  const found = await again.get({ type: await typeOf(again, 'ConfigMap'), namespace: 'default', name: 'a' })

  assert.deepEqual(found, made)
})

test('a data directory has one owner, and its keys are the owner’s alone', async (t) => {
  const dataDir = temporaryFolder(t)
  const cluster = await start(t, { dataDir })
  // The key of tokens is made after the start; whoever asks for it waits.
  await cluster.transport().send({ method: 'GET', path: '/openid/v1/jwks', headers: {} })

  await assert.rejects(startLocalCluster({ dataDir, clock: systemClock, log: silentLog }), {
    code: 'conflict',
    message: new RegExp(`in use by process ${process.pid}`),
  })
  for (const name of ['authority.json', 'server.json', 'admin.json', 'service-accounts.pem']) {
    const file = join(dataDir, 'pki', name)
    assert.equal(statSync(file).mode & 0o777, 0o600, file)
  }
})

test('a kubeconfig is readable by its owner alone', async (t) => {
  const cluster = await start(t)
  const file = join(temporaryFolder(t), 'kubeconfig')

  writeKubeconfig(file, cluster.kubeconfig())

  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.match(readFileSync(file, 'utf8'), /current-context: capstan/)
})

test('a body beyond the limit is refused before it is read to its end', async (t) => {
  const cluster = await start(t)
  const transport = httpTransport(await connect(t, cluster))
  t.after(() => transport.close())

  const answer = await transport.send({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    headers: { 'content-type': 'application/json' },
    body: 'x'.repeat(3 * 1024 * 1024 + 1),
  })

  assert.equal(answer.status, 413)
})

test('a service is changed and applied again with the address and ports it has', async (t) => {
  const client = (await start(t)).client()
  const type = await client.resourceOf({ group: '', kind: 'Service' })
  assert.ok(type)
  const ref = { type, namespace: 'default', name: 'web' }
  const service = (port: number): KubeObject & JsonObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ name: 'http', port }] },
  })
  const addressOf = (object: KubeObject): unknown =>
    'spec' in object && typeof object.spec === 'object' && object.spec !== null && 'clusterIP' in object.spec
      ? object.spec.clusterIP
      : undefined
  const created = await client.create(type, service(80))

  const replaced = await client.update(ref, { ...created, metadata: { ...created.metadata, labels: { a: 'b' } } })
  const patched = await client.patch(ref, 'merge', { metadata: { labels: { a: 'c' } } })
  const applied = await client.patch(ref, 'apply', service(80), { fieldManager: 'story', force: true })
  const dry = await client.patch(ref, 'apply', service(80), { fieldManager: 'story', dryRun: true })

  assert.match(String(addressOf(created)), /^10\.96\./)
  for (const changed of [replaced, patched, applied, dry]) assert.equal(addressOf(changed), addressOf(created))
})

test('[002-01][002-05] with its definition applied, the Application of the guides is accepted as written', async (t) => {
  const client = (await start(t)).client()
  const definitions = await client.resourceOf({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' })
  const namespaces = await client.resourceOf({ group: '', kind: 'Namespace' })
  assert.ok(definitions && namespaces)
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
  await client.create(definitions, applicationCrd())
  const kind = { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' }
  const type = await untilServed(client, kind, { clock: systemClock, signal: new AbortController().signal })
  const written = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: api
  namespace: argocd
spec:
  project: default
  source:
    repoURL: https://github.com/jon890/k8s-manifests.git
    targetRevision: HEAD
    path: api
  destination:
    server: https://kubernetes.default.svc
    namespace: api
  syncPolicy:
    automated:
      prune: true
      selfHeal: true
    syncOptions:
      - CreateNamespace=true
`
  const application = parseApplication(parseYaml(written))

  const stored = await client.create(type, application, { fieldValidation: 'Strict' })

  assert.equal(application.spec.syncPolicy?.automated?.selfHeal, true)
  assert.deepEqual(parseApplication(stored).spec, application.spec)
})
