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
  readonly connect: (entry: ServerEntry) => ApiClient
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
}

/** Ends a command with an exit code that is no error: 1 for differences. */
export class ExitCode extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit ${exitCode}`)
    this.name = 'ExitCode'
    this.exitCode = exitCode
  }
}
