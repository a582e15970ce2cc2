// The command tree: every family in one list.
import { Command } from 'commander'
import { addAdminBackup } from './admin/backup.ts'
import { addAdminNotifications } from './admin/notifications.ts'
import { addDiffCommand } from './app/diff.ts'
import { addActionCommands } from './app/actions.ts'
import { addReadCommands } from './app/read.ts'
import { addOperationCommands } from './app/sync.ts'
import { addWriteCommands } from './app/write.ts'
import { addSetCommands } from './appset/commands.ts'
import type { CliContext } from './context.ts'
import { acceptServerFlags, addServerFlags } from './flags.ts'
import { addLocalClusterCommands } from './local-cluster.ts'
import { addProcessCommands, type Processes } from './processes.ts'
import { addSessionCommands } from './session.ts'

/** The whole program; `processes` start what runs for longer than a call. */
export function buildProgram(context: CliContext, processes: Processes): Command {
  const program = new Command('capstan')
    .description('GitOps delivery for Kubernetes')
    .version(context.version, '-V, --version', 'print the version')
    .showHelpAfterError('(add --help to see what there is)')
    .configureOutput({ writeOut: context.write, writeErr: context.writeError })
    // Flags of a command that stand before and after the name of one below it are different ones.
    .enablePositionalOptions()
    .exitOverride()
  addProcessCommands(program, processes)
  addLocalClusterCommands(program, context, processes.localClusters)
  const app = addServerFlags(program.command('app')).description('applications').exitOverride()
  addReadCommands(app, context)
  addActionCommands(app, context)
  addDiffCommand(app, context)
  addOperationCommands(app, context)
  addWriteCommands(app, context)
  const appset = addServerFlags(program.command('appset')).description('ApplicationSets').exitOverride()
  addSetCommands(appset, context)
  const admin = program.command('admin').description('what administrators do without a server')
  addAdminNotifications(admin, context, processes.notifications)
  addAdminBackup(admin, context, processes.backup)
  addSessionCommands(program, context)
  acceptServerFlags(program)
  inheritSettings(program)
  return program
}

/** Sub-commands made by `.command()` take over what their parent was told, but only what it was told before. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inheritSettings(child)
  }
}
