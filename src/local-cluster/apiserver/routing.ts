// Request paths: from raw percent-encoded text to what is meant.
import { badRequest } from './status.ts'

/** A path below /api/v1 or /apis/<group>/<version> that names a collection, an object or a part of one. */
export interface ResourceRoute {
  readonly kind: 'resource'
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
  /** What follows the subresource (`proxy/a/b`). */
  readonly rest: string
  /** The deprecated /watch/ form. */
  readonly legacyWatch: boolean
}

export interface PlainRoute {
  readonly kind: 'plain'
  /** Decoded, without a slash at its end. */
  readonly path: string
}

export interface Target {
  readonly route: ResourceRoute | PlainRoute
  readonly query: URLSearchParams
}

/** As the bound on headers of the port, for requests that come another way. */
const MAX_PATH_LENGTH = 1024 * 1024

/** Reads path and query. Throws 400 for a path that is too long or not decodable. */
export function parseTarget(raw: string): Target {
  if (raw.length > MAX_PATH_LENGTH) throw badRequest('the request path is too long')
  const mark = raw.indexOf('?')
  const path = mark < 0 ? raw : raw.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : raw.slice(mark + 1))
  return { route: parsePath(path), query }
}

function parsePath(path: string): ResourceRoute | PlainRoute {
  const parts = path.split('/').slice(1).map(decodePart)
  if (parts.at(-1) === '') parts.pop()
  const plain: PlainRoute = { kind: 'plain', path: `/${parts.join('/')}` }
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('/'))) return plain
  const [root, second, third] = parts
  if (root === 'api' && second !== undefined && parts.length > 2) {
    return resourceRoute({ group: '', version: second }, parts.slice(2)) ?? plain
  }
  if (root === 'apis' && second !== undefined && third !== undefined && parts.length > 3) {
    return resourceRoute({ group: second, version: third }, parts.slice(3)) ?? plain
  }
  return plain
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    throw badRequest(`invalid URL escape in ${JSON.stringify(part)}: ${String(error)}`)
  }
}

/** Parts of /namespaces/<name>/… that belong to the namespace itself. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize'])

function resourceRoute(version: { group: string; version: string }, all: readonly string[]): ResourceRoute | undefined {
  const legacyWatch = all[0] === 'watch' && all.length > 1
  const parts = legacyWatch ? all.slice(1) : all
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] ?? '')
  const namespace = inNamespace ? parts[1] : undefined
  const [resource, name, subresource, ...rest] = inNamespace ? parts.slice(2) : parts
  if (resource === undefined) return undefined
  return { kind: 'resource', ...version, resource, namespace, name, subresource, rest: rest.join('/'), legacyWatch }
}
