// `context|configure|version`: which server commands talk to, and what it is.
import type { Command } from 'commander'
import { refusal, type CliContext } from '../context.ts'
import { addServerFlags } from '../flags.ts'
import { printObject } from '../print.ts'
import { formatTable } from '../table.ts'
import { addVerb } from '../verb.ts'
import { text, truthFlag } from '../verb-flags.ts'
import { addLoginCommands } from './login.ts'

export function addSessionCommands(program: Command, context: CliContext): void {
  addLoginCommands(program, context)
  addContext(program, context)
  addConfigure(program, context)
  addVersion(program, context)
}

function addContext(program: Command, context: CliContext): void {
  const command = addVerb(program, context, {
    words: 'context [name]',
    aliases: ['ctx'],
    about: 'list contexts, or switch to one; - is the one before',
    flags: { delete: truthFlag('delete the context instead') },
    examples: ['context', 'context cd.example', 'context -', 'context cd.example --delete'],
    async run({ args: [name], flags, global, context }) {
      const { contexts, currentContext, isThere } = await context.sessions.read(global)
      if (!isThere) throw refusal('No local configuration found; use "capstan login SERVER"')
      if (flags.delete === true) {
        if (name === undefined) throw refusal('name the context to delete')
        if (!(await context.sessions.delete(global, name))) throw refusal(`context ${name} does not exist`)
        context.write(`Context '${name}' deleted\n`)
      } else if (name === undefined) {
        const rows = contexts.map((entry) => [entry.name === currentContext ? '*' : ' ', entry.name, entry.server])
        context.write(formatTable([['CURRENT', 'NAME', 'SERVER'], ...rows]))
      } else {
        const used = await context.sessions.use(global, name)
        context.write(`${used.isNew ? 'Switched to' : 'Already at'} context '${used.name}'\n`)
      }
    },
  })
  addServerFlags(command)
}

function addConfigure(program: Command, context: CliContext): void {
  addVerb(program, context, {
    words: 'configure',
    about: 'change settings of the command line',
    flags: {
      promptsEnabled: truthFlag('ask before something is deleted', { initial: false }),
      config: text('configuration of the command line'),
    },
    examples: ['configure --prompts-enabled', 'configure --prompts-enabled=false'],
    async run({ flags, global, context }) {
      if (!(await context.sessions.read(global)).isThere) throw refusal('No local configuration found')
      await context.sessions.setPrompts(global, flags.promptsEnabled)
      const lines = ['Successfully updated the following configuration settings:', `prompts-enabled: ${flags.promptsEnabled}`] // prettier-ignore
      context.write(`${lines.join('\n')}\n`)
    },
  })
}

/** Names of the server's details where they are not those of the fields. */
const DETAILS: readonly (readonly [field: string, name: string])[] = [
  ['BuildDate', 'BuildDate'],
  ['GitCommit', 'GitCommit'],
  ['GitTreeState', 'GitTreeState'],
  ['GitTag', 'GitTag'],
  ['GoVersion', 'GoVersion'],
  ['Compiler', 'Compiler'],
  ['Platform', 'Platform'],
  ['ExtraBuildInfo', 'ExtraBuildInfo'],
  ['KustomizeVersion', 'Kustomize Version'],
  ['HelmVersion', 'Helm Version'],
  ['KubectlVersion', 'Kubectl Version'],
  ['JsonnetVersion', 'Jsonnet Version'],
]

type Details = Readonly<Record<string, string | undefined>>

function addVersion(program: Command, context: CliContext): void {
  const command = addVerb(program, context, {
    words: 'version',
    about: "print this program's version and the server's",
    flags: {
      client: truthFlag('only this program; no server is asked'),
      short: truthFlag('only the numbers'),
      output: text('one of wide|short|json|yaml', { short: 'o', initial: 'wide' }),
    },
    examples: ['version --client', 'version --short -o yaml'],
    async run(call) {
      const { flags, context, print } = call
      const isShort = flags.short === true || flags.output === 'short'
      const client = { Version: context.version, Platform: context.platform }
      const server = flags.client === true ? undefined : await call.send<Details>('version.VersionService/Version')
      const shown = isShort
        ? { client: { capstan: client.Version }, ...(server === undefined ? {} : { server: { 'argocd-server': server['Version'] } }) } // prettier-ignore
        : { client, server }
      const lines = (): string => linesOf('capstan', client, isShort) + (server === undefined ? '' : linesOf('argocd-server', server, isShort)) // prettier-ignore
      printObject({ flags, print }, shown, lines, { short: lines })
    },
  })
  addServerFlags(command)
}

function linesOf(name: string, version: Details, isShort: boolean): string {
  const details = isShort ? [] : DETAILS.filter(([field]) => (version[field] ?? '') !== '')
  const lines = details.map(([field, label]) => `  ${label}: ${version[field] ?? ''}\n`)
  return `${name}: ${version['Version'] ?? ''}\n${lines.join('')}`
}
