// What the roles of a production install have in common: their cluster, their Redis, their metrics.
import { mkdir, readFile } from 'node:fs/promises'
import { systemClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { Secret } from '../base/secret.ts'
import type { ControllerFlags, RoleFlags } from '../cli/roles.ts'
import type { KubeClient } from '../kube/client/client.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import { startMetricsPort } from '../server/metrics-port.ts'
import { AppState } from '../shared-cache/app-state.ts'
import {
  openRedis,
  type RedisOptions,
  type RedisSentinels,
  type RedisTls,
  type SharedStore,
} from '../shared-cache/redis-store.ts'
import { requireGit } from '../source/git/require-git.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { pluginOptions } from './plugin-options.ts'
import { createProcessMetrics } from './process-metrics.ts'
import { apiServerMetrics, type MeasureTransport } from './request-metrics.ts'
import type { Started } from './started.ts'

export interface Shared {
  readonly store: SharedStore
  readonly state: AppState
}

/** What a role begins with: its cluster, a folder for its data and, where one is wanted, its metrics port. */
export interface OpenedRole {
  readonly options: ControlPlaneOptions
  readonly metrics: Metrics
  /** From now on `/readyz` says so. */
  readonly ready: () => void
}

/** What one of the roles may be given beside what both are. */
type StartedFlags = RoleFlags &
  Pick<ControllerFlags, 'metricsApplicationLabels' | 'metricsClusterLabels'> & { readonly port?: number }

/** Opens what every role needs; git that is missing, and a wrong address or login, are told now. */
export async function openRole(
  flags: StartedFlags,
  { signal, log, started }: { readonly signal: AbortSignal; readonly log: Log; readonly started: Started },
): Promise<OpenedRole> {
  await requireGit(signal)
  await mkdir(flags.dataDir, { recursive: true, mode: 0o700 })
  const metrics = createProcessMetrics()
  let isReady = false
  if (flags.metricsPort !== 0) {
    const place = { port: flags.metricsPort, address: flags.address }
    started.add(await startMetricsPort({ metrics, ...place, isReady: () => isReady }), (port) => port.close())
  }
  const measure = apiServerMetrics(metrics)
  const client = started.add(await openRoleCluster(flags, measure, signal), (opened) => opened.close())
  const ready = (): void => {
    isReady = true
  }
  return { options: { ...roleOptions(flags, { client, log, signal, metrics }), measure }, metrics, ready }
}

async function openRoleCluster(flags: RoleFlags, measure: MeasureTransport, signal: AbortSignal): Promise<KubeClient> {
  const { kubeconfig: path, context } = flags
  const loaded = await loadKubeConfig({
    env: process.env,
    ...(path === undefined ? {} : { path }),
    ...(context === undefined ? {} : { context }),
  })
  const transport = measure(httpTransport(loaded.transport), loaded.transport.server)
  const client = createClient(transport, { clock: systemClock })
  try {
    await client.serverVersion(signal)
    return client
  } catch (error) {
    await client.close()
    throw error
  }
}

function roleOptions(
  flags: StartedFlags,
  given: {
    readonly client: KubeClient
    readonly log: Log
    readonly signal: AbortSignal
    readonly metrics: Metrics | undefined
  },
): ControlPlaneOptions {
  const { client, log, signal, metrics } = given
  const { dataDir, namespace, address, port = 0 } = flags
  const common = { client, dataDir, namespace, address, port, clock: systemClock, log, signal }
  const password = process.env['CAPSTAN_ADMIN_PASSWORD'] ?? ''
  return {
    ...common,
    ...(flags.applicationNamespaces === undefined ? {} : { applicationNamespaces: flags.applicationNamespaces }),
    ...pluginOptions(flags),
    ...(metrics === undefined ? {} : { metrics }),
    metricsLabels: flags.metricsApplicationLabels ?? [],
    clusterMetricsLabels: flags.metricsClusterLabels ?? [],
    ...(password === '' ? {} : { adminPassword: new Secret(password) }),
  }
}

/** Whether the flags or upstream's variables name a Redis. */
export function isSharedNamed(flags: RoleFlags): boolean {
  return addressOf(flags) !== '' || sentinelAddresses(flags).length > 0
}

/** The Redis of the flags and of upstream's variables; undefined where none is named. */
export async function openShared(
  flags: RoleFlags,
  { log, onRequest }: Pick<RedisOptions, 'log' | 'onRequest'>,
): Promise<Shared | undefined> {
  if (!isSharedNamed(flags)) return undefined
  const { env } = process
  const isCompressed = isCompressedBy(flags.redisCompress ?? env['REDIS_COMPRESSION'] ?? 'gzip')
  const tls = await tlsOf(flags)
  const addresses = sentinelAddresses(flags)
  const store = await openRedis({
    address: addressOf(flags),
    ...(addresses.length === 0 ? {} : { sentinel: { addresses, ...sentinelLogin(flags) } }),
    ...redisLogin(flags),
    ...(tls === undefined ? {} : { tls }),
    ...(onRequest === undefined ? {} : { onRequest }),
    log,
  })
  return { store, state: new AppState({ store, isCompressed, prefix: env['ARGOCD_REDIS_KEY_PREFIX'] ?? '' }) }
}

function addressOf(flags: RoleFlags): string {
  return flags.redis ?? process.env['REDIS_SERVER'] ?? ''
}

/** Sentinels win over a server, as with upstream (argo-cd v3.5.1 `util/cache/cache.go`). */
function sentinelAddresses(flags: RoleFlags): readonly string[] {
  if (flags.sentinel !== undefined && flags.sentinel.length > 0) return flags.sentinel
  const { REDIS_SENTINEL_HOSTS = '' } = process.env
  return REDIS_SENTINEL_HOSTS.split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
}

function sentinelLogin(flags: RoleFlags): Omit<RedisSentinels, 'addresses'> {
  const { REDIS_SENTINEL_MASTER, REDIS_SENTINEL_USERNAME = '', REDIS_SENTINEL_PASSWORD = '' } = process.env
  return {
    master: flags.sentinelmaster ?? REDIS_SENTINEL_MASTER ?? 'master',
    ...(REDIS_SENTINEL_USERNAME === '' ? {} : { username: REDIS_SENTINEL_USERNAME }),
    ...(REDIS_SENTINEL_PASSWORD === '' ? {} : { password: new Secret(REDIS_SENTINEL_PASSWORD) }),
  }
}

function isCompressedBy(compression: string): boolean {
  if (compression === 'gzip' || compression === 'none') return compression === 'gzip'
  throw new CapstanError('bad-input', `--redis-compress ${compression}: write gzip or none`)
}

function redisLogin(flags: RoleFlags): Pick<RedisOptions, 'username' | 'password' | 'database'> {
  const { REDIS_USERNAME: username = '', REDIS_PASSWORD: password = '', REDISDB = '0' } = process.env
  const database = flags.redisdb ?? Number(REDISDB)
  if (!Number.isInteger(database)) throw new CapstanError('bad-input', `REDISDB ${REDISDB}: write a whole number`)
  return {
    database,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password: new Secret(password) }),
  }
}

async function tlsOf(flags: RoleFlags): Promise<RedisTls | undefined> {
  if (flags.redisUseTls !== true) return undefined
  const [ca, clientCertificate, key] = await Promise.all([
    readPem(flags.redisCaCertificate, '--redis-ca-certificate'),
    readPem(flags.redisClientCertificate, '--redis-client-certificate'),
    readPem(flags.redisClientKey, '--redis-client-key'),
  ])
  return {
    insecure: flags.redisInsecureSkipTlsVerify === true,
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(key === undefined ? {} : { clientKey: new Secret(key) }),
  }
}

async function readPem(path: string | undefined, flag: string): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CapstanError('bad-input', `${flag}: cannot read ${path}`, { cause: error })
  }
}
