// Empty lists and maps that were sent: Go tells them from what was not sent, though it writes neither.
import { isList, isObject } from '../../kube/json-value.ts'
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

/** Where in an object lists stand that were sent empty and are written even so. */
const KEPT: unique symbol = Symbol('kept empty')

type Path = readonly (string | number)[]

interface Kept {
  [KEPT]?: readonly Path[]
}

/** Notes the places of empty lists that a decoded object is written with. */
export function noteKeptEmpty(object: JsonObject, paths: readonly Path[]): void {
  ;(object as unknown as Kept)[KEPT] = paths // as above
}

/** The object as it is stored: there an empty list is none, while whoever sent one owns the field. */
export function asStored<T extends object>(object: T): T {
  const paths = (object as Kept)[KEPT]
  if (paths === undefined) return object
  const { [KEPT]: _noted, ...stored } = object as Kept & JsonObject // objects of the API are JSON
  return paths.reduce<JsonValue>((value, path) => withNull(value, path), stored) as T // a place inside was changed, no more
}

function withNull(value: JsonValue, [step, ...rest]: Path): JsonValue {
  if (step === undefined) return isList(value) && value.length === 0 ? null : value
  if (isList(value)) return value.map((item, index) => (index === step ? withNull(item, rest) : item))
  if (!isObject(value)) return value
  const inner = value[step]
  return inner === undefined ? value : { ...value, [step]: withNull(inner, rest) }
}

/** The fields that were sent empty. */
export function emptiedKeys(object: JsonObject): readonly string[] {
  return Object.keys((object as unknown as Noted)[EMPTIED] ?? {}) // as above
}
