// One step of a field path as FieldsV1 writes it: `f:spec`, `k:{"name":"c"}`, `v:"x"`, `i:0`; built, printed and ordered.
import { jsonText, parseJson } from '../json-digits.ts'
import type { JsonObject, JsonValue } from '../object.ts'
import { isObject } from '../json-value.ts'

/** The text of FieldsV1 with the fields of a key sorted by name, so that equal steps are equal texts. */
export type PathElement = string

/** Steps of field names made so far, both ways: a text built anew has to be hashed anew on every look-up. Bounded, as names come from outside. */
const interned = new Map<string, PathElement>()
const fieldNames = new Map<PathElement, string>()
const MAX_INTERNED = 20_000

export function fieldElement(name: string): PathElement {
  const known = interned.get(name)
  if (known !== undefined) return known
  const element = `f:${name}`
  if (interned.size < MAX_INTERNED) {
    interned.set(name, element)
    fieldNames.set(element, name)
  }
  return element
}

/** A set's item, named by its value. */
export function valueElement(value: JsonValue): PathElement {
  return `v:${jsonText(value)}`
}

/** A list's item, named by the fields that are its key; they must be sorted by name. */
export function keyElement(key: JsonObject): PathElement {
  return `k:${jsonText(key)}`
}

/** As `keyElement`, for a key of one field. */
export function singleKeyElement(name: string, value: JsonValue): PathElement {
  return `k:{${JSON.stringify(name)}:${jsonText(value)}}`
}

/** The name of a field step; undefined for the others. */
export function fieldNameOf(element: PathElement): string | undefined {
  return fieldNames.get(element) ?? (element.startsWith('f:') ? element.slice(2) : undefined)
}

/** The key fields of a step that names a list's item; undefined for the others. */
export function keyOfElement(element: PathElement): JsonObject | undefined {
  return element.startsWith('k:') ? parseObject(element.slice(2)) : undefined
}

function parseObject(text: string): JsonObject | undefined {
  const value = parse(text)
  return isObject(value) ? value : undefined
}

function parse(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A key of one field, or a value, that cannot be written in another way. */
const PLAIN = /^(?:k:\{"\w+":(?:"[^"\\]*"|-?[1-9]\d{0,14})\}|v:"[^"\\]*")$/

/** The step in its one form; undefined where it is none (`x:…`, broken JSON). */
export function canonicalElement(text: string): PathElement | undefined {
  if (text.startsWith('f:')) return fieldNames.has(text) ? text : fieldElement(text.slice(2))
  if (PLAIN.test(text)) return text
  switch (text.slice(0, 2)) {
    case 'i:':
      return /^i:-?\d+$/.test(text) ? text : undefined
    case 'v:': {
      const value = parse(text.slice(2))
      return value === undefined ? undefined : valueElement(value)
    }
    case 'k:': {
      const key = parseObject(text.slice(2))
      return key === undefined ? undefined : keyElement(sortKey(key))
    }
    default:
      return undefined
  }
}

function sortKey(key: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(key).sort(([a], [b]) => compareText(a, b)))
}

/** The step as conflicts print it: `.spec`, `[name="c"]`, `[="x"]`, `[0]`. */
export function formatElement(element: PathElement): string {
  if (element.startsWith('f:')) return `.${element.slice(2)}`
  if (element.startsWith('v:')) return `[=${element.slice(2)}]`
  if (element.startsWith('i:')) return `[${element.slice(2)}]`
  const fields = Object.entries(keyOfElement(element) ?? {})
  return `[${fields.map(([name, value]) => `${name}=${jsonText(value)}`).join(',')}]`
}

/** Sorts steps: fields before keys before values before indexes; each kind in its own order (`PathElement.Compare`). */
export function sortElements(elements: Iterable<PathElement>): PathElement[] {
  const all = [...elements]
  if (all.length < 2) return all
  if (all.every((element) => element.startsWith('f:')) || haveOneOrder(all)) return all.sort()
  const keyed = all.map((element) => ({
    element,
    value: element.startsWith('f:') ? undefined : parse(element.slice(2)),
  }))
  return keyed.sort(compareKeyed).map(({ element }) => element)
}

/** A key of one text, or a text, whose characters all sort behind the quotation mark that ends it. */
const TEXT_ELEMENT = /^(?<head>k:\{"\w+":|v:)"[^"\\\s!]*"\}?$/

/** Whether steps sort by their text as they do by their values, which then need not be read. */
function haveOneOrder(all: readonly PathElement[]): boolean {
  const head = TEXT_ELEMENT.exec(all[0] ?? '')?.groups?.['head']
  return head !== undefined && all.every((element) => element.startsWith(head) && TEXT_ELEMENT.test(element))
}

interface KeyedElement {
  readonly element: PathElement
  readonly value: JsonValue | undefined
}

function compareKeyed(a: KeyedElement, b: KeyedElement): number {
  const [kind, other] = [a.element.charAt(0), b.element.charAt(0)]
  if (kind !== other) return 'fkvi'.indexOf(kind) - 'fkvi'.indexOf(other)
  return kind === 'f' ? compareText(a.element, b.element) : compareValues(a.value, b.value)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function compareValues(a: JsonValue | undefined, b: JsonValue | undefined): number {
  if (isObject(a) && isObject(b)) return compareKeys(Object.entries(a), Object.entries(b))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return rankOf(a) - rankOf(b) || Number(a === true) - Number(b === true)
}

/** Numbers before strings before booleans before the rest (`value.Compare`). */
function rankOf(value: JsonValue | undefined): number {
  return ['number', 'string', 'boolean'].indexOf(typeof value) + (typeof value === 'object' ? 4 : 0)
}

type KeyFields = readonly (readonly [string, JsonValue])[]

function compareKeys(a: KeyFields, b: KeyFields): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareText(name, other[0]) || compareValues(value, other[1])
    if (order !== 0) return order
  }
  return a.length - b.length
}
