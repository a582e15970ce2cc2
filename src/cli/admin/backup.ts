// Backups: all of a control plane as a stream of YAML, in the format of Argo CD (`capstan admin`).
import type { Command } from 'commander'
import { addNames } from '../flags.ts'
import type { CliContext } from '../context.ts'

export interface BackupFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: string
  /** Globs and expressions; default: those of argocd-cmd-params-cm. */
  readonly applicationNamespaces?: readonly string[]
  readonly applicationsetNamespaces?: readonly string[]
}

export interface ExportFlags extends BackupFlags {
  /** `-`: standard output. */
  readonly out: string
}

export interface ImportFlags extends BackupFlags {
  readonly dryRun?: boolean
  readonly prune?: boolean
  readonly ignoreTracking?: boolean
  readonly overrideOnConflict?: boolean
  readonly verbose?: boolean
  readonly stopOperation?: boolean
  /** `key=value`. */
  readonly skipResourcesWithLabel?: string
}

/** What does the work. */
export interface BackupTool {
  export(flags: ExportFlags, write: (text: string) => void): Promise<void>
  /** `source` is a file, or `-` for standard input. */
  import(flags: ImportFlags, source: string, write: (text: string) => void): Promise<void>
}

export function addAdminBackup(admin: Command, context: CliContext, tool: BackupTool): void {
  withFlags(admin.command('export'))
    .description('write settings, credentials, projects and applications to standard output or a file')
    .option('-o, --out <path>', 'file to write to; - is standard output', '-')
    .addHelpText('after', '\nExample:\n  capstan admin export -n argocd > backup.yaml')
    .action((flags: ExportFlags) => tool.export(flags, context.write))
  withFlags(admin.command('import <source>'))
    .description('bring back what was exported; - is standard input')
    .option('--dry-run', 'print what would be done')
    .option(
      '--prune',
      'delete secrets, projects, applications and application sets that the backup has not; what they delivered stays',
    )
    .option('--ignore-tracking', 'keep the mark of the application that delivers an object')
    .option('--override-on-conflict', 'write over what somebody else has changed meanwhile')
    .option('--verbose', 'print what is unchanged, too')
    .option('--stop-operation', 'stop operations that are under way')
    .option('--skip-resources-with-label <key=value>', 'leave objects with this label alone')
    .addHelpText('after', '\nExample:\n  capstan admin import backup.yaml --dry-run')
    .action((source: string, flags: ImportFlags) => tool.import(flags, source, context.write))
}

function withFlags(command: Command): Command {
  return command
    .option('--kubeconfig <path>', 'kubeconfig of the cluster')
    .option('--context <name>', 'context of the kubeconfig')
    .option('-n, --namespace <name>', 'namespace of the control plane', 'argocd')
    .option('--application-namespaces <globs>', 'other namespaces whose Applications count', addNames)
    .option('--applicationset-namespaces <globs>', 'other namespaces whose ApplicationSets count', addNames)
}
