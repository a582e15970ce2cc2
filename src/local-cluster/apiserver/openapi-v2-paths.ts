// The operations of OpenAPI v3 documents as OpenAPI v2 says them: bodies and their types are told otherwise.
import { isList, isObject } from '../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../kube/object.ts'

const PRODUCES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const WATCHED = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']
const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'patch', 'delete'])
const V3_SCHEMAS = '#/components/schemas/'
const V2_SCHEMAS = '#/definitions/'

/** The `paths` of an OpenAPI v3 document for one of v2. */
export function v2Paths(paths: JsonObject): JsonObject {
  return mapValues(paths, (operations) => mapValues(objectOf(operations), pathEntry))
}

function pathEntry(value: JsonValue, key: string): JsonValue {
  if (key === 'parameters' && isList(value)) return value.map((one) => parameter(objectOf(one)))
  return METHODS.has(key) ? operation(objectOf(value)) : value
}

function operation(given: JsonObject): JsonObject {
  const { requestBody, parameters, responses, ...rest } = given
  const content = contentOf(requestBody)
  const query = isList(parameters) ? parameters.map((one) => parameter(objectOf(one))) : []
  const body = content === undefined ? [] : [bodyParameter(content)]
  const all = [...body, ...query]
  const isWatched = given['x-kubernetes-action'] === 'list'
  return {
    consumes: content === undefined ? ['*/*'] : Object.keys(content),
    produces: isWatched ? [...PRODUCES, ...WATCHED] : PRODUCES,
    schemes: ['https'],
    ...(all.length === 0 ? {} : { parameters: all }),
    responses: { ...mapValues(objectOf(responses), response), '401': { description: 'Unauthorized' } },
    ...rest,
  }
}

function bodyParameter(content: JsonObject): JsonObject {
  return { name: 'body', in: 'body', required: true, schema: schemaOf(content) }
}

function response(value: JsonValue): JsonValue {
  const { content: _content, ...rest } = objectOf(value)
  const content = contentOf(value)
  return content === undefined ? rest : { ...rest, schema: schemaOf(content) }
}

function parameter({ schema, ...rest }: JsonObject): JsonObject {
  return { ...objectOf(schema), ...rest }
}

function contentOf(value: JsonValue | undefined): JsonObject | undefined {
  const { content } = objectOf(value)
  return isObject(content) ? content : undefined
}

/** All media types of a body have one schema. */
function schemaOf(content: JsonObject): JsonObject {
  const [first] = Object.values(content)
  const { $ref } = objectOf(objectOf(first)['schema'])
  return typeof $ref === 'string' ? { $ref: $ref.replace(V3_SCHEMAS, V2_SCHEMAS) } : { type: 'object' }
}

function mapValues(object: JsonObject, map: (value: JsonValue, key: string) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}
