// Writes messages as protobuf from their JSON form, by the tables of src/api and src/crds.
import { CapstanError } from '../../base/errors.ts'
import { jsonText } from '../../kube/json-digits.ts'
import {
  closePart,
  newBuffer,
  writeInteger,
  writePart,
  writeTag,
  writeText,
  writtenBytes,
  writtenLength,
  type WireBuffer,
} from '../../kube/protobuf/wire-writer.ts'
import { requireDepth } from './limits.ts'
import { planOf, type FieldPlan, type MessagePlan } from './plan.ts'
import { timeOf } from './times.ts'

type Fields = Readonly<Record<string, unknown>>

/** Bytes of a value that were written before; they stand for it wherever it is met. */
export type ReadyBytes = (value: object) => Uint8Array | undefined

const NONE_READY: ReadyBytes = () => undefined

/** First room of a buffer; it grows by doubling. */
const FIRST_SIZE = 1024

/**
 * The bytes of a message, in the order of field numbers, as Go writes them. `value` is its JSON form: null and undefined are absent.
 * Throws `internal` naming a field whose value does not fit its type, `limit` beyond `MAX_MESSAGE_DEPTH`.
 */
export function encodeMessage(plan: MessagePlan, value: unknown, ready: ReadyBytes = NONE_READY): Uint8Array {
  const buffer = newBuffer(FIRST_SIZE)
  writeFields(buffer, fieldsIn(value, plan.name), { plan, depth: 0, ready })
  return writtenBytes(buffer)
}

/** A message by its package and name; see `encodeMessage`. */
export function encodeNamed(packageName: string, name: string, value: unknown): Uint8Array {
  return encodeMessage(planOf(packageName, name), value)
}

interface Place {
  readonly plan: MessagePlan
  readonly depth: number
  readonly ready: ReadyBytes
}

function writeFields(buffer: WireBuffer, object: Fields, place: Place): void {
  requireDepth(place.depth)
  for (const field of place.plan.descending) {
    if (field.isInline) {
      writeInline(buffer, object, field, place)
      continue
    }
    // Names of fields are those of the tables, none of which an object inherits.
    const value = object[field.name]
    if (value === undefined || value === null) {
      if (field.isRequired) writeZero(buffer, field)
    } else if (field.isList) writeList(buffer, value, field, place)
    else if (field.isMap) writeMap(buffer, value, field, place)
    else writeValue(buffer, value, field, place)
  }
}

/** Left out where none of its fields is there: some are pointers, and an empty one would say something. */
function writeInline(buffer: WireBuffer, object: Fields, field: FieldPlan, place: Place): void {
  const plan = field.message()
  if (plan.descending.every(({ name }) => object[name] === undefined || object[name] === null)) return
  const before = writtenLength(buffer)
  writeFields(buffer, object, { ...place, plan, depth: place.depth + 1 })
  closePart(buffer, field.number, before)
}

function writeList(buffer: WireBuffer, value: unknown, field: FieldPlan, place: Place): void {
  if (!Array.isArray(value)) throw mismatch(field, value)
  for (let index = value.length - 1; index >= 0; index--) {
    const item: unknown = value[index]
    if (item === undefined || item === null) writeZero(buffer, field)
    else writeValue(buffer, item, field, place)
  }
}

function writeMap(buffer: WireBuffer, value: unknown, field: FieldPlan, place: Place): void {
  const entries = fieldsIn(value, field.name)
  const entry = { ...field, number: 2, isMap: false }
  for (const key of Object.keys(entries).sort().reverse()) {
    const before = writtenLength(buffer)
    const held = entries[key]
    if (held === undefined || held === null) writeZero(buffer, entry)
    else writeValue(buffer, held, entry, place)
    writeText(buffer, 1, key)
    closePart(buffer, field.number, before)
  }
}

function writeZero(buffer: WireBuffer, { kind, number }: FieldPlan): void {
  if (kind === 'bool' || kind === 'int32' || kind === 'int64') writeNumber(buffer, number, 0)
  else writePart(buffer, number, [])
}

function writeValue(buffer: WireBuffer, value: unknown, field: FieldPlan, place: Place): void {
  switch (field.kind) {
    case 'string':
      if (typeof value !== 'string') throw mismatch(field, value)
      writeText(buffer, field.number, value)
      return
    case 'message':
      writeMessage(buffer, value, field, place)
      return
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(field, value)
      writeNumber(buffer, field.number, value ? 1 : 0)
      return
    case 'int32':
    case 'int64':
      if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw mismatch(field, value)
      writeNumber(buffer, field.number, value as number | bigint)
      return
    default:
      writeSpecial(buffer, value, field)
  }
}

function writeMessage(buffer: WireBuffer, value: unknown, field: FieldPlan, { ready, depth }: Place): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(field, value)
  const bytes = ready(value)
  if (bytes !== undefined) {
    writePart(buffer, field.number, bytes)
    return
  }
  const before = writtenLength(buffer)
  // An object that is no list has fields.
  writeFields(buffer, value as Fields, { plan: field.message(), depth: depth + 1, ready })
  closePart(buffer, field.number, before)
}

function writeSpecial(buffer: WireBuffer, value: unknown, field: FieldPlan): void {
  const { kind, number } = field
  if (kind === 'json') {
    const before = writtenLength(buffer)
    writeText(buffer, 1, jsonText(value))
    closePart(buffer, number, before)
  } else if (kind === 'IntOrString') writeIntOrString(buffer, value, field)
  else if (typeof value !== 'string') throw mismatch(field, value)
  else if (kind === 'bytes') writePart(buffer, number, Buffer.from(value, 'base64'))
  else writeTime(buffer, value, number)
}

function writeTime(buffer: WireBuffer, text: string, number: number): void {
  const { seconds, nanos } = timeOf(text)
  const before = writtenLength(buffer)
  // Go writes both, zero or not.
  writeNumber(buffer, 2, nanos)
  writeNumber(buffer, 1, seconds)
  closePart(buffer, number, before)
}

function writeIntOrString(buffer: WireBuffer, value: unknown, field: FieldPlan): void {
  const before = writtenLength(buffer)
  const isText = typeof value === 'string'
  if (!isText && !Number.isSafeInteger(value)) throw mismatch(field, value)
  writeText(buffer, 3, isText ? value : '')
  writeNumber(buffer, 2, isText ? 0 : (value as number))
  writeNumber(buffer, 1, isText ? 1 : 0)
  closePart(buffer, field.number, before)
}

function writeNumber(buffer: WireBuffer, number: number, value: number | bigint): void {
  writeInteger(buffer, value)
  writeTag(buffer, number, 0)
}

function fieldsIn(value: unknown, name: string): Fields {
  if (value === undefined || value === null) return {}
  // An object that is no list has fields.
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields
  throw new CapstanError('internal', `${name}: ${describe(value)} is no object`)
}

function mismatch(field: FieldPlan, value: unknown): CapstanError {
  return new CapstanError('internal', `${field.name}: ${describe(value)} does not fit type ${field.kind}`)
}

function describe(value: unknown): string {
  // The value itself may be a secret.
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`
}
