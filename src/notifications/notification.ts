// What is sent: a rendered message with a block for each kind of service, and to whom.
import type { LruCache } from '../base/lru.ts'
import type { Secret } from '../base/secret.ts'
import type { HttpAnswer } from '../source/http-call.ts'
import type { GithubApp } from '../source/tokens/github-app.ts'

/** A JSON value of a rendered block. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type Block = { readonly [key: string]: Json }

export interface Destination {
  /** The name of the service in the configuration: its type, or a name of its own. */
  readonly service: string
  readonly recipient: string
}

export interface Notification {
  readonly message: string
  /** What templates say for a kind of service: `email`, `slack`, `webhook` … */
  readonly blocks: Readonly<Record<string, Block>>
}

export interface HttpQuestion {
  readonly method: HttpMethod
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Skips the check of the server's certificate. */
  readonly insecure?: boolean
  /** Default: `CALL_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  /** The path is a secret, as that of a chat's webhook: errors name the host alone. */
  readonly hidesPath?: boolean
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** What a service may use to send. */
export interface ServiceContext {
  /** One request; its answer is bounded in size and time. Throws where there is none. */
  readonly http: (question: HttpQuestion) => Promise<HttpAnswer>
  readonly nowMs: () => number
  /** Resolves after so long, rejects when the delivery is given up. */
  readonly pause: (delayMs: number) => Promise<void>
  readonly uuid: () => string
  /** A token of a GitHub App's installation. */
  readonly githubToken: (app: GithubApp, repoURL: string) => Promise<Secret>
  /** Variables of the process that name clouds: AWS_REGION, AWS_ACCESS_KEY_ID … */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** PEM certificates to trust for a host, where some are configured. */
  readonly certificatesOf: (host: string) => string | undefined
  /** What services remember from one notification to the next, such as the message a thread hangs on. */
  readonly memory: LruCache<string>
  readonly signal: AbortSignal
}

/** Sends one notification to one recipient. Throws an error that says why it did not arrive; no text holds a secret. */
export interface NotificationService {
  send(notification: Notification, destination: Destination, context: ServiceContext): Promise<void>
}

/** A failure that another attempt will not mend: the notification counts as sent, as upstream has it. */
export class PointlessDelivery extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PointlessDelivery'
  }
}
