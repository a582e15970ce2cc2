// FieldsV1, the JSON form of a field set in `metadata.managedFields`.
import { CapstanError } from '../../base/errors.ts'
import { isObject, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { EMPTY_SET, LEAF, type FieldNode, type FieldSet, type FieldSetBuilder } from './field-set.ts'
import { canonicalElement, sortElements } from './path-element.ts'

/** Deepest nesting of a field set; objects nest some twenty levels. */
export const MAX_FIELD_DEPTH = 256

/** Reads FieldsV1. Throws `bad-input` where it is none. */
export function decodeFields(fields: JsonValue | undefined): FieldSet {
  return decodeSet(fields ?? {}, 0)
}

function decodeSet(fields: JsonValue, depth: number): FieldSet {
  if (!isObject(fields)) throw new CapstanError('bad-input', 'error decoding set: a field set must be an object')
  if (depth > MAX_FIELD_DEPTH)
    throw new CapstanError('limit', `a field set is nested deeper than ${MAX_FIELD_DEPTH} levels`)
  const set: FieldSetBuilder = new Map()
  for (const key in fields) {
    if (key === '.') continue
    const element = canonicalElement(key)
    if (element === undefined)
      throw new CapstanError('bad-input', `error decoding set: no path element: ${JSON.stringify(key)}`)
    set.set(element, decodeNode(fields[key] ?? {}, depth))
  }
  return set.size === 0 ? EMPTY_SET : set
}

/** `{}` is owned itself; with fields below, only where it has `.` too. */
function decodeNode(fields: JsonValue, depth: number): FieldNode {
  const children = decodeSet(fields, depth + 1)
  if (children.size === 0) return LEAF
  return { isMember: isObject(fields) && Object.hasOwn(fields, '.'), children }
}

/** Sets never change, so neither does what they are written as; sets share what a write did not touch. */
const written = new WeakMap<FieldSet, JsonObject>()

/** Writes FieldsV1 with its keys in upstream's order. */
export function encodeFields(set: FieldSet): JsonObject {
  const known = written.get(set)
  if (known !== undefined) return known
  const fields = encodeSet(set)
  written.set(set, fields)
  return fields
}

function encodeSet(set: FieldSet): JsonObject {
  const fields: Record<string, JsonValue> = {}
  for (const element of sortElements(set.keys())) setField(fields, element, encodeNode(set.get(element) ?? LEAF))
  return fields
}

function encodeNode({ isMember, children }: FieldNode): JsonObject {
  if (children.size === 0) return {}
  const fields = encodeFields(children)
  return isMember ? { '.': {}, ...fields } : fields
}
