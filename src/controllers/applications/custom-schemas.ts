// The schemas of custom resources, from the definitions the live cache holds.
import { isObject } from '../../kube/json-value.ts'
import type { GroupVersionKind, JsonObject, JsonValue, KubeObject } from '../../kube/object.ts'
import { builtinSchema, fromOpenApi, type TypeSchema } from '../../kube/schema/schema.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'

const DEFINITION = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespace: '' }

/** Schemas by version made from a definition; gone with it. */
const made = new WeakMap<KubeObject, Map<string, TypeSchema | undefined>>()

/** Undefined for built-in kinds, which are known without it, and where no definition tells a schema. */
export async function customSchema(
  cache: Pick<ClusterCache, 'client' | 'get'>,
  gvk: GroupVersionKind,
  signal: AbortSignal,
): Promise<TypeSchema | undefined> {
  if (builtinSchema(gvk) !== undefined) return undefined
  const type = await cache.client.resourceOf(gvk, signal)
  if (type === undefined) return undefined
  const definition = cache.get({ ...DEFINITION, name: `${type.resource}.${gvk.group}` })?.object
  return definition === undefined ? undefined : schemaOfVersion(definition, gvk.version)
}

function schemaOfVersion(definition: KubeObject, version: string): TypeSchema | undefined {
  const known = made.get(definition) ?? new Map<string, TypeSchema | undefined>()
  made.set(definition, known)
  if (!known.has(version)) {
    const schema = openApiOf(definition, version)
    known.set(version, schema === undefined ? undefined : fromOpenApi(schema))
  }
  return known.get(version)
}

function openApiOf(definition: KubeObject, version: string): JsonObject | undefined {
  // A KubeObject is a JSON object; the interface only names what each has.
  const { spec } = definition as unknown as JsonObject
  const versions = isObject(spec) ? spec['versions'] : undefined
  const list: readonly JsonValue[] = Array.isArray(versions) ? versions : []
  const found = list.filter(isObject).find(({ name }) => name === version)
  const schema = found?.['schema']
  const openApi = isObject(schema) ? schema['openAPIV3Schema'] : undefined
  return isObject(openApi) ? openApi : undefined
}
