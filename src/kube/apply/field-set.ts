// Sets of field paths as trees: who owns what. All operations give new sets and share what does not change.
import { formatElement, sortElements, type PathElement } from './path-element.ts'

/** A node is owned itself (`.` in FieldsV1), has owned fields below, or both; never neither. */
export interface FieldNode {
  readonly isMember: boolean
  readonly children: FieldSet
}

export type FieldSet = ReadonlyMap<PathElement, FieldNode>

/** A set under construction. */
export type FieldSetBuilder = Map<PathElement, FieldNode>

export const EMPTY_SET: FieldSet = new Map()

/** A node that is owned and has nothing below. */
export const LEAF: FieldNode = { isMember: true, children: EMPTY_SET }

export type FieldPath = readonly PathElement[]

/** The set of some paths: `fieldSetOf([['f:status'], ['f:metadata', 'f:labels']])`. */
export function fieldSetOf(paths: readonly FieldPath[]): FieldSet {
  const set: FieldSetBuilder = new Map()
  for (const path of paths) insertPath(set, path)
  return set
}

/** Adds a path to a set under construction. The empty path names the root, which no set holds. */
export function insertPath(set: FieldSetBuilder, path: FieldPath, start = 0): void {
  const element = path[start]
  if (element === undefined) return
  const isLast = start === path.length - 1
  const known = set.get(element)
  if (isLast) {
    set.set(element, known === undefined ? LEAF : { isMember: true, children: known.children })
    return
  }
  // Every node below was made by this function for this set alone, so it may still be changed.
  const children = known !== undefined && known.children !== EMPTY_SET ? (known.children as FieldSetBuilder) : new Map()
  insertPath(children, path, start + 1)
  set.set(element, { isMember: known?.isMember ?? false, children })
}

/** Whether a set has nothing but single steps. */
export function areTopLevel(set: FieldSet = EMPTY_SET): boolean {
  for (const { isMember, children } of set.values()) if (!isMember || children.size > 0) return false
  return true
}

function keep(out: FieldSetBuilder, element: PathElement, isMember: boolean, children: FieldSet): void {
  if (isMember || children.size > 0) out.set(element, { isMember, children })
}

/** What is in either set: the first itself where the second adds nothing. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || a === b) return b
  if (b.size === 0) return a
  let out: FieldSetBuilder | undefined
  for (const [element, right] of b) {
    const left = a.get(element)
    const both = left === undefined ? right : unionNodes(left, right)
    if (both !== left) (out ??= new Map(a)).set(element, both)
  }
  return out ?? a
}

function unionNodes(left: FieldNode, right: FieldNode): FieldNode {
  if (left === right) return left
  const children = union(left.children, right.children)
  const isMember = left.isMember || right.isMember
  return isMember === left.isMember && children === left.children ? left : { isMember, children }
}

/** What is in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  const out: FieldSetBuilder = new Map()
  for (const [element, left] of a) {
    const right = b.get(element)
    if (right !== undefined)
      keep(out, element, left.isMember && right.isMember, intersection(left.children, right.children))
  }
  return out
}

/** What is in the first set and not in the second; a path in the second does not take away what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (b.size === 0 || a.size === 0) return a
  if (a === b) return EMPTY_SET
  const out: FieldSetBuilder = new Map()
  for (const [element, left] of a) {
    const right = b.get(element)
    if (right === undefined) out.set(element, left)
    else if (left !== right)
      keep(out, element, left.isMember && !right.isMember, difference(left.children, right.children))
  }
  return out
}

/** As `difference`, but a path in the second set takes everything below it away too. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  if (b.size === 0 || a.size === 0) return a
  const out: FieldSetBuilder = new Map()
  for (const [element, left] of a) {
    const right = b.get(element)
    if (right === undefined) out.set(element, left)
    else if (!right.isMember) keep(out, element, left.isMember, recursiveDifference(left.children, right.children))
  }
  return out
}

/** Whether a path is a member. */
export function hasPath(set: FieldSet, path: FieldPath): boolean {
  let current: FieldSet = set
  let node: FieldNode | undefined
  for (const element of path) {
    node = current.get(element)
    if (node === undefined) return false
    current = node.children
  }
  return node?.isMember === true
}

/** Equal as sets. */
export function setsEqual(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [element, left] of a) {
    const right = b.get(element)
    if (right === undefined || left.isMember !== right.isMember || !setsEqual(left.children, right.children))
      return false
  }
  return true
}

/** All members in upstream's order: at each level first the members, then what is below. */
export function* pathsOf(set: FieldSet, prefix: FieldPath = []): Generator<FieldPath> {
  const sorted = sortElements(set.keys())
  for (const element of sorted) if (set.get(element)?.isMember === true) yield [...prefix, element]
  for (const element of sorted) yield* pathsOf(set.get(element)?.children ?? EMPTY_SET, [...prefix, element])
}

/** The members that have no members below. */
export function leavesOf(set: FieldSet): FieldSet {
  const out: FieldSetBuilder = new Map()
  for (const [element, { isMember, children }] of set)
    keep(out, element, isMember && children.size === 0, leavesOf(children))
  return out
}

/** A path as conflicts print it: `.spec.containers[name="c"].image`. */
export function formatPath(path: FieldPath): string {
  return path.map(formatElement).join('')
}
