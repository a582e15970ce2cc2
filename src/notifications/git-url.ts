// Addresses of repositories in all their forms, as upstream's functions take them apart (chainguard-dev/git-urls).
import { CapstanError } from '../base/errors.ts'

const SCP = /^(?:(?<user>[A-Za-z0-9_][\w.-]*)@)?(?<host>[A-Za-z0-9._-]+):(?<path>(?!\/\/).*)$/

/** `https://host/org/repo.git` of any address; `git@host:org/repo.git` too. Query and port stay. */
export function httpsAddress(address: string): string {
  const { host, path } = parts(address)
  return `https://${host}${path.startsWith('/') ? '' : '/'}${path}`
}

/** `org/repo` of any address. */
export function fullName(address: string): string {
  const path = pathOf(address).replace(/\.git$/, '')
  const names = path.split('/').filter((name) => name !== '')
  return names.length < 2 ? path : names.slice(0, 2).join('/')
}

function pathOf(address: string): string {
  return parts(address).path.replace(/[?#].*$/s, '')
}

function parts(address: string): { readonly host: string; readonly path: string } {
  const scp = SCP.exec(address)?.groups
  if (scp !== undefined) return { host: scp['host'] ?? '', path: scp['path'] ?? '' }
  const url = URL.parse(address)
  if (url === null) throw new CapstanError('bad-input', `${address} is no address of a repository`)
  return { host: url.host, path: `${url.pathname}${url.search}${url.hash}` }
}
