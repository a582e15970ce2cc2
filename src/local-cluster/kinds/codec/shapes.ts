// The Go structs of the built-in kinds as their JSON codec sees them: names, emptiness, types.
import messages from '../../../kube/protobuf/generated/messages.json' with { type: 'json' }
import goTypes from '../generated/go-types.json' with { type: 'json' }
import { gvkTable } from '../../../kube/schema/definitions.ts'

export type ScalarType = 'string' | 'bool' | 'int32' | 'int64' | 'double' | 'bytes'

/** Types with a JSON form of their own. */
export type SpecialType = 'quantity' | 'int-or-string' | 'time' | 'micro-time' | 'duration' | 'any' | 'strings'

export interface FieldShape {
  readonly name: string
  readonly list: boolean
  readonly map: boolean
  readonly pointer: boolean
  /** Written even when empty (no `omitempty`). */
  readonly kept: boolean
  readonly type: ScalarType | SpecialType | 'struct'
  /** The struct behind `struct`. */
  readonly struct: string
  /** The field's Go type where it has a name of its own and is no struct: `v1.RestartPolicy`, `[]v1.FinalizerName`. */
  readonly named: string | undefined
  /** The struct without a name of its own that the field comes from: `ProbeHandler`; errors tell it. */
  readonly embedded: string | undefined
}

export interface StructShape {
  /** Name of the Go struct: `PodSpec`. */
  readonly goName: string
  /** The same with its package: `v1.PodSpec`. */
  readonly goType: string
  readonly fields: ReadonlyMap<string, FieldShape>
  /** Fields that appear in the answer whether they were sent or not. */
  readonly always: readonly FieldShape[]
  /** Has `kind` and `apiVersion` of its own. */
  readonly typed: boolean
}

const TABLE: Readonly<Record<string, string>> = messages
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
const SPECIAL: Readonly<Record<string, SpecialType>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'int-or-string',
  [`${META}Time`]: 'time',
  [`${META}MicroTime`]: 'micro-time',
  [`${META}Duration`]: 'duration',
  [`${META}FieldsV1`]: 'any',
  [`${META}Verbs`]: 'strings',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'any',
  'io.k8s.api.authentication.v1.ExtraValue': 'strings',
  'io.k8s.api.authorization.v1.ExtraValue': 'strings',
  'io.k8s.api.certificates.v1.ExtraValue': 'strings',
  [`${EXTENSIONS}JSON`]: 'any',
  [`${EXTENSIONS}JSONSchemaPropsOrBool`]: 'any',
  [`${EXTENSIONS}JSONSchemaPropsOrArray`]: 'any',
  [`${EXTENSIONS}JSONSchemaPropsOrStringArray`]: 'any',
}
const SCALARS: Readonly<Record<string, ScalarType>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'double',
  bytes: 'bytes',
}

const GO_TYPES: Readonly<Record<string, string>> = goTypes

/** As `made`. */
const named = new Map<string, ReadonlyMap<string, string>>()
/** Shapes made so far: derived from constant data, so it does not tie processes together. */
const made = new Map<string, StructShape | undefined>()
const typedNames = new Set(Object.values(gvkTable()))

/** The shape of a definition by its OpenAPI name; undefined where it is no struct of a built-in kind. */
export function structShape(name: string): StructShape | undefined {
  const known = made.get(name)
  if (known !== undefined || made.has(name)) return known
  const text = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined
  const shape = text === undefined ? undefined : makeShape(name, text)
  made.set(name, shape)
  return shape
}

function makeShape(name: string, text: string): StructShape {
  const fields = new Map<string, FieldShape>()
  for (const entry of text === '' ? [] : text.split(';')) addField(name, entry, fields)
  return {
    goName: name.slice(name.lastIndexOf('.') + 1),
    goType: name.split('.').slice(-2).join('.'),
    fields,
    always: [...fields.values()].filter((field) => isAlwaysWritten(name, field)),
    typed: typedNames.has(name),
  }
}

/** Named types of a struct's fields; the table is read once a struct. */
function namesOf(owner: string): ReadonlyMap<string, string> {
  const known = named.get(owner)
  if (known !== undefined) return known
  const text = Object.hasOwn(GO_TYPES, owner) ? (GO_TYPES[owner] ?? '') : ''
  const entries = text === '' ? [] : text.split(';').map((entry) => entry.split(' ', 2))
  const found = new Map(entries.map(([name = '', type = '']) => [name, type]))
  named.set(owner, found)
  return found
}

/** One field of the generated table: `1 name string kp`; an inlined struct (`-`) gives its fields to its owner. */
function addField(owner: string, entry: string, fields: Map<string, FieldShape>): void {
  const [, name, type, flags] = FIELD.exec(entry) ?? []
  if (name === undefined || type === undefined || flags === undefined) throw new Error(`${owner}: bad entry ${entry}`)
  const field = makeField(owner, name, type, flags)
  if (name !== '-') fields.set(name, field)
  else
    for (const [key, inlined] of structShape(field.struct)?.fields ?? []) fields.set(key, embed(inlined, field.struct))
}

function embed(field: FieldShape, struct: string): FieldShape {
  const name = struct.slice(struct.lastIndexOf('.') + 1)
  return { ...field, embedded: field.embedded === undefined ? name : `${name}.${field.embedded}` }
}

const FIELD = /^\d+ (?<name>\S+) (?<type>\S+) ?(?<flags>\S*)$/

function makeField(owner: string, name: string, type: string, flags: string): FieldShape {
  const isMap = type.startsWith('{')
  const bare = isMap ? type.slice(1) : type
  const full = bare.startsWith('.') ? owner.slice(0, owner.lastIndexOf('.')) + bare : bare
  const kind = SCALARS[full] ?? SPECIAL[full] ?? 'struct'
  return {
    name,
    list: flags.includes('r'),
    map: isMap,
    pointer: flags.includes('p'),
    kept: flags.includes('k'),
    type: kind,
    struct: kind === 'struct' ? full : '',
    named: namesOf(owner).get(name),
    embedded: undefined,
  }
}

/** Go's `omitempty` never leaves out a struct, so a struct that is no pointer appears always; creationTimestamp alone has `omitzero`. */
function isAlwaysWritten(owner: string, field: FieldShape): boolean {
  if (field.kept) return true
  if (field.pointer || field.list || field.map) return false
  if (owner === `${META}ObjectMeta`) return false
  switch (field.type) {
    case 'struct':
    case 'time':
    case 'micro-time':
    case 'duration':
    case 'quantity':
    case 'int-or-string':
      return true
    default:
      return false
  }
}
