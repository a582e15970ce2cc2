// The FieldsV1 of a new object in one walk: what comparing it with the empty object of its kind gives its creator, without building sets.
import { deepEqual, fieldOf, isList, isObject, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { variantOf, type ApplyType, type ListType, type MapType } from './apply-type.ts'
import { withEmptyStructs } from './empty-object.ts'
import { EMPTY_SET, type FieldSet } from './field-set.ts'
import { elementOf } from './list-element.ts'
import { fieldElement, sortElements, type PathElement } from './path-element.ts'
import { TypedError } from './typed-error.ts'

/** A field that is owned and has nothing below; the same object everywhere, as nobody changes it. */
const OWNED: JsonObject = Object.freeze({})

export interface NewObject {
  readonly object: JsonObject
  /** What Go would write for an object of the kind with nothing set (`emptyObject`); its lists are empty. */
  readonly empty: JsonObject
  readonly type: ApplyType
}

interface NotOwned {
  /** What is below them may be. */
  readonly unowned: FieldSet
  /** Top-level fields that count for nothing, with all below. */
  readonly ignored: FieldSet | undefined
}

/**
 * FieldsV1 of what a new object sets beyond the empty one of its kind; undefined where that is nothing anybody owns.
 * Throws `TypedError` where items of a list have no key. The rules are those of `compareTyped`, whose sets cost several times as much.
 */
export function newObjectFields(
  { object, empty, type }: NewObject,
  { unowned, ignored = EMPTY_SET }: NotOwned,
): JsonObject | undefined {
  const fields = fieldsBeyond(object, empty, type)
  if (fields === undefined) return undefined
  const counted =
    ignored.size === 0
      ? fields
      : Object.fromEntries(Object.entries(fields).filter(([element]) => !ignored.has(element)))
  return without(counted, unowned)
}

/** What a value sets beyond another that was there; undefined for nothing. */
function fieldsBeyond(value: JsonValue, before: JsonValue, type: ApplyType): JsonObject | undefined {
  // A struct that is null is the empty one.
  if (value === before || (value === null && isObject(before))) return undefined
  switch (variantOf(type, value)) {
    case 'map':
      return type.map === undefined ? changedLeaf(value, before) : mapBeyond(value, before, type.map)
    case 'list':
      if (type.list === undefined || type.list.isAtomic || !isList(value) || value.length === 0)
        return changedLeaf(value, before)
      return itemFields(value, type.list)
    case 'scalar':
      return changedLeaf(value, before)
  }
}

function changedLeaf(value: JsonValue, before: JsonValue): JsonObject | undefined {
  const filled = isObject(value) && isObject(before) ? withEmptyStructs(value, before) : value
  return deepEqual(filled, before) ? undefined : OWNED
}

function mapBeyond(value: JsonValue, before: JsonValue, type: MapType): JsonObject | undefined {
  if (type.isAtomic) return changedLeaf(value, before)
  const left = isObject(before) ? before : OWNED
  // Of a map with something before, nothing but removals is left.
  if (!isObject(value) || isEmpty(value)) return isEmpty(left) ? changedLeaf(value, before) : undefined
  const fields: Record<string, JsonValue> = {}
  for (const name of sortedNames(value)) {
    const owned = fieldBeyond(value[name], fieldOf(left, name), typeOfField(type, name))
    if (owned !== undefined) setField(fields, fieldElement(name), owned)
  }
  return isEmpty(fields) ? undefined : fields
}

function fieldBeyond(
  value: JsonValue | undefined,
  before: JsonValue | undefined,
  type: ApplyType,
): JsonObject | undefined {
  if (value === undefined) return undefined
  return before === undefined ? addedFields(value, type) : fieldsBeyond(value, before, type)
}

function typeOfField(type: MapType, name: string): ApplyType {
  return type.field(name) ?? type.element ?? {}
}

/** A value where nothing was: it is owned itself, with all below. */
function addedFields(value: JsonValue, type: ApplyType): JsonObject {
  if (typeof value !== 'object' || value === null) return OWNED
  return isList(value) ? addedItems(value, type.list) : addedEntries(value, type.map)
}

function addedItems(value: readonly JsonValue[], type: ListType | undefined): JsonObject {
  if (type === undefined || type.isAtomic || value.length === 0) return OWNED
  return itemFields(value, type, { '.': OWNED })
}

function addedEntries(value: JsonObject, type: MapType | undefined): JsonObject {
  if (type === undefined || type.isAtomic || isEmpty(value)) return OWNED
  const fields: Record<string, JsonValue> = { '.': OWNED }
  for (const name of sortedNames(value)) {
    const field = value[name]
    if (field !== undefined) setField(fields, fieldElement(name), addedFields(field, typeOfField(type, name)))
  }
  return fields
}

/** The items of a granular list, each owned with all below; several of one name are owned as a whole. */
function itemFields(list: readonly JsonValue[], type: ListType, fields: Record<string, JsonValue> = {}): JsonObject {
  const items = new Map<PathElement, JsonObject>()
  for (const [index, item] of list.entries()) {
    const element = elementOf(type, item)
    if (typeof element !== 'string') throw new TypedError([`element ${index}: ${element.reason}`])
    items.set(element, items.has(element) ? OWNED : addedFields(item, type.element))
  }
  for (const element of sortElements(items.keys())) setField(fields, element, items.get(element) ?? OWNED)
  return fields
}

/** FieldsV1 without some fields; what is below those that are left out stays. */
function without(fields: JsonObject, unowned: FieldSet): JsonObject | undefined {
  const left: Record<string, JsonValue> = {}
  for (const element in fields) {
    const node = unowned.get(element)
    const field = fields[element]
    if (node === undefined || !isObject(field)) {
      setField(left, element, field ?? OWNED)
      continue
    }
    const { '.': member, ...below } = field
    const rest = without(below, node.children)
    const isMember = (member !== undefined || isEmpty(below)) && !node.isMember
    if (rest !== undefined) setField(left, element, isMember ? { '.': OWNED, ...rest } : rest)
    else if (isMember) setField(left, element, OWNED)
  }
  return isEmpty(left) ? undefined : left
}

function sortedNames(object: JsonObject): readonly string[] {
  const names = Object.keys(object)
  return names.length < 2 ? names : names.sort()
}

function isEmpty(object: object): boolean {
  for (const _name in object) return false
  return true
}
