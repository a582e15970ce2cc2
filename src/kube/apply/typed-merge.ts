// Merging a value over another by their type (structured-merge-diff v6 `typed/merge.go`). Parts that do not change are shared.
import { deepEqual, fieldOf, isList, isObject, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { variantOf, type ApplyType, type ListType, type MapType } from './apply-type.ts'
import { elementOf } from './list-element.ts'
import { formatElement, type PathElement } from './path-element.ts'
import { TypedError } from './typed-error.ts'

type Maybe = JsonValue | undefined

/** The sum of both: what only one has stays, where both have something the right one wins. */
export function mergeTyped(left: Maybe, right: Maybe, type: ApplyType): Maybe {
  if (right === undefined || left === undefined) return right === undefined ? left : right
  switch (variantOf(type, right)) {
    case 'map':
      return type.map === undefined ? right : mergeMaps(left, right, type.map)
    case 'list':
      return type.list === undefined ? right : mergeLists(left, right, type.list)
    case 'scalar':
      return right
  }
}

function mergeMaps(left: JsonValue, right: JsonValue, type: MapType): JsonValue {
  const before = isObject(left) ? left : undefined
  const after = isObject(right) ? right : undefined
  if (type.isAtomic || (isEmpty(before) && isEmpty(after))) return right
  if (after === undefined) return left
  return before === undefined ? after : mergeFields(before, after, type)
}

/** The left object itself where nothing changes. */
function mergeFields(before: JsonObject, after: JsonObject, type: MapType): JsonObject {
  let merged: Record<string, JsonValue> | undefined
  for (const name in after) {
    const old = fieldOf(before, name)
    const value = mergeTyped(old, after[name], type.field(name) ?? type.element ?? {})
    if (value === old) continue
    merged ??= { ...before }
    if (value === undefined) delete merged[name]
    else setField(merged, name, value)
  }
  return merged ?? before
}

function isEmpty(object: JsonObject | undefined): boolean {
  for (const _name in object) return false
  return true
}

function mergeLists(left: JsonValue, right: JsonValue, type: ListType): Maybe {
  const before = isList(left) ? left : []
  const after = isList(right) ? right : []
  if (type.isAtomic || (before.length === 0 && after.length === 0)) return right
  // Mostly nothing changes, and then naming the items is the dearest part of a merge.
  if (after.length === 0 || deepEqual(before, after)) return before
  const merged = interleave(new Index(before, type, true), new Index(after, type, false), type)
  if (merged.length === 0) return undefined
  return sameItems(merged, before) ? before : merged
}

function sameItems(a: readonly JsonValue[], b: readonly JsonValue[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}

/** A list with what names its items. */
class Index {
  readonly items: readonly JsonValue[]
  readonly elements: readonly PathElement[]
  /** null where several items have the name: such an item is replaced, not merged. */
  readonly byElement: ReadonlyMap<PathElement, JsonValue>

  constructor(items: readonly JsonValue[], type: ListType, allowDuplicates: boolean) {
    const byElement = new Map<PathElement, JsonValue>()
    this.items = items
    this.elements = items.map((item, index) => {
      const element = elementOf(type, item)
      if (typeof element !== 'string') throw new TypedError([`element ${index}: ${element.reason}`])
      if (byElement.has(element) && !allowDuplicates) {
        throw new TypedError([`duplicate entries for key ${formatElement(element)}`])
      }
      byElement.set(element, byElement.has(element) ? null : item)
      return element
    })
    this.byElement = byElement
  }
}

/** The right list's order for what both have; what only the left one has stays beside its neighbours. */
function interleave(left: Index, right: Index, type: ListType): JsonValue[] {
  const walk: Interleaving = { left, right, type, out: [], done: new Set(), l: 0, r: 0 }
  const shared = right.elements.filter((element) => left.byElement.has(element))
  while (walk.l < left.elements.length || walk.r < right.elements.length) {
    const a = left.elements[walk.l]
    const b = right.elements[walk.r]
    if (a !== undefined && a === b) {
      pushMerged(walk, a)
      walk.l++
      walk.r++
      shared.shift()
    } else if (isLater(walk, shared[0])) walk.l++
    else if (a !== undefined && !right.byElement.has(a)) pushItem(walk, left.items[walk.l++])
    else takeRight(walk, shared)
  }
  return walk.out
}

interface Interleaving {
  readonly left: Index
  readonly right: Index
  readonly type: ListType
  readonly out: JsonValue[]
  /** What of the right list stands in `out` already. */
  readonly done: Set<PathElement>
  l: number
  r: number
}

function pushMerged({ left, right, type, out, done }: Interleaving, element: PathElement): void {
  const merged = mergeTyped(left.byElement.get(element), right.byElement.get(element), type.element)
  if (merged !== undefined) out.push(merged)
  done.add(element)
}

function pushItem({ out }: Interleaving, item: Maybe): void {
  if (item !== undefined) out.push(item)
}

/** An item of the left list whose turn in the right one's order comes later. */
function isLater({ left, right, l, r }: Interleaving, nextShared: PathElement | undefined): boolean {
  const element = left.elements[l]
  if (element === undefined || r >= right.elements.length || nextShared === undefined) return false
  return nextShared !== element && right.byElement.has(element)
}

function takeRight(walk: Interleaving, shared: PathElement[]): void {
  const { left, right, done } = walk
  const a = left.elements[walk.l]
  const b = right.elements[walk.r]
  if (a !== undefined && done.has(a)) walk.l++
  if (b === undefined) return
  pushMerged(walk, b)
  walk.r++
  if (b === shared[0]) shared.shift()
}
