// One type of an object as patches, server-side apply and pruning need it: shape, merge hints, list keys, defaults.
import type { GroupVersionKind, JsonValue } from '../object.ts'
import { builtinDefinition, gvkTable, keyDefaults, type OpenApiSchema } from './definitions.ts'

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'

/** A discriminated union: at most one of the fields is set, `discriminator` names which. */
export interface UnionSchema {
  readonly discriminator?: string
  /** JSON field → the discriminator's value for it. */
  readonly fields: Readonly<Record<string, string>>
}

/** Children are resolved when first asked for, so a type may contain itself. Never changed after it is made. */
export interface TypeSchema {
  /** Name of the definition (`io.k8s.api.core.v1.Container`); absent where the type stands inline. */
  readonly name?: string
  readonly type?: SchemaType
  readonly format?: string
  readonly properties?: ReadonlyMap<string, TypeSchema>
  readonly items?: TypeSchema
  readonly additionalProperties?: TypeSchema | boolean
  readonly required: readonly string[]
  readonly enum?: readonly JsonValue[]
  readonly default?: JsonValue
  readonly nullable: boolean
  /** `merge`, `retainKeys`, `replace`; several may act together. */
  readonly patchStrategy: readonly string[]
  readonly patchMergeKey?: string
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly unions: readonly UnionSchema[]
  readonly intOrString: boolean
  readonly preserveUnknownFields: boolean
  readonly embeddedResource: boolean
}

/** Finds the definition a `$ref` names; undefined where there is none. */
export type ResolveReference = (name: string) => TypeSchema | undefined

const REFERENCE = /^#\/(?:definitions|components\/schemas)\/(?<name>.+)$/
const NONE: readonly never[] = Object.freeze([])

/** Resolved built-in definitions. A cache of what is derived from constant data, so it does not tie processes together. */
const builtins = new Map<string, TypeSchema | undefined>()

/** The schema of a built-in kind of Kubernetes 1.36.3; undefined where the kind is no built-in. */
export function builtinSchema(gvk: GroupVersionKind): TypeSchema | undefined {
  const definition = gvkTable()[`${gvk.group}/${gvk.version}/${gvk.kind}`]
  return definition === undefined ? undefined : definitionSchema(definition)
}

/** The schema of a definition by its OpenAPI name (`io.k8s.api.core.v1.PodSpec`). */
export function definitionSchema(name: string): TypeSchema | undefined {
  const known = builtins.get(name)
  if (known !== undefined || builtins.has(name)) return known
  const raw = builtinDefinition(name)
  const schema = raw === undefined ? undefined : makeSchema(withKeyDefaults(raw, name), definitionSchema, name)
  builtins.set(name, schema)
  return schema
}

/** Adds the defaults of fields that are keys of lists: OpenAPI v2 does not carry them, and a key is built from defaulted values. */
function withKeyDefaults(raw: OpenApiSchema, name: string): OpenApiSchema {
  const defaults = keyDefaults(name)
  if (defaults === undefined) return raw
  const properties: Record<string, OpenApiSchema> = { ...raw.properties }
  for (const [key, value] of Object.entries(defaults)) properties[key] = { ...properties[key], default: value }
  return { ...raw, properties }
}

/** The schema of a CRD version from its `openAPIV3Schema` (structural: nothing is referenced). */
export function fromOpenApi(openApiV3Schema: unknown): TypeSchema {
  return makeSchema(asOpenApi(openApiV3Schema), () => undefined)
}

/** The schema of one definition of an OpenAPI v2 or v3 document, given its definitions by name. */
export function fromDefinitions(definitions: Readonly<Record<string, unknown>>, name: string): TypeSchema | undefined {
  const made = new Map<string, TypeSchema>()
  function resolve(wanted: string): TypeSchema | undefined {
    const known = made.get(wanted)
    if (known !== undefined) return known
    const raw = definitions[wanted]
    if (raw === undefined) return undefined
    const schema = makeSchema(asOpenApi(raw), resolve, wanted)
    made.set(wanted, schema)
    return schema
  }
  return resolve(name)
}

/** Follows property names and list items down: `['spec', 'template']`; undefined where the schema says nothing. */
export function schemaAt(schema: TypeSchema | undefined, path: readonly (string | number)[]): TypeSchema | undefined {
  let current = schema
  for (const step of path) {
    current = typeof step === 'number' ? current?.items : propertySchema(current, step)
    if (current === undefined) return undefined
  }
  return current
}

/** The schema of one property, named or additional. */
export function propertySchema(schema: TypeSchema | undefined, name: string): TypeSchema | undefined {
  const named = schema?.properties?.get(name)
  if (named !== undefined) return named
  const rest = schema?.additionalProperties
  return typeof rest === 'object' ? rest : undefined
}

function asOpenApi(value: unknown): OpenApiSchema {
  // Whatever is no object says nothing about its type; each hint is checked for its own type where it is read.
  return typeof value === 'object' && value !== null ? value : {}
}

function makeSchema(raw: OpenApiSchema, resolve: ResolveReference, name?: string): TypeSchema {
  const base = referenced(raw, resolve)
  let properties: ReadonlyMap<string, TypeSchema> | undefined
  let items: TypeSchema | undefined
  let additional: TypeSchema | boolean | undefined
  return {
    ...plainPart(raw, base),
    name: name ?? base?.name,
    get properties() {
      properties ??= raw.properties === undefined ? base?.properties : makeProperties(raw, resolve)
      return properties
    },
    get items() {
      items ??= typeof raw.items === 'object' ? makeChild(raw.items, resolve) : base?.items
      return items
    },
    get additionalProperties() {
      additional ??= makeAdditional(raw, resolve) ?? base?.additionalProperties
      return additional
    },
  } as unknown as TypeSchema // The hints are checked one by one above; the getters give undefined for what is absent, which readers of optional fields cannot tell apart.
}

/** What a `$ref`, or the `allOf` with a single `$ref` which OpenAPI v3 wraps it in, points to. */
function referenced(raw: OpenApiSchema, resolve: ResolveReference): TypeSchema | undefined {
  const reference = raw.$ref ?? (raw.allOf?.length === 1 ? raw.allOf[0]?.$ref : undefined)
  const name = typeof reference === 'string' ? REFERENCE.exec(reference)?.groups?.['name'] : undefined
  return name === undefined ? undefined : resolve(name)
}

/** A bare reference shares the definition's schema; with hints beside it, it gets its own. */
function makeChild(raw: OpenApiSchema, resolve: ResolveReference): TypeSchema {
  const isBare = raw.$ref !== undefined && Object.keys(raw).length === 1
  return (isBare ? referenced(raw, resolve) : undefined) ?? makeSchema(raw, resolve)
}

function makeProperties(raw: OpenApiSchema, resolve: ResolveReference): ReadonlyMap<string, TypeSchema> {
  const made = new Map<string, TypeSchema>()
  for (const [key, value] of Object.entries(raw.properties ?? {})) made.set(key, makeChild(asOpenApi(value), resolve))
  return made
}

function makeAdditional(raw: OpenApiSchema, resolve: ResolveReference): TypeSchema | boolean | undefined {
  const rest = raw.additionalProperties
  return typeof rest === 'object' ? makeChild(rest, resolve) : rest
}

/** How OpenAPI names each hint that is taken over as it stands, from the definition where the reference has none of its own. */
const HINTS = [
  ['format', 'format'],
  ['enum', 'enum'],
  ['default', 'default'],
  ['x-kubernetes-patch-merge-key', 'patchMergeKey'],
  ['x-kubernetes-list-type', 'listType'],
  ['x-kubernetes-list-map-keys', 'listMapKeys'],
  ['x-kubernetes-map-type', 'mapType'],
  ['required', 'required'],
  ['nullable', 'nullable'],
  ['x-kubernetes-int-or-string', 'intOrString'],
  ['x-kubernetes-preserve-unknown-fields', 'preserveUnknownFields'],
  ['x-kubernetes-embedded-resource', 'embeddedResource'],
] as const satisfies readonly (readonly [keyof OpenApiSchema, keyof TypeSchema])[]

const PLAIN = {
  required: NONE,
  nullable: false,
  patchStrategy: NONE,
  listMapKeys: NONE,
  unions: NONE,
  intOrString: false,
  preserveUnknownFields: false,
  embeddedResource: false,
}

function plainPart(raw: OpenApiSchema, base: TypeSchema | undefined): Record<string, unknown> {
  const part: Record<string, unknown> = { ...PLAIN }
  for (const [from, to] of HINTS) {
    const value = raw[from] ?? base?.[to]
    if (value !== undefined) part[to] = value
  }
  const type = schemaType(raw.type) ?? base?.type
  if (type !== undefined) part['type'] = type
  if (base !== undefined) part['unions'] = base.unions
  if (raw['x-kubernetes-unions'] !== undefined) part['unions'] = raw['x-kubernetes-unions'].map(makeUnion)
  if (raw['x-kubernetes-patch-strategy'] !== undefined)
    part['patchStrategy'] = raw['x-kubernetes-patch-strategy'].split(',')
  if (part['format'] === 'int-or-string') part['intOrString'] = true
  return part
}

function schemaType(type: string | undefined): SchemaType | undefined {
  switch (type) {
    case 'object':
    case 'array':
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return type
    default:
      return undefined
  }
}

function makeUnion(raw: NonNullable<OpenApiSchema['x-kubernetes-unions']>[number]): UnionSchema {
  const fields = raw['fields-to-discriminateBy'] ?? {}
  return raw.discriminator === undefined ? { fields } : { discriminator: raw.discriminator, fields }
}
