// Stories of an installation: beside others, in place of an Argo CD, interrupted, refused, given back.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ManualClock, systemClock } from '../../src/base/clock.ts'
import type { InstallFlags } from '../../src/cli/install.ts'
import { install, type InstallWish } from '../../src/install/install.ts'
import { typeOf, type InstallPlace } from '../../src/install/place.ts'
import { readRecord } from '../../src/install/record.ts'
import { planUninstall, uninstall } from '../../src/install/uninstall.ts'
import { fieldAt, numberAt } from '../../src/kube/field.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { installObjects, installValues } from '../../src/main/install-chart.ts'
import { openStoryCluster } from '../support/story-cluster.ts'

interface Scene extends InstallPlace {
  readonly lines: string[]
  readonly wish: (flags?: Partial<InstallFlags>) => Promise<InstallWish>
  readonly make: (object: KubeObject & Readonly<Record<string, unknown>>) => Promise<void>
  readonly live: (apiVersion: string, kind: string, name: string) => Promise<KubeObject | undefined>
}

const KEPT = { deletesCrds: false, deletesNamespace: false, givesBack: false }

async function openScene(t: TestContext): Promise<Scene> {
  const cluster = await openStoryCluster({ hasNodes: true })
  t.after(() => cluster.close())
  const client = cluster.client('install')
  const lines: string[] = []
  const say = (line: string): void => {
    lines.push(line)
  }
  const place = { client, namespace: 'argocd', clock: systemClock, signal: t.signal, say, isDryRun: false }
  return {
    ...place,
    lines,
    async wish(given = {}) {
      const flags = { namespace: 'argocd', image: 'x/y:1', timeout: 60, ...given }
      const before = await readRecord(place)
      const values = await installValues(flags, before?.values ?? {})
      const isTakeOver = flags.takeOver === true
      const named = isTakeOver ? { ...values, namePrefix: 'capstan' } : values
      const objects = await installObjects({ namespace: 'argocd', values: named, includeCrds: true })
      const isBeside = (named['namePrefix'] ?? 'argocd') !== 'argocd'
      return { objects, values: named, before, isTakeOver, isBeside, redisSecret: undefined, waitMs: 60_000 }
    },
    async make(object) {
      await client.create(await typeOf(place, object), object)
    },
    async live(apiVersion, kind, name) {
      const type = await typeOf(place, { apiVersion, kind })
      return client.get({ type, name, namespace: 'argocd' })
    },
  }
}

function workload(
  kind: string,
  name: string,
  image: string,
  replicas = 1,
): KubeObject & Readonly<Record<string, unknown>> {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'argocd' }
  const template = { metadata: { labels }, spec: { containers: [{ name, image }] } }
  const own = kind === 'StatefulSet' ? { serviceName: name } : {}
  const spec = { replicas, selector: { matchLabels: { 'app.kubernetes.io/name': name } }, template, ...own }
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: 'argocd', labels }, spec }
}

/** Of Argo CD's install what counts here. */
async function makeOriginal({ make }: Scene): Promise<void> {
  await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
  await make(workload('StatefulSet', 'argocd-application-controller', 'quay.io/argoproj/argocd:v3.5.1', 2))
  await make(workload('Deployment', 'argocd-server', 'quay.io/argoproj/argocd:v3.5.1'))
  await make({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'argocd-server', namespace: 'argocd' } })
  const selector = { 'app.kubernetes.io/name': 'argocd-server', 'app.kubernetes.io/instance': 'argocd' }
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }]
  const metadata = { name: 'argocd-server', namespace: 'argocd', labels: { theirs: 'true' } }
  await make({ apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports } })
  const data = { url: 'https://theirs.example.com' }
  await make({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd' }, data })
}

test('an Argo CD of the namespace is refused, taken over on demand, and given back as it was', async (t) => {
  const scene = await openScene(t)
  const { lines, live, wish } = scene
  await makeOriginal(scene)

  await assert.rejects(install(scene, await wish()), {
    code: 'precondition',
    message:
      /Argo CD runs in namespace argocd \(statefulset\/argocd-application-controller, deployment\/argocd-server\).*--take-over/,
  })
  await install({ ...scene, isDryRun: true }, await wish({ takeOver: true }))
  assert.equal(lines.includes('statefulset/argocd-application-controller of Argo CD scaled to 0 (dry run)'), true)
  assert.equal(await readRecord(scene), undefined)
  assert.equal(await live('apps/v1', 'Deployment', 'capstan-server'), undefined)

  await install(scene, await wish({ takeOver: true, url: 'https://ours.example.com', serviceType: 'NodePort' }))
  const replicas = async (kind: string, name: string): Promise<number> =>
    numberAt(await live('apps/v1', kind, name), 'spec', 'replicas')
  assert.equal(await replicas('StatefulSet', 'argocd-application-controller'), 0)
  assert.equal(await replicas('Deployment', 'argocd-server'), 0)
  assert.equal(await replicas('Deployment', 'capstan-server'), 1)
  // Theirs are used as they are, but for what was said.
  const service = await live('v1', 'Service', 'argocd-server')
  assert.deepEqual([service?.metadata.labels, fieldAt(service, 'spec', 'type')], [{ theirs: 'true' }, 'ClusterIP'])
  assert.match(lines.join('\n'), /warning: service\/argocd-server selects pods by app\.kubernetes\.io\/instance/)
  assert.deepEqual(fieldAt(await live('v1', 'ConfigMap', 'argocd-cm'), 'data'), { url: 'https://ours.example.com' })

  // Upgraded without the flag; then the original runs again.
  lines.length = 0
  await install(scene, await wish())
  assert.deepEqual(
    lines.filter((line) => /created|configured|deleted/.test(line)),
    [],
  )
  await uninstall(scene, await planUninstall(scene), { ...KEPT, givesBack: true })
  assert.equal(await replicas('StatefulSet', 'argocd-application-controller'), 2)
  assert.equal(await replicas('Deployment', 'argocd-server'), 1)
  assert.equal(await live('apps/v1', 'Deployment', 'capstan-server'), undefined)
  assert.ok((await live('v1', 'Service', 'argocd-server')) !== undefined)
})

test('what others have made stands in the way and is named; nothing has been written then', async (t) => {
  const scene = await openScene(t)
  await scene.make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } })
  const metadata = { name: 'argocd-metrics', namespace: 'argocd' }
  const labels = { 'app.kubernetes.io/managed-by': 'Helm' }
  const annotations = { 'meta.helm.sh/release-name': 'gitops' }
  const spec = { ports: [{ port: 1 }] }
  await scene.make({ apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, labels, annotations }, spec })

  await assert.rejects(install(scene, await scene.wish()), {
    code: 'already-exists',
    message: /^service\/argocd-metrics is there already.*of the release gitops: "helm upgrade gitops"/,
  })
  await assert.rejects(install(scene, await scene.wish({ destinationNamespaces: ['web'] })), {
    code: 'precondition',
    message: /^namespace web does not exist.*kubectl create namespace web$/,
  })
  assert.deepEqual([await readRecord(scene), scene.lines], [undefined, []])
})

test('what no longer belongs to an installation goes with the next run, also after one that broke off', async (t) => {
  const scene = await openScene(t)
  const first = await scene.wish({ networkPolicies: true })
  const ended = new AbortController()
  const say = (line: string): void => {
    if (line.startsWith('service/')) ended.abort(new Error('interrupted'))
  }
  await assert.rejects(install({ ...scene, say, signal: ended.signal }, first), /interrupted/)
  assert.ok((await scene.live('networking.k8s.io/v1', 'NetworkPolicy', 'argocd-server-network-policy')) !== undefined)

  await install(scene, await scene.wish({ networkPolicies: false }))

  assert.ok(scene.lines.includes('networkpolicy/argocd-server-network-policy deleted'))
  assert.ok((await scene.live('apps/v1', 'Deployment', 'argocd-server')) !== undefined)
})

test('an installation that does not come up says why', async (t) => {
  const scene = await openScene(t)
  const wish = await scene.wish({ set: ['podAnnotations.capstan\\.dev/simulate-failure=ImagePullBackOff'] })
  const clock = new ManualClock()
  const say = (line: string): void => {
    scene.lines.push(line)
    if (line === 'deployment/argocd-server: 0 of 1 ready') clock.advance(60_001)
  }

  await assert.rejects(install({ ...scene, clock, say }, wish), {
    code: 'timeout',
    message: /^deployment\/argocd-server is not ready after 60 s: .*kubectl -n argocd describe pods/,
  })
})
