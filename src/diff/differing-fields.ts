// Names the fields in which two states of an object differ, and who wrote each: what a person wants to know of a difference.
import { deepEqual, fieldOf, isList, isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { asJson } from './edit.ts'
import { follow, ownedUnder, type OwnedFields } from './managed-fields.ts'

export type FieldPath = readonly string[]

export interface FieldOwner {
  readonly manager: string
  readonly operation: string
  /** `scale`, `status`; empty for the object itself. */
  readonly subresource: string
  /** When the manager last wrote anything of the object; empty where the cluster does not say. */
  readonly time: string
}

/** The element of a list that only one side has, by its name. */
export interface ListedElement {
  readonly list: FieldPath
  readonly name: string
}

/**
 * The deepest places where two values differ. Elements of lists that carry a `name` are told apart by it: one that only the first
 * side has stands in `added`, and the list is not named as a whole where that is all.
 */
export function differingFields(
  live: KubeObject | undefined,
  wanted: KubeObject | undefined,
): { readonly paths: readonly FieldPath[]; readonly added: readonly ListedElement[] } {
  const found: Found = { paths: [], added: [] }
  collect(found, [], live === undefined ? undefined : asJson(live), wanted === undefined ? undefined : asJson(wanted))
  return found
}

interface Found {
  readonly paths: FieldPath[]
  readonly added: ListedElement[]
}

function collect(found: Found, path: FieldPath, a: JsonValue | undefined, b: JsonValue | undefined): void {
  if (a === b || (a !== undefined && b !== undefined && deepEqual(a, b))) return
  if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      collect(found, [...path, key], fieldOf(a, key), fieldOf(b, key))
    }
  } else if (isList(a) && isList(b)) collectList(found, path, a, b)
  else found.paths.push(path)
}

function collectList(found: Found, path: FieldPath, a: readonly JsonValue[], b: readonly JsonValue[]): void {
  if (a.length === b.length) {
    for (const [index, item] of a.entries()) collect(found, [...path, String(index)], item, b[index])
    return
  }
  const [left, right] = [namesOf(a), namesOf(b)]
  if (left === undefined || right === undefined || [...right.keys()].some((name) => !left.has(name))) {
    found.paths.push(path)
    return
  }
  for (const [name, index] of left) {
    const other = right.get(name)
    if (other === undefined) found.added.push({ list: path, name })
    else collect(found, [...path, String(index)], a[index], b[other])
  }
}

/** Undefined where an element has no name, or two have the same. */
function namesOf(items: readonly JsonValue[]): ReadonlyMap<string, number> | undefined {
  const names = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    const name = isObject(item) ? item['name'] : undefined
    if (typeof name !== 'string' || names.has(name)) return undefined
    names.set(name, index)
  }
  return names
}

/** Everybody who owns a field or something of it, the latest first. The path is into the object itself, lists by index. */
export function ownersOf(object: KubeObject, path: FieldPath): readonly FieldOwner[] {
  const owners = (object.metadata.managedFields ?? [])
    .filter((entry) => isObject(entry['fieldsV1']) && owns(entry['fieldsV1'], asJson(object), path))
    .map(ownerOf)
  return owners.toSorted((a, b) => b.time.localeCompare(a.time, 'en'))
}

function owns(fields: OwnedFields, value: JsonValue | undefined, [step, ...rest]: FieldPath): boolean {
  // `{}` owns all there is; `.` alone only that the field exists.
  if (step === undefined || Object.keys(fields).length === 0) return true
  for (const element of Object.keys(fields)) {
    const next = follow(value, element, undefined)
    if (next?.key === step && owns(ownedUnder(fields, element), next.value, rest)) return true
  }
  return false
}

function ownerOf(entry: JsonObject): FieldOwner {
  const textOf = (name: string): string => {
    const value = entry[name]
    return typeof value === 'string' ? value : ''
  }
  return {
    manager: textOf('manager'),
    operation: textOf('operation'),
    subresource: textOf('subresource'),
    time: textOf('time'),
  }
}

/** A path as JSON pointer. */
export function pointerOf(path: FieldPath): string {
  return path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** An element of a list as jq path expression. */
export function jqOf({ list, name }: ListedElement): string {
  const steps = list.map((step) => {
    if (/^\d+$/.test(step)) return `[${step}]`
    return /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
  })
  const path = steps.join('')
  return `${path.startsWith('[') ? '.' : ''}${path}[] | select(.name == ${JSON.stringify(name)})`
}
