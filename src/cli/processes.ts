// `up|demo|local-cluster|render`: what runs in this process rather than on a server.
import type { Command } from 'commander'
import { collect, wholeNumber } from './flags.ts'

/** Which images the simulated nodes ask registries for. */
export interface ImageFlags {
  readonly verifyImages?: boolean
  readonly insecureRegistry?: readonly string[]
}

export interface UpFlags extends ImageFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly dataDir: string
  readonly port: number
  readonly address: string
  readonly logLevel: string
  readonly logFormat: string
}

export interface DemoFlags extends UpFlags {
  readonly once?: boolean
}

export interface LocalClusterFlags extends ImageFlags {
  readonly dataDir: string
  readonly port: number
  readonly address: string
  readonly kubeconfig?: string
  readonly controllers: string
  readonly kubelet: string
  readonly logLevel: string
  readonly logFormat: string
}

export interface RenderFlags {
  readonly name: string
  readonly namespace: string
  readonly values?: readonly string[]
  readonly set?: readonly string[]
  readonly kubeVersion: string
  readonly includeCrds: boolean
  readonly recurse?: boolean
}

/** Each runs until it is done or told to stop. */
export interface Processes {
  readonly defaultDataDir: string
  up(flags: UpFlags): Promise<void>
  demo(flags: DemoFlags): Promise<void>
  localCluster(flags: LocalClusterFlags): Promise<void>
  render(directory: string, flags: RenderFlags): Promise<void>
}

export function addProcessCommands(program: Command, processes: Processes): void {
  addImageFlags(addServing(program.command('up'), processes))
    .description(
      'run everything in one process: on the embedded cluster, or on the one that --kubeconfig or --context names',
    )
    .option('--kubeconfig <path>', 'use the cluster of this kubeconfig instead of the embedded one')
    .option('--context <name>', 'use the cluster of this context')
    .addHelpText('after', '\nExamples:\n  capstan up\n  capstan up --context staging --port 9000')
    .action((flags: UpFlags) => processes.up(flags))
  addServing(program.command('demo'), processes)
    .description('deliver the examples from a local Git repository to the embedded cluster')
    .option('--once', 'end when all of them are Synced and Healthy')
    .addHelpText('after', '\nExamples:\n  capstan demo\n  capstan demo --once')
    .action((flags: DemoFlags) => processes.demo(flags))
  addLocalCluster(program, processes)
  addRender(program, processes)
}

function addServing(command: Command, processes: Processes): Command {
  return addLogFlags(command)
    .option('--data-dir <path>', 'where the embedded cluster and caches are kept', processes.defaultDataDir)
    .option('--port <port>', 'port of the API and the page', wholeNumber, 8080)
    .option('--address <address>', 'address to listen on', '127.0.0.1')
}

function addImageFlags(command: Command): Command {
  return command
    .option('--verify-images', 'simulated nodes ask registries for images, with the pull secrets of their pods')
    .option(
      '--insecure-registry <host>',
      'with --verify-images: a registry that may speak plain http (repeatable)',
      collect,
    )
}

function addLogFlags(command: Command): Command {
  return command
    .option('--log-level <level>', 'debug|info|warn|error', 'warn')
    .option('--log-format <format>', 'text|json', 'text')
}

function addLocalCluster(program: Command, processes: Processes): void {
  addImageFlags(addLogFlags(program.command('local-cluster')))
    .description('run the embedded Kubernetes alone, for kubectl and tests; prints "ready" when it is')
    .option('--data-dir <path>', 'where it is kept', processes.defaultDataDir)
    .option('--port <port>', 'port, 0 for a free one', wholeNumber, 6443)
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('--kubeconfig <path>', 'write a kubeconfig here (mode 0600)')
    .option('--controllers <on|off>', 'run the controllers', 'on')
    .option('--kubelet <on|off>', 'run the simulated nodes', 'on')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan local-cluster --kubeconfig ./kubeconfig\n  kubectl --kubeconfig ./kubeconfig get nodes',
    )
    .action((flags: LocalClusterFlags) => processes.localCluster(flags))
}

function addRender(program: Command, processes: Processes): void {
  program
    .command('render <directory>')
    .description('print the manifests of a chart, a kustomization or a directory')
    .option('--name <name>', 'release name of a chart', 'release-name')
    .option('-n, --namespace <namespace>', 'namespace of a release', 'default')
    .option('-f, --values <file>', 'values file, from the directory (repeatable)', collect)
    .option('--set <key=value>', 'chart value (repeatable)', collect)
    .option('--kube-version <version>', 'Kubernetes version that charts see', '1.36.3')
    .option('--no-include-crds', 'leave out the crds folder of a chart')
    .option('--recurse', 'plain directories: read folders below too')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan render examples/api-tester -f values-dev.yaml\n  capstan render examples/guestbook/overlays/prod',
    )
    .action((directory: string, flags: RenderFlags) => processes.render(directory, flags))
}
