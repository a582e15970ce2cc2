// What names an item of a list that merges item by item: its key fields, or its value.
import { fieldOf, isList, isObject, setField } from '../json-value.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import type { ListType } from './apply-type.ts'
import { keyElement, singleKeyElement, valueElement, type PathElement } from './path-element.ts'

/** An item that nothing can name; `reason` says why, in upstream's words. */
export interface UnnamedItem {
  readonly reason: string
}

/** The step to an item of a granular list. */
export function elementOf(list: ListType, item: JsonValue): PathElement | UnnamedItem {
  return list.keys.length > 0 ? keyedElement(list, item) : setElement(item)
}

function keyedElement(list: ListType, item: JsonValue): PathElement | UnnamedItem {
  if (item === null) return { reason: 'associative list with keys may not have a null element' }
  if (!isObject(item)) return { reason: 'associative list with keys may not have non-map elements' }
  const [first = '', second] = list.keys
  const single = second === undefined ? fieldOf(item, first) : undefined
  if (single !== undefined) return singleKeyElement(first, single)
  const key = keyOf(list, item, [...list.keys].sort())
  if (key !== undefined) return keyElement(key)
  const names = list.keys.map((name) => JSON.stringify(name)).join(' ')
  const text = `associative list with keys has an element that omits all key fields [${names}]`
  return { reason: `${text} (and doesn't have default values for any key fields)` }
}

function keyOf(list: ListType, item: JsonObject, names: readonly string[]): JsonObject | undefined {
  const key: Record<string, JsonValue> = {}
  let isEmpty = true
  for (const name of names) {
    const given = fieldOf(item, name)
    const value = given === undefined ? list.element.map?.defaultOf(name) : given
    if (value === undefined) continue
    setField(key, name, value)
    isEmpty = false
  }
  return isEmpty ? undefined : key
}

function setElement(item: JsonValue): PathElement | UnnamedItem {
  if (isObject(item)) return { reason: "associative list without keys has an element that's a map type" }
  if (isList(item)) return { reason: 'not supported: associative list with lists as elements' }
  if (item === null) return { reason: "associative list without keys has an element that's an explicit null" }
  return valueElement(item)
}
