// Writes objects as Kubernetes' protobuf messages, byte for byte as its Go types do: the inverse of decode-object.ts.
import { CapstanError } from '../../base/errors.ts'
import { isList, isObject } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { MAGIC, MAX_MESSAGE_DEPTH } from './decode-object.ts'
import { planOf, type FieldPlan, type MessagePlan } from './encode-plan.ts'
import { kindMessage } from './kind-message.ts'
import {
  closePart,
  newBuffer,
  writeBytes,
  writeDouble,
  writeInteger,
  writePart,
  writeTag,
  writeText,
  writtenBytes,
  writtenLength,
  type WireBuffer,
} from './wire-writer.ts'

/** The body of an object of a known kind: `k8s\0`, its type, its message. Throws `bad-input` where a value does not fit its field. */
export function encodeObject(object: JsonObject): Uint8Array {
  const { apiVersion = '', kind } = object
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw unknownKind(apiVersion, kind)
  const buffer = newBuffer()
  writeText(buffer, 4, '')
  writeText(buffer, 3, '')
  const before = writtenLength(buffer)
  writeFields(buffer, object, messagePlan(apiVersion, kind), 0)
  closePart(buffer, 2, before)
  return withHead(buffer, apiVersion, kind)
}

/** The message of an object without an envelope, as it stands in lists. Throws like `encodeObject`. */
export function encodeMessage(object: JsonObject, apiVersion: string, kind: string): Uint8Array {
  const buffer = newBuffer()
  writeFields(buffer, object, messagePlan(apiVersion, kind), 0)
  // A copy of its own size: what is kept for long must not hold the whole buffer.
  return Uint8Array.prototype.slice.call(writtenBytes(buffer))
}

/** The body of an object whose message is ready. */
export function encodeEnvelope(apiVersion: string, kind: string, message: Uint8Array): Uint8Array {
  const buffer = newBuffer(message.length + ENVELOPE_ROOM)
  writeText(buffer, 4, '')
  writeText(buffer, 3, '')
  writePart(buffer, 2, message)
  return withHead(buffer, apiVersion, kind)
}

/** The body of a list whose items are ready messages. Throws `bad-input` for a kind that is no list. */
export function encodeList(list: JsonObject, items: readonly Uint8Array[]): Uint8Array {
  const { apiVersion, kind } = list
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw unknownKind(apiVersion, kind)
  const size = items.reduce((sum, item) => sum + item.length + ITEM_ROOM, ENVELOPE_ROOM)
  const buffer = newBuffer(size)
  writeText(buffer, 4, '')
  writeText(buffer, 3, '')
  const before = writtenLength(buffer)
  for (const field of messagePlan(apiVersion, kind).descending) {
    if (field.name !== 'items') writeField(buffer, list[field.name ?? ''], field, 0)
    else for (let index = items.length - 1; index >= 0; index--) writePart(buffer, field.number, items[index] ?? [])
  }
  closePart(buffer, 2, before)
  return withHead(buffer, apiVersion, kind)
}

/** An event of a watch: four bytes of length, then a WatchEvent that holds the body of an object. */
export function encodeWatchEvent(type: string, body: Uint8Array): Uint8Array {
  const buffer = newBuffer(body.length + ENVELOPE_ROOM)
  const before = writtenLength(buffer)
  writePart(buffer, 1, body)
  closePart(buffer, 2, before)
  writeText(buffer, 1, type)
  const length = writtenLength(buffer)
  buffer.start -= FRAME_HEAD
  buffer.bytes.writeUInt32BE(length, buffer.start)
  return writtenBytes(buffer)
}

/** More than the words around a message take; a buffer grows where it is not enough. */
const ENVELOPE_ROOM = 256
/** Tag and length of an item. */
const ITEM_ROOM = 6
/** The length before each event of a stream. */
const FRAME_HEAD = 4

function withHead(buffer: WireBuffer, apiVersion: string, kind: string): Uint8Array {
  const before = writtenLength(buffer)
  writeText(buffer, 2, kind)
  writeText(buffer, 1, apiVersion)
  closePart(buffer, 1, before)
  writeBytes(buffer, MAGIC)
  return writtenBytes(buffer)
}

function messagePlan(apiVersion: string, kind: string): MessagePlan {
  const message = kindMessage(apiVersion, kind)
  if (message === undefined) throw unknownKind(apiVersion, kind)
  return planOf(message)
}

function unknownKind(apiVersion: JsonValue | undefined, kind: JsonValue | undefined): CapstanError {
  const text = `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`
  return new CapstanError('bad-input', text)
}

/** The fields of a message, the last one first: Go writes them in ascending order. */
function writeFields(buffer: WireBuffer, object: JsonObject, plan: MessagePlan, depth: number): void {
  if (depth > MAX_MESSAGE_DEPTH)
    throw new CapstanError('limit', `the object is nested deeper than ${MAX_MESSAGE_DEPTH} levels`)
  for (const field of plan.descending) {
    // Names of fields are those of the tables, none of which an object inherits.
    if (field.name !== undefined) writeField(buffer, object[field.name], field, depth)
    else writeStruct(buffer, object, field, depth)
  }
}

function writeField(buffer: WireBuffer, value: JsonValue | undefined, field: FieldPlan, depth: number): void {
  if (value === undefined || value === null) {
    if (field.isAlways) writeZero(buffer, field, depth)
  } else if (field.isMap) {
    writeMap(buffer, value, field, depth)
  } else if (field.isRepeated) {
    if (!isList(value)) throw mismatch(field, value)
    for (let index = value.length - 1; index >= 0; index--) writeValue(buffer, value[index] ?? null, field, depth)
  } else writeValue(buffer, value, field, depth)
}

function writeMap(buffer: WireBuffer, value: JsonValue, field: FieldPlan, depth: number): void {
  if (!isObject(value)) throw mismatch(field, value)
  const entry = field.entry ?? field
  for (const key of Object.keys(value).sort().reverse()) {
    const before = writtenLength(buffer)
    writeValue(buffer, value[key] ?? null, entry, depth)
    writeText(buffer, 1, key)
    closePart(buffer, field.number, before)
  }
}

/** One value under its tag; null is Go's zero value. */
function writeValue(buffer: WireBuffer, value: JsonValue, field: FieldPlan, depth: number): void {
  if (value === null) writeZero(buffer, field, depth)
  else if (field.isScalar) writeScalar(buffer, value, field)
  else {
    const fields = field.special === undefined ? value : field.special.fromJson(value)
    if (!isObject(fields)) throw mismatch(field, value)
    writeStruct(buffer, fields, field, depth)
  }
}

function writeStruct(buffer: WireBuffer, fields: JsonObject, field: FieldPlan, depth: number): void {
  const before = writtenLength(buffer)
  writeFields(buffer, fields, field.message(), depth + 1)
  closePart(buffer, field.number, before)
}

/** Go writes fields that are no pointers even where they hold nothing. */
function writeZero(buffer: WireBuffer, field: FieldPlan, depth: number): void {
  const { number, type } = field
  if (!field.isScalar) {
    const zero = field.special === undefined ? {} : field.special.zero
    if (zero === undefined) writePart(buffer, number, [])
    else writeStruct(buffer, zero, field, depth)
    return
  }
  if (type === 'string' || type === 'bytes') {
    writeText(buffer, number, '')
  } else if (type === 'double') {
    writeDouble(buffer, 0)
    writeTag(buffer, number, 1)
  } else {
    writeInteger(buffer, 0)
    writeTag(buffer, number, 0)
  }
}

function writeScalar(buffer: WireBuffer, value: JsonValue, field: FieldPlan): void {
  const { number, type } = field
  if (typeof value === 'string') {
    if (type === 'string') return writeText(buffer, number, value)
    if (type === 'bytes') return writePart(buffer, number, Buffer.from(value, 'base64'))
    throw mismatch(field, value)
  }
  writeNumber(buffer, value, field)
  writeTag(buffer, number, type === 'double' ? 1 : 0)
}

function writeNumber(buffer: WireBuffer, value: JsonValue, field: FieldPlan): void {
  const { type } = field
  if (type === 'bool' && typeof value === 'boolean') writeInteger(buffer, value ? 1 : 0)
  else if (type === 'double' && typeof value === 'number') writeDouble(buffer, value)
  else if ((type === 'int32' || type === 'int64') && isInteger(value)) writeInteger(buffer, value)
  else throw mismatch(field, value)
}

/** Integers beyond 2^53 stand as bigint. */
function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function mismatch(field: FieldPlan, value: JsonValue): CapstanError {
  return new CapstanError('bad-input', `${field.name ?? field.type}: ${JSON.stringify(value)} does not fit its type`)
}
