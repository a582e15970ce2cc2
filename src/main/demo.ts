// `capstan demo`: `up` with the examples in a local Git repository, shown until all of them are delivered.
import { join } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import { sleep, systemClock } from '../base/clock.ts'
import type { DemoFlags } from '../cli/processes.ts'
import { API_VERSION, type Application } from '../crds/application.ts'
import { KubeError } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import type { KubeObject } from '../kube/object.ts'
import { DemoTable, rowOf } from './demo-table.ts'
import { ensureDemoRepository } from './demo-repository.ts'
import { CONTROL_NAMESPACE, initialPassword, loginLine, startUp, type Running } from './up.ts'
import { untilAborted } from './until-aborted.ts'

/** Deliveries of the examples take a second or two; far past that something is wrong, and it is said. */
export const DEMO_TIMEOUT_MS = 120_000

interface DemoApplication {
  readonly name: string
  readonly path: string
  readonly namespace: string
  readonly source?: Readonly<Record<string, unknown>>
}

const APPLICATIONS: readonly DemoApplication[] = [
  { name: 'plain-yaml', path: 'plain-yaml', namespace: 'plain-yaml' },
  {
    name: 'api-tester',
    path: 'api-tester',
    namespace: 'anotherclass-223',
    source: { helm: { valueFiles: ['values-dev.yaml'] } },
  },
  { name: 'guestbook', path: 'guestbook/overlays/dev', namespace: 'guestbook' },
  { name: 'waves-and-hooks', path: 'waves-and-hooks', namespace: 'waves-and-hooks' },
]

/** Delivers the examples; with `--once` ends there, else stays up. */
export async function runDemo(flags: DemoFlags, signal: AbortSignal): Promise<void> {
  const startedMs = performance.timeOrigin
  if (flags.kubeconfig !== undefined || flags.context !== undefined) {
    throw new CapstanError('bad-input', 'the demo runs on the embedded cluster; for your own cluster use "capstan up"')
  }
  const dataDir = join(flags.dataDir, 'demo')
  const running = await startUp({ ...flags, dataDir }, signal)
  try {
    const repository = await ensureDemoRepository(join(dataDir, 'repository'))
    for (const application of APPLICATIONS)
      await createApplication(running, application, `file://${repository}`, signal)
    await untilDelivered(running.controlPlane.applications, signal)
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1)
    console.log(`\nAll ${APPLICATIONS.length} applications are Synced and Healthy, ${seconds} s after the start.`)
    if (flags.once === true) return
    for (const line of endLines(running, repository, loginLine(running, await initialPassword(running))))
      console.log(line)
    await untilAborted(signal)
  } finally {
    await running.stop()
  }
}

async function createApplication(
  running: Running,
  wanted: DemoApplication,
  repoURL: string,
  signal: AbortSignal,
): Promise<void> {
  const application: KubeObject & Readonly<Record<string, unknown>> = {
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: { name: wanted.name, namespace: CONTROL_NAMESPACE },
    spec: {
      project: 'default',
      source: { repoURL, path: wanted.path, targetRevision: 'main', ...wanted.source },
      destination: { server: 'https://kubernetes.default.svc', namespace: wanted.namespace },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
    },
  }
  try {
    await running.client.create(running.controlPlane.applications.type, application, { signal })
  } catch (error) {
    // A later start finds them from the first, perhaps changed by a person.
    if (!(error instanceof KubeError && error.reason === 'AlreadyExists')) throw error
  }
}

/** Shows the table until all are Synced and Healthy; throws `timeout` saying which are not, and why. */
async function untilDelivered(applications: Informer<Application>, signal: AbortSignal): Promise<void> {
  const table = new DemoTable(
    process.stdout,
    APPLICATIONS.map(({ name }) => name),
  )
  const delivered = Promise.withResolvers<void>()
  const stop = applications.onChange(({ object }) => {
    table.show(object)
    if (APPLICATIONS.every(({ name }) => isDelivered(applications.get(CONTROL_NAMESPACE, name)))) delivered.resolve()
  })
  const ended = new AbortController()
  const timeout = sleep(systemClock, DEMO_TIMEOUT_MS, AbortSignal.any([signal, ended.signal])).then(() => {
    throw new CapstanError(
      'timeout',
      `not delivered within ${DEMO_TIMEOUT_MS / 1000} s: ${undelivered(applications).join('; ')}`,
    )
  })
  try {
    await Promise.race([delivered.promise, timeout])
  } finally {
    stop()
    ended.abort(new Error('done'))
    await timeout.catch(() => undefined)
    table.end()
  }
}

function isDelivered(application: Application | undefined): boolean {
  const { sync, health, operationState } = application?.status ?? {}
  const isOperating = application?.operation !== undefined || operationState?.phase === 'Running'
  return sync?.status === 'Synced' && health?.status === 'Healthy' && !isOperating
}

function undelivered(applications: Informer<Application>): readonly string[] {
  return APPLICATIONS.flatMap(({ name }) => {
    const application = applications.get(CONTROL_NAMESPACE, name)
    if (application === undefined || isDelivered(application)) return []
    const { sync, health, message } = rowOf(application)
    return [`${name} is ${sync} and ${health}: ${message || 'no message'}`]
  })
}

function endLines(running: Running, repository: string, login: string): readonly string[] {
  const kubectl = `kubectl --kubeconfig ${running.kubeconfig ?? ''}`
  return [
    '',
    `Open ${running.controlPlane.url}   (Kubernetes runs inside this program; its nodes are simulated)`,
    login,
    '',
    'Three things to try:',
    `  1. Change what Git says:      cd ${repository} && sed -i 's/replicas: 2/replicas: 3/' plain-yaml/web.yaml && git commit -am 'Scale web'`,
    `  2. Change the cluster by hand: ${kubectl} -n plain-yaml delete deployment web   (self-heal brings it back)`,
    `  3. Break something:           cd ${repository} && echo 'kind: [' > plain-yaml/broken.yaml && git add -A && git commit -m Break   (see its condition)`,
    '',
    'Ctrl-C ends; the next start goes on from here.',
  ]
}
