// Flags that commands share.
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { GlobalFlags } from './context.ts'

/** Adds the flags that every command talking to a server takes (`argocd --help`, v3.5.1). */
export function addServerFlags(command: Command): Command {
  return command
    .option('--server <address>', 'server address, host:port (also ARGOCD_SERVER)')
    .option('--auth-token <token>', 'session token (also ARGOCD_AUTH_TOKEN)')
    .option('--plaintext', 'talk without TLS')
    .option('--insecure', 'skip the check of the server certificate')
    .option('--config <path>', 'configuration of the command line (default ~/.config/argocd/config)')
    .option('--argocd-context <name>', 'server context to use instead of the current one')
    .addOption(new Option('--grpc-web', 'accepted for scripts; Capstan speaks REST here').hideHelp())
    .addOption(new Option('--grpc-web-root-path <path>', 'root path of the server').hideHelp())
    .addOption(new Option('--core').hideHelp())
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
  if (/^(?:1|t|true)$/i.test(text)) return true
  if (/^(?:0|f|false)$/i.test(text)) return false
  throw new InvalidArgumentError(`${JSON.stringify(text)} is neither true nor false`)
}

/** One of these words; commander shows the message with the flag. */
export function oneOf<Word extends string>(...words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found === undefined) throw new InvalidArgumentError(`${JSON.stringify(text)} is none of ${words.join(', ')}`)
    return found
  }
}

/** A whole number; commander shows the message with the flag. */
export function wholeNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError(`${JSON.stringify(text)} is not a whole number`)
  return Number(text)
}
