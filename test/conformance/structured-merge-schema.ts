// The parser schemas of structured-merge-diff's own tests as types: `types:` with scalar, list, map, keys, defaults.
import {
  DEDUCED,
  type ApplyType,
  type ListType,
  type MapType,
  type ScalarType,
} from '../../src/kube/apply/apply-type.ts'
import type { JsonValue } from '../../src/kube/object.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'

interface Atom {
  readonly namedType?: string
  readonly scalar?: ScalarType
  readonly list?: {
    readonly elementType: Atom
    readonly elementRelationship?: string
    readonly keys?: readonly string[]
  }
  readonly map?: MapAtom
  readonly elementRelationship?: string
}

interface MapAtom {
  readonly fields?: readonly { readonly name: string; readonly type: Atom; readonly default?: JsonValue }[]
  readonly elementType?: Atom
  readonly elementRelationship?: string
}

/** The type of a name in a schema text. */
export function typesOf(schema: string): (name: string) => ApplyType {
  // The corpus README fixes the form of the text.
  const { types } = parseYaml(schema) as unknown as { readonly types: readonly (Atom & { readonly name: string })[] }
  const made = new Map<string, ApplyType>()
  function named(name: string): ApplyType {
    if (name === '__untyped_deduced_') return DEDUCED
    const known = made.get(name)
    const atom = types.find((candidate) => candidate.name === name)
    if (known !== undefined) return known
    if (atom === undefined) throw new Error(`no type ${name}`)
    const type = typeOf(atom, named)
    made.set(name, type)
    return type
  }
  return named
}

type Named = (name: string) => ApplyType

/** A reference may overrule whether the type it names is atomic. */
function typeOf(atom: Atom, named: Named): ApplyType {
  if (atom.namedType !== undefined) return overruled(named(atom.namedType), atom.elementRelationship)
  const { scalar, list, map } = atom
  const inline: ApplyType = {
    ...(scalar === undefined ? {} : { scalar }),
    ...(list === undefined ? {} : { list: listOf(list, named) }),
    ...(map === undefined ? {} : { map: mapOf(map, named) }),
  }
  return overruled(inline, atom.elementRelationship)
}

function overruled(type: ApplyType, relationship: string | undefined): ApplyType {
  if (relationship === undefined) return type
  const isAtomic = relationship === 'atomic'
  const { list, map } = type
  return {
    ...type,
    ...(list === undefined ? {} : { list: { ...list, isAtomic } }),
    ...(map === undefined ? {} : { map: { ...map, isAtomic } }),
  }
}

function listOf(list: NonNullable<Atom['list']>, named: Named): ListType {
  return {
    isAtomic: list.elementRelationship !== 'associative',
    keys: list.keys ?? [],
    get element() {
      return typeOf(list.elementType, named)
    },
  }
}

function mapOf(map: MapAtom, named: Named): MapType {
  const fields = new Map((map.fields ?? []).map((field) => [field.name, field]))
  const { elementType } = map
  return {
    isAtomic: map.elementRelationship === 'atomic',
    field(name) {
      const field = fields.get(name)
      return field === undefined ? undefined : typeOf(field.type, named)
    },
    get element() {
      return elementType === undefined ? undefined : typeOf(elementType, named)
    },
    isDeduced: fields.size === 0 && isDeduced(elementType),
    defaultOf: (name) => fields.get(name)?.default,
  }
}

function isDeduced(element: Atom | undefined): boolean {
  return element !== undefined && (element.namedType === '__untyped_deduced_' || element.scalar === 'untyped')
}
