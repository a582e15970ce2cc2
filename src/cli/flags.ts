// Flags that commands share.
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { GlobalFlags } from './context.ts'

/** What every command talking to a server takes (`argocd --help`, v3.5.1); a flag without a description is there for scripts alone. */
const SERVER_FLAGS: readonly (readonly [flags: string, description?: string])[] = [
  ['--server <address>', 'server address, host:port (also ARGOCD_SERVER)'],
  ['--auth-token <token>', 'session token (also ARGOCD_AUTH_TOKEN)'],
  ['--plaintext', 'talk without TLS'],
  ['--insecure', 'skip the check of the server certificate'],
  ['--config <path>', 'configuration of the command line (default ~/.config/argocd/config)'],
  ['--argocd-context <name>', 'server context to use instead of the current one'],
  ['--grpc-web'],
  ['--grpc-web-root-path <path>', 'path that a proxy serves the server below'],
  ['--core', 'work on the cluster of the kubeconfig, without a server'],
  ['--kube-context <name>', 'context of the kubeconfig, with --core and for clusters'],
  ['-H, --header <name: value>', 'header for all requests (repeatable)'],
  ['--server-crt <file>', 'certificate to trust the server by'],
  ['--client-crt <file>', 'client certificate'],
  ['--client-crt-key <file>', 'key of the client certificate'],
  ['--prompts-enabled', 'ask before something is deleted'],
  ['--http-retry-max <n>'],
  ['--port-forward'],
  ['--port-forward-namespace <namespace>'],
  ['--controller-name <name>'],
  ['--logformat <format>'],
  ['--loglevel <level>'],
  ['--redis-compress <way>'],
  ['--redis-haproxy-name <name>'],
  ['--redis-name <name>'],
  ['--repo-server-name <name>'],
  ['--server-name <name>'],
]

/** Adds the flags that every command talking to a server takes. */
export function addServerFlags(command: Command): Command {
  for (const [flags, description] of SERVER_FLAGS) {
    command.addOption(serverOption(flags, description).hideHelp(description === undefined))
  }
  return command
}

/** Those of them that a value follows. */
export function valueFlags(): readonly string[] {
  return SERVER_FLAGS.flatMap(([flags]) => (flags.includes('<') ? (flags.match(/--?[a-zA-Z-]+/g) ?? []) : []))
}

/** Takes them before the name of such a command and behind that of one below it too, as scripts have them. */
export function acceptServerFlags(program: Command): void {
  accept(program)
  for (const command of program.commands) {
    // Others, such as `up`, talk to none.
    if (hasFlag(command, '--server')) for (const child of command.commands) acceptBelow(child)
  }
}

function acceptBelow(command: Command): void {
  accept(command)
  for (const child of command.commands) acceptBelow(child)
}

function accept(command: Command): void {
  for (const [flags] of SERVER_FLAGS) {
    const option = serverOption(flags).hideHelp()
    const { short } = option
    // Some commands have a flag of that name or letter for themselves.
    if (short !== undefined && command.options.some((other) => other.short === short)) delete option.short
    if (!hasFlag(command, option.long)) command.addOption(option)
  }
}

function serverOption(flags: string, description?: string): Option {
  const option = new Option(flags, description)
  return flags.includes('--header') ? option.argParser(collect) : option
}

function hasFlag({ options }: Command, flag: string | undefined): boolean {
  return options.some(({ long }) => long === flag)
}

/** The shared flags among a command's options. */
export function globalFlags(command: Command): GlobalFlags {
  return command.optsWithGlobals()
}

/** For flags that may be given many times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

/** `true` or `false` as cobra reads them (strconv.ParseBool); commander shows the message with the flag. */
export function truth(text: string): boolean {
  const found = booleanOf(text)
  if (found === undefined) throw new InvalidArgumentError(`${JSON.stringify(text)} is neither true nor false`)
  return found
}

/** The same; undefined for other words. */
export function booleanOf(text: string): boolean | undefined {
  if (/^(?:1|t|true)$/i.test(text)) return true
  return /^(?:0|f|false)$/i.test(text) ? false : undefined
}

/** One of these words; commander shows the message with the flag. */
export function oneOf<Word extends string>(...words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found === undefined) throw new InvalidArgumentError(`${JSON.stringify(text)} is none of ${words.join(', ')}`)
    return found
  }
}

/** A port, 0 for a free one; commander shows the message with the flag. */
export function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port < 0 || port > MAX_PORT) throw new InvalidArgumentError(`a port is a number from 0 to ${MAX_PORT}`)
  return port
}

/** The last that TCP has. */
export const MAX_PORT = 65_535

/** A whole number; commander shows the message with the flag. */
export function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError(`${JSON.stringify(text)} is not a whole number`)
  return Number(text)
}

/** A list with commas that may be given several times. */
export function addNames(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  return [...before, ...names.filter((name) => name !== '')]
}
