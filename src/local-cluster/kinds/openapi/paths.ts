// The paths of a group and version with their operations, as OpenAPI v3 describes them.
import type { GroupVersionKind, JsonObject } from '../../../kube/object.ts'
import { gvkTable } from '../../../kube/schema/definitions.ts'
import type { ServedResource, ServedSubresource } from '../contract.ts'
import { listKindOf } from '../resources.ts'

const BODY_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const STATUS = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status'
const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'
const PATCH = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation']
const LIST_PARAMETERS = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const BOOLEANS = new Set(['allowWatchBookmarks', 'sendInitialEvents', 'watch', 'force'])
const NUMBERS = new Set(['limit', 'timeoutSeconds'])

/** Definition name of a kind (`io.k8s.api.apps.v1.Deployment`); undefined where it is not built in. */
export function definitionOf(gvk: GroupVersionKind): string | undefined {
  return gvkTable()[`${gvk.group}/${gvk.version}/${gvk.kind}`]
}

export interface Described {
  readonly paths: JsonObject
  /** The definitions the operations name. */
  readonly definitions: ReadonlySet<string>
}

/** Paths of these resources, which are of one group and version. */
export function describePaths(resources: readonly ServedResource[]): Described {
  const definitions = new Set<string>([STATUS, DELETE_OPTIONS, PATCH])
  const paths: Record<string, JsonObject> = {}
  for (const resource of resources) {
    const root = resource.group === '' ? '/api/v1' : `/apis/${resource.group}/${resource.version}`
    const scope = resource.namespaced ? '/namespaces/{namespace}' : ''
    const base = `${root}${scope}/${resource.resource}`
    const collection = collectionOperations(resource, definitions)
    if (Object.keys(collection).length > 0) paths[base] = withPathParameters(collection, base)
    const item = itemOperations(resource, definitions)
    if (Object.keys(item).length > 0) paths[`${base}/{name}`] = withPathParameters(item, `${base}/{name}`)
    if (resource.namespaced && resource.verbs.includes('list'))
      paths[`${root}/${resource.resource}`] = { get: listOperation(resource, definitions) }
    for (const subresource of resource.subresources) {
      const path = `${base}/{name}/${subresource.name}`
      const operations = subresourceOperations(resource, subresource, definitions)
      if (Object.keys(operations).length > 0) paths[path] = withPathParameters(operations, path)
    }
  }
  return { paths, definitions }
}

type Operations = Record<string, JsonObject>

function collectionOperations(resource: ServedResource, met: Set<string>): Operations {
  const operations: Operations = {}
  if (resource.verbs.includes('list')) operations['get'] = listOperation(resource, met)
  if (resource.verbs.includes('create')) operations['post'] = writeOperation('post', resource, met)
  if (resource.verbs.includes('deletecollection'))
    operations['delete'] = operation('deletecollection', resource, STATUS, { requestBody: bodyOf(DELETE_OPTIONS) })
  return operations
}

function itemOperations(resource: ServedResource, met: Set<string>): Operations {
  const operations: Operations = {}
  if (resource.verbs.includes('get')) operations['get'] = operation('get', resource, noted(resource, met))
  if (resource.verbs.includes('update')) operations['put'] = writeOperation('put', resource, met)
  if (resource.verbs.includes('patch')) operations['patch'] = patchOperation(resource, met)
  if (resource.verbs.includes('delete'))
    operations['delete'] = operation('delete', resource, STATUS, { requestBody: bodyOf(DELETE_OPTIONS) })
  return operations
}

/** Subresources that are a conversation (exec, proxy) have kinds of options, not of objects, and no schema. */
function subresourceOperations(resource: ServedResource, subresource: ServedSubresource, met: Set<string>): Operations {
  const gvk = {
    group: subresource.group ?? resource.group,
    version: subresource.version ?? resource.version,
    kind: subresource.kind,
  }
  if (definitionOf(gvk) === undefined) return {}
  const operations: Operations = {}
  if (subresource.verbs.includes('get')) operations['get'] = operation('get', gvk, noted(gvk, met))
  if (subresource.verbs.includes('create')) operations['post'] = writeOperation('post', gvk, met)
  if (subresource.verbs.includes('update')) operations['put'] = writeOperation('put', gvk, met)
  if (subresource.verbs.includes('patch')) operations['patch'] = patchOperation(gvk, met)
  return operations
}

function listOperation(resource: ServedResource, met: Set<string>): JsonObject {
  const list = noted({ ...resource, kind: listKindOf(resource) }, met)
  return operation('list', resource, list, { parameters: LIST_PARAMETERS.map(queryParameter) })
}

function writeOperation(action: string, gvk: GroupVersionKind, met: Set<string>): JsonObject {
  const definition = noted(gvk, met)
  const more = { parameters: WRITE_PARAMETERS.map(queryParameter), requestBody: bodyOf(definition) }
  return operation(action, gvk, definition, more)
}

/** The operation kubectl looks at to learn whether a kind's fields are validated by the server. */
function patchOperation(gvk: GroupVersionKind, met: Set<string>): JsonObject {
  return operation('patch', gvk, noted(gvk, met), {
    parameters: [...WRITE_PARAMETERS, 'force'].map(queryParameter),
    requestBody: bodyOf(PATCH, PATCH_TYPES),
  })
}

function noted(gvk: GroupVersionKind, met: Set<string>): string {
  const definition = definitionOf(gvk) ?? STATUS
  met.add(definition)
  return definition
}

function operation(action: string, gvk: GroupVersionKind, answer: string, more: JsonObject = {}): JsonObject {
  const { group, version, kind } = gvk
  return {
    ...more,
    responses: { '200': { description: 'OK', ...bodyOf(answer, BODY_TYPES) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  }
}

function bodyOf(definition: string, types: readonly string[] = ['*/*']): JsonObject {
  const schema = { $ref: `#/components/schemas/${definition}` }
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])) }
}

function queryParameter(name: string): JsonObject {
  return { name, in: 'query', schema: { type: parameterType(name), uniqueItems: true } }
}

function parameterType(name: string): string {
  if (BOOLEANS.has(name)) return 'boolean'
  return NUMBERS.has(name) ? 'integer' : 'string'
}

function withPathParameters(operations: Operations, path: string): JsonObject {
  const names = ['name', 'namespace'].filter((name) => path.includes(`{${name}}`))
  const parameters = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }))
  return parameters.length === 0 ? operations : { ...operations, parameters }
}
