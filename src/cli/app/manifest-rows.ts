// A live object field by field, and some fields of one.

type Fields = Readonly<Record<string, unknown>>

/** The name, and each field that is there; of lists on the way each element's, in the same shape. */
export function filterFields(object: Fields, paths: readonly string[]): Fields {
  const name = valueAt(object, ['metadata', 'name'])
  let found: Fields = {}
  for (const path of paths) found = merge(found, picked(object, path.split('.')))
  return merge(found, { metadata: { name } })
}

function picked(value: unknown, path: readonly string[]): Fields {
  const [first, ...more] = path
  if (first === undefined || !isMap(value) || !Object.hasOwn(value, first)) return {}
  const inner = value[first]
  if (more.length === 0) return { [first]: inner }
  if (Array.isArray(inner)) {
    const items = inner.map((item: unknown) => picked(item, more)).filter((item) => Object.keys(item).length > 0)
    return items.length === 0 ? {} : { [first]: items }
  }
  const found = picked(inner, more)
  return Object.keys(found).length === 0 ? {} : { [first]: found }
}

function merge(a: Fields, b: Fields): Fields {
  const merged: Record<string, unknown> = { ...a }
  for (const [name, value] of Object.entries(b)) {
    const known = merged[name]
    merged[name] = isMap(known) && isMap(value) ? merge(known, value) : value
  }
  return merged
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((found, name) => (isMap(found) ? found[name] : undefined), value)
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface RowOptions {
  /** Where several objects are shown. */
  readonly showsName: boolean
  /** The name was added, not asked for. */
  readonly isFiltered: boolean
}

/** One row a leaf: `spec.containers[0].name`, by name (upstream's order is that of Go's maps: none). */
export function manifestRows(object: Fields, { showsName, isFiltered }: RowOptions): readonly (readonly string[])[] {
  const name = textOf(valueAt(object, ['metadata', 'name']))
  const leaves = [...leavesOf(object, '')].filter(([field]) => !isFiltered || field !== 'metadata.name')
  return leaves.map(([field, value]) => (showsName ? [field, name, value] : [field, value]))
}

function* leavesOf(value: Fields, prefix: string): Generator<readonly [field: string, value: string]> {
  for (const [name, inner] of Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    yield* valuesOf(inner, `${prefix}${name}`)
  }
}

function* valuesOf(value: unknown, field: string): Generator<readonly [field: string, value: string]> {
  if (isMap(value)) yield* leavesOf(value, `${field}.`)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* valuesOf(item, `${field}[${index}]`)
  } else yield [field, textOf(value)]
}

/** Go's %v. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
