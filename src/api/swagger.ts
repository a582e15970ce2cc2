// The REST API as a Swagger 2.0 document, made of the tables that also serve the wire, the routes and the types.
import type { MessageField } from '../crds/message-table.ts'
import { fieldsOf } from '../crds/message-table.ts'
import { messageFields } from './messages.ts'
import { routes, type Route } from './routes.ts'

type Fields = Readonly<Record<string, MessageField>>
type Schema = Readonly<Record<string, unknown>>

/** JSON forms of what is no message. Kubernetes' JSON, in which 64-bit numbers are numbers. */
const SCALARS: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bytes: { type: 'string', format: 'byte' },
  Time: { type: 'string', format: 'date-time' },
  IntOrString: {},
  JSON: {},
  RawExtension: { type: 'object' },
  FieldsV1: { type: 'object' },
}
/** Deeper fields of a request's messages are no parameters. */
const MAX_PARAMETER_DEPTH = 2

/** `basePath` is where the server stands: `/`, or `/argocd`. */
export function swaggerDocument({
  version,
  basePath,
}: {
  readonly version: string
  readonly basePath: string
}): Schema {
  const definitions = new Definitions()
  const paths: Record<string, Record<string, Schema>> = {}
  for (const route of routes) {
    const path = route.path.replace('=**}', '}')
    const operations = (paths[path] ??= {})
    // Two names of one call share its path: the first is the one that is called.
    operations[route.verb.toLowerCase()] ??= operationOf(route, definitions)
  }
  return {
    swagger: '2.0',
    info: { title: 'Capstan API', description: 'The API of Argo CD, served by Capstan.', version },
    basePath,
    consumes: ['application/json'],
    produces: ['application/json'],
    securityDefinitions: { bearer: { type: 'apiKey', name: 'Authorization', in: 'header' } },
    security: [{ bearer: [] }],
    paths,
    definitions: definitions.all(),
  }
}

/** Messages by the names they have in the document; each is described once. */
class Definitions {
  readonly #names = new Map<Fields, string>()
  readonly #schemas = new Map<string, Schema>()

  all(): Schema {
    const error = { type: 'object', properties: { error: SCALARS['string'], code: SCALARS['int32'], message: SCALARS['string'] } } // prettier-ignore
    const sorted = [...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return { ...Object.fromEntries(sorted), runtimeError: error }
  }

  /** How a type of a package is written where it is used. */
  schemaOf(packageName: string, type: string): Schema {
    const scalar = SCALARS[type]
    if (scalar !== undefined) return scalar
    const fields = fieldsIn(packageName, type)
    if (fields === undefined) return { type: 'object' }
    return { $ref: `#/definitions/${this.#define(packageName, type, fields)}` }
  }

  #define(packageName: string, type: string, fields: Fields): string {
    const known = this.#names.get(fields)
    if (known !== undefined) return known
    const bare = type.slice(type.indexOf('.') + 1)
    const own = fieldsOf(bare) === fields ? 'v1alpha1' : packageName
    const home = type.includes('.') ? type.slice(0, type.indexOf('.')) : own
    const name = this.#schemas.has(`${home}${bare}`) ? `${home}${bare}${this.#names.size}` : `${home}${bare}`
    this.#names.set(fields, name)
    // It may hold itself: the name is known before its fields are described.
    this.#schemas.set(name, {})
    this.#schemas.set(name, { type: 'object', properties: this.#properties(home, fields) })
    return name
  }

  #properties(packageName: string, fields: Fields): Schema {
    const found: Record<string, Schema> = {}
    for (const [name, field] of Object.entries(fields)) {
      const inner = field.inline === true ? fieldsIn(packageName, field.type) : undefined
      if (inner !== undefined) Object.assign(found, this.#properties(packageName, inner))
      else found[name] = this.#property(packageName, field)
    }
    return found
  }

  #property(packageName: string, { type, list, map, doc }: MessageField): Schema {
    const one = this.schemaOf(packageName, type)
    if (list === true) return { type: 'array', items: one }
    if (map === true) return { type: 'object', additionalProperties: one }
    return doc === undefined || '$ref' in one ? one : { ...one, description: doc }
  }
}

/** Resources name each other without their package. */
function fieldsIn(packageName: string, type: string): Fields | undefined {
  return messageFields(packageName, type) ?? fieldsOf(type)
}

function operationOf(route: Route, definitions: Definitions): Schema {
  const [packageName = ''] = route.service.split('.')
  const answer = definitions.schemaOf(packageName, route.output)
  const schema = route.stream === 'server' ? { type: 'object', properties: { result: answer } } : answer
  const failed = { description: 'What is wrong, and its gRPC code.', schema: { $ref: '#/definitions/runtimeError' } }
  return {
    tags: [route.service.split('.')[1] ?? ''],
    operationId: `${route.service.split('.')[1] ?? ''}_${route.method}${route.path.includes('{podName}') ? 'OfPod' : ''}`,
    parameters: parametersOf(route, packageName, definitions),
    responses: { '200': { description: 'The answer.', schema }, default: failed },
  }
}

function parametersOf(route: Route, packageName: string, definitions: Definitions): readonly Schema[] {
  const inPath = [...route.path.matchAll(/\{(?<name>[^}=]+)(?:=\*\*)?\}/g)].map(({ groups }) => groups?.['name'] ?? '')
  const input = messageFields(packageName, route.input) ?? {}
  const body = route.body === undefined ? [] : [bodyOf(route, packageName, definitions)]
  const isWhole = route.body === '*'
  const others = isWhole ? [] : queryOf(packageName, input, '', 1).filter(({ name }) => !inPath.includes(String(name)))
  const isRest = (name: unknown): boolean => route.body !== undefined && String(name).split('.')[0] === route.body
  return [
    ...inPath.map((name) => ({ name, in: 'path', required: true, type: 'string' })),
    ...body,
    ...others.filter(({ name }) => !isRest(name)),
  ]
}

function bodyOf(route: Route, packageName: string, definitions: Definitions): Schema {
  const fields = messageFields(packageName, route.input) ?? {}
  const type = route.body === '*' ? route.input : (fields[route.body ?? '']?.type ?? 'JSON')
  return { name: 'body', in: 'body', required: true, schema: definitions.schemaOf(packageName, type) }
}

/** Scalars and lists of them, and those of messages within as `id.value`. */
function queryOf(packageName: string, fields: Fields, prefix: string, depth: number): readonly Schema[] {
  return Object.entries(fields).flatMap(([field, { type, list, map }]): readonly Schema[] => {
    const name = `${prefix}${field}`
    const scalar = SCALARS[type]
    if (map === true || (scalar !== undefined && scalar['type'] === undefined) || scalar?.['type'] === 'object')
      return []
    if (scalar !== undefined && list === true) return [{ name, in: 'query', required: false, type: 'array', items: scalar, collectionFormat: 'multi' }] // prettier-ignore
    if (scalar !== undefined) return [{ name, in: 'query', required: false, ...scalar }]
    const inner = list === true || depth >= MAX_PARAMETER_DEPTH ? undefined : messageFields(packageName, type)
    return inner === undefined ? [] : queryOf(packageName, inner, `${name}.`, depth + 1)
  })
}
