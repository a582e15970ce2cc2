// Request bodies: from JSON, YAML or protobuf text to an object of the expected kind, with strict decoding's complaints.
import { isObject } from '../../kube/json-value.ts'
import {
  splitApiVersion,
  type GroupVersionKind,
  type JsonObject,
  type JsonValue,
  type KubeObject,
} from '../../kube/object.ts'
import { jsonFault } from '../../lang/go/json.ts'
import { decodeStrict } from '../kinds/codec/decode.ts'
import type { ObjectCodec } from './objects.ts'
import type { FieldValidation } from './options.ts'
import { decodeProtobufBody } from './protobuf-body.ts'
import { bodySample, bodyText, unsupportedMediaType, type RawBody } from './raw-body.ts'
import { parseStrictJson } from './strict-json.ts'
import { ApiError, badRequest } from './status.ts'
import { apiVersionOf, type Resource } from './resource.ts'
import { readYamlBody } from './yaml-body.ts'

const ACCEPTED_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

/** Which kind an endpoint takes, and what decides about an object of another kind. */
export interface ExpectedKind {
  readonly gvk: GroupVersionKind
  /** Whether a kind of that name is served in a version, for the wording of errors. */
  readonly isKnown: (gvk: GroupVersionKind) => boolean
}

/** The media type of a body, without its parameters. */
export function contentType(headers: Readonly<Record<string, string>>): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Reads a body by its content type. Throws 415 for a type that is not known, 400 for text that cannot be read. */
export function readBody(
  body: string | Uint8Array | undefined,
  headers: Readonly<Record<string, string>>,
  expected: ExpectedKind,
): RawBody {
  switch (contentType(headers)) {
    case '':
    case 'application/json':
      return readJson(body, expected.gvk.kind)
    case 'application/yaml':
    case 'application/x-yaml':
      return readYamlBody(bodyText(body), expected.gvk.kind)
    case 'application/vnd.kubernetes.protobuf':
      return decodeProtobufBody(body, expected.gvk)
    default:
      throw unsupportedMediaType(ACCEPTED_TYPES)
  }
}

function readJson(body: string | Uint8Array | undefined, kind: string): RawBody {
  const text = bodyText(body)
  try {
    const { value, duplicates } = parseStrictJson(text)
    return { value, complaints: duplicates.map((path) => `duplicate field "${path}"`) }
  } catch (error) {
    throw unreadable(kind, body ?? '', error instanceof RangeError ? error.message : jsonFault(text))
  }
}

function unreadable(kind: string, body: string | Uint8Array, why: string): ApiError {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why} (${bodySample(body)})`,
  )
}

/** An object of the expected kind out of a body, and the warnings it deserves. Throws 400 for a wrong kind or, under Strict, any complaint. */
export function decodeObject(
  raw: RawBody,
  expected: ExpectedKind,
  resource: Resource | undefined,
  validation: FieldValidation,
): { readonly object: KubeObject; readonly warnings: readonly string[] } {
  const typed = checkKind(fieldsOf(raw.value, expected.gvk.kind), expected, resource)
  const complaints = [...raw.complaints]
  const object = decodeKind(typed, { expected, resource, complaints, known: raw.known, wraps: raw.wraps === true })
  if (complaints.length === 0 || validation === 'Ignore') return { object, warnings: [] }
  if (validation === 'Warn') return { object, warnings: complaints }
  throw cannotHandle(object, expected, `strict decoding error: ${complaints.join(', ')}`)
}

/** What decoding need not look at: a stored object as it is went through it; one that was converted for another version did not. */
export function decodedBefore(codec: ObjectCodec, old: KubeObject): Pick<RawBody, 'known'> {
  return codec.textOf(old) === undefined ? {} : { known: old }
}

/** null is an object without fields in Go. */
function fieldsOf(value: JsonValue, kind: string): JsonObject {
  if (isObject(value)) return value
  if (value === null) return {}
  const why = `json: cannot unmarshal ${goWord(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
  throw unreadable(kind, JSON.stringify(value), why)
}

/** What Go calls a value that is no object. */
function goWord(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

interface DecodeTarget {
  readonly expected: ExpectedKind
  readonly resource: Resource | undefined
  /** Receives `unknown field "x"`. */
  readonly complaints: string[]
  readonly known: KubeObject | undefined
  readonly wraps: boolean
}

function decodeKind(value: JsonObject, target: DecodeTarget): KubeObject {
  const { metadata } = value
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    const why = `json: cannot unmarshal ${goWord(metadata)} into Go struct field ${target.expected.gvk.kind}.metadata of type v1.ObjectMeta`
    throw cannotHandle(normalized(value, target.expected.gvk), target.expected, why)
  }
  const object = normalized(value, target.expected.gvk)
  const { resource } = target
  if (resource?.custom !== undefined) {
    const unknown: string[] = []
    const decoded = resource.custom.decode(object, unknown)
    target.complaints.push(...unknown.map((path) => `unknown field "${path}"`))
    return decoded
  }
  const decoded = decodeStrict(target.expected.gvk, object, target.known, target.wraps)
  const [wrongType] = decoded.typeErrors
  if (wrongType !== undefined) throw cannotHandle(object, target.expected, wrongType)
  target.complaints.push(...decoded.unknownFields)
  return decoded.object
}

/** kind, apiVersion and metadata always stand, as a decoded Go object has them. */
function normalized(value: JsonObject, gvk: GroupVersionKind): KubeObject {
  const metadata = isObject(value['metadata']) ? value['metadata'] : {}
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = value
  // The fields of ObjectMeta were checked against the schema, or are by the metadata rules before anything is stored.
  return { kind: gvk.kind, apiVersion: apiVersionOf(gvk), metadata, ...rest } as KubeObject
}

function checkKind(value: JsonObject, expected: ExpectedKind, resource: Resource | undefined): JsonObject {
  const apiVersion = value['apiVersion'] ?? ''
  const kind = value['kind'] ?? ''
  const { gvk } = expected
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw badRequest(`couldn't get version/kind; json parse error: apiVersion and kind must be strings`)
  }
  const found = {
    ...splitApiVersion(apiVersion === '' ? apiVersionOf(gvk) : apiVersion),
    kind: kind === '' ? gvk.kind : kind,
  }
  if (found.kind === gvk.kind && found.version === gvk.version && found.group === gvk.group) return value
  if (resource?.custom !== undefined) throw customMismatch(found, gvk)
  throw wrongKind(found, expected)
}

function customMismatch(found: GroupVersionKind, gvk: GroupVersionKind): ApiError {
  if (found.kind === gvk.kind) {
    return badRequest(
      `the API version in the data (${apiVersionOf(found)}) does not match the expected API version (${apiVersionOf(gvk)})`,
    )
  }
  return badRequest(
    `the object provided is unrecognized (must be of type ${gvk.kind}): the kind in the data (${found.kind}) does not match the expected kind`,
  )
}

function wrongKind(found: GroupVersionKind, expected: ExpectedKind): ApiError {
  const { gvk, isKnown } = expected
  const version = apiVersionOf(found)
  const why = isKnown(found)
    ? `converting (${found.version}.${found.kind}) to (${internalPackage(gvk.group)}.${gvk.kind}): unknown conversion`
    : `no kind ${JSON.stringify(found.kind)} is registered for version ${JSON.stringify(version)} in scheme "pkg/runtime/scheme.go:111"`
  return badRequest(`${found.kind} in version ${JSON.stringify(version)} cannot be handled as a ${gvk.kind}: ${why}`)
}

/** The Go package of a group's internal types, as messages name it. */
export function internalPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] ?? group)
}

/** An object whose fields do not fit its kind; a patch that makes one is answered in its own way. */
export class UnfitObjectError extends ApiError {
  /** What the decoder said. */
  readonly why: string

  constructor(message: string, why: string) {
    super(400, 'BadRequest', message)
    this.why = why
  }
}

function cannotHandle(object: KubeObject, expected: ExpectedKind, why: string): ApiError {
  return new UnfitObjectError(
    `${object.kind} in version ${JSON.stringify(splitApiVersion(object.apiVersion).version)} cannot be handled as a ${expected.gvk.kind}: ${why}`,
    why,
  )
}
