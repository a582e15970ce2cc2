// Discovery answers: aggregated where the client knows it, group by group where not.
import { createHash } from 'node:crypto'
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import type { JsonObject } from '../../kube/object.ts'
import {
  AGGREGATED_DISCOVERY,
  aggregatedDiscovery,
  legacyCoreVersions,
  legacyGroup,
  legacyGroupList,
  legacyResourceList,
} from '../kinds/discovery.ts'
import type { ServerParts } from './call.ts'
import { documentFormat, formatOf, onlyAccepted, parseAccept } from './negotiation.ts'
import type { PlainTarget } from './plain-answer.ts'
import { formatted, typeHeaders } from './respond.ts'
import { noSuchResource } from './status.ts'

/** Answers /api, /apis and below; undefined for other paths. Throws 404 for a version that a known group does not have. */
export function answerDiscovery(
  server: ServerParts,
  request: ApiRequest,
  target: PlainTarget,
): ApiResponse | undefined {
  const [root, group, version, ...rest] = target.path.split('/').slice(1)
  if ((root !== 'api' && root !== 'apis') || rest.length > 0) return undefined
  if (root === 'api')
    return group === undefined ? rootAnswer(server, request, 'core') : coreVersion(server, request, [group, version])
  if (group === undefined) return rootAnswer(server, request, 'named')
  return groupAnswer(server, request, [group, version])
}

function rootAnswer(server: ServerParts, request: ApiRequest, root: 'core' | 'named'): ApiResponse {
  const resources = server.registry.all()
  if (wantsAggregated(request.headers['accept'] ?? '')) {
    return documentAnswer(request, aggregatedDiscovery(resources, root), AGGREGATED_DISCOVERY)
  }
  const host = request.headers['host'] ?? '127.0.0.1'
  const document = root === 'core' ? legacyCoreVersions(host) : legacyGroupList(resources)
  if (documentFormat(request.headers['accept']) !== 'json') return plainDocument(request, document)
  return documentAnswer(request, document, 'application/json')
}

/** What stands behind /api/ or /apis/: a group or version, and what follows it. */
type Rest = readonly [first: string, second: string | undefined]

function coreVersion(server: ServerParts, request: ApiRequest, [version, more]: Rest): ApiResponse | undefined {
  if (more !== undefined) return undefined
  const list = legacyResourceList(server.registry.all(), '', version)
  if (list === undefined) throw noSuchResource()
  return plainDocument(request, list)
}

function groupAnswer(server: ServerParts, request: ApiRequest, [group, version]: Rest): ApiResponse | undefined {
  const resources = server.registry.all()
  if (!server.registry.isGroup(group)) return undefined
  const document = version === undefined ? legacyGroup(resources, group) : legacyResourceList(resources, group, version)
  if (document !== undefined) return plainDocument(request, document)
  if (server.registry.isBuiltinGroup(group)) throw noSuchResource()
  return undefined
}

/** true where the aggregated form is asked for before anything else we give. Throws 406 where nothing fits. */
function wantsAggregated(accept: string): boolean {
  if (accept === '') return false
  for (const { type, parameters } of parseAccept(accept)) {
    const as = parameters.get('as')
    if (as === undefined && formatOf(type) !== undefined) return false
    if (type === 'application/json' && as === 'APIGroupDiscoveryList' && parameters.get('v') === 'v2') return true
  }
  throw onlyAccepted()
}

/** A document in the format the client reads. */
function plainDocument(request: ApiRequest, document: JsonObject): ApiResponse {
  const format = documentFormat(request.headers['accept'])
  return { status: 200, headers: typeHeaders(format), body: formatted(format, document) }
}

/** A document with an ETag; 304 for a client that has it. */
function documentAnswer(request: ApiRequest, document: JsonObject, type: string): ApiResponse {
  const body = JSON.stringify(document)
  const etag = `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`
  const headers = { 'content-type': type, etag, vary: 'Accept', 'cache-control': 'public' }
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: '' }
  return { status: 200, headers, body }
}
