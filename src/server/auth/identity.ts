// Who is calling.

export interface Identity {
  /** `admin`, `proj:web:ci`, or the federated subject. */
  readonly subject: string
  /** What people see: the account's name. */
  readonly username: string
  readonly issuer: string
  readonly groups: readonly string[]
  /** Seconds since the epoch at which the token was made. */
  readonly issuedAt: number
  /** Seconds since the epoch at which a session ends; absent for keys, which are not renewed. */
  readonly sessionEndsAt?: number
}
