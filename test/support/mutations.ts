// Wrong and unusual variants of a manifest: each changes one place of it.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export interface Mutation {
  /** Place and change: `spec.replicas = -1`. */
  readonly name: string
  readonly manifest: Json
}

type Key = string | number
/** Absent values take the field away. */
type Change = readonly [name: string, value: Json | undefined]

const LONG = 'x'.repeat(300)

/** Every variant of every value below `root`, in the order of the manifest. */
export function* mutationsOf(root: Json): Generator<Mutation> {
  for (const path of placesOf(root, [])) {
    const value = valueAt(root, path)
    for (const [what, changed] of changesOf(value)) {
      yield { name: `${path.join('.')} ${what}`, manifest: changedAt(root, path, changed) }
    }
  }
}

function* placesOf(value: Json, path: readonly Key[]): Generator<readonly Key[]> {
  // The type of the object is a matter of routes, not of validation.
  if (path.length === 1 && (path[0] === 'apiVersion' || path[0] === 'kind')) return
  if (path.length > 0) yield path
  if (typeof value !== 'object' || value === null) return
  const entries: readonly (readonly [Key, Json])[] = isList(value) ? [...value.entries()] : Object.entries(value)
  for (const [key, item] of entries) yield* placesOf(item, [...path, key])
}

function changesOf(value: Json): readonly Change[] {
  const gone: Change = ['is absent', undefined]
  switch (typeof value) {
    case 'string':
      return [gone, ['is empty', ''], ['is a number', 5], ['is no name', 'Bad_Value!'], ['is long', LONG], ['is another', `${value}x`], ['is -1', '-1'], ['is upper', value.toUpperCase()]] // prettier-ignore
    case 'number':
      return [gone, ['is -1', -1], ['is 0', 0], ['is more', value + 1], ['is text', '5'], ['is a fraction', 1.5], ['is huge', 2147483647], ['is too huge', 2147483648], ['is 70000', 70000]] // prettier-ignore
    case 'boolean':
      return [gone, ['is the other', !value], ['is text', 'true']]
    default:
      if (value === null) return [gone]
      return isList(value)
        ? [gone, ['is empty', []], ['is an object', {}], ['is text', 'x'], ['is doubled', [...value, ...value.slice(0, 1)]], ['has null', [null]]] // prettier-ignore
        : [gone, ['is empty', {}], ['is a list', []], ['is text', 'x'], ['has more', { ...value, 'un known': 'x' }], ['is null', null]] // prettier-ignore
  }
}

function valueAt(value: Json, path: readonly Key[]): Json {
  let at: Json = value
  for (const key of path) at = (at as Readonly<Record<Key, Json>>)[key] ?? null // the path was found in this value
  return at
}

function changedAt(value: Json, path: readonly Key[], changed: Json | undefined): Json {
  const [key, ...rest] = path
  if (key === undefined) return changed ?? null
  if (isList(value)) {
    const items = value.map((item, index) => (index === key ? changedAt(item, rest, changed) : item))
    return rest.length === 0 && changed === undefined ? items.filter((_item, index) => index !== key) : items
  }
  const object = value as Readonly<Record<Key, Json>> // a path leads through lists and objects
  const fields = Object.entries(object).filter(([name]) => rest.length > 0 || changed !== undefined || name !== key)
  return Object.fromEntries(fields.map(([name, item]) => [name, name === key ? changedAt(item, rest, changed) : item]))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
