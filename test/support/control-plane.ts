// A whole Capstan for a story: a cluster, the control plane on it, a client for its API.
import type { TestContext } from 'node:test'
import { createApiClient, type ApiClient } from '../../src/api/client/client.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createLog, silentLog, type Log } from '../../src/base/log.ts'
import type { Metrics } from '../../src/base/metrics.ts'
import { Secret } from '../../src/base/secret.ts'
import type { Application } from '../../src/crds/application.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { startControlPlane, type ControlPlane } from '../../src/main/control-plane.ts'
import { temporaryFolder } from './git.ts'
import { openStoryCluster, type StoryCluster } from './story-cluster.ts'

export const ADMIN_PASSWORD = 'correct horse'
/** A condition of a story that does not come true within this has failed. */
const PATIENCE_MS = 45_000

export interface StoryPlane {
  readonly cluster: StoryCluster
  readonly client: KubeClient
  readonly plane: ControlPlane
  /** Logged in as admin. */
  readonly api: ApiClient
  /** The live object, or undefined. */
  readonly live: (apiVersion: string, kind: string, place: string) => Promise<KubeObject | undefined>
  /** Waits until an application is as wanted and gives it. */
  readonly application: (name: string, isAsWanted: (application: Application) => boolean) => Promise<Application>
}

export interface StoryPlaneOptions {
  readonly log?: Log
  /** Default: a temporary folder. */
  readonly dataDir?: string
  readonly pluginFolder?: string
  /** What stands in the cluster before the control plane comes. */
  readonly before?: (client: KubeClient) => Promise<void>
  readonly metrics?: Metrics
  /** What flags of the server say. */
  readonly serverParameters?: Readonly<Record<string, string>>
}

/** Starts everything on free ports and stops it after the test; in memory unless a real cluster is wanted. CAPSTAN_TEST_LOG=1 shows the log. */
export async function startStoryPlane(t: TestContext, more: StoryPlaneOptions = {}): Promise<StoryPlane> {
  const log = more.log ?? storyLog()
  const options = { clock: systemClock, log }
  const cluster = await openStoryCluster({ hasNodes: true, log })
  const ended = new AbortController()
  const client = cluster.client('story')
  const start = async (): Promise<ControlPlane> => {
    await more.before?.(client)
    return startControlPlane({
      ...options,
      client: cluster.client('capstan'),
      dataDir: more.dataDir ?? temporaryFolder(t),
      ...(more.pluginFolder === undefined ? {} : { pluginFolder: more.pluginFolder }),
      ...(more.metrics === undefined ? {} : { metrics: more.metrics }),
      ...(more.serverParameters === undefined ? {} : { serverParameters: more.serverParameters }),
      namespace: 'argocd',
      port: 0,
      address: '127.0.0.1',
      adminPassword: new Secret(ADMIN_PASSWORD),
      signal: ended.signal,
    })
  }
  // A start that fails leaves no cluster behind, which stories may share.
  const plane = await start().catch(async (error: unknown) => {
    await cluster.close()
    throw error
  })
  t.after(async () => {
    ended.abort(new Error('the story has ended'))
    await plane.stop()
    await cluster.close()
  })
  const baseUrl = `${plane.url}${more.serverParameters?.['rootpath'] ?? ''}`
  const anonymous = createApiClient({ baseUrl, send: fetch })
  const login = { username: 'admin', password: ADMIN_PASSWORD }
  const { token } = await anonymous.call<{ readonly token: string }>('session.SessionService/Create', login)
  const api = createApiClient({ baseUrl, send: fetch, token: new Secret(token) })
  return {
    cluster,
    client,
    plane,
    api,
    live: (apiVersion, kind, place) => readLive(client, { apiVersion, kind }, place),
    application: (name, isAsWanted) => untilApplication(plane, name, isAsWanted),
  }
}

function storyLog(): Log {
  if (process.env['CAPSTAN_TEST_LOG'] === undefined) return silentLog
  return createLog({
    clock: systemClock,
    level: 'debug',
    format: 'text',
    write: (line) => process.stderr.write(`${line}\n`),
  })
}

async function readLive(
  client: KubeClient,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  place: string,
): Promise<KubeObject | undefined> {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const type = await client.resourceOf({ group, version, kind })
  if (type === undefined) return undefined
  const [namespace = '', name = ''] = place.includes('/') ? place.split('/') : ['', place]
  return client.get({ type, namespace, name })
}

async function untilApplication(
  { applications }: ControlPlane,
  name: string,
  isAsWanted: (application: Application) => boolean,
): Promise<Application> {
  const { promise, resolve, reject } = Promise.withResolvers<Application>()
  let last: Application | undefined
  const stop = applications.onChange(({ object }) => {
    if (object.metadata.name !== name) return
    last = object
    if (isAsWanted(object)) resolve(object)
  })
  const timer = setTimeout(
    () =>
      reject(
        new Error(`application ${name} did not become as wanted; it is ${JSON.stringify(last?.status, undefined, 1)}`),
      ),
    PATIENCE_MS,
  )
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    stop()
  }
}

export function isSynced({ status }: Application): boolean {
  return status?.sync?.status === 'Synced' && status.health?.status === 'Healthy'
}
