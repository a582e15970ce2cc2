// Addresses of remote bases: which part is the repository, which the path in it, and what the query asks for.
import { parseDurationOrSecondsMs } from '../../lang/go/time/duration.ts'

/** A repository and a folder in it (kustomize api/internal/git/repospec.go, v5.8.1). */
export interface RepoSpec {
  /** As it was written. */
  readonly raw: string
  /** What git would clone. */
  readonly url: string
  /** Of the kustomization in the repository; empty for its root. */
  readonly path: string
  /** Branch, tag or commit; empty for the default branch. */
  readonly ref: string
  readonly timeoutMs: number
  readonly submodules: boolean
}

/** kustomize's time for one repository. */
export const DEFAULT_TIMEOUT_MS = 27_000

/** Longest time a query may ask for: rendering itself is ended after as long. */
export const MAX_TIMEOUT_MS = 90_000

/** Reads an address; undefined where kustomize would not take it for a repository. */
export function parseRepoSpec(raw: string): RepoSpec | undefined {
  if (raw.startsWith('/')) return undefined
  const mark = raw.indexOf('?')
  const address = mark < 0 ? raw : raw.slice(0, mark)
  const host = readHost(address)
  if (host === undefined) return undefined
  const parts = splitPath(host.rest, host.text.startsWith('file://'))
  if (parts === undefined || parts.repository === '' || leavesRepository(parts.path)) return undefined
  const query = readQuery(mark < 0 ? '' : raw.slice(mark + 1))
  return { raw, url: host.text + parts.repository, path: parts.path.replace(/^\//, ''), ...query }
}

interface Host {
  readonly text: string
  readonly rest: string
}

const SCHEMES = ['ssh://', 'https://', 'http://', 'file://'] as const

function readHost(address: string): Host | undefined {
  // go-getter's prefix is stripped, as kustomize does with a warning.
  const plain = /^git::/i.test(address) ? address.slice('git::'.length) : address
  const scheme = SCHEMES.find((prefix) => plain.slice(0, prefix.length).toLowerCase() === prefix) ?? ''
  const named = plain.slice(scheme.length)
  if (scheme === 'file://') return { text: scheme, rest: named }
  const user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(named)?.[0] ?? ''
  return readAuthority({ scheme, user, place: named.slice(user.length) })
}

interface Authority {
  readonly scheme: string
  /** With its `@`. */
  readonly user: string
  /** Host and path. */
  readonly place: string
}

function readAuthority({ scheme, user, place }: Authority): Host | undefined {
  const isGithub = /^github\.com[/:]/i.test(place)
  const isScp = scheme === '' && (user !== '' || isGithub)
  if (scheme === '' && !isScp) return undefined
  const separator = findSeparator(place, isScp)
  const end = separator < 0 ? place.length : separator + 1
  const rest = place.slice(end)
  if (end === 0) return undefined
  if (!isGithub) return { text: scheme + user + place.slice(0, end), rest }
  // Addresses of GitHub are made equal, with the user alone deciding for SSH.
  const isSsh = scheme === 'ssh://' || user !== ''
  return { text: isSsh ? `${user}github.com:` : 'https://github.com/', rest }
}

/** A colon ends the host of `user@host:path`, unless a slash stands before it. */
function findSeparator(place: string, isScp: boolean): number {
  const slash = place.indexOf('/')
  const colon = place.indexOf(':')
  if (isScp && (slash < 0 || (colon > 0 && colon < slash))) return colon
  return slash
}

interface PathParts {
  readonly repository: string
  readonly path: string
}

/** `_git/`, `//` and `.git` say where the repository ends; else it is the first two segments, of a file all of them. */
function splitPath(text: string, isFile: boolean): PathParts | undefined {
  const root = text.indexOf('_git/')
  if (root >= 0) {
    const [name = '', ...path] = text.slice(root + '_git/'.length).split('/')
    return { repository: text.slice(0, root + '_git/'.length) + name, path: path.join('/') }
  }
  const double = text.indexOf('//')
  if (double >= 0) return { repository: text.slice(0, double), path: text.slice(double + 2) }
  const suffix = text.indexOf('.git')
  if (suffix >= 0) return { repository: text.slice(0, suffix + 4), path: text.slice(suffix + 4) }
  if (isFile) return { repository: text, path: '' }
  const segments = text.split('/')
  if (segments.length < 2) return undefined
  return { repository: segments.slice(0, 2).join('/'), path: segments.slice(2).join('/') }
}

function leavesRepository(path: string): boolean {
  let depth = 0
  for (const part of path.split('/')) {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    if (depth < 0) return true
  }
  return false
}

function readQuery(text: string): Pick<RepoSpec, 'ref' | 'timeoutMs' | 'submodules'> {
  const query = new URLSearchParams(text)
  const ref = query.get('ref') ?? ''
  const timeoutMs = readDuration(query.get('timeout') ?? '') ?? DEFAULT_TIMEOUT_MS
  return {
    ref: ref === '' ? (query.get('version') ?? '') : ref,
    timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS),
    submodules: !FALSE.has(query.get('submodules') ?? ''),
  }
}

/** What Go's strconv.ParseBool takes for false. */
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** Whole seconds, or Go's durations (`1m30s`); undefined for anything else and for nothing. */
function readDuration(text: string): number | undefined {
  return positive(parseDurationOrSecondsMs(text.replace(/^\+(?=\d+$)/, '')) ?? 0)
}

function positive(amount: number): number | undefined {
  return amount > 0 ? amount : undefined
}
