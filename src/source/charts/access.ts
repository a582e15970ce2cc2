// What it takes to get into a chart repository or registry: credentials and trust.
import type { Secret } from '../../base/secret.ts'
import type { ServerTrust } from '../http-agents.ts'

/** All absent means an anonymous connection with the system's trust. */
export interface ChartAccess extends ServerTrust {
  readonly username?: string
  readonly password?: Secret
  /** The repository is a registry although its URL does not say `oci://`. */
  readonly enableOci?: boolean
  /** The password is one that the workload identity of this process gives. */
  readonly usesWorkloadIdentity?: boolean
  /** Speak plain HTTP to a registry. */
  readonly plainHttp?: boolean
}

/** The value of an Authorization header; undefined where there is nothing to log in with. */
export function basicAuthorization({ username, password }: ChartAccess): string | undefined {
  if (password === undefined && (username ?? '') === '') return undefined
  const pair = `${username ?? ''}:${password?.reveal() ?? ''}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}
