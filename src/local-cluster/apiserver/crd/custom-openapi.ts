// OpenAPI v3 documents of custom resources.
import { createHash } from 'node:crypto'
import { isList, isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { loadDescriptions } from '../../kinds/openapi/descriptions.ts'
import { schemasOf } from '../../kinds/openapi/schemas.ts'
import type { ResourceRegistry } from '../registry.ts'
import { gvkOf, type Resource } from '../resource.ts'

/** Entries of the index for groups that have custom resources only. */
export function customIndex(registry: ResourceRegistry): JsonObject {
  const paths: Record<string, JsonObject> = {}
  for (const resource of customOnly(registry)) {
    const path = `apis/${resource.group}/${resource.version}`
    const hash = createHash('sha512').update(`${path} ${registry.generation}`).digest('hex').toUpperCase()
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
  }
  return paths
}

/** Definitions of custom resources for the document of OpenAPI v2, by name. */
export function customDefinitions(registry: ResourceRegistry): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    customOnly(registry).map((resource) => [schemaName(resource), withoutV3(schemaOf(resource, '#/definitions/'))]),
  )
}

/** A schema in the form of OpenAPI v2, which knows no null: what may be null, or keep unknown fields, is told without its inside (apiextensions `ToStructuralOpenAPIV2`, v0.36.3). */
function withoutV3(schema: JsonObject): JsonObject {
  const { nullable, type, items, properties, required, additionalProperties, ...rest } = schema
  if (nullable === true) return rest
  const isOpen = rest['x-kubernetes-preserve-unknown-fields'] === true
  const fields = isObject(properties) ? Object.entries(properties) : []
  const isNullable = (name: JsonValue): boolean =>
    fields.some(([field, one]) => field === name && isObject(one) && one['nullable'] === true)
  const wanted = isList(required) ? required.filter((name) => !isNullable(name)) : []
  return {
    ...rest,
    ...(type === undefined ? {} : { type }),
    ...(wanted.length === 0 ? {} : { required: wanted }),
    ...(isObject(items) && !isOpen ? { items: withoutV3(items) } : {}),
    ...(fields.length > 0 && !isOpen
      ? { properties: Object.fromEntries(fields.map(([name, one]) => [name, isObject(one) ? withoutV3(one) : one])) }
      : {}),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: isObject(additionalProperties) ? withoutV3(additionalProperties) : additionalProperties,
        }),
  }
}

function customOnly(registry: ResourceRegistry): readonly Resource[] {
  return registry.all().filter((resource) => resource.custom !== undefined && !registry.isBuiltinGroup(resource.group))
}

/** The document of one group and version; undefined where nothing custom is served. */
export async function customDocument(
  registry: ResourceRegistry,
  groupVersion: string,
): Promise<JsonObject | undefined> {
  const served = customOnly(registry).filter(
    (resource) => `apis/${resource.group}/${resource.version}` === groupVersion,
  )
  if (served.length === 0) return undefined
  const paths: Record<string, JsonObject> = {}
  const schemas: Record<string, JsonValue> = { ...schemasOf([OBJECT_META], await loadDescriptions()) }
  for (const resource of served) {
    schemas[schemaName(resource)] = schemaOf(resource, '#/components/schemas/')
    Object.assign(paths, pathsOf(resource))
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths,
    components: { schemas },
  }
}

/** The paths of all custom resources, as OpenAPI v3 says them. */
export function customPaths(registry: ResourceRegistry): JsonObject {
  return Object.assign({}, ...customOnly(registry).map(pathsOf)) as JsonObject // of objects
}

function schemaName(resource: Resource): string {
  return [...resource.group.split('.').toReversed(), resource.version, resource.kind].join('.')
}

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
/** What every kind's own three fields say (apiextensions v0.36.3 `pkg/controller/openapi/builder/builder.go`). */
const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'
const TEXTS = {
  apiVersion: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${CONVENTIONS}#resources`,
  kind: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
  metadata: `Standard object's metadata. More info: ${CONVENTIONS}#metadata`,
}

function schemaOf(resource: Resource, definitions: string): JsonObject {
  const isV3 = definitions.includes('components')
  const reference = { $ref: definitions + OBJECT_META }
  const metadata = { description: TEXTS.metadata, ...(isV3 ? { allOf: [reference] } : reference) }
  const typeMeta = {
    apiVersion: { type: 'string', description: TEXTS.apiVersion },
    kind: { type: 'string', description: TEXTS.kind },
    metadata,
  }
  const schema = resource.custom?.openApi ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const properties = { ...(schema['properties'] as JsonObject | undefined), ...typeMeta }
  return { ...schema, properties, 'x-kubernetes-group-version-kind': [{ ...gvkOf(resource) }] }
}

function pathsOf(resource: Resource): JsonObject {
  const root = `/apis/${resource.group}/${resource.version}`
  const base = resource.namespaced
    ? `${root}/namespaces/{namespace}/${resource.resource}`
    : `${root}/${resource.resource}`
  const reference = { $ref: `#/components/schemas/${schemaName(resource)}` }
  const body = (types: readonly string[]): JsonObject => ({
    content: Object.fromEntries(types.map((type) => [type, { schema: reference }])),
  })
  const operation = (action: string, more: JsonObject = {}): JsonObject => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { ...gvkOf(resource) },
    responses: { '200': { description: 'OK', ...body(['application/json', 'application/yaml']) } },
    ...more,
  })
  const write = {
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string', uniqueItems: true },
    })),
  }
  const patches = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json']
  return {
    [base]: { get: operation('list'), post: operation('post', { ...write, requestBody: body(['application/json']) }) },
    [`${base}/{name}`]: {
      get: operation('get'),
      put: operation('put', { ...write, requestBody: body(['application/json']) }),
      patch: operation('patch', { ...write, requestBody: body(patches) }),
      delete: operation('delete'),
    },
  }
}
