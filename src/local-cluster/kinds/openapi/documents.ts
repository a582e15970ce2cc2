// The OpenAPI documents of the built-in API: index and documents of v3, the one document of v2.
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../../kube/object.ts'
import { joinApiVersion } from '../../../kube/object.ts'
import type { ServedResource } from '../contract.ts'
import { loadDescriptions, type Describe } from './descriptions.ts'
import { describePaths } from './paths.ts'
import { schemasOf } from './schemas.ts'
import { builtinV2Document, v2JsonDocument, withDefinitions } from './v2-document.ts'

/** Raised when documents come out otherwise than before: clients keep them on disk by their hash. */
const FORM = 2
/** Paths beside the API groups that the index of a real server lists. */
const PLAIN_PATHS = ['.well-known/openid-configuration', 'openid/v1/jwks', 'version']

/** Documents are made when first asked for, and kept as the text or bytes that are sent. */
export interface OpenApiDocuments {
  /** GET /openapi/v3: where each document is, with its hash. */
  openApiV3Index(): JsonObject
  /** GET /openapi/v3/`path`: `api/v1`, `apis/apps/v1`, `apis/apps`, `version`; undefined where there is none. */
  openApiV3Document(path: string): Promise<string | undefined>
  /** GET /openapi/v2 as gnostic protobuf; `definitions` of custom resources in the form of OpenAPI v2, by name. */
  openApiV2Protobuf(definitions?: Readonly<Record<string, JsonObject>>): Uint8Array
  /** The same as JSON text, with paths where they are given. */
  openApiV2Json(definitions?: Readonly<Record<string, JsonObject>>, paths?: JsonObject): string
}

/** The documents of these resources, built-in ones as discovery lists them. */
export function createOpenApiDocuments(resources: readonly ServedResource[]): OpenApiDocuments {
  const groupVersions = resourcesByPath(resources)
  const paths = new Set([...PLAIN_PATHS, 'api', 'apis', ...[...groupVersions.keys()].flatMap(withGroupPath)])
  const texts = new Map<string, string>()
  let v2: Uint8Array | undefined
  let describe: Promise<Describe> | undefined
  return {
    openApiV3Index() {
      return openApiV3Index([...paths].sort().map((path) => [path, hashOf(path)]))
    },
    async openApiV3Document(path) {
      if (!paths.has(path)) return undefined
      const known = texts.get(path)
      if (known !== undefined) return known
      describe ??= loadDescriptions()
      const text = JSON.stringify(openApiV3Document(path, groupVersions.get(path), await describe))
      texts.set(path, text)
      return text
    },
    openApiV2Protobuf(definitions = {}) {
      v2 ??= builtinV2Document()
      return withDefinitions(v2, definitions)
    },
    openApiV2Json: v2JsonDocument,
  }
}

/** The index document from paths and the hashes of what is served there. */
export function openApiV3Index(hashes: Iterable<readonly [path: string, hash: string]>): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const [path, hash] of hashes) paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
  return { paths }
}

function hashOf(path: string): string {
  return createHash('sha512').update(`${FORM} v1.36.3 ${path}`).digest('hex').toUpperCase()
}

function resourcesByPath(resources: readonly ServedResource[]): Map<string, ServedResource[]> {
  const found = new Map<string, ServedResource[]>()
  for (const resource of resources) {
    const { group, version } = resource
    const path = `${group === '' ? 'api' : 'apis'}/${joinApiVersion(group, version)}`
    const listed = found.get(path)
    if (listed === undefined) found.set(path, [resource])
    else listed.push(resource)
  }
  return found
}

/** `apis/apps/v1` → itself and `apis/apps`. */
function withGroupPath(path: string): readonly string[] {
  return path.startsWith('apis/') ? [path.slice(0, path.lastIndexOf('/')), path] : [path]
}

function openApiV3Document(
  path: string,
  resources: readonly ServedResource[] | undefined,
  describe: Describe,
): JsonObject {
  const head = { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.36.3' } }
  if (resources === undefined) {
    const get = { responses: { '200': { description: 'OK', content: { 'application/json': {} } } } }
    return { ...head, paths: { [`/${path}/`]: { get } }, components: {} }
  }
  const { paths, definitions } = describePaths(resources)
  return { ...head, paths, components: { schemas: schemasOf(definitions, describe) } }
}
