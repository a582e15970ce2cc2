// Reads protobuf messages into their JSON form, by the tables of src/api and src/crds.
import { CapstanError } from '../../base/errors.ts'
import { parseJson } from '../../kube/json-digits.ts'
import { setField } from '../../kube/json-value.ts'
import type { JsonValue } from '../../kube/object.ts'
import {
  bytesOf,
  cursorOf,
  malformed,
  readInteger,
  readPart,
  readTag,
  skipField,
  textOf,
  type WireCursor,
  type WireType,
} from '../../kube/protobuf/wire-reader.ts'
import { requireDepth } from './limits.ts'
import { planOf, type FieldPlan, type MessagePlan } from './plan.ts'
import { textOfTime, type WireTime } from './times.ts'

type Draft = Record<string, JsonValue>

/**
 * The JSON form of a message. Fields nobody knows are left out; zero values that Go writes for what is not there are, too. Throws
 * `bad-input` for bytes that are no such message or lack a required field, `limit` beyond `MAX_MESSAGE_DEPTH`.
 */
export function decodeMessage(plan: MessagePlan, bytes: Uint8Array): Readonly<Record<string, JsonValue>> {
  const target: Draft = {}
  readFields(target, cursorOf(bytes), plan, 0)
  return target
}

/** A message by its package and name; see `decodeMessage`. */
export function decodeNamed(packageName: string, name: string, bytes: Uint8Array): Readonly<Record<string, JsonValue>> {
  return decodeMessage(planOf(packageName, name), bytes)
}

function readFields(target: Draft, cursor: WireCursor, plan: MessagePlan, depth: number): void {
  requireDepth(depth)
  let found: Set<number> | undefined
  if (plan.required.length > 0) found = new Set()
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    const field = plan.byNumber.get(number)
    if (field === undefined) {
      skipField(cursor, type)
      continue
    }
    found?.add(number)
    readField(target, { cursor, type }, field, depth)
  }
  for (const { number, proto } of plan.required) {
    if (found?.has(number) === false) throw new CapstanError('bad-input', `proto: required field "${proto}" not set`)
  }
}

interface Source {
  readonly cursor: WireCursor
  readonly type: WireType
}

function readField(target: Draft, source: Source, field: FieldPlan, depth: number): void {
  if (field.isInline) readFields(target, partOf(source, field), field.message(), depth + 1)
  else if (field.isMap) readEntry(target, source, field, depth)
  else if (field.isList) readItems(target, source, field, depth)
  else readSingle(target, source, field, depth)
}

function readSingle(target: Draft, source: Source, field: FieldPlan, depth: number): void {
  const { name } = field
  if (field.kind === 'message') {
    // A message that comes twice is merged, as protobuf has it.
    const known = target[name]
    const inner = (known ?? {}) as Draft // made here
    readFields(inner, partOf(source, field), field.message(), depth + 1)
    target[name] = inner
    return
  }
  const value = readValue(source, field, depth)
  if (value === undefined || (!field.keepsZero && isZero(value))) delete target[name]
  else target[name] = value
}

/** What Go's `omitempty` leaves out of JSON. */
function isZero(value: JsonValue): boolean {
  return value === '' || value === 0 || value === false
}

function readItems(target: Draft, source: Source, field: FieldPlan, depth: number): void {
  const known = target[field.name]
  const list = (known ?? []) as JsonValue[] // lists in a draft are made here
  if (known === undefined) target[field.name] = list
  const isPacked = source.type === 2 && (field.kind === 'int64' || field.kind === 'int32' || field.kind === 'bool')
  if (!isPacked) {
    list.push(readValue(source, field, depth) ?? null)
    return
  }
  const part = readPart(source.cursor)
  while (part.position < part.end) list.push(readValue({ cursor: part, type: 0 }, field, depth) ?? null)
}

/** One entry of a map: key 1, value 2; what is missing is zero. */
function readEntry(target: Draft, source: Source, field: FieldPlan, depth: number): void {
  const part = partOf(source, field)
  let key = ''
  let value: JsonValue | undefined
  while (part.position < part.end) {
    const { number, type } = readTag(part)
    if (number === 1) key = textOf(partOf({ cursor: part, type }, field))
    else if (number === 2) value = readValue({ cursor: part, type }, field, depth)
    else skipField(part, type)
  }
  const known = target[field.name]
  const map = (known ?? {}) as Draft // maps in a draft are made here
  if (known === undefined) target[field.name] = map
  setField(map, key, value ?? zeroOf(field))
}

function zeroOf({ kind }: FieldPlan): JsonValue {
  if (kind === 'message') return {}
  if (kind === 'bool') return false
  if (kind === 'int32' || kind === 'int64') return 0
  return kind === 'string' || kind === 'bytes' ? '' : null
}

function partOf({ cursor, type }: Source, field: FieldPlan): WireCursor {
  if (type !== 2) throw malformed(`wire type ${type} where ${field.proto} is expected`)
  return readPart(cursor)
}

function readValue(source: Source, field: FieldPlan, depth: number): JsonValue | undefined {
  switch (field.kind) {
    case 'string':
      return textOf(partOf(source, field))
    case 'message': {
      const inner: Draft = {}
      readFields(inner, partOf(source, field), field.message(), depth + 1)
      return inner
    }
    case 'bool':
      return numberIn(source, field) !== 0
    case 'int32':
      return Number(BigInt.asIntN(32, BigInt(numberIn(source, field))))
    case 'int64':
      // Integers beyond 2^53 stand as bigint, as everywhere in JSON values that must stay exact.
      return numberIn(source, field) as number
    default:
      return readSpecial(partOf(source, field), field)
  }
}

function numberIn({ cursor, type }: Source, field: FieldPlan): number | bigint {
  if (type !== 0) throw malformed(`wire type ${type} where ${field.proto} is expected`)
  return readInteger(cursor)
}

function readSpecial(part: WireCursor, { kind }: FieldPlan): JsonValue | undefined {
  switch (kind) {
    case 'bytes':
      return Buffer.from(bytesOf(part)).toString('base64')
    case 'json':
      return readRaw(part)
    case 'IntOrString':
      return readIntOrString(part)
    default:
      return textOfTime(readTime(part), kind === 'MicroTime' ? 6 : 0)
  }
}

/** Raw JSON in field 1; absent where it is empty. */
function readRaw(part: WireCursor): JsonValue | undefined {
  let text = ''
  while (part.position < part.end) {
    const { number, type } = readTag(part)
    if (number === 1 && type === 2) text = textOf(readPart(part))
    else skipField(part, type)
  }
  if (text === '') return undefined
  try {
    return parseJson(text)
  } catch (error) {
    throw new CapstanError('bad-input', 'the protobuf message is malformed: raw JSON cannot be read', { cause: error })
  }
}

function readTime(part: WireCursor): WireTime {
  let [seconds, nanos] = [0, 0]
  while (part.position < part.end) {
    const { number, type } = readTag(part)
    if (number === 1 && type === 0) seconds = Number(readInteger(part))
    else if (number === 2 && type === 0) nanos = Number(readInteger(part))
    else skipField(part, type)
  }
  return { seconds, nanos }
}

function readIntOrString(part: WireCursor): JsonValue {
  let [kind, number, text] = [0, 0, '']
  while (part.position < part.end) {
    const tag = readTag(part)
    if (tag.number === 1 && tag.type === 0) kind = Number(readInteger(part))
    else if (tag.number === 2 && tag.type === 0) number = Number(BigInt.asIntN(32, BigInt(readInteger(part))))
    else if (tag.number === 3 && tag.type === 2) text = textOf(readPart(part))
    else skipField(part, tag.type)
  }
  return kind === 1 ? text : number
}
