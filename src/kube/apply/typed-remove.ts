// Taking fields out of a value, or taking only them (structured-merge-diff v6 `typed/remove.go`).
import { isList, isObject, setField } from '../json-value.ts'
import type { JsonValue } from '../object.ts'
import { variantOf, type ApplyType, type ListType, type MapType } from './apply-type.ts'
import { fieldSetOf, hasPath, pathsOf, union, type FieldPath, type FieldSet } from './field-set.ts'
import { elementOf } from './list-element.ts'
import { fieldElement, keyOfElement } from './path-element.ts'
import { fieldSetOfValue } from './typed-field-set.ts'

/** The value without the fields of the set. A map or list left empty becomes null, as upstream leaves it. */
export function removeFields(value: JsonValue | undefined, fields: FieldSet, type: ApplyType): JsonValue | undefined {
  if (value === undefined || fields.size === 0) return value
  return remove(value, fields, type, false)
}

/** Only the fields of the set. With `keys`, items of lists bring the fields that name them. */
export function extractFields(
  value: JsonValue | undefined,
  fields: FieldSet,
  type: ApplyType,
  options: { readonly keys: boolean } = { keys: false },
): JsonValue | undefined {
  if (value === undefined) return value
  return remove(value, options.keys ? withKeyFields(value, fields, type) : fields, type, true)
}

function withKeyFields(value: JsonValue, fields: FieldSet, type: ApplyType): FieldSet {
  const present = fieldSetOfValue(value, type)
  const paths: FieldPath[] = []
  for (const path of pathsOf(fields)) if (hasPath(present, path)) paths.push(...keyPathsOf(path))
  return union(fields, fieldSetOf(paths))
}

function keyPathsOf(path: FieldPath): readonly FieldPath[] {
  return path.flatMap((element, index) => {
    const key = keyOfElement(element)
    return key === undefined ? [] : Object.keys(key).map((name) => [...path.slice(0, index + 1), fieldElement(name)])
  })
}

function remove(value: JsonValue, fields: FieldSet, type: ApplyType, isExtract: boolean): JsonValue {
  switch (variantOf(type, value)) {
    case 'scalar':
      return value
    case 'list':
      return type.list === undefined ? null : removeFromList(value, fields, type.list, isExtract)
    case 'map':
      return type.map === undefined ? null : removeFromMap(value, fields, type.map, isExtract)
  }
}

function removeFromList(value: JsonValue, fields: FieldSet, type: ListType, isExtract: boolean): JsonValue {
  if (!isList(value)) return null
  if (value.length === 0 || type.isAtomic) return isExtract ? value : null
  const items = value.map((item) => keptItem(item, fields, type, isExtract)).filter((item) => item !== undefined)
  return items.length === 0 ? null : items
}

/** What stays of one item; undefined where nothing does. */
function keptItem(item: JsonValue, fields: FieldSet, type: ListType, isExtract: boolean): JsonValue | undefined {
  const element = elementOf(type, item)
  const node = typeof element === 'string' ? fields.get(element) : undefined
  if (node === undefined) return isExtract ? undefined : item
  if (node.isMember && !isExtract) return undefined
  return node.children.size === 0 ? item : remove(item, node.children, type.element, isExtract)
}

function removeFromMap(value: JsonValue, fields: FieldSet, type: MapType, isExtract: boolean): JsonValue {
  if (!isObject(value)) return null
  const names = Object.keys(value)
  if (names.length === 0 || type.isAtomic) return isExtract ? value : null
  const kept: Record<string, JsonValue> = {}
  for (const name of names) {
    const field = keptField(value[name] ?? null, fields, { name, type }, isExtract)
    if (field !== undefined) setField(kept, name, field)
  }
  for (const _name in kept) return kept
  return null
}

interface NamedField {
  readonly name: string
  readonly type: MapType
}

/** What stays of one field; undefined where nothing does. */
function keptField(
  field: JsonValue,
  fields: FieldSet,
  { name, type }: NamedField,
  isExtract: boolean,
): JsonValue | undefined {
  const node = fields.get(fieldElement(name))
  if (node === undefined) return isExtract ? undefined : field
  const inner = type.field(name) ?? type.element ?? {}
  // Upstream descends with the same set here, so of a map that is a member only what the set names at this level stays.
  if (node.isMember) return isExtract ? remove(field, fields, inner, isExtract) : undefined
  return remove(field, node.children, inner, isExtract)
}
