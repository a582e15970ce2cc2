// The tree that a build works on: scalars keep their text, tag and quoting, mappings keep the order of their keys.
import { CapstanError } from '../../base/errors.ts'
import { sortKeys } from '../../lang/yaml/key-order.ts'
import type { ScalarTypeV3 } from '../../lang/yaml/resolve-v3.ts'
import { resolvePlainV3 } from '../../lang/yaml/resolve-v3.ts'
import type { YamlObject, YamlValue } from '../../lang/yaml/value.ts'
import { setOwn } from '../../lang/yaml/value.ts'
import { refoldedText } from './folded-text.ts'
import type { MergeSchema } from './merge-schema.ts'

/** Empty where the type follows from the text when it is printed, as for values that a transformer has set. */
export type ScalarTag = '' | Exclude<ScalarTypeV3, 'merge'>

/** Nodes are changed in place while a build owns them; nothing outside the build sees them. */
export interface ScalarNode {
  readonly kind: 'scalar'
  text: string
  tag: ScalarTag
  /** Written in quotes or as a block: then it is a string whatever its text. */
  quoted: boolean
  /** Written as a folded block, which changes its breaks when it is printed. */
  folded?: boolean
  /** A null that a merge keeps where it would drop one. */
  keep?: boolean
  /** Of a key: what a comment says of its value. */
  readonly schema?: MergeSchema
}

export interface SequenceNode {
  readonly kind: 'sequence'
  items: Node[]
}

export interface MapEntry {
  readonly key: ScalarNode
  value: Node
}

export interface MappingNode {
  readonly kind: 'mapping'
  entries: MapEntry[]
}

export type Node = ScalarNode | SequenceNode | MappingNode

export function scalar(text: string, tag: ScalarTag = '', quoted = false): ScalarNode {
  return { kind: 'scalar', text, tag, quoted }
}

export function mapping(): MappingNode {
  return { kind: 'mapping', entries: [] }
}

export function sequence(items: Node[] = []): SequenceNode {
  return { kind: 'sequence', items }
}

export function isNull(node: Node | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.tag === 'null')
}

/** Absent, null, or a collection without content. */
export function isNilOrEmpty(node: Node | undefined): boolean {
  if (node === undefined || isNull(node)) return true
  if (node.kind === 'mapping') return node.entries.length === 0
  return node.kind === 'sequence' && node.items.length === 0
}

function entryOf(node: Node | undefined, name: string): MapEntry | undefined {
  if (node?.kind !== 'mapping') return undefined
  for (const entry of node.entries) if (entry.key.text === name) return entry
  return undefined
}

/** The value of a field, undefined where the node is no mapping or has none. */
export function field(node: Node | undefined, name: string): Node | undefined {
  return entryOf(node, name)?.value
}

/** The schema that a comment gives for a field. */
export function commentSchema(node: Node | undefined, name: string): MergeSchema | undefined {
  return entryOf(node, name)?.key.schema
}

/** Follows field names. */
export function fieldAt(node: Node | undefined, path: readonly string[]): Node | undefined {
  let current = node
  for (const name of path) current = field(current, name)
  return current
}

/** The text of a scalar; empty for what is none, and for null. */
export function textOf(node: Node | undefined): string {
  return node?.kind === 'scalar' && node.tag !== 'null' ? node.text : ''
}

/** Sets a field to a node as it is. */
export function putField(node: MappingNode, name: string, value: Node): void {
  const entry = entryOf(node, name)
  if (entry === undefined) node.entries.push({ key: scalar(name), value })
  else entry.value = value
}

/**
 * Sets a field as kyaml's FieldSetter does: a scalar takes over the quoting of what it replaces, and absent or null
 * values clear the field.
 */
export function setField(node: MappingNode, name: string, value: Node | undefined, quotedKey = false): void {
  if (value === undefined || (value.kind === 'scalar' && value.tag === 'null' && value.keep !== true)) {
    clearField(node, name)
    return
  }
  const entry = entryOf(node, name)
  if (entry === undefined) {
    node.entries.push({ key: scalar(name, '', quotedKey), value: quotedIfAmbiguous(value) })
    return
  }
  entry.value = withQuotingOf(value, entry.value)
}

/** The value with the quoting of the node whose place it takes. */
export function withQuotingOf(value: Node, replaced: Node): Node {
  if (value.kind !== 'scalar') return value
  const { quoted, folded } = replaced.kind === 'scalar' ? replaced : NO_STYLE
  return { ...value, quoted, ...(folded === true || value.folded === true ? { folded: folded === true } : {}) }
}

const NO_STYLE: Pick<ScalarNode, 'quoted' | 'folded'> = { quoted: false }

/** Strings that would read as another type get quotes when a field is made. */
function quotedIfAmbiguous(value: Node): Node {
  if (value.kind !== 'scalar' || value.quoted || value.tag !== '' || value.text === '') return value
  return isStringText(value.text) ? value : { ...value, quoted: true }
}

function isStringText(text: string): boolean {
  return resolvePlainV3(text).type === 'str'
}

export function clearField(node: MappingNode, name: string): void {
  const index = node.entries.findIndex((entry) => entry.key.text === name)
  if (index >= 0) node.entries.splice(index, 1)
}

/** The mapping in a field, made where there is none or null. Throws where the field holds something else. */
export function mappingField(node: MappingNode, name: string): MappingNode {
  const found = field(node, name)
  if (found?.kind === 'mapping') return found
  if (!isNull(found)) throw new CapstanError('bad-input', wrongKind('MappingNode', found))
  const made = mapping()
  putField(node, name, made)
  return made
}

/** kyaml's words for a node of another kind than expected. */
export function wrongKind(expected: string, node: Node | undefined): string {
  const kinds = { scalar: 'ScalarNode', sequence: 'SequenceNode', mapping: 'MappingNode' }
  return `wrong node kind: expected ${expected} but got ${node === undefined ? '0' : kinds[node.kind]}`
}

export function cloneNode<N extends Node>(node: N): N
export function cloneNode(node: Node): Node {
  switch (node.kind) {
    case 'scalar':
      return { ...node }
    case 'sequence':
      return sequence(node.items.map((item) => cloneNode(item)))
    case 'mapping':
      return {
        kind: 'mapping',
        entries: node.entries.map(({ key, value }) => ({ key, value: cloneNode(value) })),
      }
  }
}

/** The value that printing the node and reading it again gives (yaml.v3 encode.go, then JSON). Throws where that fails. */
export function valueOfNode(node: Node): YamlValue {
  switch (node.kind) {
    case 'scalar':
      return scalarValue(node)
    case 'sequence':
      return node.items.map((item) => valueOfNode(item))
    case 'mapping':
      return objectOfNode(node)
  }
}

function objectOfNode(node: MappingNode): YamlObject {
  const out: YamlObject = {}
  for (const { key, value } of node.entries) {
    if (Object.hasOwn(out, key.text)) {
      throw new CapstanError(
        'bad-input',
        `yaml: unmarshal errors: mapping key ${JSON.stringify(key.text)} already defined`,
      )
    }
    assertTextKey(key)
    setOwn(out, key.text, valueOfNode(value))
  }
  return out
}

/** JSON has no other keys than strings; a key that a transformer has set unquoted counts as what it reads as. */
function assertTextKey(key: ScalarNode): void {
  if (key.tag === 'str' || typeof scalarValue(key) === 'string') return
  const message = `json: unsupported type: map[interface {}]interface {}: the key ${key.text} is no string`
  throw new CapstanError('bad-input', message)
}

function scalarValue(node: ScalarNode): YamlValue {
  const { tag } = node
  const text = node.folded === true ? refoldedText(node.text) : node.text
  if (tag === 'str') return text
  const isString = node.quoted || text.includes('\n')
  if (tag === '' && isString) return text
  const resolved = resolvePlainV3(text)
  if (tag === '' || resolved.type === tag) return isString ? text : jsonScalar(resolved.value)
  if (tag === 'float' && resolved.type === 'int') return jsonScalar(resolved.value)
  if (tag === 'null') return null
  throw new CapstanError('bad-input', `yaml: cannot decode !!${resolved.type} \`${text}\` as a !!${tag}`)
}

function jsonScalar(value: null | boolean | number | bigint | string): YamlValue {
  // Integers that fit 64 bits keep their digits, also those that only Go's uint64 holds.
  if (typeof value === 'bigint') return value > MAX_UINT64 ? Number(value) : (value as unknown as number)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    const shown = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
    throw new CapstanError('bad-input', `json: unsupported value: ${shown}`)
  }
  return value
}

const MAX_UINT64 = 2n ** 64n - 1n

/** A tree of a JSON value, keys in the order in which YAML is printed. */
export function nodeOfValue(value: unknown): Node {
  if (value === null || value === undefined) return scalar('null', 'null')
  if (typeof value === 'string') return scalar(value, 'str')
  if (typeof value === 'boolean') return scalar(String(value), 'bool')
  if (typeof value === 'number') return scalar(String(value), Number.isInteger(value) ? 'int' : 'float')
  if (Array.isArray(value)) return sequence(value.map((item) => nodeOfValue(item)))
  if (typeof value === 'bigint') return scalar(String(value), 'int')
  const fields = value as Readonly<Record<string, unknown>> // what is left of JSON is an object
  const entries = sortKeys(Object.keys(fields)).map((key) => ({
    key: scalar(key, 'str'),
    value: nodeOfValue(fields[key]),
  }))
  return { kind: 'mapping', entries }
}
