// A running Capstan with many small applications out of one Git repository, and the few things a measurement does with it.
import { join } from 'node:path'
import { createApiClient } from '../../src/api/client/client.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import { API_VERSION, parseApplication, type Application } from '../../src/crds/application.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { Informer, withoutManagedFields } from '../../src/kube/client/informer.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { createRepository, type TestRepository } from '../support/git.ts'
import { inParallel } from './measurement.ts'
import { cpuSeconds, processTree } from './process-cost.ts'
import { freePort } from '../support/free-port.ts'
import { startProgram, untilReady, type Program } from './program.ts'

const PASSWORD = 'bench'
const NAMESPACE = 'argocd'
/** Each request under way holds a connection, whose handshake costs more than the request. */
const PARALLEL = 8
const CONFIG_MAPS = 3
const PATIENCE_MS = 120_000

/** What each application consists of, by path in Git below its own folder. The text is what a change changes. */
export type Manifests = (name: string, text: string) => Readonly<Record<string, KubeObject & JsonObject>>

export interface FleetOptions {
  readonly count: number
  /** Default: three ConfigMaps, so that nothing but delivery is measured. */
  readonly manifests?: Manifests
  /** An API server that runs. Default: the embedded one. */
  readonly kubeconfig?: string
  /** Default: delivered. */
  readonly until?: (application: Application) => boolean
}

export interface Fleet {
  readonly program: Program
  readonly url: string
  readonly token: Secret
  readonly client: KubeClient
  readonly applications: Informer<Application>
  readonly repository: TestRepository
  readonly manifests: Manifests
  /** Seconds, and seconds of CPU, from the first application created until all were as wanted. */
  readonly filled: { readonly seconds: number; readonly cpuSeconds: number }
  stop(): Promise<void>
}

/** Resolves when every application is as wanted. */
export async function startFleet(folder: string, options: FleetOptions): Promise<Fleet> {
  const { count, manifests = configMaps, until = isDelivered } = options
  const repository = createRepository(join(folder, 'repository'))
  const names = Array.from({ length: count }, (_, index) => nameOf(index))
  repository.commit(Object.fromEntries(names.flatMap((name) => filesOf(manifests, name, 'first'))))
  const dataDir = join(folder, 'data')
  const port = await freePort()
  const env = { CAPSTAN_ADMIN_PASSWORD: PASSWORD }
  const cluster = options.kubeconfig === undefined ? [] : ['--kubeconfig', options.kubeconfig]
  const program = startProgram(['up', '--data-dir', dataDir, '--port', String(port), ...cluster], env)
  try {
    const url = `http://127.0.0.1:${port}`
    await untilReady(program, `${url}/readyz`)
    const { transport } = await loadKubeConfig({ path: options.kubeconfig ?? join(dataDir, 'kubeconfig'), env: {} })
    const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'bench' })
    const applications = await followApplications(client)
    const fleet = { program, url, client, applications, repository, manifests, token: await logIn(url) }
    const startMs = performance.now()
    const startCpu = cpuSeconds(processTree(program.pid))
    await inParallel(count, PARALLEL, (index) => createApplication(fleet, nameOf(index)))
    await Promise.all(names.map((name) => untilApplication(fleet, name, until)))
    const seconds = (performance.now() - startMs) / 1000
    return {
      ...fleet,
      filled: { seconds, cpuSeconds: cpuSeconds(processTree(program.pid)) - startCpu },
      async stop() {
        await applications.stop()
        await client.close()
        await program.stop()
      },
    }
  } catch (error) {
    await program.stop()
    throw error
  }
}

export function nameOf(index: number): string {
  return `app-${String(index).padStart(4, '0')}`
}

/** Changes one ConfigMap of an application in Git; gives the commit. */
export function changeInGit(
  { repository, manifests }: Pick<Fleet, 'repository' | 'manifests'>,
  name: string,
  text: string,
): string {
  const [[path, content] = ['', '']] = filesOf(manifests, name, text)
  return repository.commit({ [path]: content })
}

/** Writes a new application's folder in Git. */
export function commitAll({ repository, manifests }: Pick<Fleet, 'repository' | 'manifests'>, name: string): void {
  repository.commit(Object.fromEntries(filesOf(manifests, name, 'first')))
}

/** Creates an application of the folder of its name. */
export async function createApplication(
  { client, applications, repository }: Pick<Fleet, 'client' | 'applications' | 'repository'>,
  name: string,
): Promise<void> {
  await client.create(applications.type, applicationOf(name, repository.url))
}

/** Asks for a refresh by annotation, as the command line does. */
export async function askRefresh(
  { client, applications }: Pick<Fleet, 'client' | 'applications'>,
  name: string,
  how: 'normal' | 'hard' = 'normal',
): Promise<void> {
  const patch = { metadata: { annotations: { 'argocd.argoproj.io/refresh': how } } }
  await client.patch({ type: applications.type, namespace: NAMESPACE, name }, 'merge', patch)
}

/** Waits until an application is as wanted. */
export async function untilApplication(
  { applications }: Pick<Fleet, 'applications'>,
  name: string,
  isAsWanted: (application: Application) => boolean,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = (application: Application | undefined): void => {
    if (application !== undefined && isAsWanted(application)) resolve()
  }
  const stop = applications.onChange(({ object }) => {
    if (object.metadata.name === name) look(object)
  })
  const timer = setTimeout(() => {
    const state = JSON.stringify(applications.get(NAMESPACE, name)?.status)
    reject(new Error(`application ${name} did not become as wanted: ${state}`))
  }, PATIENCE_MS)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    stop()
  }
}

export function isRefreshed({ metadata }: Application): boolean {
  return metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined
}

export function isDelivered({ status, operation }: Application): boolean {
  return status?.sync?.status === 'Synced' && status.health?.status === 'Healthy' && operation === undefined
}

/** Applications as the cluster tells of them from now on. */
export async function followApplications(client: KubeClient): Promise<Informer<Application>> {
  const type = await client.resourceOf({ group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' })
  if (type === undefined) throw new Error('the cluster serves no Applications')
  const transform = (object: KubeObject): Application => parseApplication(withoutManagedFields(object))
  const informer = new Informer({ client, type, namespace: NAMESPACE, clock: systemClock, log: silentLog, transform })
  informer.start()
  await informer.hasSynced
  return informer
}

async function logIn(baseUrl: string): Promise<Secret> {
  const api = createApiClient({ baseUrl, send: fetch })
  const login = { username: 'admin', password: PASSWORD }
  const { token } = await api.call<{ readonly token: string }>('session.SessionService/Create', login)
  return new Secret(token)
}

function filesOf(manifests: Manifests, name: string, text: string): [path: string, content: string][] {
  return Object.entries(manifests(name, text)).map(([path, object]) => [
    `${name}/${path}`,
    `${JSON.stringify(object)}\n`,
  ])
}

function configMaps(name: string, text: string): ReturnType<Manifests> {
  return Object.fromEntries(
    Array.from({ length: CONFIG_MAPS }, (_, index) => {
      const metadata = { name: `${name}-${index}` }
      return [`config-${index}.json`, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } }]
    }),
  )
}

function applicationOf(name: string, repoURL: string): KubeObject & Readonly<Record<string, unknown>> {
  return {
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      project: 'default',
      source: { repoURL, path: name, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    },
  }
}
