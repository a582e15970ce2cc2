// A login that a registry takes now.
import type { Secret } from '../base/secret.ts'

export interface IssuedLogin {
  readonly username: string
  readonly password: Secret
  /** When it was issued, by this machine's clock. */
  readonly issuedAt: Date
  /** By this machine's clock, also where that is off. Absent: it lasts until somebody changes it. */
  readonly expiresAt?: Date
  /** ECR alone: `https://123456789012.dkr.ecr.eu-central-1.amazonaws.com`, as its answer has it. */
  readonly proxyEndpoint?: string
}
