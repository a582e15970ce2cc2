// `capstan registry sync`: one run of imagepullsecrets-manager with its own configuration, for a CronJob or by hand.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { CliContext } from '../context.ts'

export interface RegistrySyncFlags {
  /** A file, or `-` for standard input. */
  readonly config?: string
  /** `namespace/name` of a Secret that holds the configuration instead. */
  readonly configSecret?: string
  readonly kubeconfig?: string
  readonly context?: string
  /** Where Secrets of `secretKeyRef` stand. */
  readonly namespace?: string
  readonly dryRun?: boolean
  /** Commander's form of --no-clean-up. */
  readonly cleanUp: boolean
}

/** Runs once and says each line; answers what went wrong. */
export type RunRegistrySync = (flags: RegistrySyncFlags, say: (line: string) => void) => Promise<readonly string[]>

/** Adds the command to `registry`, which is made where it is not there yet. */
export function addRegistrySync(program: Command, context: CliContext, run: RunRegistrySync): void {
  const registry = program.commands.find((command) => command.name() === 'registry') ?? program.command('registry')
  registry
    .command('sync')
    .description('bring the Secrets of an imagepullsecrets-manager configuration to what it says, once')
    .option('--config <file>', 'configuration (credentials.yaml); - is standard input')
    .option('--config-secret <namespace/name>', 'Secret whose key credentials.yaml holds the configuration')
    .option('--kubeconfig <path>', 'default: the cluster this runs in, else as kubectl has it')
    .option('--context <name>', 'context of the kubeconfig')
    .option('-n, --namespace <name>', 'namespace of Secrets that the configuration refers to')
    .option('--dry-run', 'say what would be done')
    .option('--no-clean-up', 'leave Secrets alone whose entries are gone')
    .addHelpText('after', '\nExample:\n  capstan registry sync --config credentials.yaml --dry-run')
    .action(async (flags: RegistrySyncFlags) => {
      const failures = await run(flags, (line) => context.write(`${line}\n`))
      if (failures.length > 0) throw new CapstanError('internal', `${failures.length} of the entries failed`)
    })
}
