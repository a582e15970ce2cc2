// YAML text into trees of nodes: anchors and merge keys are expanded, explicit tags resolved (kyaml fns.go DeAnchor).
import { CapstanError } from '../../base/errors.ts'
import { YamlError } from '../../lang/yaml/error.ts'
import { hasTooManyAliases } from '../../lang/yaml/limits.ts'
import type { MappingNode as YamlMapping, ScalarNode as YamlScalar, YamlNode } from '../../lang/yaml/node.ts'
import { composeYaml } from '../../lang/yaml/read.ts'
import { resolvePlainV3 } from '../../lang/yaml/resolve-v3.ts'
import type { MapEntry, MappingNode, Node, ScalarNode, ScalarTag } from './node.ts'
import { isNull, scalar, sequence } from './node.ts'
import { schemaComments } from './schema-comments.ts'

/**
 * The documents of a stream, empty ones left out (kyaml kio.ByteReader). Throws `bad-input` with kyaml's words
 * (`MalformedYAMLError: yaml: line 9: …`), lines counted from the start of their document.
 */
export function readNodes(text: string): Node[] {
  const nodes: Node[] = []
  for (const document of splitStream(text)) {
    const root = readNode(document)
    if (root !== undefined && !isNull(root)) nodes.push(root)
  }
  return nodes
}

/** The first document of a text; undefined where there is none. */
export function readNode(text: string): Node | undefined {
  try {
    const [first] = composeYaml(text)
    return first === undefined ? undefined : new Expander(schemaComments(text)).node(first.root)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CapstanError('bad-input', `MalformedYAMLError: ${error.messageV3}`, { cause: error })
  }
}

/** A line that begins with three dashes parts two documents; more than a comment behind them is an error. */
const SEPARATOR = /\n---(?<rest>.*)\n/g

function splitStream(text: string): string[] {
  const unix = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text
  const documents: string[] = []
  let start = 0
  for (const match of unix.matchAll(SEPARATOR)) {
    const rest = (match.groups?.['rest'] ?? '').trim()
    if (rest !== '' && !rest.startsWith('#')) {
      throw new CapstanError('bad-input', `invalid document separator: ${match[0].trim()}`)
    }
    documents.push(`${unix.slice(start, match.index)}\n`)
    start = match.index + match[0].length
  }
  documents.push(unix.slice(start))
  return documents
}

const TAG_PREFIX = 'tag:yaml.org,2002:'

class Expander {
  readonly #open = new Set<YamlNode>()
  #made = 0
  #fromAliases = 0
  #aliasDepth = 0
  readonly #schemaAt: ReturnType<typeof schemaComments>

  constructor(schemaAt: ReturnType<typeof schemaComments>) {
    this.#schemaAt = schemaAt
  }

  node(node: YamlNode): Node {
    this.#made++
    if (this.#aliasDepth > 0) this.#fromAliases++
    if (hasTooManyAliases(this.#made, this.#fromAliases)) {
      throw fault(node, 'document contains excessive aliasing')
    }
    switch (node.kind) {
      case 'scalar':
        return scalarOf(node)
      case 'alias':
        return this.#inAlias(node.target, node.name, () => this.node(node.target))
      case 'sequence':
        return sequence(node.items.map((item) => this.node(item)))
      case 'mapping':
        return this.#mapping(node)
    }
  }

  #inAlias<T>(target: YamlNode, name: string, use: () => T): T {
    if (this.#open.has(target)) throw fault(target, `anchor '${name}' value contains itself`)
    this.#open.add(target)
    this.#aliasDepth++
    const made = use()
    this.#aliasDepth--
    this.#open.delete(target)
    return made
  }

  #mapping(node: YamlMapping): MappingNode {
    const entries: MapEntry[] = []
    const merges: YamlNode[] = []
    for (const { key, value } of node.entries) {
      if (isMergeKey(key)) merges.push(value)
      else entries.push({ key: this.#key(key), value: this.node(value) })
    }
    const own: MappingNode = { kind: 'mapping', entries }
    for (const merge of merges) this.#merge(own, merge)
    return own
  }

  #key(key: YamlNode): ScalarNode {
    const made = this.node(key)
    if (made.kind !== 'scalar') throw fault(key, 'invalid map key')
    const schema = this.#schemaAt?.(key)
    return schema === undefined ? made : { ...made, schema }
  }

  /** Adds the entries of merged mappings whose keys are not there yet; earlier ones win. */
  #merge(into: MappingNode, merged: YamlNode): void {
    if (merged.kind === 'sequence') {
      for (const item of merged.items) this.#merge(into, item)
      return
    }
    const made = this.node(merged)
    if (made.kind !== 'mapping') throw fault(merged, 'map merge requires map or sequence of maps as the value')
    const known = new Set(into.entries.map((entry) => entry.key.text))
    into.entries.push(...made.entries.filter((entry) => !known.has(entry.key.text)))
  }
}

function isMergeKey(key: YamlNode): boolean {
  if (key.kind !== 'scalar' || key.text !== '<<') return false
  return key.tag === '' ? key.style === 'plain' : key.tag === `${TAG_PREFIX}merge`
}

function scalarOf(node: YamlScalar): ScalarNode {
  const { text } = node
  if (node.tag !== '') return taggedScalar(node)
  if (node.style === 'folded') return { ...scalar(text, 'str', true), folded: true }
  if (node.style !== 'plain') return scalar(text, 'str', true)
  const { type } = resolvePlainV3(text)
  return scalar(text, type === 'merge' ? 'str' : type)
}

const KNOWN_TAGS: ReadonlySet<string> = new Set<ScalarTag>(['str', 'bool', 'int', 'float', 'null', 'timestamp'])

function taggedScalar(node: YamlScalar): ScalarNode {
  const { text } = node
  const name = node.tag.startsWith(TAG_PREFIX) ? node.tag.slice(TAG_PREFIX.length) : ''
  if (name === 'binary') return scalar(Buffer.from(text, 'base64').toString('utf8'), 'str', true)
  if (name === 'str' || !KNOWN_TAGS.has(name)) return scalar(text, 'str', true)
  return scalar(text, name as ScalarTag) // is one, see the line above
}

function fault(node: YamlNode, problem: string): YamlError {
  return new YamlError(`yaml: ${problem}`, node.line + 1, node.column + 1)
}
