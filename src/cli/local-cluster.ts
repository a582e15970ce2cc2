// `local-cluster`: run embedded clusters; list, stop, delete, snapshot and restore them.
import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { collect, portNumber } from './flags.ts'
import { addImageFlags, type ImageFlags } from './image-flags.ts'
import { checkFormat, formatObject } from './output.ts'
import { formatTable } from './table.ts'

export interface LocalClusterFlags extends ImageFlags {
  /** Several run in one process. */
  readonly name?: readonly string[]
  /** `memory`: nothing is kept. */
  readonly dataDir: string
  readonly durable?: boolean
  readonly snapshot?: string
  readonly port: number
  readonly address: string
  readonly kubeconfig?: string
  readonly tokenAuthFile?: string
  readonly controllers: string
  readonly kubelet: string
  readonly endWithParent?: boolean
  readonly output?: string
  readonly logLevel: string
  readonly logFormat: string
}

/** One cluster of a data directory, as `list` shows it. */
export interface LocalClusterRow {
  readonly name: string
  readonly status: 'Running' | 'Stopped'
  readonly server?: string
  readonly pid?: number
  readonly startedAt?: string
  readonly sizeBytes: number
  readonly folder: string
}

export interface SnapshotResult {
  readonly file: string
  readonly cluster: string
  readonly objects: number
  readonly revision: number
  readonly bytes: number
}

export interface RestoreResult {
  readonly cluster: string
  readonly folder: string
  readonly objects: number
  readonly revision: number
  /** When the snapshot was taken, RFC 3339. */
  readonly createdAt: string
}

/** What main/ does for the commands. */
export interface LocalClusters {
  readonly defaultDataDir: string
  run(flags: LocalClusterFlags): Promise<void>
  list(dataDir: string): Promise<readonly LocalClusterRow[]>
  /** Ends the process of a cluster; gives the names of all it served. */
  stop(dataDir: string, name: string): Promise<readonly string[]>
  delete(dataDir: string, name: string): Promise<void>
  snapshot(from: { readonly dataDir: string; readonly name: string; readonly file: string }): Promise<SnapshotResult>
  restore(to: { readonly dataDir: string; readonly name: string; readonly file: string }): Promise<RestoreResult>
}

interface DirectoryFlags {
  readonly dataDir: string
  readonly name: string
  readonly output?: string
}

const DEFAULT = 'default'

/** Adds the command and what stands below it; the flags of running come before the name of a sub-command. */
export function addLocalClusterCommands(program: Command, context: CliContext, clusters: LocalClusters): void {
  const command = addRun(program.command('local-cluster').enablePositionalOptions(), clusters)
  addList(command, context, clusters)
  addStop(command, context, clusters)
  addDelete(command, context, clusters)
  addSnapshot(command, context, clusters)
  addRestore(command, context, clusters)
}

function addRun(command: Command, clusters: LocalClusters): Command {
  return addImageFlags(command)
    .description('run the embedded Kubernetes alone, for kubectl and tests; prints "ready" when it is')
    .option('--name <name>', 'a cluster of this name; repeat it for several in one process', collect)
    .option('--data-dir <path>', 'where clusters are kept; "memory" keeps nothing', clusters.defaultDataDir)
    .option('--durable', 'answer a write only when it is safe from a power cut')
    .option('--snapshot <file>', 'with --data-dir memory: begin with the objects of this snapshot')
    .option('--port <port>', 'port, 0 for a free one; the next clusters take the ports behind it', portNumber, 6443)
    .option('--address <address>', 'address to listen on', '127.0.0.1')
    .option('--kubeconfig <path>', 'write a kubeconfig here (mode 0600)')
    .option('--token-auth-file <file>', 'static tokens: lines of token,user,uid,"group1,group2"')
    .option('--controllers <on|off>', 'run the controllers', 'on')
    .option('--kubelet <on|off>', 'run the simulated nodes', 'on')
    .option('--end-with-parent', 'end when standard input closes, as it does when the parent ends')
    .option('-o, --output <format>', 'json: the ready line as one line of JSON')
    .option('--log-level <level>', 'debug|info|warn|error', 'warn')
    .option('--log-format <format>', 'text|json', 'text')
    .addHelpText('after', RUN_EXAMPLES)
    .action((flags: LocalClusterFlags) => clusters.run(flags))
}

const RUN_EXAMPLES = `
Examples:
  capstan local-cluster --kubeconfig ./kubeconfig
  kubectl --kubeconfig ./kubeconfig get nodes
  # two clusters, contexts capstan-staging and capstan-prod
  capstan local-cluster --name staging --name prod --port 0 --kubeconfig ./kubeconfig
  # for one test run: nothing is kept, and it ends with the test
  capstan local-cluster --data-dir memory --port 0 --end-with-parent -o json`

function addList(parent: Command, context: CliContext, clusters: LocalClusters): void {
  withDataDir(parent.command('list'), clusters)
    .description('clusters of a data directory')
    .option('-o, --output <format>', 'wide|json|yaml|name', 'wide')
    .addHelpText('after', '\nExamples:\n  capstan local-cluster list\n  capstan local-cluster list -o json')
    .action(async (flags: Pick<DirectoryFlags, 'dataDir'> & { readonly output: string }) => {
      const format = checkFormat(flags.output, ['wide', 'json', 'yaml', 'name'])
      const rows = await clusters.list(flags.dataDir)
      if (format === 'name') context.write(rows.map(({ name }) => `${name}\n`).join(''))
      else if (format === 'wide') context.write(tableOf(rows))
      else context.write(formatObject(rows, format))
    })
}

function tableOf(rows: readonly LocalClusterRow[]): string {
  const head = ['NAME', 'STATUS', 'SERVER', 'PID', 'SIZE', 'FOLDER']
  const lines = rows.map(({ name, status, server, pid, sizeBytes, folder }) => [
    name,
    status,
    server ?? '-',
    pid === undefined ? '-' : String(pid),
    `${(sizeBytes / 1024 / 1024).toFixed(1)} MiB`,
    folder,
  ])
  return formatTable([head, ...lines])
}

function addStop(parent: Command, context: CliContext, clusters: LocalClusters): void {
  withDataDir(parent.command('stop [name]'), clusters)
    .description('end the process of a cluster, and with it the others it serves')
    .addHelpText('after', '\nExamples:\n  capstan local-cluster stop\n  capstan local-cluster stop staging')
    .action(async (name: string | undefined, flags: Pick<DirectoryFlags, 'dataDir'>) => {
      const stopped = await clusters.stop(flags.dataDir, name ?? DEFAULT)
      for (const cluster of stopped) context.write(`cluster ${cluster} stopped\n`)
    })
}

function addDelete(parent: Command, context: CliContext, clusters: LocalClusters): void {
  withDataDir(parent.command('delete <name>'), clusters)
    .description('remove a stopped cluster for good: its objects, keys and kubeconfig')
    .addHelpText('after', '\nExamples:\n  capstan local-cluster delete staging')
    .action(async (name: string, flags: Pick<DirectoryFlags, 'dataDir'>) => {
      await clusters.delete(flags.dataDir, name)
      context.write(`cluster ${name} deleted\n`)
    })
}

function addSnapshot(parent: Command, context: CliContext, clusters: LocalClusters): void {
  withName(withDataDir(parent.command('snapshot <file>'), clusters))
    .description(
      'write every object of a cluster, running or stopped, to a file; it holds Secrets in clear (mode 0600)',
    )
    .option('-o, --output <format>', 'json|yaml')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan local-cluster snapshot before.snapshot\n  capstan local-cluster snapshot --name staging staging.snapshot -o json',
    )
    .action(async (file: string, flags: DirectoryFlags) => {
      const format = flags.output === undefined ? undefined : checkFormat(flags.output, ['json', 'yaml'])
      const result = await clusters.snapshot({ ...flags, file })
      if (format !== undefined) context.write(formatObject(result, format))
      else
        context.write(
          `snapshot of cluster ${result.cluster}: ${result.objects} objects at revision ${result.revision} in ${file}\nIt holds Secrets in clear; only you can read it (mode 0600).\n`,
        )
    })
}

function addRestore(parent: Command, context: CliContext, clusters: LocalClusters): void {
  withName(withDataDir(parent.command('restore <file>'), clusters))
    .description('make a cluster from a snapshot, where there is none; keys, and so kubeconfigs and tokens, are new')
    .option('-o, --output <format>', 'json|yaml')
    .addHelpText(
      'after',
      '\nExamples:\n  capstan local-cluster restore before.snapshot --data-dir ./restored\n  capstan local-cluster restore before.snapshot --name again',
    )
    .action(async (file: string, flags: DirectoryFlags) => {
      const format = flags.output === undefined ? undefined : checkFormat(flags.output, ['json', 'yaml'])
      const result = await clusters.restore({ ...flags, file })
      if (format !== undefined) context.write(formatObject(result, format))
      else
        context.write(
          `cluster ${result.cluster} restored to ${result.folder}: ${result.objects} objects of ${result.createdAt}, at revision ${result.revision}\n`,
        )
    })
}

function withDataDir(command: Command, clusters: LocalClusters): Command {
  return command.option('--data-dir <path>', 'where clusters are kept', clusters.defaultDataDir)
}

function withName(command: Command): Command {
  return command.option('--name <name>', 'the cluster', DEFAULT)
}
