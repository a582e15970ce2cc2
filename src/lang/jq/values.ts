// The values jq works on, their order, and how errors name them.

export type Json = null | boolean | number | string | readonly Json[] | JsonMap
export interface JsonMap {
  readonly [key: string]: Json
}

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export function typeOf(value: Json): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  // What is neither null nor a list nor a scalar is a map.
  return typeof value as Exclude<JsonType, 'null' | 'array'>
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

export function isMap(value: Json): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Everything but false and null. */
export function isTrue(value: Json): boolean {
  return value !== null && value !== false
}

const RANK: Readonly<Record<JsonType, number>> = { null: 0, boolean: 1, number: 3, string: 4, array: 5, object: 6 }

/** jq's order of all values: null, false, true, numbers, strings, arrays, objects (by keys, then values). */
export function compareValues(a: Json, b: Json): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  if (isList(a) && isList(b)) return compareLists(a, b)
  return isMap(a) && isMap(b) ? compareMaps(a, b) : 0
}

function rankOf(value: Json): number {
  return value === true ? RANK.boolean + 1 : RANK[typeOf(value)]
}

/** By code points, which is the order of their bytes. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const [left, right] = [charactersOf(a), charactersOf(b)]
  for (const [index, char] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (char !== other) return (char.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
  }
  return -1
}

function compareLists(a: readonly Json[], b: readonly Json[]): number {
  for (const [index, item] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareValues(item, other)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareMaps(a: JsonMap, b: JsonMap): number {
  const keys = sortedKeys(a)
  const byKeys = compareLists(keys, sortedKeys(b))
  if (byKeys !== 0) return byKeys
  for (const key of keys) {
    const order = compareValues(a[key] ?? null, b[key] ?? null)
    if (order !== 0) return order
  }
  return 0
}

export function sortedKeys(map: JsonMap): readonly string[] {
  return Object.keys(map).toSorted(compareTexts)
}

/** A field; null where the map lacks it. */
export function fieldOf(map: JsonMap, key: string): Json {
  return Object.hasOwn(map, key) ? (map[key] ?? null) : null
}

/** The code points of a text: what jq counts and cuts by. */
export function charactersOf(text: string): readonly string[] {
  return Array.from(text)
}

/** JSON text as jq prints it: keys sorted. */
export function textOf(value: Json): string {
  if (isList(value)) return `[${value.map(textOf).join(',')}]`
  if (!isMap(value)) return JSON.stringify(value)
  const fields = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${textOf(fieldOf(value, key))}`)
  return `{${fields.join(',')}}`
}

/** How many characters of a value an error shows. */
const PREVIEW = 27

/** `object ({"a":1})`, `null`: how gojq names a value in an error. */
export function describe(value: Json): string {
  return value === null ? 'null' : `${typeOf(value)} (${preview(value)})`
}

export function preview(value: Json): string {
  const text = textOf(value)
  return text.length > PREVIEW + 3 ? `${text.slice(0, PREVIEW)}...` : text
}
