// Which clusters this controller looks after, by upstream's flags and variables.
import { hostname } from 'node:os'
import { CapstanError } from '../base/errors.ts'
import type { ControllerFlags } from '../cli/roles.ts'
import type { ClusterRecord } from '../controllers/applications/cluster-client.ts'
import type { ApplicationEngine } from '../controllers/applications/engine.ts'
import { fieldAt } from '../kube/field.ts'
import { ShardMap } from '../reconcile/shard-map.ts'
import { distribute, SHARDING_ALGORITHMS, type ShardedCluster, type ShardingAlgorithm } from '../reconcile/sharding.ts'
import { IN_CLUSTER_SERVER } from '../settings/clusters.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'

const HEARTBEAT = { usual: 10, least: 10, most: 60 }

type Environment = Readonly<Record<string, string | undefined>>

export interface ShardSettings {
  readonly algorithm: ShardingAlgorithm
  readonly replicas: number
  /** Undefined: any that is free. */
  readonly shard: number | undefined
  readonly isDynamic: boolean
  /** What this controller is called among the others. */
  readonly identity: string
  readonly heartbeatMs: number
}

/** Throws `bad-input` naming the flag or variable that is wrong. */
export function shardSettings(flags: Partial<ControllerFlags>, env: Environment): ShardSettings {
  const replicas = Math.max(1, wholeOf(env, 'ARGOCD_CONTROLLER_REPLICAS') ?? 1)
  const isDynamic = isSharedOut(flags, env) && replicas > 1
  const identity = env['POD_NAME'] ?? hostname()
  return {
    algorithm: algorithmOf(flags.shardingMethod ?? env['ARGOCD_CONTROLLER_SHARDING_ALGORITHM'] ?? 'legacy'),
    replicas,
    shard: shardNumber(env, replicas) ?? (isDynamic ? undefined : shardOfName(identity, replicas)),
    isDynamic,
    identity,
    heartbeatMs: heartbeatSeconds(env) * 1000,
  }
}

/**
 * The environment with the replicas of the controllers' Deployment, which counts where they share out clusters among themselves
 * (argo-cd v3.5.1 `controller/sharding` GetClusterSharding). Where there is no such Deployment, as outside of a cluster, the
 * variable stays what counts.
 */
export async function withDeployedReplicas(
  flags: Partial<ControllerFlags>,
  env: Environment,
  { client, namespace, signal }: Pick<ControlPlaneOptions, 'client' | 'namespace' | 'signal'>,
): Promise<Environment> {
  if (!isSharedOut(flags, env)) return env
  const name = env['ARGOCD_APPLICATION_CONTROLLER_NAME'] ?? 'argocd-application-controller'
  const type = await client.resourceOf({ group: 'apps', version: 'v1', kind: 'Deployment' }, signal)
  const found = type === undefined ? undefined : await client.get({ type, namespace, name }, signal)
  const replicas = fieldAt(found, 'spec', 'replicas')
  return typeof replicas === 'number' ? { ...env, ARGOCD_CONTROLLER_REPLICAS: String(replicas) } : env
}

function isSharedOut(flags: Partial<ControllerFlags>, env: Environment): boolean {
  return flags.dynamicClusterDistributionEnabled ?? env['ARGOCD_ENABLE_DYNAMIC_CLUSTER_DISTRIBUTION'] === 'true'
}

function algorithmOf(named: string): ShardingAlgorithm {
  const algorithm = SHARDING_ALGORITHMS.find((one) => one === named)
  if (algorithm !== undefined) return algorithm
  throw new CapstanError('bad-input', `--sharding-method ${named}: one of ${SHARDING_ALGORITHMS.join(', ')}`)
}

function shardNumber(env: Environment, replicas: number): number | undefined {
  const shard = wholeOf(env, 'ARGOCD_CONTROLLER_SHARD')
  if (shard === undefined || replicas === 1 || shard < replicas) return shard
  throw new CapstanError('bad-input', `ARGOCD_CONTROLLER_SHARD ${shard}: there are ${replicas} shards, from 0`)
}

/** `argocd-application-controller-2` → 2; what ends otherwise is the first (upstream InferShard). */
function shardOfName(identity: string, replicas: number): number {
  const number = Number(/-(?<number>\d{1,6})$/.exec(identity)?.groups?.['number'] ?? 0)
  return replicas > 1 ? number : 0
}

/** Upstream (controller/sharding HeartbeatDuration): what is outside of 10 to 60 counts as 10. */
function heartbeatSeconds(env: Environment): number {
  const seconds = wholeOf(env, 'ARGOCD_CONTROLLER_HEARTBEAT_TIME') ?? HEARTBEAT.usual
  return seconds < HEARTBEAT.least || seconds > HEARTBEAT.most ? HEARTBEAT.usual : seconds
}

function wholeOf(env: Environment, name: string): number | undefined {
  const text = env[name] ?? ''
  if (text === '' || text === '-1') return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new CapstanError('bad-input', `${name} ${text}: write a whole number`)
}

export interface Shards {
  /** Whether a cluster is looked after here; an unknown one is of the first shard. */
  readonly isOurs: (cluster: ClusterRecord | undefined) => boolean
  /** The engine whose clusters they are; it is told when they become others. */
  follow(engine: ApplicationEngine | undefined): void
  stop(): Promise<void>
}

export type ShardOptions = ControlPlaneOptions & {
  /** Whether applications may go to the control plane's own cluster. */
  readonly isInClusterEnabled: () => boolean
}

/** Begins to tell that this controller lives, where the replicas share out clusters among themselves. */
export function startShards(settings: ShardSettings, options: ShardOptions): Shards {
  const { replicas, isDynamic } = settings
  let engine: ApplicationEngine | undefined
  const ended = new AbortController()
  const map = isDynamic
    ? new ShardMap({
        ...options,
        identity: settings.identity,
        replicas,
        heartbeatMs: settings.heartbeatMs,
        ...(settings.shard === undefined ? {} : { shard: settings.shard }),
        signal: ended.signal,
        onChange: () => engine?.onShards(),
      })
    : undefined
  map?.start()
  const table = createTable(settings, options, () => engine)
  return {
    isOurs(cluster) {
      if (replicas <= 1) return true
      const shard = cluster === undefined ? 0 : table(cluster)
      if (map === undefined) return shard === settings.shard
      return map.owns(shard, cluster?.id ?? '')
    },
    follow(followed) {
      engine = followed
    },
    async stop() {
      ended.abort(new Error('the controller stops'))
      await map?.stop()
    },
  }
}

/** The distribution is made anew only where clusters, or for bounded loads applications, are others. */
function createTable(
  { algorithm, replicas }: ShardSettings,
  { isInClusterEnabled, clock }: Pick<ShardOptions, 'isInClusterEnabled' | 'clock'>,
  engine: () => ApplicationEngine | undefined,
): (cluster: ClusterRecord) => number {
  let madeOf = ''
  let seen: Seen | undefined
  let table: ReturnType<typeof distribute> | undefined
  return (cluster) => {
    const now = { engine: engine(), version: engine()?.clusters.version, isInClusterEnabled: isInClusterEnabled() }
    // Asked for each application that is looked at: only what says that something is new is looked at each time.
    const isLately = seen !== undefined && clock.now() < seen.untilMs && engine() !== undefined
    if (table !== undefined && isLately && isSame(seen, now)) return table(sharded(cluster))
    seen = { ...now, untilMs: clock.now() + LOADS_AGE_MS }
    // Upstream's list of clusters (util/db ListClusters v3.5.1) has the own one only while it may be used.
    const listed = (engine()?.clusters.list() ?? [cluster]).filter(
      ({ server }) => server !== IN_CLUSTER_SERVER || isInClusterEnabled(),
    )
    const clusters = listed.map(sharded)
    const loads = algorithm === 'consistent-hashing' ? loadsOf(engine()) : new Map<string, number>()
    const key = JSON.stringify([clusters, [...loads]])
    if (key !== madeOf || table === undefined) {
      const applicationsOf = (server: string): number => loads.get(server) ?? 0
      table = distribute({ algorithm, replicas, clusters, applicationsOf })
      madeOf = key
    }
    return table(sharded(cluster))
  }
}

/** For how long numbers of applications are believed. */
const LOADS_AGE_MS = 1_000

interface Seen {
  readonly engine: ApplicationEngine | undefined
  readonly version: number | undefined
  readonly isInClusterEnabled: boolean
  readonly untilMs: number
}

function isSame(before: Seen | undefined, now: Omit<Seen, 'untilMs'>): boolean {
  return (
    before?.engine === now.engine &&
    before?.version === now.version &&
    before?.isInClusterEnabled === now.isInClusterEnabled
  )
}

/** The control plane's own cluster needs no Secret, and so has no id. */
function sharded({ id = '', server, shard }: ClusterRecord): ShardedCluster {
  return { id, server, ...(shard === undefined ? {} : { shard }) }
}

/** Upstream counts what names a server only (getAppDistribution). */
function loadsOf(engine: ApplicationEngine | undefined): Map<string, number> {
  const loads = new Map<string, number>()
  for (const { spec } of engine?.applications() ?? []) {
    const { server = '' } = spec.destination
    loads.set(server, (loads.get(server) ?? 0) + 1)
  }
  return loads
}
