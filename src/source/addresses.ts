// Addresses that files of a repository must not lead to: this machine, its links, and clouds' metadata services.
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { CapstanError } from '../base/errors.ts'

/** Loopback, link-local (which holds metadata services), "this host", and AWS' metadata address of IPv6. */
const OWN = new BlockList()
OWN.addSubnet('127.0.0.0', 8)
OWN.addSubnet('0.0.0.0', 8)
OWN.addSubnet('169.254.0.0', 16)
OWN.addAddress('::', 'ipv6')
OWN.addAddress('::1', 'ipv6')
OWN.addSubnet('fe80::', 10, 'ipv6')
OWN.addAddress('fd00:ec2::254', 'ipv6')

/** Names of this machine and of Google's metadata service, which resolve only where they do harm. */
const OWN_NAMES = /^(?:localhost|.*\.localhost|metadata|metadata\.google\.internal)\.?$/i

/** Is this an address of this machine, its links, or a metadata service? Written addresses alone; names are not resolved. */
export function isOwnAddress(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '')
  const family = isIP(plain)
  if (family === 0) return OWN_NAMES.test(plain)
  return OWN.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

export type Resolve = (host: string) => Promise<readonly string[]>

/**
 * Throws `forbidden` for a host that is, or is a name for, an address of this machine, its links, or a metadata
 * service. `purpose` begins the message: what is refused. A name that cannot be resolved here passes: a proxy may know it.
 */
export async function assertForeignHost(host: string, purpose: string, resolve: Resolve = resolveHost): Promise<void> {
  const addresses = isOwnAddress(host) ? [host] : await resolve(host)
  const own = addresses.find(isOwnAddress)
  if (own === undefined) return
  const shown = own === host ? host : `${host} (${own})`
  throw new CapstanError(
    'forbidden',
    `${purpose}: ${shown} is an address of this machine or of a metadata service; register the repository if it really stands there`,
  )
}

async function resolveHost(host: string): Promise<readonly string[]> {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return []
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch {
    // Whoever connects says what is wrong with the name.
    return []
  }
}

/** The host of a repository's or file's address, as browsers read it (`http://2130706433/` is 127.0.0.1); undefined where it has none. */
export function hostOf(address: string): string | undefined {
  const scp = /^(?:[\w.-]+@)?(?<host>\[[^\]]+\]|[^:/@[\]]+):(?!\/\/)/.exec(address)?.groups?.['host']
  const text = scp === undefined ? address.replace(/^ssh:/i, 'http:') : `http://${scp}/`
  const host = URL.parse(text)?.hostname
  return host === undefined || host === '' ? undefined : host
}

/** What is known of repositories that files of a repository may name: kustomizations and .gitmodules. */
export interface AddressRules {
  /** Is exactly this repository registered for the project? Then it may stand at an address of this machine, too. */
  isRegistered(repoURL: string, project: string): boolean
  /** Does the project list it among its sources? Credentials are used for those alone. */
  isPermitted(repoURL: string, project: string): boolean
}
