// Which token servers a registry may send a login to: its own, those of its domain, and the known ones of public registries.
import { splitHostPort } from './go-url.ts'

/** Registries whose token server stands elsewhere. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'registry-1.docker.io': ['auth.docker.io'],
  'docker.io': ['auth.docker.io'],
  'registry.gitlab.com': ['gitlab.com'],
}

/**
 * The same host, whatever its port; a host of the same domain (`registry.example.com` and `gitlab.example.com`; a domain has two
 * labels at least); or one that is named. A login is not shown to anybody else, whatever a registry answers.
 */
export function isTrustedRealm(realm: URL, registry: string, named: readonly string[] = []): boolean {
  const [asked, own] = [realm.hostname, splitHostPort(registry).host]
  if (asked === own || `[${own}]` === asked) return true
  if (named.includes(asked) || named.includes(realm.host)) return true
  if ((KNOWN[own] ?? []).includes(asked)) return true
  const domain = domainOf(own)
  return domain !== undefined && (asked === domain || asked.endsWith(`.${domain}`))
}

/** All but the first label, where two are left; addresses have no domain. */
function domainOf(host: string): string | undefined {
  const rest = host.split('.').slice(1)
  const isAddress = /^[\d.]+$|:/.test(host)
  return isAddress || rest.length < 2 ? undefined : rest.join('.')
}
