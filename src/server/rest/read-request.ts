// Turns a REST request into the request message of its call: fields from path, query and body.
import { messageFields } from '../../api/messages.ts'
import type { Route } from '../../api/routes.ts'
import { CapstanError } from '../../base/errors.ts'
import type { MessageField } from '../../crds/message-table.ts'

export type RequestMessage = Readonly<Record<string, unknown>>
type Draft = Record<string, unknown>

export interface RawRequest {
  readonly route: Route
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The parsed JSON body; undefined where there was none. */
  readonly body: unknown
}

/**
 * Reads the fields of the input message. Path beats query beats body, as in grpc-gateway; unknown query parameters are passed over,
 * as there. Throws `bad-input` naming the field that has the wrong type.
 */
export function readRequest({ route, parameters, query, body }: RawRequest): RequestMessage {
  const [packageName = ''] = route.service.split('.')
  const draft = bodyFields(route, body)
  for (const name of new Set(query.keys())) {
    setField({ draft, packageName, message: route.input, path: name.split('.'), values: query.getAll(name) })
  }
  for (const [name, value] of Object.entries(parameters)) {
    setField({ draft, packageName, message: route.input, path: name.split('.'), values: [value] })
  }
  return draft
}

function bodyFields(route: Route, body: unknown): Draft {
  if (route.body === undefined || body === undefined) return {}
  if (route.body !== '*') return { [route.body]: body }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new CapstanError('bad-input', 'the request body must be a JSON object')
  }
  return { ...body }
}

interface Setting {
  readonly draft: Draft
  readonly packageName: string
  readonly message: string
  readonly path: readonly string[]
  readonly values: readonly string[]
}

function setField({ draft, packageName, message, path, values }: Setting): void {
  const [name = '', ...rest] = path
  const fields = messageFields(packageName, message)
  const field = fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined
  // Metadata is described by Kubernetes, not by our tables; only its name and namespace stand in paths.
  if (field === undefined || (rest.length === 0 && messageFields(packageName, field.type) !== undefined)) return
  if (rest.length === 0) {
    draft[name] = readValues(name, field, values)
    return
  }
  const inner: Draft = { ...(isObject(draft[name]) ? draft[name] : {}) }
  draft[name] = inner
  if (field.type === 'ObjectMeta') inner[rest.join('.')] = values.at(-1)
  else setField({ draft: inner, packageName, message: field.type, path: rest, values })
}

function isObject(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readValues(name: string, field: MessageField, values: readonly string[]): unknown {
  if (field.list === true) return values.map((value) => readScalar(name, field.type, value))
  return readScalar(name, field.type, values.at(-1) ?? '')
}

/** Scalars as Go's strconv reads them. */
function readScalar(name: string, type: string, text: string): unknown {
  switch (type) {
    case 'bool':
      if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true
      if (/^(?:0|f|F|false|FALSE|False)$/.test(text)) return false
      throw new CapstanError('bad-input', `parameter ${name}: ${JSON.stringify(text)} is not true or false`)
    case 'int32':
    case 'int64':
      if (/^[+-]?\d{1,15}$/.test(text)) return Number(text)
      throw new CapstanError('bad-input', `parameter ${name}: ${JSON.stringify(text)} is not a whole number`)
    default:
      return text
  }
}
