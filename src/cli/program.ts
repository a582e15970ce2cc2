// The command tree: every family in one list, loaded when it is called.
import type { Command } from 'commander'
import { FlagCommand } from './command.ts'
import type { CliContext } from './context.ts'
import { acceptServerFlags, valueFlags } from './flags.ts'
import type { Processes } from './processes.ts'

interface Family {
  /** The words that call it. */
  readonly names: readonly string[]
  add(program: Command, context: CliContext, processes: Processes): Promise<void>
}

const FAMILIES: readonly Family[] = [
  {
    names: ['up', 'demo', 'controller', 'server', 'render'],
    async add(program, _, processes) {
      const { addProcessCommands } = await import('./processes.ts')
      addProcessCommands(program, processes)
    },
  },
  {
    names: ['preview'],
    async add(program, context, processes) {
      const { addPreview } = await import('./preview/command.ts')
      addPreview(program, context, (folder, flags) => processes.preview(folder, flags))
    },
  },
  {
    names: ['local-cluster'],
    async add(program, context, processes) {
      const { addLocalClusterCommands } = await import('./local-cluster.ts')
      addLocalClusterCommands(program, context, processes.localClusters)
    },
  },
  {
    names: ['install', 'uninstall'],
    add: async (program, context, processes) =>
      (await import('./install.ts')).addInstallCommands(program, context, processes.installation),
  },
  {
    names: ['app'],
    add: async (program, context) => (await import('./app/family.ts')).addAppFamily(program, context),
  },
  {
    names: ['appset'],
    add: async (program, context) => (await import('./appset/family.ts')).addSetFamily(program, context),
  },
  {
    names: ['proj'],
    add: async (program, context) => (await import('./proj/family.ts')).addProjectFamily(program, context),
  },
  {
    names: ['admin'],
    add: async (program, context, processes) =>
      (await import('./admin/family.ts')).addAdminFamily(program, context, processes),
  },
  {
    names: ['repo'],
    add: async (program, context) => (await import('./repo/family.ts')).addRepositoryFamily(program, context),
  },
  {
    names: ['repocreds'],
    add: async (program, context) =>
      (await import('./repo/credentials-family.ts')).addCredentialsFamily(program, context),
  },
  {
    names: ['registry'],
    async add(program, context, processes) {
      const [{ addRegistryFamily }, { addRegistrySync }] = await Promise.all([
        import('./registry/family.ts'),
        import('./registry/sync.ts'),
      ])
      addRegistryFamily(program, context)
      addRegistrySync(program, context, processes.registrySync)
    },
  },
  {
    names: ['cert'],
    add: async (program, context) => (await import('./cert/family.ts')).addCertificateFamily(program, context),
  },
  {
    names: ['gpg'],
    add: async (program, context) => (await import('./gpg/family.ts')).addGpgFamily(program, context),
  },
  {
    names: ['cluster'],
    add: async (program, context) => (await import('./cluster/family.ts')).addClusterFamily(program, context),
  },
  {
    names: ['account'],
    add: async (program, context) => (await import('./account/family.ts')).addAccountFamily(program, context),
  },
  {
    names: ['completion'],
    async add(program, context, processes) {
      const { addCompletion } = await import('./completion.ts')
      addCompletion(program, context, () => buildProgram(context, processes))
    },
  },
  {
    names: ['login', 'relogin', 'logout', 'context', 'ctx', 'configure', 'version'],
    add: async (program, context) => (await import('./session/family.ts')).addSessionCommands(program, context),
  },
]

/** The program with the family that is called by `words`; with all there are where it is none of them, or not said. */
export async function buildProgram(
  context: CliContext,
  processes: Processes,
  words: readonly string[] = [],
): Promise<Command> {
  const program = new FlagCommand('capstan')
    .description('GitOps delivery for Kubernetes')
    .version(context.version, '-V, --version', 'print the version')
    .showHelpAfterError('(add --help to see what there is)')
    .configureOutput({ writeOut: context.write, writeErr: context.writeError })
    // Flags of a command that stand before and after the name of one below it are different ones.
    .enablePositionalOptions()
    .exitOverride()
  const name = commandWord(words)
  const called = FAMILIES.filter(({ names }) => names.some((one) => one === name))
  for (const family of called.length > 0 ? called : FAMILIES) await family.add(program, context, processes)
  acceptServerFlags(program)
  inheritSettings(program)
  return program
}

/** The first word that is neither a flag nor the value of one. */
function commandWord(words: readonly string[]): string | undefined {
  const withValue = valueFlags()
  return words.find((word, index) => !word.startsWith('-') && !withValue.includes(words[index - 1] ?? ''))
}

/** Sub-commands made by `.command()` take over what their parent was told, but only what it was told before. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command)
    inheritSettings(child)
  }
}
