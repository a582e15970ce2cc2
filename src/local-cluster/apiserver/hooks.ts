// What others plug into the server: the kubelet's part of a pod, and tokens of service accounts.
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { UserInfo } from './user.ts'

export interface LogQuery {
  readonly container: string
  readonly follow: boolean
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines: number | undefined
  readonly sinceSeconds: number | undefined
  readonly sinceTime: string | undefined
  readonly limitBytes: number | undefined
  readonly signal: AbortSignal | undefined
}

/** What a client of exec or attach asks for. */
export interface CommandQuery {
  readonly container: string
  /** Empty for attach. */
  readonly command: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** Bytes as they come; undefined at their end. */
export interface ByteSource {
  read(): Promise<Uint8Array | undefined>
}

/** Of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The client's end of a command. Writing resolves when the client has room for more, also where it has gone. */
export interface CommandStreams {
  /** Undefined where the client sends nothing. */
  readonly stdin: ByteSource | undefined
  readonly stdout: (data: string | Uint8Array) => Promise<void>
  readonly stderr: (data: string | Uint8Array) => Promise<void>
  /** The size of the client's terminal; undefined where it told none while `patience` lasted. Absent: there is no terminal. */
  readonly terminalSize?: (patience: () => Promise<unknown>) => Promise<TerminalSize | undefined>
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
}

/** How a command ended: by itself, or because it could not be run. */
export type CommandOutcome =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly message: string }

/** Runs, once, what was asked for. */
export type CommandRun = (streams: CommandStreams) => Promise<CommandOutcome>

/** The client's end of one forwarded connection. */
export interface ForwardedConnection extends ByteSource {
  /** Resolves when the client has room for more. */
  write(data: string | Uint8Array): Promise<void>
}

/** Serves one connection to a port of a pod; an error it throws is told to the client. */
export type Forward = (port: number, connection: ForwardedConnection) => Promise<void>

/** The node answers no: plain text, as a kubelet's, before anything is connected. */
export class NodeRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'NodeRefusal'
    this.status = status
  }
}

/** The kubelet behind a bound pod. */
export interface PodBackend {
  /** The log of one container, a piece at a time. Throws `NodeRefusal`. */
  log(pod: KubeObject, query: LogQuery): Promise<ApiResponse['body']>
  /** A command in a container, ready to run. Throws `NodeRefusal`. */
  exec(pod: KubeObject, query: CommandQuery): Promise<CommandRun>
  /** The container's own program. Throws `NodeRefusal`. */
  attach(pod: KubeObject, query: CommandQuery): Promise<CommandRun>
  /** Connections to the pod's ports. Throws `NodeRefusal`. */
  forward(pod: KubeObject): Promise<Forward>
}

export interface IssuedToken {
  readonly token: string
  /** RFC 3339. */
  readonly expirationTimestamp: string
}

export interface TokenQuery {
  readonly namespace: string
  readonly serviceAccount: KubeObject
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
  readonly boundObject?: { readonly kind: string; readonly name: string; readonly uid: string }
}

/** As `/openid/v1/jwks` lists it. */
export interface PublicTokenKey {
  readonly algorithm: string
  /** RFC 7517. */
  readonly jwk: JsonObject
}

/** Makes and checks the tokens of service accounts. */
export interface TokenIssuer {
  readonly issuer: string
  readonly defaultAudiences: readonly string[]
  issue(query: TokenQuery): Promise<IssuedToken>
  /** Who a token stands for; undefined where it is not one of ours, or expired. */
  review(token: string, audiences: readonly string[]): Promise<UserInfo | undefined>
  /** What tokens are checked with, the key new ones are signed with first. */
  keySet(): Promise<readonly PublicTokenKey[]>
}
