// Reads JSON of unknown origin against a message table: every wrong field is named, unknown fields survive.
import { CapstanError } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { fieldsOf, type MessageField } from './message-table.ts'

/** Errors listed in one message; the rest is counted. A person mends the first few anyway. */
const MAX_ERRORS = 10

const GROUP_VERSION = 'argoproj.io/v1alpha1'

type Fields = Readonly<Record<string, unknown>>

/**
 * Checks a whole resource: apiVersion, kind, a metadata object, and the fields of its message.
 * The caller's `T` must be the object type of the message it names.
 */
export function parseMessage<T extends KubeObject>(
  value: unknown,
  expected: { readonly kind: string; readonly message: string },
): T {
  const errors: string[] = []
  if (!isFields(value)) throw refused(expected.kind, [`expected an object, got ${describeValue(value)}`])
  if (value['apiVersion'] !== GROUP_VERSION) {
    errors.push(`apiVersion: expected "${GROUP_VERSION}", got ${describeValue(value['apiVersion'])}`)
  }
  if (value['kind'] !== expected.kind) {
    errors.push(`kind: expected "${expected.kind}", got ${describeValue(value['kind'])}`)
  }
  const read = readMessage(value, expected.message, '', errors)
  if (errors.length > 0) throw refused(expected.kind, errors)
  // Holds because readMessage has checked every field the type is computed from.
  return read as T
}

function refused(kind: string, errors: readonly string[]): CapstanError {
  const shown = errors.slice(0, MAX_ERRORS).join('; ')
  const more = errors.length > MAX_ERRORS ? `; and ${errors.length - MAX_ERRORS} more` : ''
  return new CapstanError('bad-input', `invalid ${kind}: ${shown}${more}`)
}

/** Returns the value itself, or a copy without the nulls that stand for absent optional fields. */
function readMessage(value: Fields, message: string, path: string, errors: string[]): Fields {
  const changed: Record<string, unknown> = {}
  const dropped = new Set<string>()
  for (const [name, field] of Object.entries(fieldsOf(message) ?? {})) {
    if (field.inline) {
      Object.assign(changed, changesOf(value, readMessage(value, field.type, path, errors)))
      continue
    }
    const at = path === '' ? name : `${path}.${name}`
    const held = value[name]
    if (held === undefined || held === null) {
      if (field.required) errors.push(`${at}: required`)
      else if (held === null) dropped.add(name)
      continue
    }
    const read = readField(held, field, at, errors)
    if (read !== held) changed[name] = read
  }
  if (dropped.size === 0 && Object.keys(changed).length === 0) return value
  return Object.fromEntries(Object.entries({ ...value, ...changed }).filter(([name]) => !dropped.has(name)))
}

function changesOf(before: Fields, after: Fields): Fields {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value))
}

function readField(held: unknown, field: MessageField, path: string, errors: string[]): unknown {
  if (field.list) {
    if (Array.isArray(held)) {
      return keepWhenSame(
        held,
        held.map((item, index) => readValue(item, field.type, `${path}[${index}]`, errors)),
      )
    }
    errors.push(`${path}: expected a list, got ${describeValue(held)}`)
    return held
  }
  if (!field.map) return readValue(held, field.type, path, errors)
  if (!isFields(held)) {
    errors.push(`${path}: expected an object, got ${describeValue(held)}`)
    return held
  }
  for (const [key, item] of Object.entries(held)) readValue(item, field.type, `${path}.${key}`, errors)
  return held
}

function keepWhenSame(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.some((item, index) => item !== before[index]) ? after : before
}

function readValue(value: unknown, type: string, path: string, errors: string[]): unknown {
  if (fieldsOf(type) === undefined) {
    const expected = mismatch(value, type)
    if (expected !== undefined) errors.push(`${path}: expected ${expected}, got ${describeValue(value)}`)
    return value
  }
  if (isFields(value)) return readMessage(value, type, path, errors)
  errors.push(`${path}: expected an object, got ${describeValue(value)}`)
  return value
}

/** What a scalar of this type should have been, or undefined when it is. */
function mismatch(value: unknown, type: string): string | undefined {
  switch (type) {
    case 'string':
    case 'Time':
    case 'bytes':
      return typeof value === 'string' ? undefined : 'a string'
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'true or false'
    case 'int32':
    case 'int64':
      return Number.isInteger(value) ? undefined : 'a whole number'
    case 'IntOrString':
      return typeof value === 'string' || Number.isInteger(value) ? undefined : 'a whole number or a string'
    case 'RawExtension':
    case 'FieldsV1':
      return isFields(value) ? undefined : 'an object'
    default:
      return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (isFields(value)) return 'an object'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
