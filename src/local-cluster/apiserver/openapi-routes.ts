// OpenAPI answers: the built-in documents, and those of custom resources.
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import { isObject } from '../../kube/json-value.ts'
import type { JsonObject } from '../../kube/object.ts'
import type { ServerParts } from './call.ts'
import { customDocument, customIndex } from './crd/custom-openapi.ts'
import type { PlainTarget } from './plain-answer.ts'
import { JSON_HEADERS } from './respond.ts'

/** Answers /openapi/v2, /openapi/v3 and the documents below it; undefined for other paths. */
export function answerOpenApi(server: ServerParts, request: ApiRequest, target: PlainTarget): ApiResponse | undefined {
  if (target.path === '/openapi/v2') return openApiV2(server, request)
  if (target.path === '/openapi/v3') return index(server)
  if (!target.path.startsWith('/openapi/v3/')) return undefined
  return document(server, target.path.slice('/openapi/v3/'.length))
}

function index(server: ServerParts): ApiResponse {
  const builtin = server.catalogue.openApiV3Index?.() ?? {}
  const paths = isObject(builtin['paths']) ? builtin['paths'] : builtin
  return json({ paths: { ...paths, ...customIndex(server.registry) } })
}

function document(server: ServerParts, groupVersion: string): ApiResponse | undefined {
  const found = server.catalogue.openApiV3Document?.(groupVersion) ?? customDocument(server.registry, groupVersion)
  if (found === undefined) return undefined
  return { status: 200, headers: JSON_HEADERS, body: typeof found === 'string' ? found : JSON.stringify(found) }
}

function openApiV2(server: ServerParts, _request: ApiRequest): ApiResponse | undefined {
  const bytes = server.catalogue.openApiV2Protobuf?.()
  if (bytes === undefined) return undefined
  return {
    status: 200,
    headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
    body: bytes,
  }
}

function json(value: JsonObject): ApiResponse {
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(value) }
}
