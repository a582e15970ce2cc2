// A webhook at a server whose controller is another process: an application's refresh tells the controller that a ref has moved.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import type { Application } from '../../src/crds/application.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import { createRepository, serveGitOverHttp, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { startCapstan, type Served } from '../support/processes.ts'
import { REDIS_PASSWORD, redisMissing, startRedis } from '../support/redis.ts'
import { startEmbedded } from '../support/two-clusters.ts'

/** Shorter than the time after which the controller would look by itself. */
const PATIENCE_MS = 100_000
const skip = redisMissing() ?? false

interface Place {
  readonly kubeconfig: string
  readonly redis: string
}

async function startRole(t: TestContext, role: string, { kubeconfig, redis }: Place): Promise<Served> {
  const port = role === 'server' ? ['--port', '0'] : []
  const where = ['--kubeconfig', kubeconfig, '--data-dir', temporaryFolder(t), '--address', '127.0.0.1', ...port]
  const env = { REDIS_PASSWORD, CAPSTAN_ADMIN_PASSWORD: 'of-the-story' }
  const served = await startCapstan(t, [role, ...where, '--metrics-port', '0', '--redis', redis], /^ready.*$/m, { env })
  t.after(() => {
    if (!t.passed) t.diagnostic(`${role}:\n${served.output().slice(-4000)}`)
  })
  return served
}

async function openClient(t: TestContext, kubeconfig: string): Promise<KubeClient> {
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  const client = createClient(httpTransport(transport), { clock: systemClock })
  t.after(() => client.close())
  return client
}

async function untilAt(client: KubeClient, type: ResourceType, name: string, commit: string): Promise<Application> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await pause(100)) {
    const found = (await client.get({ type, namespace: 'argocd', name })) as Application | undefined // as it is stored
    const { sync } = found?.status ?? {}
    if (found !== undefined && sync?.status === 'Synced' && sync.revision === commit) return found
    assert.ok(Date.now() < deadline, `${name} is not at ${commit}: ${JSON.stringify(found?.status)}`)
  }
}

test('a webhook at the server has the controller deliver a push', { skip }, async (t) => {
  const root = temporaryFolder(t)
  const repository = createRepository(join(root, 'deploy'))
  const names = ['web', 'shop']
  const commit = repository.commit(Object.fromEntries(names.map((name) => [`${name}/one.json`, configMap(name, 'a')])))
  const url = `${await serveGitOverHttp(t, { root })}/deploy`
  const [kubeconfig, redis] = await Promise.all([startEmbedded(t), startRedis(t)])
  const place = { kubeconfig, redis: redis.address }
  await startRole(t, 'controller', place)
  const server = await startRole(t, 'server', place)
  const client = await openClient(t, kubeconfig)
  const type = await client.resourceOf({ group: 'argoproj.io', kind: 'Application' })
  assert.ok(type)
  for (const name of names) {
    const source = { repoURL: url, path: name, targetRevision: 'main' }
    const destination = { server: 'https://kubernetes.default.svc', namespace: name }
    const syncPolicy = { automated: {}, syncOptions: ['CreateNamespace=true'] }
    const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name, namespace: 'argocd' }, spec: { project: 'default', source, destination, syncPolicy } } // prettier-ignore
    await client.create(type, object)
  }
  await Promise.all(names.map((name) => untilAt(client, type, name, commit)))

  const next = repository.commit({ 'shop/one.json': configMap('shop', 'b') })
  const payload = { ref: 'refs/heads/main', repository: { html_url: url, default_branch: 'main' } }
  const response = await fetch(`${/http:\S+/.exec(server.found[0])?.[0] ?? ''}/api/webhook`, {
    method: 'POST',
    headers: { 'x-github-event': 'push' },
    body: JSON.stringify(payload),
  })

  assert.equal(response.status, 200)
  // One application of the repository is refreshed; that finds the ref moved for all of them.
  await Promise.all(names.map((name) => untilAt(client, type, name, next)))
})
