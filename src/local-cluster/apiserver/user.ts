// Who sends a request.

export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** The identity of everything that talks to the server inside its own process. */
export const CLUSTER_ADMIN: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }

/** Whoever brings no credentials. */
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
