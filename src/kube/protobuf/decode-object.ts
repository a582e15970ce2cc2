// Reads Kubernetes' protobuf bodies (`k8s\0`, runtime.Unknown, message) into the JSON form of the object.
import { CapstanError } from '../../base/errors.ts'
import { setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { kindMessage } from './kind-message.ts'
import { specialType } from './special-types.ts'
import {
  bytesOf,
  cursorOf,
  malformed,
  readDouble,
  readInteger,
  readPart,
  readTag,
  skipField,
  textOf,
  type WireCursor,
  type WireType,
} from './wire-reader.ts'
import { wireMessage, type WireField, type WireMessage } from './wire-table.ts'

/** `k8s\0`. */
export const MAGIC: readonly number[] = [0x6b, 0x38, 0x73, 0x00]

/** Deepest nesting of messages; schemas of custom resources nest three messages a level. */
export const MAX_MESSAGE_DEPTH = 256

const TYPE_META = 'io.k8s.apimachinery.pkg.runtime.TypeMeta'

/** What a body holds. */
export interface DecodedObject {
  readonly object: JsonObject
  readonly apiVersion: string
  readonly kind: string
}

/** The type of an object as it names itself. */
export interface NamedType {
  readonly apiVersion: string
  readonly kind: string
}

/**
 * Decodes a request body. `expected` names the kind where the body does not (some clients leave the type out).
 * Throws `bad-input` for what is no message or no known kind, `limit` beyond `MAX_MESSAGE_DEPTH`.
 */
export function decodeObject(bytes: Uint8Array, expected?: NamedType): DecodedObject {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) throw malformed('it does not start with "k8s\\0"')
  const { typeMeta, raw } = readEnvelope(cursorOf(bytes.subarray(MAGIC.length)))
  const { apiVersion, kind } = typeOf(typeMeta, expected)
  const message = kindMessage(apiVersion, kind)
  if (message === undefined) {
    const text = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`
    throw new CapstanError('bad-input', text)
  }
  return { object: { kind, apiVersion, ...decodeMessage(raw, message, 0) }, apiVersion, kind }
}

interface Envelope {
  readonly typeMeta: JsonObject
  /** The object's own message. */
  readonly raw: WireCursor
}

/** `runtime.Unknown`: the type in field 1, the message in field 2. */
function readEnvelope(cursor: WireCursor): Envelope {
  let typeMeta: JsonObject = {}
  let raw: WireCursor = cursorOf(new Uint8Array())
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    if (number === 1) typeMeta = decodeMessage(partOf({ cursor, type }), messageNamed(TYPE_META), 0)
    else if (number === 2) raw = partOf({ cursor, type })
    else skipField(cursor, type)
  }
  return { typeMeta, raw }
}

function typeOf({ apiVersion, kind }: JsonObject, expected: NamedType | undefined): NamedType {
  return {
    apiVersion: typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : (expected?.apiVersion ?? ''),
    kind: typeof kind === 'string' && kind !== '' ? kind : (expected?.kind ?? ''),
  }
}

function messageNamed(name: string): WireMessage {
  const message = wireMessage(name)
  if (message === undefined) throw new CapstanError('internal', `there is no message ${name}`)
  return message
}

/** The fields of a message in JSON form. */
function decodeMessage(cursor: WireCursor, message: WireMessage, depth: number): Record<string, JsonValue> {
  if (depth > MAX_MESSAGE_DEPTH)
    throw new CapstanError('limit', `the protobuf message is nested deeper than ${MAX_MESSAGE_DEPTH} levels`)
  const target: Record<string, JsonValue> = {}
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    const field = message.byNumber.get(number)
    if (field === undefined) skipField(cursor, type)
    else if (field.isMap) decodeEntry(target, cursor, field, depth)
    else decodeField(target, { cursor, type }, field, depth)
  }
  return target
}

interface FieldSource {
  readonly cursor: WireCursor
  readonly type: WireType
}

function decodeField(target: Record<string, JsonValue>, source: FieldSource, field: WireField, depth: number): void {
  if (field.name === undefined) {
    if (!field.isScalar) Object.assign(target, decodeMessage(partOf(source), messageNamed(field.type), depth + 1))
    return
  }
  if (field.isRepeated) {
    const known = target[field.name]
    // Lists in `target` were made here.
    const list = (known ?? []) as JsonValue[]
    if (known === undefined) target[field.name] = list
    decodeItems(list, source, field, depth)
    return
  }
  const value = field.isScalar ? decodeScalar(source, field.type) : decodeStruct(partOf(source), field.type, depth)
  if (value === undefined || (isZero(value) && !field.isPointer && !field.isKept)) delete target[field.name]
  else target[field.name] = value
}

/** What Go's `omitempty` leaves out of JSON. */
function isZero(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false
}

function decodeItems(list: JsonValue[], source: FieldSource, field: WireField, depth: number): void {
  if (!field.isScalar) {
    list.push(decodeStruct(partOf(source), field.type, depth) ?? null)
    return
  }
  const isPacked = source.type === 2 && field.type !== 'string' && field.type !== 'bytes'
  if (!isPacked) {
    list.push(decodeScalar(source, field.type))
    return
  }
  const part = readPart(source.cursor)
  while (part.position < part.end)
    list.push(decodeScalar({ cursor: part, type: field.type === 'double' ? 1 : 0 }, field.type))
}

function partOf({ cursor, type }: FieldSource): WireCursor {
  if (type !== 2) throw malformed(`wire type ${type} where a message is expected`)
  return readPart(cursor)
}

function decodeStruct(part: WireCursor, type: string, depth: number): JsonValue | undefined {
  const special = specialType(type)
  const message = messageNamed(type)
  const fields = decodeMessage(part, message, depth + 1)
  return special === undefined ? fields : special.toJson(fields)
}

const WIRE_TYPES: Readonly<Record<string, WireType>> = { string: 2, bytes: 2, bool: 0, int32: 0, int64: 0, double: 1 }

function decodeScalar({ cursor, type }: FieldSource, kind: string): JsonValue {
  if (WIRE_TYPES[kind] !== type) throw malformed(`wire type ${type} where a ${kind} is expected`)
  switch (kind) {
    case 'string':
      return textOf(readPart(cursor))
    case 'bytes':
      return Buffer.from(bytesOf(readPart(cursor))).toString('base64')
    case 'bool':
      return readInteger(cursor) !== 0
    case 'int32':
      return Number(BigInt.asIntN(32, BigInt(readInteger(cursor))))
    case 'int64':
      // Integers beyond 2^53 stand as bigint, as everywhere in JSON values that must stay exact.
      return readInteger(cursor) as number
    default:
      return readDouble(cursor)
  }
}

/** One entry of a map: key 1, value 2; what is missing is zero. */
function decodeEntry(target: Record<string, JsonValue>, cursor: WireCursor, field: WireField, depth: number): void {
  const part = readPart(cursor)
  let key = ''
  let value: JsonValue | undefined
  while (part.position < part.end) {
    const { number, type } = readTag(part)
    if (number === 1) key = textOf(partOf({ cursor: part, type }))
    else if (number !== 2) skipField(part, type)
    else
      value = field.isScalar
        ? decodeScalar({ cursor: part, type }, field.type)
        : decodeStruct(partOf({ cursor: part, type }), field.type, depth)
  }
  const name = field.name ?? ''
  const known = target[name]
  // Maps in `target` were made here.
  const map = (known ?? {}) as Record<string, JsonValue>
  if (known === undefined) target[name] = map
  setField(map, key, value ?? (field.isScalar ? '' : null))
}
