// One description per command: its words, its flags and what it does with them.
import type { Command } from 'commander'
import type { RequestMessage } from '../api/client/client.ts'
import type { CliContext, GlobalFlags } from './context.ts'
import { addFlags, valuesOf, type Flags, type Values } from './verb-flags.ts'
import { addServerFlags, globalFlags } from './flags.ts'

export interface Verb<F extends Flags> {
  /** Name and arguments: `add-source <project> <url>`. */
  readonly words: string
  readonly aliases?: readonly string[]
  /** What it does, in one line. */
  readonly about: string
  readonly flags?: F
  /** Lines to try, without the program's name. */
  readonly examples?: readonly string[]
  /** Gives it `--dry-run`: calls that change something are printed instead. */
  readonly writes?: boolean
  run(call: Call<F>): Promise<void>
}

/** What a command was called with, and what it may use. */
export interface Call<F extends Flags = Flags> {
  readonly args: readonly string[]
  readonly flags: Values<F>
  readonly global: GlobalFlags
  readonly context: CliContext
  /** Calls `package.Service/Method` on the server. With `--dry-run`, what changes something is printed and answers nothing. */
  readonly send: <T>(method: string, request?: RequestMessage) => Promise<T>
  readonly print: (text: string) => void
  /** Asks where prompts are enabled, else yes (cmd/argocd/commands/utils/prompt.go). */
  readonly confirm: (question: string) => Promise<boolean>
  /** Whether nothing is to be changed. */
  readonly isDryRun: boolean
}

/** Adds the command to those below `parent`. */
export function addVerb<F extends Flags>(parent: Command, context: CliContext, verb: Verb<F>): Command {
  const command = parent.command(verb.words).description(verb.about)
  if (verb.aliases !== undefined) command.aliases(verb.aliases)
  addFlags(command, verb.flags ?? {})
  if (verb.writes === true) command.option('--dry-run', 'print what would be sent to the server, and send nothing')
  if (verb.examples !== undefined) command.addHelpText('after', examplesText(verb.examples))
  return command.action(() => verb.run(createCall(command, context, verb)))
}

/** A command with others below it. */
export function addFamily(parent: Command, name: string, about: string): Command {
  return addServerFlags(parent.command(name)).description(about)
}

function examplesText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  capstan ${line}`).join('\n')}`
}

function createCall<F extends Flags>(command: Command, context: CliContext, verb: Verb<F>): Call<F> {
  const global = globalFlags(command)
  const isDryRun = verb.writes === true && command.opts()['dryRun'] === true
  return {
    args: command.args,
    flags: valuesOf(command.opts(), verb.flags),
    global,
    context,
    isDryRun,
    async send<T>(method: string, request: RequestMessage = {}) {
      const unsent = isDryRun ? (await import('./dry-run.ts')).describeChange(method, request) : undefined
      if (unsent !== undefined) {
        context.write(unsent)
        // Whoever goes on from here has nothing to go on with; callers take each field as absent.
        return {} as T
      }
      const api = await context.api(global)
      return api.call<T>(method, request, context.signal)
    },
    print: (text) => {
      if (!isDryRun) context.write(text)
    },
    async confirm(question) {
      const isAsking = global.promptsEnabled ?? (await context.sessions.read(global)).isPromptsEnabled
      return isDryRun || !isAsking || isYes((await context.ask(`${question} `, false)).reveal())
    },
  }
}

export function isYes(answer: string): boolean {
  return /^y(?:es)?$/i.test(answer.trim())
}
