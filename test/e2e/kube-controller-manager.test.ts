// The real controller manager and scheduler of Kubernetes on the embedded API server, ours off: they reconcile, elect, and take over.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import { temporaryFolder } from '../support/git.ts'
import { kubectlFor, type Kubectl } from '../support/kubectl.ts'
import { complaintsOf, startControllerManager, startScheduler } from '../support/kubernetes-programs.ts'
import { startCapstan, type Served } from '../support/processes.ts'

/** What these programs say on any cluster: of files it does not have, of pods without metrics yet, of races they repeat by themselves. */
const ALLOWED: readonly RegExp[] = [
  /The manifest file is empty, ignoring/,
  /Flexvolume plugin directory/,
  /the object has been modified; please apply your changes/,
  /read version: \d+ is not as new as written version/,
  /informer cache is out of date, resource version \d+ already processed/,
  /horizontal\.go.*(?:no metrics returned from resource metrics API|did not receive metrics for targeted pods)/,
  /Error syncing StatefulSet, requeuing.*can't adopt ControllerRevisions/,
  // It was deleted while its controller looked at it: the informer tells of that a moment later, on any cluster.
  /sync(?:ing)?\b.*(?:replicasets|statefulsets|daemonsets|deployments)\.apps \\"\S+\\" not found/,
  /"Could not update status" err="statefulsets\.apps \\"\S+\\" not found"/,
  /"Error getting updated StatefulSet from lister"/,
  /unable to create new content in namespace \S+ because it is being terminated/,
]

/** What a client says while its server is away. */
const SERVER_AWAY: readonly RegExp[] = [
  /connection refused|connection reset by peer|EOF|client connection lost|use of closed network connection/,
  /failed to renew lease|error retrieving resource lock|Error retrieving lease lock/i,
]

/** Longer than the lease is renewed in. */
const LEASE_LOOK_MS = 3_000
const MINUTE_MS = 60_000

interface Scene {
  readonly kubeconfig: string
  readonly folder: string
  readonly kubectl: Kubectl
  /** Runs kubectl and gives what it printed; fails where it fails. */
  readonly ok: (words: string, input?: string) => Promise<string>
  readonly startServer: () => Promise<Served>
}

async function scene(t: TestContext): Promise<Scene> {
  const folder = temporaryFolder(t)
  const kubeconfig = join(folder, 'kubeconfig')
  const port = await freePort()
  const flags = [
    '--data-dir',
    join(folder, 'data'),
    '--port',
    `${port}`,
    '--kubeconfig',
    kubeconfig,
    '--controllers',
    'off',
  ]
  const kubectl = kubectlFor(t, kubeconfig, '')
  const ok = async (words: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await kubectl.run(words, input)
    assert.equal(code, 0, `kubectl ${words}: ${stderr}`)
    return stdout
  }
  return {
    kubeconfig,
    folder,
    kubectl,
    ok,
    startServer: () => startCapstan(t, ['local-cluster', ...flags], /^ready /m),
  }
}

function manifest(apiVersion: string, kind: string, name: string, rest: object): object {
  return { apiVersion, kind, metadata: { name, namespace: 'work' }, ...rest }
}

function podsOf(app: string, image: string): object {
  const spec = { containers: [{ name: 'main', image, resources: { requests: { cpu: '10m' } } }] }
  return { selector: { matchLabels: { app } }, template: { metadata: { labels: { app } }, spec } }
}

const RUN_ONCE = {
  template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['true'] }] } },
}
const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }
const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' }

const WORKLOADS: readonly object[] = [
  manifest('apps/v1', 'Deployment', 'web', { spec: { replicas: 3, ...podsOf('web', 'nginx:1.29') } }),
  manifest('v1', 'Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }),
  manifest('policy/v1', 'PodDisruptionBudget', 'web', {
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  }),
  manifest('apps/v1', 'Deployment', 'scaled', { spec: { replicas: 1, ...podsOf('scaled', 'nginx:1.29') } }),
  manifest('autoscaling/v2', 'HorizontalPodAutoscaler', 'scaled', {
    spec: { scaleTargetRef: TARGET, minReplicas: 1, maxReplicas: 5, metrics: [CPU] },
  }),
  manifest('apps/v1', 'StatefulSet', 'store', {
    spec: { replicas: 2, serviceName: 'store', ...podsOf('store', 'redis') },
  }),
  manifest('apps/v1', 'DaemonSet', 'agent', { spec: podsOf('agent', 'redis') }),
  manifest('batch/v1', 'Job', 'once', { spec: { completions: 2, ...RUN_ONCE } }),
  manifest('batch/v1', 'CronJob', 'often', { spec: { schedule: '* * * * *', jobTemplate: { spec: RUN_ONCE } } }),
  manifest('v1', 'ResourceQuota', 'small', { spec: { hard: { pods: '40', configmaps: '2' } } }),
]

function asList(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

/** Pods can be made once the namespace has its service account. */
async function applyWorkloads({ ok }: Scene): Promise<void> {
  await ok('create namespace work')
  await ok('wait -n work --for=create serviceaccount/default --timeout=20s')
  await ok('apply -f -', asList(WORKLOADS))
}

async function reconciles(here: Scene): Promise<void> {
  const { ok, kubectl } = here
  await applyWorkloads(here)
  await ok('wait -n work --for=condition=Available deployment/web --timeout=30s')
  for (const name of ['statefulset/store', 'daemonset/agent']) await ok(`rollout status -n work ${name} --timeout=30s`)
  await ok('wait -n work --for=condition=Complete job/once --timeout=30s')
  await ok('wait -n work --for=jsonpath={.status.disruptionsAllowed}=1 pdb/web --timeout=20s')
  await ok('wait -n work --for=jsonpath={.status.used.configmaps}=1 quota/small --timeout=20s')
  await ok(
    'wait -n work --for=jsonpath={.endpoints[2].conditions.ready}=true endpointslices -l kubernetes.io/service-name=web --timeout=20s',
  )
  await ok('wait -n work --for=condition=ScalingActive hpa/scaled --timeout=60s')
  assert.match(await ok('get configmap kube-root-ca.crt -n work -o jsonpath={.data}'), /BEGIN CERTIFICATE/)
  await ok('get serviceaccount default -n work')
  await ok('create configmap second -n work')
  const third = await kubectl.run('create configmap third -n work')
  assert.match(
    third.stderr,
    /exceeded quota: small, requested: configmaps=1, used: configmaps=2, limited: configmaps=2/,
  )
}

async function collectsGarbage({ ok }: Scene): Promise<void> {
  await ok('delete deployment web -n work --cascade=foreground --timeout=30s')
  assert.equal(await ok('get replicasets,pods -n work -l app=web -o name'), '', 'foreground: dependents go first')
  await ok('delete statefulset store -n work --cascade=orphan --timeout=30s')
  assert.match(await ok('get pods -n work -l app=store -o name'), /store-0[^]*store-1/, 'orphans stay')
  assert.equal(await ok('get pods -n work -l app=store -o jsonpath={.items[*].metadata.ownerReferences}'), '')
  await ok('delete daemonset agent -n work --cascade=background --timeout=30s')
  await ok('wait -n work --for=delete pods -l app=agent --timeout=30s')
}

/** Before the folder goes, into which they write. */
async function endAll(programs: readonly Served[]): Promise<void> {
  for (const program of programs) await program.end('SIGKILL')
}

/** Until the controllers have run for a minute their lease stays theirs, and is renewed all the time. */
async function holdsLease({ ok }: Scene, untilMs: number): Promise<void> {
  const lease = (): Promise<string> =>
    ok('get lease kube-controller-manager -n kube-system -o jsonpath={.spec.holderIdentity}|{.spec.renewTime}')
  const [holder] = (await lease()).split('|')
  let renewed = ''
  do {
    const [now, time = ''] = (await lease()).split('|')
    assert.equal(now, holder)
    assert.ok(time > renewed, `renewed at ${time}`)
    renewed = time
    await pause(LEASE_LOOK_MS)
  } while (Date.now() < untilMs)
}

async function removesNamespace({ ok, kubectl }: Scene): Promise<void> {
  await ok('delete namespace work --timeout=60s')
  assert.match((await kubectl.run('get namespace work')).stderr, /namespaces "work" not found/)
}

describe('the real controllers', { timeout: 280_000 }, () => {
  test('reconcile, collect garbage and take over from each other', async (t) => {
    const here = await scene(t)
    let server = await here.startServer()
    const scheduler = await startScheduler(t, here.kubeconfig)
    const first = await startControllerManager(t, here)
    const startMs = Date.now()
    await reconciles(here)
    await collectsGarbage(here)
    await here.ok('wait -n work --for=jsonpath={.status.lastScheduleTime} cronjob/often --timeout=80s')
    await holdsLease(here, startMs + MINUTE_MS)
    assert.deepEqual(complaintsOf(first.output(), ALLOWED), [])
    assert.deepEqual(complaintsOf(scheduler.output(), ALLOWED), [])

    const second = startControllerManager(t, here)
    await first.end('SIGKILL')
    const leader = await second
    await here.ok('apply -f -', asList(WORKLOADS))
    await here.ok('wait -n work --for=condition=Available deployment/web --timeout=40s')
    await server.end('SIGKILL')
    server = await here.startServer()
    await here.ok('scale deployment web -n work --replicas=5')
    await here.ok('rollout status deployment web -n work --timeout=40s')
    await server.end('SIGTERM')
    server = await here.startServer()
    await here.ok('scale deployment web -n work --replicas=1')
    await here.ok('wait -n work --for=jsonpath={.status.replicas}=1 deployment/web --timeout=40s')
    await removesNamespace(here)

    const allowed = [...ALLOWED, ...SERVER_AWAY]
    assert.deepEqual(complaintsOf(leader.output(), allowed), [])
    assert.deepEqual(complaintsOf(scheduler.output(), allowed), [])
    assert.doesNotMatch(server.output(), /error/i)
    await endAll([leader, scheduler, server])
  })

  test('work each with the rights of its own service account', async (t) => {
    const here = await scene(t)
    const server = await here.startServer()
    const scheduler = await startScheduler(t, here.kubeconfig)
    const controllers = await startControllerManager(t, { ...here, flags: ['--use-service-account-credentials=true'] })

    await reconciles(here)
    await collectsGarbage(here)
    await removesNamespace(here)

    assert.match(await here.ok('get serviceaccounts -n kube-system -o name'), /deployment-controller/)
    assert.deepEqual(complaintsOf(controllers.output(), ALLOWED), [])
    assert.deepEqual(complaintsOf(scheduler.output(), ALLOWED), [])
    await endAll([controllers, scheduler, server])
  })
})
