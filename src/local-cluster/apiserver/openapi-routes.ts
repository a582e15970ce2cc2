// OpenAPI answers: the built-in documents, and those of custom resources.
import { createHash } from 'node:crypto'
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import { jsonText } from '../../kube/json-digits.ts'
import { isObject } from '../../kube/json-value.ts'
import type { ServerParts } from './call.ts'
import { describePaths } from '../kinds/openapi/paths.ts'
import { customDefinitions, customDocument, customIndex, customPaths } from './crd/custom-openapi.ts'
import { v2Paths } from './openapi-v2-paths.ts'
import { TEXT_HEADERS, type PlainTarget } from './plain-answer.ts'
import { JSON_HEADERS } from './respond.ts'

/** What is asked for with `@` is answered with a dot, as `@` may stand in no media type (kube-openapi `pkg/handler/handler.go`). */
const V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/** Answers /openapi/v2, /openapi/v3 and the documents below it; undefined for other paths. */
export async function answerOpenApi(
  server: ServerParts,
  request: ApiRequest,
  target: PlainTarget,
): Promise<ApiResponse | undefined> {
  if (target.path === '/openapi/v2') return openApiV2(server, request)
  if (target.path === '/openapi/v3') return index(server)
  if (!target.path.startsWith('/openapi/v3/')) return undefined
  return document(server, target)
}

function index(server: ServerParts): ApiResponse {
  const builtin = server.catalogue.documents?.openApiV3Index() ?? {}
  const paths = isObject(builtin['paths']) ? builtin['paths'] : {}
  const all = Object.entries({ ...paths, ...customIndex(server.registry) }).toSorted(([a], [b]) => (a < b ? -1 : 1))
  // The real server leaves the type to Go, which takes JSON for text.
  return { status: 200, headers: TEXT_HEADERS, body: JSON.stringify({ paths: Object.fromEntries(all) }) }
}

async function document(server: ServerParts, { path, query }: PlainTarget): Promise<ApiResponse | undefined> {
  const name = path.slice('/openapi/v3/'.length)
  const custom = async (): Promise<string | undefined> => {
    const found = await customDocument(server.registry, name)
    return found === undefined ? undefined : jsonText(found)
  }
  const body = (await server.catalogue.documents?.openApiV3Document(name)) ?? (await custom())
  if (body === undefined) return undefined
  // A client that names the hash may keep the document for good: another one has another hash.
  const caching = query.has('hash') ? { 'cache-control': 'public, immutable, max-age=31536000' } : {}
  return { status: 200, headers: { ...JSON_HEADERS, ...caching }, body }
}

function openApiV2(server: ServerParts, request: ApiRequest): ApiResponse | undefined {
  const { documents } = server.catalogue
  if (documents === undefined) return undefined
  // Protobuf is for those who name it.
  if (request.headers['accept']?.includes('proto-openapi') !== true) {
    const { registry, catalogue } = server
    const paths = v2Paths({ ...describePaths(catalogue.resources).paths, ...customPaths(registry) })
    return { status: 200, headers: JSON_HEADERS, body: documents.openApiV2Json(customDefinitions(registry), paths) }
  }
  const bytes = documents.openApiV2Protobuf(customDefinitions(server.registry))
  const etag = `"${createHash('sha256').update(`${bytes.byteLength} ${server.registry.generation}`).digest('hex').toUpperCase()}"`
  const headers = { 'content-type': V2_TYPE, etag }
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: '' }
  return { status: 200, headers, body: bytes }
}
