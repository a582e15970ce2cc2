// What differs between two values of a type: added, modified and removed paths (structured-merge-diff v6 `typed/compare.go`).
import { deepEqual, fieldOf, isList, isObject } from '../json-value.ts'
import type { JsonValue } from '../object.ts'
import { fittingVariant, variantOf, type ApplyType, type ListType, type MapType, type Variant } from './apply-type.ts'
import { insertPath, recursiveDifference, type FieldSet, type FieldSetBuilder } from './field-set.ts'
import { elementOf } from './list-element.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import { faultAt, TypedError } from './typed-error.ts'
import { scalarFault } from './typed-validate.ts'

export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

type Maybe = JsonValue | undefined

interface Walk {
  readonly added: FieldSetBuilder
  readonly modified: FieldSetBuilder
  readonly removed: FieldSetBuilder
  /** Steps from the root to here; pushed and popped on the way. */
  readonly path: PathElement[]
}

/** Compares two values. Values that are the same object are equal without a look. Throws `TypedError` where items have no key. */
export function compareTyped(left: Maybe, right: Maybe, type: ApplyType): Comparison {
  const walk: Walk = { added: new Map(), modified: new Map(), removed: new Map(), path: [] }
  if (left !== undefined || right !== undefined) compare(left, right, type, walk)
  return walk
}

/** The comparison without some paths and all below them. */
export function excludeFrom(comparison: Comparison, excluded: FieldSet): Comparison {
  return {
    added: recursiveDifference(comparison.added, excluded),
    modified: recursiveDifference(comparison.modified, excluded),
    removed: recursiveDifference(comparison.removed, excluded),
  }
}

function compare(left: Maybe, right: Maybe, type: ApplyType, walk: Walk): void {
  if (left === right) return
  const isLeaf = compareAs(variantOf(type, right === undefined ? left : right), { left, right }, type, walk)
  if (left !== undefined && right !== undefined && fittingVariant(type, left) !== fittingVariant(type, right)) {
    if (hasSeveral(type)) compareAs(variantOf(type, left), { left, right }, type, walk)
  }
  if (isLeaf) return
  if (left === undefined) insertPath(walk.added, walk.path)
  else if (right === undefined) insertPath(walk.removed, walk.path)
}

function hasSeveral(type: ApplyType): boolean {
  return Number(type.scalar !== undefined) + Number(type.list !== undefined) + Number(type.map !== undefined) > 1
}

interface Sides<T> {
  readonly left: T
  readonly right: T
}

/** Compares in one of the type's forms; true where the values count as one. */
function compareAs(variant: Variant, sides: Sides<Maybe>, type: ApplyType, walk: Walk): boolean {
  if (variant === 'map' && type.map !== undefined) return compareMaps(sides, type.map, walk)
  if (variant === 'list' && type.list !== undefined) return compareLists(sides, type.list, walk)
  const fault = scalarFault(type.scalar ?? 'untyped', sides.left)
  if (fault !== undefined && scalarFault(type.scalar ?? 'untyped', sides.right) !== undefined) {
    throw new TypedError([faultAt(walk.path, fault)])
  }
  return compareLeaf(sides, walk)
}

function compareLeaf({ left, right }: Sides<Maybe>, walk: Walk): true {
  if (left === undefined) insertPath(walk.added, walk.path)
  else if (right === undefined) insertPath(walk.removed, walk.path)
  else if (!deepEqual(left, right)) insertPath(walk.modified, walk.path)
  return true
}

function compareMaps(sides: Sides<Maybe>, type: MapType, walk: Walk): boolean {
  const left = isObject(sides.left) ? sides.left : {}
  const right = isObject(sides.right) ? sides.right : {}
  if (type.isAtomic || (isEmpty(left) && isEmpty(right))) return compareLeaf(sides, walk)
  for (const name in left)
    step(fieldElement(name), { left: left[name], right: fieldOf(right, name) }, typeOfField(type, name), walk)
  for (const name in right) {
    if (!Object.hasOwn(left, name))
      step(fieldElement(name), { left: undefined, right: right[name] }, typeOfField(type, name), walk)
  }
  return false
}

function isEmpty(object: object): boolean {
  for (const _name in object) return false
  return true
}

function typeOfField(type: MapType, name: string): ApplyType {
  return type.field(name) ?? type.element ?? {}
}

function step(element: PathElement, { left, right }: Sides<Maybe>, type: ApplyType, walk: Walk): void {
  if (left === right) return
  walk.path.push(element)
  compare(left, right, type, walk)
  walk.path.pop()
}

function compareLists(sides: Sides<Maybe>, type: ListType, walk: Walk): boolean {
  const left = isList(sides.left) ? sides.left : []
  const right = isList(sides.right) ? sides.right : []
  if (type.isAtomic || (left.length === 0 && right.length === 0)) return compareLeaf(sides, walk)
  const before = groupItems(left, type, walk)
  const after = groupItems(right, type, walk)
  for (const [element, items] of before)
    compareItems(element, { left: items, right: after.get(element) ?? [] }, type, walk)
  for (const [element, items] of after) {
    if (!before.has(element)) compareItems(element, { left: [], right: items }, type, walk)
  }
  return false
}

function groupItems(
  list: readonly JsonValue[],
  type: ListType,
  walk: Walk,
): ReadonlyMap<PathElement, readonly JsonValue[]> {
  const groups = new Map<PathElement, JsonValue[]>()
  for (const [index, item] of list.entries()) {
    const element = elementOf(type, item)
    if (typeof element !== 'string') throw new TypedError([faultAt(walk.path, `element ${index}: ${element.reason}`)])
    const group = groups.get(element)
    if (group === undefined) groups.set(element, [item])
    else group.push(item)
  }
  return groups
}

/** Items of one name. Several of the same name count as one value, owned as a whole. */
function compareItems(
  element: PathElement,
  { left, right }: Sides<readonly JsonValue[]>,
  type: ListType,
  walk: Walk,
): void {
  if (left.length <= 1 && right.length <= 1) step(element, { left: left[0], right: right[0] }, type.element, walk)
  else if (left.length >= 2 && right.length >= 2) {
    if (!deepEqual(left, right)) insertPath(walk.modified, [...walk.path, element])
  } else if (left.length >= 2) {
    if (right.length > 0) step(element, { left: undefined, right: right[0] }, type.element, walk)
    insertPath(walk.removed, [...walk.path, element])
  } else {
    if (left.length > 0) step(element, { left: left[0], right: undefined }, type.element, walk)
    insertPath(walk.added, [...walk.path, element])
  }
}
