// The JSON merge patch (RFC 7386) that turns one manifest into another.
import { isObject, isSame, type JsonObject } from './json.ts'

/** What changed and nothing else: masked secret values and fields of other writers that were left alone are not sent. */
export function mergePatch(before: JsonObject, after: JsonObject): JsonObject {
  const removed = Object.keys(before)
    .filter((name) => !Object.hasOwn(after, name))
    .map((name) => [name, null] as const)
  const changed = Object.entries(after)
    .filter(([name, value]) => !isSame(before[name], value))
    .map(([name, value]) => {
      const old = before[name]
      return [name, isObject(old) && isObject(value) ? mergePatch(old, value) : value] as const
    })
  return Object.fromEntries([...removed, ...changed])
}
