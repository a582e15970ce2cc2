// Empty lists and maps that were sent: Go tells them from what was not sent, though it writes neither.
import type { JsonObject, JsonValue } from '../../kube/object.ts'

/** A symbol, so that neither walks over fields nor JSON see it, while copies of the object keep it. */
const EMPTIED: unique symbol = Symbol('emptied')

interface Noted {
  [EMPTIED]?: Readonly<Record<string, JsonValue>>
}

/** Notes that a field was sent empty, which its object is written without. */
export function noteEmptied(object: JsonObject, key: string, value: JsonValue): void {
  // The interface of JSON objects has no symbols; at run time they are objects like any other.
  const noted = object as unknown as Noted
  noted[EMPTIED] = { ...noted[EMPTIED], [key]: value }
}

/** The value of a field as Go holds it: an empty list or map where one was sent, null where nothing was. */
export function sentValue(object: JsonObject, key: string): JsonValue {
  return object[key] ?? (object as unknown as Noted)[EMPTIED]?.[key] ?? null // as above
}

/** The fields that were sent empty. */
export function emptiedKeys(object: JsonObject): readonly string[] {
  return Object.keys((object as unknown as Noted)[EMPTIED] ?? {}) // as above
}
