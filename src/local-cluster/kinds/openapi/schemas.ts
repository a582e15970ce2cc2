// The schemas of the built-in kinds in the form of OpenAPI v3.
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { builtinDefinition, keyDefaults } from '../../../kube/schema/definitions.ts'
import type { Describe } from './descriptions.ts'

const V2_PREFIX = '#/definitions/'
const V3_PREFIX = '#/components/schemas/'

/** Types with two JSON forms, which OpenAPI v2 cannot say (apimachinery `OpenAPIV3OneOfTypes`). */
const ONE_OF: Readonly<Record<string, JsonObject>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
}

/** The definitions named and all they refer to, by name, with references of v3; `describe` adds what the API says of them. */
export function schemasOf(names: Iterable<string>, describe: Describe = (_name, schema) => schema): JsonObject {
  const found: Record<string, JsonObject> = {}
  const waiting = [...names]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found[name] !== undefined) continue
    const definition = builtinDefinition(name)
    if (definition === undefined) continue
    // A definition is JSON; its interface only lacks the index signature.
    const schema = ONE_OF[name] ?? withDefaults(name, convert(definition as unknown as JsonObject, waiting))
    found[name] = describe(name, schema)
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Keys of lists carry their defaults, which OpenAPI v2 leaves out. */
function withDefaults(name: string, schema: JsonObject): JsonObject {
  const defaults = keyDefaults(name)
  const properties = schema['properties']
  if (defaults === undefined || !isObject(properties)) return schema
  const edited: Record<string, JsonValue> = { ...properties }
  for (const [key, value] of Object.entries(defaults)) {
    const property = properties[key]
    if (isObject(property)) edited[key] = { ...property, default: value }
  }
  return { ...schema, properties: edited }
}

/** Rewrites references, and notes in `met` what they refer to. Beside hints a reference stands in `allOf`, as v3 ignores what stands beside it. */
function convert(schema: JsonObject, met: string[]): JsonObject {
  const { $ref: reference, ...hints } = schema
  const converted: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(hints)) converted[key] = convertValue(key, value, met)
  if (typeof reference !== 'string') return converted
  const name = reference.slice(V2_PREFIX.length)
  met.push(name)
  const target = { $ref: V3_PREFIX + name }
  return Object.keys(converted).length === 0 ? target : { ...converted, allOf: [target] }
}

function convertValue(key: string, value: JsonValue, met: string[]): JsonValue {
  if (key === 'properties' && isObject(value)) {
    const entries = Object.entries(value).map(([name, property]) => [name, convertValue('', property, met)] as const)
    return Object.fromEntries(entries)
  }
  return isObject(value) ? convert(value, met) : value
}
