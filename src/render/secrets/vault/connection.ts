// How a project reaches its Vault or OpenBao: address, trust and login, all from the control plane and never from Git.
import type { Secret } from '../../../base/secret.ts'

export type VaultLogin =
  | { readonly type: 'token'; readonly token: Secret }
  | { readonly type: 'approle'; readonly mount: string; readonly roleId: Secret; readonly secretId: Secret }
  | { readonly type: 'k8s'; readonly mount: string; readonly role: string; readonly tokenPath: string }

export interface VaultConnection {
  /** `https://vault.example.com:8200`, without a path's trailing slash. */
  readonly address: string
  /** Of Vault Enterprise and OpenBao; empty: the root. */
  readonly namespace: string
  readonly login: VaultLogin
  /** Where a path's own annotation says nothing. */
  readonly kvVersion: 1 | 2
  /** Go's regular expression that every path must fit; undefined: any. */
  readonly pathValidation: string | undefined
  /** PEM certificates trusted besides the system's. */
  readonly caCertificates: string | undefined
  readonly skipVerify: boolean
}
