// What commands are given: the terminal, the server, the configuration; main/ wires it.
import type { ApiClient } from '../api/client/client.ts'
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import type { PolicyTool } from './admin/policy-tool.ts'
import type { KubeAccess } from './cluster/access.ts'

/** One server that the command line knows, with the session there (`~/.config/argocd/config`). */
export interface ServerEntry {
  readonly server: string
  /** Where it was found in the configuration file: a session that is renewed goes back there. */
  readonly context?: string
  readonly isPlainText: boolean
  readonly isInsecure: boolean
  readonly rootPath: string
  /** Straight on a cluster, without a server. */
  readonly isCore?: boolean
  readonly isGrpcWeb?: boolean
  readonly token?: Secret
  readonly refreshToken?: Secret
}

export interface CliConfig {
  readonly currentContext: string
  readonly contexts: readonly { readonly name: string; readonly server: string }[]
  /** Whether people are asked before something is deleted. */
  readonly isPromptsEnabled: boolean
  /** False where there is no file yet. */
  readonly isThere: boolean
}

export interface Tokens {
  readonly token: Secret
  readonly refreshToken?: Secret
}

/** The servers and sessions that are kept in the configuration file. */
export interface Sessions {
  readonly read: (flags: GlobalFlags) => Promise<CliConfig>
  /** The server of a context, else of the current one; `not-found` for a name that is none. */
  readonly stored: (flags: GlobalFlags, name?: string) => Promise<ServerEntry | undefined>
  /** Keeps a server and its session and makes it current. */
  readonly save: (flags: GlobalFlags, entry: ServerEntry, name: string) => Promise<void>
  readonly setTokens: (flags: GlobalFlags, name: string, tokens: Tokens) => Promise<void>
  /** Forgets the session of a context, not the context; false where there is none of that name. */
  readonly forget: (flags: GlobalFlags, name: string) => Promise<boolean>
  readonly delete: (flags: GlobalFlags, name: string) => Promise<boolean>
  /** Makes a context current, `-` the one before; gives its name, or undefined where it was current already. */
  readonly use: (flags: GlobalFlags, name: string) => Promise<{ readonly name: string; readonly isNew: boolean }>
  readonly setPrompts: (flags: GlobalFlags, isEnabled: boolean) => Promise<void>
}

/** How people log in by single sign-on. */
export interface SingleSignOnFlags {
  /** Address that the browser comes back to, where it is not the local port. */
  readonly callback: string | undefined
  readonly port: number
  readonly isBrowserOpened: boolean
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
  readonly connect: (entry: ServerEntry, flags?: GlobalFlags) => Promise<ApiClient>
  readonly sessions: Sessions
  /** What the server speaks: `undefined` for TLS with a certificate that is trusted, else what is wrong. */
  readonly probe: (flags: GlobalFlags, server: string) => Promise<'plain' | { readonly certificateError: string } | undefined> // prettier-ignore
  /** Logs in by the server's single sign-on in a browser. */
  readonly signOn: (api: ApiClient, flags: SingleSignOnFlags) => Promise<Tokens>
  /** The kubeconfig and its clusters. */
  readonly kube: KubeAccess
  readonly policies: PolicyTool
  /** bcrypt, as argocd-secret keeps passwords. */
  readonly hashPassword: (password: Secret) => Promise<string>
  /** Asks on the terminal; `isSecret` does not echo. */
  readonly ask: (question: string, isSecret: boolean) => Promise<Secret>
  /** Reads a file, or standard input for `-`. */
  readonly readText: (path: string) => Promise<string>
  /** The time since then as kubectl shows it; `<unknown>` for no time. */
  readonly ageOf: (time: string | undefined, nowMs: number) => string
  /** Of this program. */
  readonly version: string
  /** What it runs on: `linux/amd64`. */
  readonly platform: string
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
