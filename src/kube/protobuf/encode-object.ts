// Writes objects as Kubernetes' protobuf bodies: the inverse of decode-object.ts.
import { CapstanError } from '../../base/errors.ts'
import { fieldOf, isList, isObject } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { MAX_MESSAGE_DEPTH } from './decode-object.ts'
import { kindMessage } from './kind-message.ts'
import { specialType } from './special-types.ts'
import {
  newBuffer,
  writeBytes,
  writeDouble,
  writeInteger,
  writePart,
  writeTag,
  writeText,
  writtenBytes,
  type WireBuffer,
} from './wire-writer.ts'
import { wireMessage, type WireField, type WireMessage } from './wire-table.ts'

/** The body of an object of a known kind. Throws `bad-input` where a value does not fit its field. */
export function encodeObject(object: JsonObject): Uint8Array {
  const { apiVersion, kind } = object
  const message = typeof apiVersion === 'string' && typeof kind === 'string' ? kindMessage(apiVersion, kind) : undefined
  if (message === undefined || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new CapstanError(
      'bad-input',
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    )
  }
  const buffer = newBuffer()
  buffer.bytes.set([0x6b, 0x38, 0x73, 0x00])
  buffer.length = 4
  writePart(buffer, 1, (typeMeta) => {
    writeText(typeMeta, 1, apiVersion)
    writeText(typeMeta, 2, kind)
  })
  writePart(buffer, 2, (raw) => encodeMessage(raw, object, message, 0))
  writeText(buffer, 3, '')
  writeText(buffer, 4, '')
  return writtenBytes(buffer)
}

function encodeMessage(buffer: WireBuffer, object: JsonObject, message: WireMessage, depth: number): void {
  if (depth > MAX_MESSAGE_DEPTH)
    throw new CapstanError('limit', `the object is nested deeper than ${MAX_MESSAGE_DEPTH} levels`)
  for (const field of message.byNumber.values()) {
    if (field.name === undefined) {
      const inner = wireMessage(field.type)
      if (inner !== undefined) writePart(buffer, field.number, (part) => encodeMessage(part, object, inner, depth + 1))
      continue
    }
    const value = fieldOf(object, field.name)
    if (value !== undefined && value !== null) encodeField(buffer, value, field, depth)
  }
}

function encodeField(buffer: WireBuffer, value: JsonValue, field: WireField, depth: number): void {
  if (field.isMap) {
    if (!isObject(value)) throw mismatch(field, value)
    for (const [key, item] of Object.entries(value)) encodeEntry(buffer, [key, item], field, depth)
  } else if (field.isRepeated) {
    if (!isList(value)) throw mismatch(field, value)
    for (const item of value) encodeValue(buffer, item, field, depth)
  } else encodeValue(buffer, value, field, depth)
}

function mismatch(field: WireField, value: JsonValue): CapstanError {
  return new CapstanError('bad-input', `${field.name ?? field.type}: ${JSON.stringify(value)} does not fit its type`)
}

function encodeEntry(
  buffer: WireBuffer,
  [key, item]: readonly [string, JsonValue],
  field: WireField,
  depth: number,
): void {
  writePart(buffer, field.number, (entry) => {
    writeText(entry, 1, key)
    if (item !== null) encodeValue(entry, item, { ...field, number: 2, isMap: false }, depth)
  })
}

function encodeValue(buffer: WireBuffer, value: JsonValue, field: WireField, depth: number): void {
  if (field.isScalar) {
    encodeScalar(buffer, value, field)
    return
  }
  const message = wireMessage(field.type)
  const special = specialType(field.type)
  const fields = special === undefined ? value : special.fromJson(value)
  if (message === undefined || !isObject(fields)) throw mismatch(field, value)
  writePart(buffer, field.number, (part) => encodeMessage(part, fields, message, depth + 1))
}

function encodeScalar(buffer: WireBuffer, value: JsonValue, field: WireField): void {
  const { number, type } = field
  if (type === 'string' && typeof value === 'string') writeText(buffer, number, value)
  else if (type === 'bytes' && typeof value === 'string') writeBytes(buffer, number, Buffer.from(value, 'base64'))
  else if (type === 'bool' && typeof value === 'boolean') {
    writeTag(buffer, number, 0)
    writeInteger(buffer, value ? 1 : 0)
  } else if (type === 'double' && typeof value === 'number') {
    writeTag(buffer, number, 1)
    writeDouble(buffer, value)
  } else if (type.startsWith('int') && isInteger(value)) {
    writeTag(buffer, number, 0)
    writeInteger(buffer, value)
  } else throw mismatch(field, value)
}

/** Integers beyond 2^53 stand as bigint. */
function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}
