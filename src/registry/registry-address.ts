// Where a registry is reached, and whether plain http will do.
import { isIP } from 'node:net'
import { splitHostPort } from './go-url.ts'

export interface AddressRules {
  /** Hosts (with their port) that may be reached over plain http, besides this machine. */
  readonly insecureHosts: readonly string[]
}

/** `localhost`, 127.0.0.0/8 and ::1, with or without a port (containerd `IsLocalhost`). */
export function isLoopback(hostAndPort: string): boolean {
  const { host } = splitHostPort(hostAndPort)
  const bare = host.replace(/^\[(?<inside>.*)\]$/, '$<inside>')
  if (bare === 'localhost') return true
  return isIP(bare) === 4 ? bare.startsWith('127.') : isIP(bare) === 6 && /^(?:0*:)*:?0*1$/.test(bare)
}

/** May it be spoken to without TLS? */
export function allowsPlainHttp(hostAndPort: string, { insecureHosts }: AddressRules): boolean {
  return isLoopback(hostAndPort) || insecureHosts.includes(hostAndPort)
}

/** What is tried, in order: https alone, or with plain http after it; port 443 and no port leave no doubt, nor does 80. */
export function schemesOf(hostAndPort: string, rules: AddressRules): readonly ('https' | 'http')[] {
  if (!allowsPlainHttp(hostAndPort, rules)) return ['https']
  const { port } = splitHostPort(hostAndPort)
  if (port === '80') return ['http']
  return isLoopback(hostAndPort) && (port === '' || port === '443') ? ['https'] : ['https', 'http']
}

/**
 * Whether a token may be asked for at a realm that a registry named: over https anywhere, over plain http only by a
 * registry that was itself reached so, and only on a host that allows it.
 */
export function isSafeRealm(realm: URL, registry: URL, rules: AddressRules): boolean {
  if (realm.username !== '' || realm.password !== '') return false
  if (realm.protocol === 'https:') return true
  if (realm.protocol !== 'http:' || registry.protocol !== 'http:') return false
  return realm.host === registry.host || allowsPlainHttp(realm.host, rules)
}
