// Tries a registry credential as pods would use it: the login is issued, and the registry asked whether it takes it.
import type { Clock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { parseRegistryAddress } from '../settings/registry-address.ts'
import type { RegistryCredential } from '../settings/registry-credential.ts'
import type { LoginIssuer } from './issue.ts'
import { IssueError } from './issue-error.ts'
import { isTrustedRealm } from './realm-rules.ts'
import { RegistryClient } from './registry-client.ts'
import { RegistryError } from './registry-error.ts'

export interface ProbeOptions {
  readonly clock: Clock
  readonly issuer: LoginIssuer
  /** PEM certificates to trust besides the system's, by host name. */
  readonly caOf?: (host: string) => string | undefined
}

/** A registry that says nothing for so long does not answer. */
const PROBE_TIMEOUT_MS = 10_000

/**
 * Throws a `CapstanError` that says whose fault it is and what to do: `bad-input` where the login is refused, `unavailable` where the
 * registry does not answer. Nothing of the login is in it.
 */
export async function probeRegistry(
  credential: Pick<RegistryCredential, 'address' | 'kind' | 'login' | 'isInsecure' | 'tokenHosts'>,
  { clock, issuer, caOf }: ProbeOptions,
  signal: AbortSignal,
): Promise<void> {
  const { address, isInsecure, tokenHosts } = credential
  const { host } = parseRegistryAddress(address)
  const ca = caOf?.(host.replace(/:\d+$/, ''))
  const client = new RegistryClient({
    clock,
    timeoutMs: PROBE_TIMEOUT_MS,
    insecureHosts: isInsecure ? [host] : [],
    insecure: isInsecure,
    allowsRealm: (realm, registry) => isTrustedRealm(realm, registry, tokenHosts),
    ...(ca === undefined ? {} : { ca }),
  })
  try {
    const { username, password } = await issuer.issue(credential, signal)
    await client.probe(host, { credential: { username, password }, signal })
  } catch (error) {
    signal.throwIfAborted()
    throw told(address, error)
  } finally {
    await client.close()
  }
}

function told(address: string, error: unknown): unknown {
  if (error instanceof IssueError) {
    const code = error.failure === 'configuration' ? 'bad-input' : 'unavailable'
    return new CapstanError(code, `no login for the registry ${address}: ${error.message}`, { cause: error })
  }
  if (!(error instanceof RegistryError)) return error
  switch (error.failure) {
    case 'denied':
      return new CapstanError('bad-input', `the registry ${address} refuses the login: ${error.message}`, {
        cause: error,
      })
    case 'unsafe': {
      const hint = 'name the host as a token host of this registry where that is right'
      return new CapstanError('bad-input', `${error.message}; ${hint}`, { cause: error })
    }
    case 'status':
    case 'not-found':
    case 'invalid-answer':
    case 'limit':
      return new CapstanError('unavailable', `${address} does not answer as a registry: ${error.message}`, {
        cause: error,
      })
    case 'unreachable':
    case 'timeout':
      return new CapstanError('unavailable', `the registry ${address} does not answer: ${error.message}`, {
        cause: error,
      })
  }
}
