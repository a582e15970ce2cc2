// What others plug into the server: the kubelet's part of a pod, and tokens of service accounts.
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { KubeObject } from '../../kube/object.ts'
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

/** The kubelet behind a bound pod. */
export interface PodBackend {
  /** The log of one container, a piece at a time. */
  log(pod: KubeObject, query: LogQuery): Promise<ApiResponse['body']>
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

/** Makes and checks the tokens of service accounts. */
export interface TokenIssuer {
  readonly issuer: string
  readonly defaultAudiences: readonly string[]
  issue(query: TokenQuery): Promise<IssuedToken>
  /** Who a token stands for; undefined where it is not one of ours, or expired. */
  review(token: string, audiences: readonly string[]): Promise<UserInfo | undefined>
  /** `/openid/v1/jwks`. */
  keySet(): unknown
}
