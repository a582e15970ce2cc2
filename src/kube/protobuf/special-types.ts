// The messages whose JSON is not the object of their fields: times, quantities, raw JSON, lists and alternatives.
import { CapstanError } from '../../base/errors.ts'
import { isList, isObject } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'

/** Fields of a message as the wire has them, names as in the proto file; raw bytes as base64. */
export type RawFields = JsonObject

export interface SpecialType {
  /** From the message's fields to JSON; undefined where the value counts as absent. */
  readonly toJson: (fields: RawFields) => JsonValue | undefined
  /** From JSON to the message's fields. */
  readonly fromJson: (value: JsonValue) => RawFields
  /** What Go's zero value writes; undefined where that is a message without fields. */
  readonly zero?: RawFields
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const CRD = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions'

/** The special form of a message; undefined for ordinary ones. */
export function specialType(message: string): SpecialType | undefined {
  return SPECIAL.get(message)
}

const TIME: SpecialType = { toJson: (fields) => timeToJson(fields, 0), fromJson: timeFromJson }
const MICRO_TIME: SpecialType = { toJson: (fields) => timeToJson(fields, 6), fromJson: timeFromJson }
const QUANTITY: SpecialType = {
  toJson: ({ string }) => string ?? '0',
  fromJson: (value) => ({ string: typeof value === 'number' ? String(value) : value }),
  zero: { string: '0' },
}
const INT_OR_STRING: SpecialType = {
  toJson: ({ type, intVal, strVal }) => (type === 1 ? (strVal ?? '') : (intVal ?? 0)),
  fromJson: (value) =>
    typeof value === 'string' ? { type: 1, intVal: 0, strVal: value } : { type: 0, intVal: value, strVal: '' },
  zero: { type: 0, intVal: 0, strVal: '' },
}
const LIST: SpecialType = {
  toJson: ({ items }) => items ?? [],
  fromJson: (value) => ({ items: value }),
}

const SPECIAL: ReadonlyMap<string, SpecialType> = new Map([
  [`${META}.Time`, TIME],
  [`${META}.Timestamp`, TIME],
  [`${META}.MicroTime`, MICRO_TIME],
  [`${META}.Verbs`, LIST],
  [`${META}.FieldsV1`, rawJson('Raw')],
  ['io.k8s.apimachinery.pkg.api.resource.Quantity', QUANTITY],
  ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', INT_OR_STRING],
  ['io.k8s.apimachinery.pkg.runtime.RawExtension', rawJson('raw')],
  ...[
    'authentication.v1',
    'authentication.v1beta1',
    'authorization.v1',
    'authorization.v1beta1',
    'certificates.v1',
    'certificates.v1beta1',
  ].map((name): [string, SpecialType] => [`io.k8s.api.${name}.ExtraValue`, LIST]),
  ...['v1', 'v1beta1'].flatMap((version): [string, SpecialType][] => [
    [`${CRD}.${version}.JSON`, rawJson('raw')],
    [`${CRD}.${version}.JSONSchemaPropsOrBool`, alternative('allows', 'boolean')],
    [`${CRD}.${version}.JSONSchemaPropsOrArray`, alternative('jSONSchemas', 'list')],
    [`${CRD}.${version}.JSONSchemaPropsOrStringArray`, alternative('property', 'list')],
  ]),
])

/** Go's zero time, which is what an unset time is. */
const ZERO_SECONDS = -62_135_596_800

function timeToJson({ seconds = 0, nanos = 0 }: RawFields, digits: number): JsonValue | undefined {
  if (typeof seconds !== 'number' || typeof nanos !== 'number') throw outOfRange()
  if ((seconds === 0 && nanos === 0) || seconds === ZERO_SECONDS) return undefined
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime())) throw outOfRange()
  const text = date.toISOString().replace(/\.\d+Z$/, '')
  const fraction = Math.trunc(nanos / 1000)
  return digits === 0 ? `${text}Z` : `${text}.${String(fraction).padStart(digits, '0')}Z`
}

function outOfRange(): CapstanError {
  return new CapstanError('bad-input', 'the protobuf message is malformed: a time is out of range')
}

function timeFromJson(value: JsonValue): RawFields {
  if (value === null) return {}
  const text = typeof value === 'string' ? value : ''
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw new CapstanError('bad-input', `${JSON.stringify(value)} is no RFC 3339 time`)
  const fraction = /\.(?<digits>\d{1,9})/.exec(text)?.groups?.['digits'] ?? ''
  return { seconds: Math.floor(milliseconds / 1000), nanos: Number(fraction.padEnd(9, '0')) }
}

/** JSON text in a field of bytes. */
function rawJson(field: string): SpecialType {
  return {
    toJson: (fields) => {
      const raw = fields[field]
      return typeof raw === 'string' && raw !== '' ? parseRaw(Buffer.from(raw, 'base64').toString()) : undefined
    },
    fromJson: (value) => ({ [field]: Buffer.from(JSON.stringify(value)).toString('base64') }),
  }
}

function parseRaw(text: string): JsonValue {
  try {
    // JSON.parse gives JSON values only.
    return JSON.parse(text) as JsonValue
  } catch (error) {
    throw new CapstanError('bad-input', 'the protobuf message is malformed: raw JSON cannot be read', { cause: error })
  }
}

/** A schema, or another value in a field of its own. */
function alternative(field: string, kind: 'boolean' | 'list'): SpecialType {
  const isOther = (value: JsonValue | undefined): boolean =>
    kind === 'list' ? isList(value) && value.length > 0 : value !== undefined
  return {
    toJson: (fields) =>
      isObject(fields['schema']) && !isOther(kind === 'list' ? fields[field] : undefined)
        ? fields['schema']
        : (fields[field] ?? (kind === 'list' ? [] : false)),
    fromJson: (value) => {
      if (!isObject(value)) return { [field]: value }
      return kind === 'boolean' ? { [field]: true, schema: value } : { schema: value }
    },
  }
}
