// `capstan up`: everything in one process, on the embedded cluster or on one that exists.
import { existsSync } from 'node:fs'
import { mkdir, unlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { Secret } from '../base/secret.ts'
import type { UpFlags } from '../cli/processes.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import { writeKubeconfig } from '../local-cluster/kubeconfig.ts'
import { requireGit } from '../source/git/require-git.ts'
import { type MetricsPort, startMetricsPort } from '../server/metrics-port.ts'
import { serverParametersOf, startControlPlane, type ControlPlane } from './control-plane.ts'
import { createLogOf } from './process-log.ts'
import { createProcessMetrics } from './process-metrics.ts'
import { apiServerMetrics, type MeasureTransport } from './request-metrics.ts'
import { openLocalCluster } from './local-cluster.ts'
import { pluginOptions } from './plugin-options.ts'
import { untilAborted } from './until-aborted.ts'

/** Where the control plane's own resources live unless a flag says otherwise. */
export const CONTROL_NAMESPACE = 'argocd'

export interface Running {
  readonly controlPlane: ControlPlane
  readonly client: KubeClient
  /** Where its own resources live. */
  readonly namespace: string
  /** How the cluster is named to people. */
  readonly cluster: string
  /** The kubeconfig that was written; absent for a cluster that exists. */
  readonly kubeconfig: string | undefined
  stop(): Promise<void>
}

/** Runs until the signal, then ends in order. */
export async function runUp(flags: UpFlags, signal: AbortSignal): Promise<void> {
  const running = await startUp(flags, signal)
  try {
    for (const line of upLines(running, await initialPassword(running))) console.log(line)
    await untilAborted(signal)
  } finally {
    await running.stop()
  }
}

/** Starts the cluster, where it is the embedded one, and the control plane on it. */
export async function startUp(flags: UpFlags, signal: AbortSignal): Promise<Running> {
  const log = createLogOf(flags)
  await requireGit(signal)
  await prepareDataDir(flags.dataDir)
  const told = flags.metricsPort === 0 ? undefined : await openMetrics(flags)
  try {
    const running = await startOn(flags, { log, signal, ...(told === undefined ? {} : { metrics: told.metrics }) })
    told?.ready()
    return {
      ...running,
      async stop() {
        await running.stop()
        await told?.close()
      },
    }
  } catch (error) {
    await told?.close()
    throw error
  }
}

interface OpenMetrics extends MetricsPort {
  readonly metrics: Metrics
  /** From now on everything is started. */
  readonly ready: () => void
}

/** Opens the port first: a taken one is told before anything is started. */
async function openMetrics(flags: UpFlags): Promise<OpenMetrics> {
  const metrics = createProcessMetrics()
  let isStarted = false
  const place = { port: flags.metricsPort, address: flags.address }
  const opened = await startMetricsPort({ metrics, ...place, isReady: () => isStarted })
  return {
    ...opened,
    metrics,
    ready: () => {
      isStarted = true
    },
  }
}

async function startOn(
  flags: UpFlags,
  { log, signal, metrics }: { readonly log: Log; readonly signal: AbortSignal; readonly metrics?: Metrics },
): Promise<Running> {
  const plugins = pluginOptions(flags)
  const { namespace = CONTROL_NAMESPACE } = flags
  const measure = metrics === undefined ? {} : { measure: apiServerMetrics(metrics) }
  const target = await openCluster(flags, { log, signal, ...measure })
  try {
    const password = process.env['CAPSTAN_ADMIN_PASSWORD']
    const controlPlane = await startControlPlane({
      client: target.client,
      dataDir: flags.dataDir,
      isSimulated: target.kubeconfig !== undefined,
      namespace,
      ...(flags.applicationNamespaces === undefined ? {} : { applicationNamespaces: flags.applicationNamespaces }),
      port: flags.port,
      address: flags.address,
      clock: systemClock,
      log,
      signal,
      ...plugins,
      ...(metrics === undefined ? {} : { metrics }),
      ...measure,
      metricsLabels: flags.metricsApplicationLabels ?? [],
      clusterMetricsLabels: flags.metricsClusterLabels ?? [],
      serverParameters: serverParametersOf(flags),
      ...(password === undefined || password === '' ? {} : { adminPassword: new Secret(password) }),
    })
    return {
      ...target,
      namespace,
      controlPlane,
      async stop() {
        await controlPlane.stop()
        await target.stop()
      },
    }
  } catch (error) {
    await target.stop()
    throw error
  }
}

type Target = Omit<Running, 'controlPlane' | 'namespace'>

async function openCluster(
  flags: UpFlags,
  { log, signal, measure }: { readonly log: Log; readonly signal: AbortSignal; readonly measure?: MeasureTransport },
): Promise<Target> {
  if (flags.kubeconfig === undefined && flags.context === undefined && flags.inCluster !== true) {
    return openEmbedded(flags, log)
  }
  if (flags.verifyImages === true) {
    const why = '--verify-images is for the simulated nodes of the embedded cluster'
    throw new CapstanError('bad-input', `${why}: leave it out, or leave out --kubeconfig and --context`)
  }
  const loaded = await loadKubeConfig({
    env: process.env,
    ...(flags.kubeconfig === undefined ? {} : { path: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
  })
  const plain = httpTransport(loaded.transport)
  const transport = measure?.(plain, loaded.transport.server) ?? plain
  const client = createClient(transport, { clock: systemClock })
  // A wrong address or credential is told now, by name, rather than by the first controller that meets it.
  await client.serverVersion(signal)
  const cluster = `context ${loaded.context} (${loaded.transport.server})`
  return { client, cluster, kubeconfig: undefined, stop: () => client.close() }
}

async function openEmbedded(flags: UpFlags, log: Log): Promise<Target> {
  const { dataDir } = flags
  const runs = { controllers: true, kubelet: true }
  const local = await openLocalCluster({ ...flags, port: 0, log, ...runs })
  const kubeconfig = join(dataDir, 'kubeconfig')
  writeKubeconfig(kubeconfig, local.kubeconfig())
  return {
    client: local.client(),
    cluster: 'the embedded cluster (its nodes are simulated)',
    kubeconfig,
    stop: () => local.close(),
  }
}

async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(resolve(dataDir))
    const probe = join(dataDir, `.writable-${process.pid}`)
    await writeFile(probe, '')
    await unlink(probe)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new CapstanError(
      'forbidden',
      `data directory ${dataDir} is not writable (${reason}); choose another with --data-dir`,
      { cause: error },
    )
  }
}

/** Makes a folder and those above it; Node's own `recursive` never returns below /proc. */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return
  await makeFolder(dirname(folder))
  await mkdir(folder, { mode: 0o700 })
}

/** The generated first password, while its Secret still exists. */
export async function initialPassword({
  client,
  namespace,
}: Pick<Running, 'client' | 'namespace'>): Promise<Secret | undefined> {
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  if (type === undefined) return undefined
  const secret = await client.get({ type, namespace, name: 'argocd-initial-admin-secret' })
  const data: unknown = secret !== undefined && 'data' in secret ? secret.data : undefined
  const encoded: unknown = typeof data === 'object' && data !== null ? Object(data)['password'] : undefined
  return typeof encoded === 'string' ? new Secret(Buffer.from(encoded, 'base64').toString('utf8')) : undefined
}

/** How to log in: the password itself only on a terminal, else the command that shows it. */
export function loginLine(running: Running, password: Secret | undefined): string {
  if (password === undefined) return 'Log in as admin with the password that was set'
  if (process.stdout.isTTY) return `Log in as admin with ${password.reveal()}`
  const config = running.kubeconfig === undefined ? '' : ` --kubeconfig ${running.kubeconfig}`
  return `Log in as admin; the password: kubectl${config} -n ${running.namespace} get secret argocd-initial-admin-secret -o jsonpath={.data.password} | base64 -d`
}

function upLines(running: Running, password: Secret | undefined): readonly string[] {
  const { controlPlane, cluster, kubeconfig } = running
  return [
    `Capstan is ready at ${controlPlane.url} on ${cluster}`,
    loginLine(running, password),
    ...(kubeconfig === undefined ? [] : [`kubectl --kubeconfig ${kubeconfig} get pods -A`]),
  ]
}
