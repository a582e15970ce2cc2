// Addresses of container registries as people write them, and as credentials are kept under.
import { CapstanError } from '../base/errors.ts'

/** What pull credentials are for: a host, or a part of what it holds. */
export interface RegistryAddress {
  /** With its port: `registry.example.com:5000`; Docker Hub is `docker.io` however it is written. */
  readonly host: string
  /** `/team`, `/team/app`; empty: all of the host. */
  readonly path: string
}

/** No host name of DNS, and no repository name, comes near both. */
export const MAX_ADDRESS_LENGTH = 512

/** All are Docker Hub; images say `docker.io`. */
const DOCKER_HUB: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
])

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/
const IPV6 = /^\[[a-f0-9:]+\]$/
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const MAX_PORT = 65_535

/**
 * `HTTPS://Registry.Example.com/v2/` becomes `registry.example.com`, `docker.io` stands for all names of Docker Hub, `host/team/`
 * becomes `host/team`. Throws `bad-input` with what is wrong; the text is not repeated where it may hold a password.
 */
export function parseRegistryAddress(text: string): RegistryAddress {
  const bare = text.trim().replace(/^(?:https?|oci):\/\//i, '')
  if (bare.includes('://'))
    throw refused('has a scheme that no registry is reached by: write host, host:port or host/path')
  if (bare.includes('@')) throw refused('holds a user or a digest: give the host alone')
  if (bare.length > MAX_ADDRESS_LENGTH) throw refused(`is longer than ${MAX_ADDRESS_LENGTH} characters`)
  const slash = bare.indexOf('/')
  const host = hostOf((slash < 0 ? bare : bare.slice(0, slash)).toLowerCase())
  return { host, path: pathOf(slash < 0 ? '' : bare.slice(slash)) }
}

/** The normal form as one text: host and path. */
export function normalizeRegistryAddress(text: string): string {
  const { host, path } = parseRegistryAddress(text)
  return host + path
}

/**
 * Whether a repository of no type, or of type `git`, is a registry: a host alone, with or without a port, which is no address that
 * Git could read. `git@host:x`, `host:team/app` and addresses with a scheme are not.
 */
export function isBareRegistryHost(text: string): boolean {
  const trimmed = text.trim()
  if (/[/@\\\s]/.test(trimmed) || !/[.:]|^localhost$/i.test(trimmed) || /^\.+/.test(trimmed)) return false
  return tryParse(trimmed) !== undefined
}

/** The key of a docker config: what docker and containerd tools write for Docker Hub is its old API's address. */
export function dockerConfigKey(address: string): string {
  return address === 'docker.io' ? 'https://index.docker.io/v1/' : address
}

function tryParse(text: string): RegistryAddress | undefined {
  try {
    return parseRegistryAddress(text)
  } catch {
    // No address: that is the answer.
    return undefined
  }
}

function hostOf(text: string): string {
  const { host = '', port } = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>.*))?$/.exec(text)?.groups ?? {}
  if (host === '') throw refused('has no host')
  if (!isHostName(host)) {
    throw refused('has a host that is no name of DNS and no address: write host, host:port or host/path')
  }
  if (DOCKER_HUB.has(host) && /^(?:443)?$/.test(port ?? '')) return 'docker.io'
  if (port !== undefined) return `${host}:${checkedPort(port)}`
  if (host === 'localhost' || /[.[]/.test(host)) return host
  throw refused(`has a host without a dot or a port: images of ${host}/… come from Docker Hub`)
}

function checkedPort(text: string): string {
  if (isPort(text)) return text
  throw refused('has a port that is no number from 1 to 65535')
}

function isPort(text: string): boolean {
  return /^[0-9]{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_PORT
}

function isHostName(text: string): boolean {
  return IPV6.test(text) || text.split('.').every((label) => label.length <= 63 && LABEL.test(label))
}

/** Addresses of the APIs are those of the host; a path is part of repository names. */
function pathOf(text: string): string {
  const path = text.replace(/^\/v[12](?=\/|$)/, '').replace(/\/+$/, '')
  if (path === '') return ''
  if (
    !path
      .slice(1)
      .split('/')
      .every((part) => COMPONENT.test(part))
  ) {
    throw refused('has a path that no repository name begins with: write host/team, in lower case')
  }
  return path
}

function refused(problem: string): CapstanError {
  return new CapstanError('bad-input', `the address of the registry ${problem}`)
}
