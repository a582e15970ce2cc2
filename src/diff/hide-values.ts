// Hides values that were filled into an object on its way to the cluster, wherever they show up again.
import { LAST_APPLIED_ANNOTATION } from '../kube/apply/last-applied.ts'
import { jsonText, parseJson } from '../kube/json-digits.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { asJson, asObject } from './edit.ts'

/** Keys and list positions from the object down. */
export type JsonPath = readonly (string | number)[]

const FIRST_MASK = '++++++++'
const MASK_STEP = '++++'

/** Texts shorter than this stand in every object: only where they were filled in are they hidden. */
const MIN_LENGTH = 4

/** The texts that stand at the paths of an object; of base64 in a Secret's data also what it encodes. */
export function valuesAt(object: KubeObject, paths: readonly JsonPath[]): ReadonlySet<string> {
  const values = new Set<string>()
  for (const path of paths) {
    const value = at(asJson(object), path)
    if (value === undefined || value === null || typeof value === 'object') continue
    values.add(String(value))
    if (object.kind === 'Secret' && path[0] === 'data')
      values.add(Buffer.from(String(value), 'base64').toString('utf8'))
  }
  return values
}

/**
 * The objects with runs of `+` at the paths, equal for equal values, and with every text that holds one of the values hidden
 * too: a list may stand in another order, and a last-applied annotation holds everything once more.
 */
export function hideValues<T extends KubeObject | undefined>(
  objects: readonly T[],
  paths: readonly JsonPath[],
  values: ReadonlySet<string>,
): readonly T[] {
  const hider = new Hider(paths, values)
  return objects.map((object) => (object === undefined ? object : (hider.object(object) as T))) // an object stays one
}

function at(value: JsonValue, path: JsonPath): JsonValue | undefined {
  let found: JsonValue | undefined = value
  for (const part of path) {
    if (Array.isArray(found)) found = (found as readonly JsonValue[])[Number(part)]
    else found = isObject(found) && Object.hasOwn(found, String(part)) ? found[String(part)] : undefined
  }
  return found
}

class Hider {
  readonly #paths: ReadonlySet<string>
  readonly #values: readonly string[]
  readonly #masks = new Map<string, string>()

  constructor(paths: readonly JsonPath[], values: ReadonlySet<string>) {
    this.#paths = new Set(paths.map((path) => JSON.stringify(path)))
    this.#values = [...values].filter((value) => value.length >= MIN_LENGTH).toSorted((a, b) => b.length - a.length)
  }

  object(object: KubeObject): KubeObject {
    return asObject(this.#value(asJson(object), []) as JsonObject) // an object stays one
  }

  #value(value: JsonValue, path: JsonPath): JsonValue {
    if (Array.isArray(value))
      return (value as readonly JsonValue[]).map((item, index) => this.#value(item, [...path, index]))
    if (isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#value(one, [...path, key])]))
    }
    if (value !== null && this.#paths.has(JSON.stringify(path)))
      return this.#mask(typeof value === 'string' ? value : jsonText(value))
    return typeof value === 'string' ? this.#text(value, path) : value
  }

  #text(text: string, path: JsonPath): string {
    if (path.length === 3 && path[2] === LAST_APPLIED_ANNOTATION && path[0] === 'metadata')
      return this.#lastApplied(text)
    let hidden = text
    for (const value of this.#values) if (hidden.includes(value)) hidden = hidden.replaceAll(value, FIRST_MASK)
    return hidden
  }

  #lastApplied(text: string): string {
    try {
      return jsonText(this.#value(parseJson(text), []))
    } catch {
      return FIRST_MASK // not JSON: nothing tells where it holds what
    }
  }

  #mask(value: string): string {
    const mask = this.#masks.get(value) ?? FIRST_MASK + MASK_STEP.repeat(this.#masks.size)
    this.#masks.set(value, mask)
    return mask
  }
}
