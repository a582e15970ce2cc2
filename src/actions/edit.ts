// Sets and removes fields of an object, giving a new one.
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'

type Path = readonly string[]

/** The object with a value at the path; what is missing on the way is made. */
export function withField(object: KubeObject, path: Path, value: JsonValue): KubeObject {
  return edit(object, path, value)
}

/** The object without the field; nothing is made on the way. */
export function withoutField(object: KubeObject, path: Path): KubeObject {
  return edit(object, path, undefined)
}

export function withAnnotation(object: KubeObject, name: string, value: string): KubeObject {
  return withField(object, ['metadata', 'annotations', name], value)
}

/** What stands at the path; null counts as absent. */
export function fieldAt(object: unknown, ...path: Path): unknown {
  let held = object
  for (const key of path) held = isMap(held) ? held[key] : undefined
  return held ?? undefined
}

/** Without maps and lists that hold nothing, which upstream's copies lose. */
export function withoutEmpty(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return value ?? undefined
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutEmpty(item)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  const entries = Object.entries(value)
    .map(([key, held]) => [key, withoutEmpty(held)] as const)
    .filter((entry): entry is [string, JsonValue] => entry[1] !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function edit(object: KubeObject, path: Path, value: JsonValue | undefined): KubeObject {
  return change(object as unknown as JsonObject, path, value) as unknown as KubeObject // its own kind and name survive
}

function change(map: JsonObject, [key = '', ...rest]: Path, value: JsonValue | undefined): JsonObject {
  if (rest.length === 0) {
    if (value !== undefined) return { ...map, [key]: value }
    const { [key]: _removed, ...others } = map
    return others
  }
  const inner = map[key]
  if (!isMap(inner)) return value === undefined ? map : { ...map, [key]: change({}, rest, value) }
  return { ...map, [key]: change(inner, rest, value) }
}

function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
