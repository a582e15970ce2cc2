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
import { parseAccept } from './negotiation.ts'
import type { PlainTarget } from './plain-answer.ts'
import { JSON_HEADERS } from './respond.ts'
import { ApiError, noSuchResource } from './status.ts'

/** Answers /api, /apis and below; undefined for other paths. Throws 404 for a version that a known group does not have. */
export function answerDiscovery(
  server: ServerParts,
  request: ApiRequest,
  target: PlainTarget,
): ApiResponse | undefined {
  const [root, group, version, ...rest] = target.path.split('/').slice(1)
  if ((root !== 'api' && root !== 'apis') || rest.length > 0) return undefined
  if (root === 'api')
    return group === undefined ? rootAnswer(server, request, 'core') : coreVersion(server, group, version)
  if (group === undefined) return rootAnswer(server, request, 'named')
  return groupAnswer(server, group, version)
}

function rootAnswer(server: ServerParts, request: ApiRequest, root: 'core' | 'named'): ApiResponse {
  const resources = server.registry.all()
  if (wantsAggregated(request.headers['accept'] ?? '')) {
    return documentAnswer(request, aggregatedDiscovery(resources, root), AGGREGATED_DISCOVERY)
  }
  const host = request.headers['host'] ?? '127.0.0.1'
  return documentAnswer(
    request,
    root === 'core' ? legacyCoreVersions(host) : legacyGroupList(resources),
    'application/json',
  )
}

function coreVersion(server: ServerParts, version: string, more: string | undefined): ApiResponse | undefined {
  if (more !== undefined) return undefined
  const list = legacyResourceList(server.registry.all(), '', version)
  if (list === undefined) throw noSuchResource()
  return jsonDocument(list)
}

function groupAnswer(server: ServerParts, group: string, version: string | undefined): ApiResponse | undefined {
  const resources = server.registry.all()
  if (!server.registry.isGroup(group)) return undefined
  const document = version === undefined ? legacyGroup(resources, group) : legacyResourceList(resources, group, version)
  if (document !== undefined) return jsonDocument(document)
  if (server.registry.isBuiltinGroup(group)) throw noSuchResource()
  return undefined
}

/** true where the aggregated form is asked for before anything else we give. Throws 406 where nothing fits. */
function wantsAggregated(accept: string): boolean {
  if (accept === '') return false
  for (const { type, parameters } of parseAccept(accept)) {
    const as = parameters.get('as')
    if (as === undefined && ['application/json', 'application/*', '*/*'].includes(type)) return false
    if (type === 'application/json' && as === 'APIGroupDiscoveryList' && parameters.get('v') === 'v2') return true
  }
  const message =
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'
  throw new ApiError(406, 'NotAcceptable', message)
}

function jsonDocument(document: JsonObject): ApiResponse {
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(document) }
}

/** A document with an ETag; 304 for a client that has it. */
function documentAnswer(request: ApiRequest, document: JsonObject, type: string): ApiResponse {
  const body = JSON.stringify(document)
  const etag = `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`
  const headers = { 'content-type': type, etag, vary: 'Accept', 'cache-control': 'public' }
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: '' }
  return { status: 200, headers, body }
}
