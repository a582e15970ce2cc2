// The suffix of generated names: a hash of the content (api/hasher v0.21.1).
import { sha256Hex } from '../../base/digest.ts'
import type { Node } from './node.ts'
import { field, textOf, valueOfNode } from './node.ts'
import { sortedStringify } from './sorted-json.ts'

const REPLACED: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' }

/** Ten characters, equal for equal kind and content; digits and vowels that could make words are replaced. */
export function contentHash(node: Node): string {
  return sha256Hex(encodeContent(node))
    .slice(0, 10)
    .replace(/[013ae]/g, (digit) => REPLACED[digit] ?? digit)
}

/** The name in it is always empty: upstream looks it up under a path that does not exist. */
function encodeContent(node: Node): string {
  const kind = textOf(field(node, 'kind'))
  if (kind === 'ConfigMap') {
    const parts = { data: part(node, 'data'), kind, name: '' }
    return sortedStringify(withMap(node, parts, 'binaryData'))
  }
  if (kind === 'Secret') {
    const parts = { data: part(node, 'data'), kind, name: '', type: part(node, 'type') }
    return sortedStringify(withMap(node, parts, 'stringData'))
  }
  return sortedStringify(valueOfNode(node))
}

function part(node: Node, name: string): unknown {
  const found = field(node, name)
  if (found === undefined) return ''
  return found.kind === 'scalar' ? found.text : valueOfNode(found)
}

function withMap(node: Node, parts: object, name: string): object {
  const found = field(node, name)
  return found?.kind === 'mapping' ? { ...parts, [name]: valueOfNode(found) } : parts
}
