// One resource of a build: its tree, and what the build remembers of it beside the tree.
import { CapstanError } from '../../base/errors.ts'
import type { YamlValue } from '../../lang/yaml/value.ts'
import type { MappingNode, Node } from './node.ts'
import {
  clearField,
  cloneNode,
  field,
  fieldAt,
  mapping,
  mappingField,
  scalar,
  setField,
  textOf,
  valueOfNode,
} from './node.ts'
import { textOfMeta } from './node-meta.ts'
import type { Origin } from './origin.ts'
import type { ResId } from './res-id.ts'
import { gvkOf } from './res-id.ts'

export type Behavior = 'unspecified' | 'create' | 'merge' | 'replace'

/** What a resource was called before a transformer renamed or moved it. */
export interface PreviousName {
  readonly name: string
  readonly namespace: string
  readonly kind: string
}

/** kustomize keeps all this in annotations while it builds; here it stands beside the tree. Changed in place by its build. */
export interface Resource {
  node: MappingNode
  /** Oldest first. */
  previous: readonly PreviousName[]
  /** Innermost first. */
  prefixes: readonly string[]
  suffixes: readonly string[]
  behavior: Behavior
  needsHash: boolean
  /** Rendered by a chart, which has put it into its namespace itself. */
  isFromHelm?: boolean
  /** Names of the vars that read from it. */
  varNames: readonly string[]
  /** For buildMetadata. */
  origin?: Origin | undefined
  transformations?: readonly Origin[]
}

export function newResource(node: MappingNode): Resource {
  return { node, previous: [], prefixes: [], suffixes: [], behavior: 'unspecified', needsHash: false, varNames: [] }
}

export function cloneResource(resource: Resource): Resource {
  return { ...resource, node: cloneNode(resource.node) }
}

export function kindName(resource: Resource): string {
  return textOf(field(resource.node, 'kind'))
}

export function nameOf(resource: Resource): string {
  return textOfMeta(resource.node, 'name')
}

export function namespaceOf(resource: Resource): string {
  return textOfMeta(resource.node, 'namespace')
}

/** What it is called now. */
export function currentId(resource: Resource): ResId {
  const gvk = gvkOf(textOf(field(resource.node, 'apiVersion')), kindName(resource))
  return { ...gvk, name: nameOf(resource), namespace: namespaceOf(resource) }
}

/** What it was called before, oldest first; group and version are those of now. */
export function previousIds(resource: Resource): ResId[] {
  if (resource.previous.length === 0) return []
  const { group, version } = currentId(resource)
  return resource.previous.map((previous) => ({ group, version, ...previous }))
}

/** What it was called when it was read. */
export function originalId(resource: Resource): ResId {
  return previousIds(resource)[0] ?? currentId(resource)
}

export function allIds(resource: Resource): ResId[] {
  return [...previousIds(resource), currentId(resource)]
}

/** Remembers the present name before it changes. */
export function rememberName(resource: Resource, effectiveNamespace: string): void {
  const previous = { name: nameOf(resource), namespace: effectiveNamespace, kind: kindName(resource) }
  resource.previous = [...resource.previous, previous]
}

export function setName(resource: Resource, name: string): void {
  setField(mappingField(resource.node, 'metadata'), 'name', scalar(name))
}

/** An empty namespace takes the field away. */
export function setNamespace(resource: Resource, namespace: string): void {
  const metadata = mappingField(resource.node, 'metadata')
  if (namespace === '') clearField(metadata, 'namespace')
  else setField(metadata, 'namespace', scalar(namespace))
}

export type MetaMap = 'labels' | 'annotations'

/** Labels or annotations as texts. */
export function metaMap(node: Node, name: MetaMap): Map<string, string> {
  const found = fieldAt(node, ['metadata', name])
  if (found?.kind !== 'mapping') return new Map()
  return new Map(found.entries.map(({ key, value }) => [key.text, value.kind === 'scalar' ? value.text : '']))
}

/** Writes labels or annotations anew, values as strings, keys as they read; an empty map takes the field away. */
export function setMetaMap(node: MappingNode, name: MetaMap, values: ReadonlyMap<string, string>): void {
  const metadata = mappingField(node, 'metadata')
  clearField(metadata, name)
  if (values.size === 0) return
  const made = mapping()
  for (const [key, value] of values) made.entries.push({ key: scalar(key), value: scalar(value, 'str') })
  metadata.entries.push({ key: scalar(name), value: made })
}

/** A resource as messages show it: what a Secret holds is not shown. */
export function shownValue(resource: Resource): YamlValue {
  const value = valueOfNode(resource.node)
  if (kindName(resource) !== 'Secret' || typeof value !== 'object' || value === null || Array.isArray(value))
    return value
  const hidden = ['data', 'stringData'].filter((name) => Object.hasOwn(value, name))
  return { ...value, ...Object.fromEntries(hidden.map((name) => [name, '***'])) }
}

/** A resource must say what it is: kind always, a name unless it is a list. Throws `bad-input`. */
export function assertNamed(node: Node): asserts node is MappingNode {
  if (node.kind !== 'mapping') throw new CapstanError('bad-input', `missing Resource metadata`)
  const kind = textOf(field(node, 'kind'))
  if (kind === '') throw new CapstanError('bad-input', `missing kind in object ${describe(node)}`)
  if (!kind.endsWith('List') && textOfMeta(node, 'name') === '') {
    throw new CapstanError('bad-input', `missing metadata.name in object ${describe(node)}`)
  }
}

/** As Go prints a ResourceMeta. */
function describe(node: MappingNode): string {
  const map = (name: MetaMap): string => {
    const entries = [...metaMap(node, name)].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, value]) => `${key}:${value}`).join(' ')}]`
  }
  const type = `{${textOf(field(node, 'apiVersion'))} ${textOf(field(node, 'kind'))}}`
  const name = `{${textOfMeta(node, 'name')} ${textOfMeta(node, 'namespace')}}`
  return `{${type} {${name} ${map('labels')} ${map('annotations')}}}`
}
