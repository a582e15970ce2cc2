// The fields a value sets, by its type (structured-merge-diff v6 `typed/tofieldset.go`).
import { isList, isObject } from '../json-value.ts'
import type { JsonValue } from '../object.ts'
import { variantOf, type ApplyType, type ListType, type MapType } from './apply-type.ts'
import { EMPTY_SET, LEAF, type FieldNode, type FieldSet, type FieldSetBuilder } from './field-set.ts'
import { elementOf } from './list-element.ts'
import { fieldElement } from './path-element.ts'

/** Nodes of parts seen before, for sets of several objects of one type that share parts. */
export type NodeCache = WeakMap<object, { readonly type: ApplyType; readonly node: FieldNode }>

/** The set of a whole object. With a cache, parts shared with an earlier object share their nodes, which makes comparing cheap. */
export function fieldSetOfValue(value: JsonValue | undefined, type: ApplyType, cache?: NodeCache): FieldSet {
  return value === undefined ? EMPTY_SET : nodeOf(value, type, cache).children
}

const NOTHING: FieldNode = { isMember: false, children: EMPTY_SET }

function nodeOf(value: JsonValue, type: ApplyType, cache: NodeCache | undefined): FieldNode {
  if (cache === undefined || typeof value !== 'object' || value === null) return makeNode(value, type, cache)
  const known = cache.get(value)
  // One value may stand in places of different types (a shared empty object).
  if (known?.type === type) return known.node
  const node = makeNode(value, type, cache)
  cache.set(value, { type, node })
  return node
}

function makeNode(value: JsonValue, type: ApplyType, cache: NodeCache | undefined): FieldNode {
  switch (variantOf(type, value)) {
    case 'scalar':
      return LEAF
    case 'list':
      return type.list === undefined ? NOTHING : nodeOfList(value, type.list, cache)
    case 'map':
      return type.map === undefined ? NOTHING : nodeOfMap(value, type.map, cache)
  }
}

function nodeOfMap(value: JsonValue, type: MapType, cache: NodeCache | undefined): FieldNode {
  if (type.isAtomic) return LEAF
  if (!isObject(value)) return NOTHING
  const children: FieldSetBuilder = new Map()
  for (const name in value) {
    const field = value[name] ?? null
    const declared = type.field(name)
    const node = nodeOf(field, declared ?? type.element ?? {}, cache)
    // Nulls, empty maps, and entries of a map which the schema does not declare are owned themselves.
    const isMember = node.isMember || declared === undefined || isBlank(field)
    if (isMember || node.children.size > 0) children.set(fieldElement(name), asNode(isMember, node.children))
  }
  return { isMember: false, children }
}

function isBlank(value: JsonValue): boolean {
  if (value === null) return true
  if (!isObject(value)) return false
  for (const _name in value) return false
  return true
}

function asNode(isMember: boolean, children: FieldSet): FieldNode {
  return isMember && children.size === 0 ? LEAF : { isMember, children }
}

function nodeOfList(value: JsonValue, type: ListType, cache: NodeCache | undefined): FieldNode {
  if (type.isAtomic) return LEAF
  if (!isList(value)) return NOTHING
  const children: FieldSetBuilder = new Map()
  for (const item of value) {
    const element = elementOf(type, item)
    // Items that nothing names are not owned; validation refuses them in what is applied.
    if (typeof element !== 'string') continue
    // Of items with the same key only the key is owned.
    children.set(element, children.has(element) ? LEAF : asNode(true, nodeOf(item, type.element, cache).children))
  }
  return { isMember: false, children }
}
