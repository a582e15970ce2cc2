// A schema document: what `$ref` in it leads to, and the draft it is written in.
import { CapstanError } from '../../../base/errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

export interface SchemaDocument {
  readonly root: Json
  /** 4, 6, 7, 2019 or 2020. */
  readonly draft: number
  /** Schemas by their `$id` and `$anchor`. */
  readonly named: ReadonlyMap<string, Json>
}

/** Levels at which schemas with names are looked for. */
const MAX_SEARCH_DEPTH = 200

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a schema. Throws `bad-input` for what is no JSON. */
export function parseSchema(text: string): SchemaDocument {
  const root = JSON.parse(text) as Json // JSON.parse gives nothing else
  const named = new Map<string, Json>()
  collectNames(root, named, 0)
  return { root, draft: draftOf(isObject(root) ? root['$schema'] : undefined), named }
}

function draftOf(schema: Json | undefined): number {
  const found = typeof schema === 'string' ? /draft(?:-0|\/)(?<draft>\d+)/.exec(schema)?.groups?.['draft'] : undefined
  return found === undefined ? 2020 : Number(found)
}

function collectNames(value: Json, named: Map<string, Json>, depth: number): void {
  if (depth > MAX_SEARCH_DEPTH) throw new CapstanError('limit', 'the schema nests too deep')
  if (Array.isArray(value)) for (const item of value as readonly Json[]) collectNames(item, named, depth + 1)
  if (!isObject(value)) return
  for (const key of ['$id', 'id']) {
    const id = value[key]
    if (typeof id === 'string') named.set(id.replace(/#$/, ''), value)
  }
  const anchor = value['$anchor']
  if (typeof anchor === 'string') named.set(`#${anchor}`, value)
  for (const child of Object.values(value)) collectNames(child, named, depth + 1)
}

/** The schema a `$ref` leads to. Throws `bad-input` for one that leads nowhere; nothing is ever fetched. */
export function resolveRef(document: SchemaDocument, ref: string): Json {
  const [id = '', fragment = ''] = ref.split('#', 2)
  const base = id === '' ? document.root : namedSchema(document, id)
  const target = base === undefined ? undefined : resolveFragment(document, base, fragment)
  if (target === undefined) {
    const reason = id === '' ? 'not found' : 'not part of the chart, and schemas are not fetched'
    throw new CapstanError('bad-input', `values.schema.json: $ref ${JSON.stringify(ref)}: ${reason}`)
  }
  return target
}

function namedSchema(document: SchemaDocument, id: string): Json | undefined {
  const exact = document.named.get(id)
  if (exact !== undefined) return exact
  // A relative name: the last part of a schema's own id.
  for (const [name, schema] of document.named) if (name.endsWith(`/${id}`)) return schema
  return undefined
}

function resolveFragment(document: SchemaDocument, base: Json, fragment: string): Json | undefined {
  if (fragment === '') return base
  if (!fragment.startsWith('/')) return document.named.get(`#${fragment}`)
  let target: Json | undefined = base
  for (const part of fragment.slice(1).split('/')) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(target)) target = (target as readonly Json[])[Number(key)]
    else target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined
  }
  return target
}
