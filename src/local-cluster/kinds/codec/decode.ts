// Reads an object the way the server's Go codec does: unknown fields, type errors, and the form it writes back.
import { isList, isObject } from '../../../kube/json-value.ts'
import type { GroupVersionKind, JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import { gvkTable } from '../../../kube/schema/definitions.ts'
import { noteEmptied, noteKeptEmpty } from '../emptied.ts'
import { decodeScalar } from './scalars.ts'
import { structShape, type FieldShape, type StructShape } from './shapes.ts'
import { noteKept, reportError, reportType, reportUnknown, type Walk } from './walk.ts'

export interface Decoded {
  /** The object as the server writes it: unknown fields, nulls and empty optional values left out, structs that are no pointers put in, quantities and times in their canonical form. */
  readonly object: KubeObject
  /** `unknown field "spec.foo"`, in the order of the document. */
  readonly unknownFields: readonly string[]
  /** What Go says of the first value of a wrong type: `json: cannot unmarshal number into Go struct field ConfigMap.data of type string`; at most one. */
  readonly typeErrors: readonly string[]
}

/** Go's decoder refuses deeper nesting, and so does a stack. */
const MAX_DEPTH = 1000
/**
 * Decodes one object of a built-in kind strictly, in one walk. A kind that is not built in comes back as it is.
 * Rules: encoding/json of Go and sigs.k8s.io/json (field names are case-sensitive; the first type error is the one that is told).
 * Parts that `known`, an object of the kind that was decoded before, has at the same place (the very same values) are taken over as they are.
 * With `wraps`, whole numbers beyond 32 bits lose what does not fit, as where Go converts by reflection.
 */
export function decodeStrict(gvk: GroupVersionKind, object: KubeObject, known?: KubeObject, wraps = false): Decoded {
  const name = gvkTable()[`${gvk.group}/${gvk.version}/${gvk.kind}`]
  const shape = name === undefined ? undefined : structShape(name)
  if (shape === undefined) return { object, unknownFields: [], typeErrors: [] }
  const walk: Walk = { path: [], unknown: [], struct: shape.goName, error: undefined, wraps, keptEmpty: [] }
  // A built-in kind is a struct, and what is written of a struct is an object with the kind's own fields.
  const before = known as unknown as JsonValue | undefined
  const written = decodeStruct(object as unknown as JsonValue, shape, walk, before) as unknown as KubeObject
  if (walk.keptEmpty.length > 0) noteKeptEmpty(written as unknown as JsonObject, walk.keptEmpty)
  return { object: written, unknownFields: walk.unknown, typeErrors: walk.error === undefined ? [] : [walk.error] }
}

function decodeStruct(value: JsonValue, shape: StructShape, walk: Walk, known: JsonValue | undefined): JsonObject {
  if (value === known && isObject(value)) return value
  const written: Record<string, JsonValue> = {}
  if (!isObject(value)) {
    if (value !== null) reportType(walk, value, shape.goType)
  } else if (walk.path.length > MAX_DEPTH) {
    reportError(walk, 'exceeded max depth')
  } else {
    readKeys(value, shape, { walk, written, known: isObject(known) ? known : undefined })
  }
  for (const field of shape.always) if (written[field.name] === undefined) written[field.name] = emptyValue(field)
  return written
}

interface Target {
  readonly walk: Walk
  readonly written: Record<string, JsonValue>
  readonly known: JsonObject | undefined
}

function readKeys(value: JsonObject, shape: StructShape, target: Target): void {
  const { walk } = target
  const outer = walk.struct
  Object.assign(walk, { struct: shape.goName })
  for (const key of Object.keys(value)) readKey(value, key, shape, target)
  Object.assign(walk, { struct: outer })
}

function readKey(value: JsonObject, key: string, shape: StructShape, target: Target): void {
  const { walk, written, known } = target
  const sent = value[key] ?? null
  const field = shape.fields.get(key)
  if (field === undefined) {
    if (shape.typed && (key === 'kind' || key === 'apiVersion')) readTypeMeta(key, sent, target)
    else reportUnknown(walk, key)
    return
  }
  if (sent === null) return
  const depth = walk.path.length
  if (field.embedded !== undefined) walk.path.push({ embedded: field.embedded })
  walk.path.push(key)
  const decoded = decodeField(sent, field, walk, known?.[key])
  if (decoded !== undefined) written[key] = decoded
  else if (typeof sent === 'object') noteEmpty(written, key, field)
  walk.path.length = depth
}

/** A list or map that was sent empty; a struct that could not be read is none. */
function noteEmpty(written: Record<string, JsonValue>, key: string, field: FieldShape): void {
  if (field.list) noteEmptied(written, key, [])
  else if (field.map) noteEmptied(written, key, {})
}

function readTypeMeta(key: string, sent: JsonValue, { walk, written }: Target): void {
  walk.path.push(key)
  if (typeof sent === 'string') written[key] = sent
  else if (sent !== null) reportType(walk, sent, 'string')
  walk.path.pop()
}

/** undefined where the field is left out. */
function decodeField(
  value: JsonValue,
  field: FieldShape,
  walk: Walk,
  known: JsonValue | undefined,
): JsonValue | undefined {
  if (field.list) return decodeList(value, field, walk, known)
  if (field.map) return decodeMap(value, field, walk, known)
  const decoded = decodeOne(value, field, walk, known)
  if (field.pointer || field.kept || decoded === undefined) return decoded
  return isOmitted(decoded) ? undefined : decoded
}

function isOmitted(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false
}

function decodeOne(
  value: JsonValue,
  field: FieldShape,
  walk: Walk,
  known: JsonValue | undefined,
): JsonValue | undefined {
  if (field.type !== 'struct') return decodeScalar(value, field, walk)
  const shape = structShape(field.struct)
  return shape === undefined ? value : decodeStruct(value, shape, walk, known)
}

function decodeList(
  value: JsonValue,
  field: FieldShape,
  walk: Walk,
  known: JsonValue | undefined,
): JsonValue | undefined {
  if (value === known && Array.isArray(value)) return value
  const before = isList(known) ? known : []
  if (!Array.isArray(value)) {
    reportType(walk, value, field.named ?? `[]${goTypeName(field)}`)
    return undefined
  }
  if (value.length === 0) return field.kept ? keptEmpty(walk) : undefined
  const written: JsonValue[] = []
  for (let index = 0; index < value.length; index += 1) {
    walk.path.push(index)
    written.push(decodeOne(value[index] ?? null, field, walk, before[index]) ?? zeroOf(field))
    walk.path.pop()
  }
  return written
}

function keptEmpty(walk: Walk): JsonValue {
  noteKept(walk)
  return []
}

function decodeMap(
  value: JsonValue,
  field: FieldShape,
  walk: Walk,
  known: JsonValue | undefined,
): JsonValue | undefined {
  if (value === known && isObject(value)) return value
  if (!isObject(value)) {
    reportType(walk, value, field.named ?? `map[string]${goTypeName(field)}`)
    return undefined
  }
  const written: Record<string, JsonValue> = {}
  let isEmpty = true
  for (const key of Object.keys(value)) {
    isEmpty = false
    walk.path.push({ key })
    const decoded = decodeOne(value[key] ?? null, field, walk, undefined) ?? zeroOf(field)
    setKey(written, key, decoded)
    walk.path.pop()
  }
  return isEmpty && !field.kept ? undefined : written
}

/** A key named `__proto__` must become a property, not a prototype. */
function setKey(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

/** What Go writes for a field nobody set. */
function emptyValue(field: FieldShape): JsonValue {
  if (field.list || field.map || field.pointer) return null
  return zeroOf(field)
}

function zeroOf(field: FieldShape): JsonValue {
  switch (field.type) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'int-or-string':
      return 0
    case 'quantity':
      return '0'
    case 'duration':
      return '0s'
    case 'struct':
      return zeroStruct(field.struct)
    default:
      return null
  }
}

function zeroStruct(name: string): JsonObject {
  const written: Record<string, JsonValue> = {}
  for (const field of structShape(name)?.always ?? []) written[field.name] = emptyValue(field)
  return written
}

const GO_SPECIAL: Readonly<Record<string, string>> = {
  quantity: 'resource.Quantity',
  'int-or-string': 'intstr.IntOrString',
  time: 'v1.Time',
  'micro-time': 'v1.MicroTime',
  duration: 'v1.Duration',
  bytes: '[]uint8',
  double: 'float64',
  strings: 'v1.Verbs',
}

/** The Go type as errors name it: package and struct. */
function goTypeName(field: FieldShape): string {
  if (field.type !== 'struct') return GO_SPECIAL[field.type] ?? field.type
  const parts = field.struct.split('.')
  return parts.slice(-2).join('.')
}

/** What the server writes of a kind's status nobody set (`{"replicas":0}`); undefined where the kind has none. */
export function emptyStatus(gvk: GroupVersionKind): JsonObject | undefined {
  const name = gvkTable()[`${gvk.group}/${gvk.version}/${gvk.kind}`]
  const field = name === undefined ? undefined : structShape(name)?.fields.get('status')
  return field === undefined ? undefined : zeroStruct(field.struct)
}
