// Paths that are no resource: version, health, discovery, OpenAPI.
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import type { JsonObject } from '../../kube/object.ts'
import type { ServerParts } from './call.ts'
import { answerDiscovery } from './discovery-routes.ts'
import { answerOpenApi } from './openapi-routes.ts'
import { answerHealth, healthPaths } from './health-checks.ts'
import type { TokenIssuer } from './hooks.ts'
import { metricsAnswer } from './metrics-route.ts'
import { notFoundText, type PlainTarget } from './plain-answer.ts'
import { JSON_HEADERS } from './respond.ts'
import { methodNotAllowed } from './status.ts'
import type { UserInfo } from './user.ts'
import { answerZPage, Z_PATHS } from './z-pages.ts'

/** What kube-apiserver 1.36.3 says of itself; build fields that would differ for every build are ours. */
export const VERSION: JsonObject = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'gc',
  platform: 'linux/amd64',
}

/** Answers a path outside the resources; 404 in plain text where nothing is there. */
export async function answerPlain(
  server: ServerParts,
  request: ApiRequest,
  target: PlainTarget,
  _user: UserInfo,
): Promise<ApiResponse> {
  const answer =
    answerHealth(target) ??
    answerZPage(target.path, server.clock.now()) ??
    answerDiscovery(server, request, target) ??
    (await answerOpenApi(server, request, target))
  if (answer === undefined) return otherAnswer(server, request, target)
  if (request.method !== 'GET') throw methodNotAllowed()
  return answer
}

function otherAnswer(
  server: ServerParts,
  request: ApiRequest,
  target: PlainTarget,
): ApiResponse | Promise<ApiResponse> {
  switch (target.path) {
    case '/':
      return prettyAnswer({ paths: rootPaths(server) })
    case '/version':
      return prettyAnswer(VERSION)
    case '/metrics':
      return metricsAnswer(server)
    case '/openid/v1/jwks':
    case '/.well-known/openid-configuration':
      return server.tokens === undefined ? notFoundText() : openIdAnswer(server.tokens, request, target)
    default:
      return notFoundText()
  }
}

/** The paths beside the resources that are served. */
function rootPaths(server: ServerParts): readonly string[] {
  const versions = server.registry.all().flatMap(({ group, version }) => {
    return group === '' ? [`/api/${version}`] : [`/apis/${group}`, `/apis/${group}/${version}`]
  })
  const openId = server.tokens === undefined ? [] : ['/.well-known/openid-configuration', '/openid/v1/jwks']
  const fixed = ['/api', '/apis', '/apis/', '/metrics', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/version']
  return [...new Set([...versions, ...healthPaths(), ...Z_PATHS, ...openId, ...fixed])].sort()
}

async function openIdAnswer(tokens: TokenIssuer, { headers }: ApiRequest, { path }: PlainTarget): Promise<ApiResponse> {
  const keys = await tokens.keySet()
  if (path === '/openid/v1/jwks') {
    return jsonText(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }), 'application/jwk-set+json')
  }
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))].sort()
  return jsonAnswer(openIdConfiguration(tokens.issuer, headers['host'], algorithms))
}

/** The keys are where this server is reached, whatever name it signs with. */
function openIdConfiguration(issuer: string, host: string | undefined, algorithms: readonly string[]): JsonObject {
  return {
    issuer,
    jwks_uri: `${host === undefined ? issuer : `https://${host}`}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: algorithms,
  }
}

/** Indented by two, as version and paths come. */
function prettyAnswer(value: JsonObject): ApiResponse {
  return jsonText(JSON.stringify(value, null, 2), 'application/json')
}

export function jsonAnswer(value: JsonObject): ApiResponse {
  return jsonText(JSON.stringify(value), 'application/json')
}

function jsonText(body: string, type: string): ApiResponse {
  return { status: 200, headers: { ...JSON_HEADERS, 'content-type': type }, body }
}
