// The values jq works on.

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
