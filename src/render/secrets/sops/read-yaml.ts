// YAML files of SOPS into documents, typed as yaml.v3 types them: what it takes for an integer decides the hash.
import { YamlError } from '../../../lang/yaml/error.ts'
import { hasTooManyAliases } from '../../../lang/yaml/limits.ts'
import type { MappingNode, ScalarNode, YamlNode } from '../../../lang/yaml/node.ts'
import { composeYaml } from '../../../lang/yaml/read.ts'
import { resolvePlainV3 } from '../../../lang/yaml/resolve-v3.ts'
import { floatText, leaf, type Branch, type Entry, type Leaf, type Node } from './document.ts'
import { SopsError } from './fault.ts'

/** The documents of a file. Throws `bad-input` for what SOPS refuses: lists and values at the top, keys that are no text or stand twice. */
export function readYamlTree(text: string): Branch[] {
  try {
    return composeYaml(text).map(({ root }) => new Reader().document(root))
  } catch (error) {
    if (error instanceof YamlError) throw new SopsError(`not YAML: ${error.messageV3}`, 'bad-input', { cause: error })
    throw error
  }
}

class Reader {
  readonly #open = new Set<YamlNode>()
  #made = 0
  #fromAliases = 0
  #aliasDepth = 0

  document(root: YamlNode): Branch {
    const node = this.#node(root)
    if (node.kind === 'map') return node
    if (node.kind === 'list') throw new SopsError('YAML documents that are sequences are not supported')
    if (node.type === 'null') return { kind: 'map', entries: [] }
    throw new SopsError('YAML documents that are values are not supported')
  }

  #node(node: YamlNode): Node {
    this.#made++
    if (this.#aliasDepth > 0) this.#fromAliases++
    if (hasTooManyAliases(this.#made, this.#fromAliases)) {
      throw new SopsError('not YAML: document contains excessive aliasing', 'limit')
    }
    switch (node.kind) {
      case 'scalar':
        return scalarOf(node)
      case 'alias':
        return this.#alias(node.target, node.name)
      case 'sequence':
        return { kind: 'list', items: node.items.map((item) => this.#node(item)) }
      case 'mapping':
        return this.#mapping(node)
    }
  }

  #alias(target: YamlNode, name: string): Node {
    if (this.#open.has(target)) throw new SopsError(`not YAML: anchor '${name}' value contains itself`)
    this.#open.add(target)
    this.#aliasDepth++
    const made = this.#node(target)
    this.#aliasDepth--
    this.#open.delete(target)
    return made
  }

  #mapping(node: MappingNode): Branch {
    const entries: Entry[] = []
    const known = new Set<string>()
    for (const { key, value } of node.entries) {
      const text = keyOf(key)
      if (known.has(text)) {
        throw new SopsError(`line ${key.line + 1}: mapping key ${JSON.stringify(text)} already defined`)
      }
      known.add(text)
      entries.push({ key: text, value: this.#node(value) })
    }
    return { kind: 'map', entries }
  }
}

function keyOf(key: YamlNode): string {
  const made = key.kind === 'scalar' ? scalarOf(key) : undefined
  if (made?.type === 'str') return made.bytes.toString('utf8')
  const type = made?.type ?? key.kind
  throw new SopsError(
    `line ${key.line + 1}: Tree contains a non-string key (type ${type}). Only string keys are supported`,
  )
}

const TAG_PREFIX = 'tag:yaml.org,2002:'

function scalarOf(node: ScalarNode): Leaf {
  const tag = node.tag.startsWith(TAG_PREFIX) ? node.tag.slice(TAG_PREFIX.length) : ''
  if (tag === 'binary') return leaf('str', Buffer.from(node.text, 'base64'))
  if (tag === 'str' || (tag === '' && (node.style !== 'plain' || node.tag !== ''))) return leaf('str', node.text)
  const { type, value } = resolvePlainV3(node.text)
  switch (type) {
    case 'null':
      return leaf('null', '')
    case 'bool':
      return leaf('bool', value === true ? 'True' : 'False')
    case 'int':
      return integerOf(String(value), node)
    case 'float':
      return leaf('float', floatText(Number(value)))
    case 'timestamp':
      return leaf('time', String(value))
    default:
      return leaf('str', node.text)
  }
}

const MAX_INT64 = 2n ** 63n - 1n

function integerOf(text: string, node: ScalarNode): Leaf {
  if (BigInt(text) > MAX_INT64) {
    throw new SopsError(`line ${node.line + 1}: Cannot walk value, unknown type: uint64`)
  }
  return leaf('int', text)
}
