// `controller|server`: the roles of a production install, each in a process of its own, with upstream's flags.
import type { Command } from 'commander'
import { addNames, portNumber, wholeNumber } from './flags.ts'

export interface RoleFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: string
  /** Other namespaces that may hold Applications: globs and `/expressions/`. */
  readonly applicationNamespaces?: readonly string[]
  readonly dataDir: string
  readonly plugins?: string
  readonly address: string
  /** 0: no metrics. */
  readonly metricsPort: number
  /** `host:port` or a socket's path; absent: REDIS_SERVER, or none. */
  readonly redis?: string
  readonly redisdb?: number
  readonly redisUseTls?: boolean
  readonly redisInsecureSkipTlsVerify?: boolean
  readonly redisCaCertificate?: string
  readonly redisClientCertificate?: string
  readonly redisClientKey?: string
  readonly redisCompress?: string
  /** `host:port` of Redis Sentinels; they win over `redis`. */
  readonly sentinel?: readonly string[]
  readonly sentinelmaster?: string
  readonly logLevel: string
  readonly logFormat: string
}

export interface ControllerFlags extends RoleFlags {
  readonly leaderElection: boolean
  /** Labels of Applications for `argocd_app_labels`. */
  readonly metricsApplicationLabels?: readonly string[]
  /** Labels of clusters for `argocd_cluster_labels`. */
  readonly metricsClusterLabels?: readonly string[]
  readonly shardingMethod?: string
  readonly dynamicClusterDistributionEnabled?: boolean
}

export interface ServerRoleFlags extends RoleFlags {
  readonly port: number
  readonly insecure?: boolean
  readonly rootpath?: string
  readonly basehref?: string
}

/** Each runs until it is told to stop. */
export interface Roles {
  readonly defaultDataDir: string
  controller(flags: ControllerFlags): Promise<void>
  server(flags: ServerRoleFlags): Promise<void>
}

export function addRoleCommands(program: Command, roles: Roles): void {
  addRole(program.command('controller'), roles, 8082)
    .description(
      'run the controller alone: applications are compared, synced and watched; servers learn of it through Redis',
    )
    .option('--no-leader-election', 'do not wait for other replicas of the same shard to leave; for a single replica')
    .option(
      '--sharding-method <name>',
      'legacy|round-robin|consistent-hashing; or ARGOCD_CONTROLLER_SHARDING_ALGORITHM',
    )
    .option(
      '--dynamic-cluster-distribution-enabled',
      'replicas share out the clusters among themselves, anew when one dies; or ARGOCD_ENABLE_DYNAMIC_CLUSTER_DISTRIBUTION',
    )
    .option('--metrics-application-labels <names>', 'labels of Applications for argocd_app_labels', addNames)
    .option('--metrics-cluster-labels <names>', 'labels of clusters for argocd_cluster_labels', addNames)
    .addHelpText('after', CONTROLLER_ENVIRONMENT)
    .action((flags: ControllerFlags) => roles.controller(flags))
  addRole(program.command('server'), roles, 8083)
    .description('run the API and the page alone: what controllers know is read from Redis')
    .option('--port <port>', 'port of the API and the page', portNumber, 8080)
    .option('--insecure', 'speak no TLS: nothing does, or a proxy in front')
    .option('--rootpath <path>', 'serve the API and the page below this path')
    .option('--basehref <path>', 'where browsers see the page behind a proxy that takes a path away')
    .action((flags: ServerRoleFlags) => roles.server(flags))
}

const CONTROLLER_ENVIRONMENT = `
Environment:
  ARGOCD_CONTROLLER_REPLICAS   how many controllers share the clusters; default 1
  ARGOCD_CONTROLLER_SHARD      the shard of this one; default: the number at the end of the host's name
  POD_NAME                     what this one is called among the others; default: the host's name`

function addRole(command: Command, { defaultDataDir }: Roles, metricsPort: number): Command {
  return command
    .option('--kubeconfig <path>', 'the cluster of this kubeconfig; default: as kubectl, or the one this runs in')
    .option('--context <name>', 'the cluster of this context')
    .option('--namespace <name>', 'where the Applications and settings are', 'argocd')
    .option(
      '--application-namespaces <globs>',
      'other namespaces that may hold Applications; or ARGOCD_APPLICATION_NAMESPACES',
      addNames,
    )
    .option('--data-dir <path>', 'where caches are kept', defaultDataDir)
    .option('--plugins <folder>', 'where config management plug-ins stand; default: none')
    .option('--address <address>', 'address to listen on', '0.0.0.0')
    .option('--metrics-port <port>', 'port of /metrics and /healthz; 0: none', portNumber, metricsPort)
    .option(
      '--redis <address>',
      'host:port or a socket of Redis or Valkey; or REDIS_SERVER (REDIS_USERNAME, REDIS_PASSWORD)',
    )
    .option(
      '--sentinel <address>',
      'host:port of a Sentinel of Redis, once for each; or REDIS_SENTINEL_HOSTS',
      addNames,
    )
    .option('--sentinelmaster <name>', "the Sentinels' name of the group; or REDIS_SENTINEL_MASTER; default master")
    .option('--redisdb <number>', 'database of Redis; or REDISDB', wholeNumber)
    .option('--redis-use-tls', 'talk to Redis over TLS')
    .option('--redis-insecure-skip-tls-verify', 'accept any certificate of Redis')
    .option('--redis-ca-certificate <path>', 'trusted for Redis')
    .option('--redis-client-certificate <path>', 'shown to Redis')
    .option('--redis-client-key <path>', 'of that certificate')
    .option('--redis-compress <kind>', 'gzip|none; or REDIS_COMPRESSION; default gzip')
    .option('--log-level <level>', 'debug|info|warn|error', 'info')
    .option('--log-format <format>', 'text|json', 'text')
}
