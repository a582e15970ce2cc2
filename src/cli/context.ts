// What commands are given: the terminal, the server, the configuration; main/ wires it.
import type { ApiClient } from '../api/client/client.ts'
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'

/** One server that the command line knows, with the session there (`~/.config/argocd/config`). */
export interface ServerEntry {
  readonly server: string
  readonly isPlainText: boolean
  readonly isInsecure: boolean
  readonly rootPath: string
  readonly token?: Secret
}

export interface CliConfig {
  readonly currentContext: string
  readonly contexts: readonly { readonly name: string; readonly server: string }[]
  /** Whether people are asked before something is deleted. */
  readonly isPromptsEnabled: boolean
}

/** Flags that every command takes, as `argocd` has them. */
export interface GlobalFlags {
  readonly server?: string
  readonly authToken?: string
  readonly plaintext?: boolean
  readonly insecure?: boolean
  readonly config?: string
  readonly argocdContext?: string
  readonly grpcWeb?: boolean
  readonly grpcWebRootPath?: string
  readonly header?: readonly string[]
  readonly serverCrt?: string
  readonly clientCrt?: string
  readonly clientCrtKey?: string
  readonly promptsEnabled?: boolean
  /** Straight on the cluster of the kubeconfig. */
  readonly core?: boolean
  readonly kubeContext?: string
}

export interface CliContext {
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
  readonly clock: Clock
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Whether output goes to a person. */
  readonly isTerminal: boolean
  /** The server of the flags, the environment or the current context, with its session. */
  readonly api: (flags: GlobalFlags) => Promise<ApiClient>
  /** A client for a server about which nothing is stored yet. */
  readonly connect: (entry: ServerEntry) => Promise<ApiClient>
  readonly readConfig: (flags: GlobalFlags) => Promise<CliConfig>
  /** Stores a server and its session and makes it current. */
  readonly saveLogin: (flags: GlobalFlags, entry: ServerEntry, name: string, user: string) => Promise<void>
  readonly removeLogin: (flags: GlobalFlags, name: string) => Promise<boolean>
  readonly useContext: (flags: GlobalFlags, name: string) => Promise<void>
  /** Asks on the terminal; `isSecret` does not echo. */
  readonly ask: (question: string, isSecret: boolean) => Promise<Secret>
  /** Reads a file, or standard input for `-`. */
  readonly readText: (path: string) => Promise<string>
  /** The time since then as kubectl shows it; `<unknown>` for no time. */
  readonly ageOf: (time: string | undefined, nowMs: number) => string
  /** Of this program. */
  readonly version: string
  /** Shows a text in the person's editor ($EDITOR, else vi) and gives what was saved; `name` ends the file's name. */
  readonly edit: (text: string, name: string) => Promise<string>
  /** Whether two URLs name one repository. */
  readonly isSameRepository: (a: string, b: string) => Promise<boolean>
}

/** Ends a command with an exit code that is not that of an error: 1 for differences; with a text, it is said why. */
export class ExitCode extends Error {
  readonly exitCode: number
  readonly text: string | undefined

  constructor(exitCode: number, text?: string) {
    super(text ?? `exit ${exitCode}`)
    this.name = 'ExitCode'
    this.exitCode = exitCode
    this.text = text
  }
}

/** What the original says by log.Fatal: a wish that cannot be fulfilled, exit code 1. */
export function refusal(text: string): ExitCode {
  return new ExitCode(1, text)
}
