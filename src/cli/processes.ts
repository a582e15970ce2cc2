// `up|demo|render`: what runs in this process rather than on a server.
import type { Command } from 'commander'
import type { BackupTool } from './admin/backup.ts'
import type { NotificationTool } from './admin/notifications.ts'
import { addNames, portNumber } from './flags.ts'
import { addImageFlags, type ImageFlags } from './image-flags.ts'
import type { InstallTool } from './install.ts'
import type { RunPreview } from './preview/command.ts'
import type { RunRegistrySync } from './registry/sync.ts'
import { addRender, type RenderFlags } from './render.ts'
import { addRoleCommands, type Roles } from './roles.ts'
import type { LocalClusters } from './local-cluster.ts'

export interface UpFlags extends ImageFlags {
  readonly kubeconfig?: string
  readonly context?: string
  /** The cluster this runs in rather than the embedded one. */
  readonly inCluster?: boolean
  /** Where the Applications and settings are; absent: `argocd`. */
  readonly namespace?: string
  /** Other namespaces that may hold Applications: globs and `/expressions/`. */
  readonly applicationNamespaces?: readonly string[]
  readonly dataDir: string
  /** Folder of config management plug-ins. */
  readonly plugins?: string
  readonly port: number
  readonly address: string
  /** 0: no metrics. */
  readonly metricsPort: number
  /** Labels of Applications for `argocd_app_labels`. */
  readonly metricsApplicationLabels?: readonly string[]
  readonly metricsClusterLabels?: readonly string[]
  readonly insecure?: boolean
  readonly rootpath?: string
  readonly basehref?: string
  readonly logLevel: string
  readonly logFormat: string
}

export interface DemoFlags extends UpFlags {
  readonly once?: boolean
}

/** Each runs until it is done or told to stop. */
export interface Processes extends Roles {
  up(flags: UpFlags): Promise<void>
  demo(flags: DemoFlags): Promise<void>
  readonly localClusters: LocalClusters
  readonly notifications: NotificationTool
  readonly backup: BackupTool
  readonly installation: InstallTool
  readonly registrySync: RunRegistrySync
  render(directory: string, flags: RenderFlags): Promise<void>
  readonly preview: RunPreview
}

export function addProcessCommands(program: Command, processes: Processes): void {
  addImageFlags(addServing(program.command('up'), processes))
    .description(
      'run everything in one process: on the embedded cluster, or on the one that --kubeconfig or --context names',
    )
    .option('--kubeconfig <path>', 'use the cluster of this kubeconfig instead of the embedded one')
    .option('--context <name>', 'use the cluster of this context')
    .option('--in-cluster', 'use the cluster this runs in; where KUBECONFIG is set, the one that names')
    .option('--namespace <name>', 'where the Applications and settings are', 'argocd')
    .option(
      '--application-namespaces <globs>',
      'other namespaces that may hold Applications; or ARGOCD_APPLICATION_NAMESPACES',
      addNames,
    )
    .addHelpText('after', '\nExamples:\n  capstan up\n  capstan up --context staging --port 9000')
    .action((flags: UpFlags) => processes.up(flags))
  addServing(program.command('demo'), processes)
    .description('deliver the examples from a local Git repository to the embedded cluster')
    .option('--once', 'end when all of them are Synced and Healthy')
    .addHelpText('after', '\nExamples:\n  capstan demo\n  capstan demo --once')
    .action((flags: DemoFlags) => processes.demo(flags))
  addRoleCommands(program, processes)
  addRender(program, (directory, flags) => processes.render(directory, flags))
}

function addServing(command: Command, processes: Processes): Command {
  return addLogFlags(command)
    .option('--data-dir <path>', 'where the embedded cluster and caches are kept', processes.defaultDataDir)
    .option(
      '--plugins <folder>',
      'where config management plug-ins stand: sockets and plugin.yaml files; default: none',
    )
    .option('--port <port>', 'port of the API and the page', portNumber, 8080)
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('--insecure', 'speak no TLS: nothing does, or a proxy in front')
    .option('--rootpath <path>', 'serve the API and the page below this path')
    .option('--basehref <path>', 'where browsers see the page behind a proxy that takes a path away')
    .option(
      '--metrics-port <port>',
      'port of /metrics for Prometheus and of /healthz, 8082 with Argo CD; 0: none',
      portNumber,
      0,
    )
    .option('--metrics-application-labels <names>', 'labels of Applications for argocd_app_labels', addNames)
    .option('--metrics-cluster-labels <names>', 'labels of clusters for argocd_cluster_labels', addNames)
}

function addLogFlags(command: Command): Command {
  return command
    .option('--log-level <level>', 'debug|info|warn|error', 'warn')
    .option('--log-format <format>', 'text|json', 'text')
}
