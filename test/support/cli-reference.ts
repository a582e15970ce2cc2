// Writes docs/reference/cli.md out of the command tree of src/cli: `node test/support/cli-reference.ts`.
import type { EventEmitter } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Option } from 'commander'
import type { CliContext } from '../../src/cli/context.ts'
import type { Processes } from '../../src/cli/processes.ts'
import { buildProgram } from '../../src/cli/program.ts'

export const CLI_REFERENCE: string = join(import.meta.dirname, '../../docs/reference/cli.md')

/** The families that talk to a server or stand beside those; processes such as `up` have pages of their own. */
const FAMILIES = ['login', 'context', 'account', 'app', 'appset', 'proj', 'repo', 'repocreds', 'cluster', 'cert', 'gpg', 'registry', 'admin', 'install', 'preview', 'completion'] // prettier-ignore

const HEAD = `# The command line

<!-- Made of the commands in src/cli by \`node test/support/cli-reference.ts\`; a test holds it against them. -->

\`capstan\` has the verbs, flags, tables and exit codes of \`argocd\` 3.5, and keeps its servers and sessions in the same file: who is logged in by one is logged in by the other. It talks to Capstan and to Argo CD. Of \`argocd admin\` there are export, import, initial-password, redis-initial-password, notifications and settings rbac.

## Which server, and as whom
In this order: flags; \`ARGOCD_OPTS\` (flags as words of a shell); \`ARGOCD_SERVER\` and \`ARGOCD_AUTH_TOKEN\`; the current context of \`~/.config/argocd/config\` (\`--config\`, \`ARGOCD_CONFIG_DIR\`, \`XDG_CONFIG_HOME\`; \`~/.argocd/config\` where there is one). The file is written with mode 0600 and never half.

\`--core\` needs no server: the command starts one for itself alone on the loopback interface, with the rights of the kubeconfig (\`KUBECONFIG\`, \`--kube-context\`), in the namespace of its context, or \`argocd\` where that is \`default\`. What an application compares to and the tree of its resources is known to the controller: commands that show them (\`app diff\`, \`app resources\`, \`app manifests\`) need its Redis, named by \`REDIS_SERVER\`.

\`\`\`sh
capstan login cd.example --sso            # in a browser; --sso-launch-browser=false prints the address
capstan app list
ARGOCD_AUTH_TOKEN=… capstan app sync web --server cd.example
capstan app list --core
\`\`\`

## Flags of pflag
\`--flag=false\` switches a flag off, \`-o=json\` is \`-o json\`, lists take commas (\`--keys a,b\`) and can be given several times. A flag may stand before or behind the name of the command below.

## What is printed, and how it ends
\`-o json\` and \`-o yaml\` print what the server answers, \`-o name\` one name a line, \`wide\` the table. With \`--dry-run\`, commands that change something print the calls they would make, secrets masked, and make none. Prompts appear with \`--prompts-enabled\` or \`capstan configure --prompts-enabled\`; without a terminal, answers are lines of standard input.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | wrong usage; a wish that cannot be fulfilled; \`app diff\`: there are differences (\`--diff-exit-code\`) |
| 20 | the server refused, an operation failed, or the time was over |
`

/** The page as the commands say it. */
export async function cliReference(): Promise<string> {
  const context = { write: () => undefined, writeError: () => undefined, version: '' } as unknown as CliContext
  const processes = { defaultDataDir: '' } as unknown as Processes
  const families = await Promise.all(FAMILIES.map((family) => buildProgram(context, processes, [family])))
  const commands = families.flatMap((program) => program.commands)
  // A family that has no flags but those of all.
  const globals = commands.find((command) => command.name() === 'app')?.options.filter(({ hidden }) => !hidden) ?? []
  const sections = commands.map((command) => sectionOf(command, globals, 2))
  return `${HEAD}\n## Flags of all commands\n${flagTable(globals)}${sections.join('')}`
}

function sectionOf(command: Command, globals: readonly Option[], depth: number): string {
  const below = command.commands.map((child) => sectionOf(child, globals, Math.min(depth + 1, 3)))
  const own = command.options.filter(
    ({ hidden, long, description }) =>
      !hidden && !globals.some((option) => option.long === long && option.description === description),
  )
  const aliases = command.aliases()
  const parts = [
    `\n${'#'.repeat(depth)} ${pathOf(command)}\n${sentence(command.description())}\n`,
    command.commands.length > 0 ? '' : `\n\`\`\`sh\n${pathOf(command)}${own.length > 0 ? ' [flags]' : ''}${argumentsOf(command)}\n\`\`\`\n`, // prettier-ignore
    aliases.length === 0 ? '' : `\nAlso: ${aliases.map((alias) => `\`${alias}\``).join(', ')}.\n`,
    own.length === 0 ? '' : `\n${flagTable(own)}`,
    examplesOf(command),
  ]
  return parts.join('') + below.join('')
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function argumentsOf(command: Command): string {
  return command.registeredArguments
    .map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`
      return argument.required ? ` <${name}>` : ` [${name}]`
    })
    .join('')
}

function flagTable(options: readonly Option[]): string {
  const rows = options.map(({ flags, description, defaultValue }) => {
    const isTold = defaultValue !== undefined && defaultValue !== '' && defaultValue !== -1
    const initial = isTold ? ` (default \`${String(defaultValue)}\`)` : ''
    return `| \`${cell(flags)}\` | ${cell(description)}${initial} |\n`
  })
  return `| flag | |\n|---|---|\n${rows.join('')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function examplesOf(command: Command): string {
  let text = ''
  // Texts behind the help are listeners, which commander's types leave out.
  const events = command as unknown as EventEmitter
  events.emit('afterHelp', { error: false, command, write: (shown: string) => (text += shown) })
  const lines = text.split('\n').filter((line) => line.startsWith('  '))
  return lines.length === 0 ? '' : `\n\`\`\`sh\n${lines.map((line) => line.slice(2)).join('\n')}\n\`\`\`\n`
}

if (import.meta.main) writeFileSync(CLI_REFERENCE, await cliReference())
