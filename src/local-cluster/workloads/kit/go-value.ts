// Values of Kubernetes' Go types as go-spew prints them for a hash (k8s.io/utils dump.ForHash): every field by name and type, empty ones too.
import { isObject } from '../../../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import types from '../generated/template-types.json' with { type: 'json' }
import { goQuantity } from './go-quantity.ts'

const TYPES: Readonly<Record<string, string>> = types

/** What a struct holds no time in. A set time prints the machine's time zone, so upstream's hash of it is no more than local. */
const NO_TIME = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'

interface Field {
  readonly name: string
  readonly type: string
  /** Absent where the fields of the type stand among those of the struct it is embedded in. */
  readonly json: string | undefined
}

/**
 * A value of a type named in generated/template-types.json (`v1.PodTemplateSpec`) as `%#v` of go-spew prints it, keys
 * sorted and methods off. Lists and maps without entries print as nil ones, because protobuf, which the controllers
 * read, does not tell them apart. go-spew format.go at d8f796a.
 */
export function goValue(type: string, value: JsonValue | undefined): string {
  return `(${type})${bare(type, value)}`
}

/** A value without its type, as it stands in lists and maps too. */
function bare(type: string, value: JsonValue | undefined): string {
  if (type.startsWith('*')) return isAbsent(value) ? '<nil>' : bare(type.slice(1), value)
  if (type.startsWith('[]')) return list(type.slice(2), value)
  if (type.startsWith('map[')) return map(type, value)
  return SPECIAL[type]?.(value) ?? named(type, value)
}

function named(type: string, value: JsonValue | undefined): string {
  const shape = TYPES[type]
  if (shape === undefined) return scalar(type, value)
  if (shape.startsWith(':')) return bare(shape.slice(1), value)
  return struct(type, isObject(value) ? value : {})
}

const SPECIAL: Readonly<Record<string, (value: JsonValue | undefined) => string>> = {
  'v1.Time': () => NO_TIME,
  'intstr.IntOrString': intOrString,
  // A struct's quantity that is absent goes over the wire as zero.
  'resource.Quantity': (value) => goQuantity(isAbsent(value) ? '0' : textOf(value)),
}

function intOrString(value: JsonValue | undefined): string {
  const isText = typeof value === 'string'
  const [kind, number, text] = isText ? [1, 0, value] : [0, value ?? 0, '']
  return `{Type:(intstr.Type)${kind} IntVal:(int32)${textOf(number)} StrVal:(string)${text}}`
}

function list(type: string, value: JsonValue | undefined): string {
  if (!Array.isArray(value) || value.length === 0) return '<nil>'
  return `[${value.map((item) => bare(type, item)).join(' ')}]`
}

function map(type: string, value: JsonValue | undefined): string {
  const entries = isObject(value) ? Object.entries(value) : []
  if (entries.length === 0) return '<nil>'
  const of = type.slice(type.indexOf(']') + 1)
  const sorted = entries.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return `map[${sorted.map(([key, item]) => `${key}:${bare(of, item)}`).join(' ')}]`
}

function struct(type: string, value: JsonObject): string {
  const printed = fieldsOf(type).map(
    ({ name, type: of, json }) => `${name}:${goValue(of, json === undefined ? value : value[json])}`,
  )
  return `{${printed.join(' ')}}`
}

function scalar(type: string, value: JsonValue | undefined): string {
  if (!isAbsent(value)) return textOf(value)
  if (type === 'bool') return 'false'
  return /^int\d*$/.test(type) ? '0' : ''
}

/** Of a text, number or flag; integers beyond the exact ones are bigints. */
function textOf(value: JsonValue): string {
  return typeof value === 'object' ? '' : String(value)
}

function fieldsOf(type: string): readonly Field[] {
  return (TYPES[type] ?? '').split(';').map((text) => {
    const [first = '', second, third] = text.split(' ')
    if (!first.startsWith('=')) return { name: first, type: second ?? '', json: third ?? lowerFirst(first) }
    return { name: first.slice(first.indexOf('.') + 1), type: first.slice(1), json: second }
  })
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null
}
