// From a registry credential to a user and a password that the registry takes now.
import type { Clock } from '../base/clock.ts'
import type { Secret } from '../base/secret.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import { IssueError } from './issue-error.ts'

export interface IssuedLogin {
  readonly username: string
  readonly password: Secret
  /** When it was issued, by this machine's clock. */
  readonly issuedAt: Date
  /** Absent: it lasts until somebody changes it. */
  readonly expiresAt?: Date
  /** ECR alone: `https://123456789012.dkr.ecr.eu-central-1.amazonaws.com`, as its answer has it. */
  readonly proxyEndpoint?: string
}

/** What a control plane's process has beside its credentials. */
export interface IssuerOptions {
  readonly clock: Clock
  /** The process' own: where AWS, Google and Azure look for identities, and `AWS_ENDPOINT_URL` and its like. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface LoginIssuer {
  /**
   * A login for a credential. One that was issued to the same principal for the same region and has most of half its life
   * before it is given again, unless `isFresh` asks for another. Throws `IssueError`, or the signal's reason.
   */
  issue(
    credential: Pick<RegistryCredential, 'address' | 'login' | 'isInsecure'>,
    signal: AbortSignal,
    options?: { readonly isFresh?: boolean },
  ): Promise<IssuedLogin>
  close(): Promise<void>
}

/** Keeps temporary credentials and what is under way, so that many credentials of one principal cost one call. */
export function createLoginIssuer({ clock }: IssuerOptions): LoginIssuer {
  return {
    async issue({ login }, signal) {
      signal.throwIfAborted()
      if (login.kind === 'static') {
        const { username, password } = login
        return { username, password, issuedAt: new Date(clock.now()) }
      }
      throw new IssueError('configuration', `logins of kind ${login.kind} cannot be issued yet`)
    },
    async close() {},
  }
}

/** One login, with nothing kept: for a command line and tests. */
export async function issueLogin(
  credential: Pick<RegistryCredential, 'address' | 'login' | 'isInsecure'>,
  options: IssuerOptions,
  signal: AbortSignal,
): Promise<IssuedLogin> {
  const issuer = createLoginIssuer(options)
  try {
    return await issuer.issue(credential, signal)
  } finally {
    await issuer.close()
  }
}
