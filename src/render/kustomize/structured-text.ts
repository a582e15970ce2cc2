// Replacing inside a text field that holds YAML or JSON itself (api/filters/replacement setValueInStructuredData).
import { CapstanError } from '../../base/errors.ts'
import { sortedStringify } from './sorted-json.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { lookupPath } from './field-path.ts'
import type { MappingNode, Node, ScalarNode } from './node.ts'
import { cloneNode, isNull, valueOfNode } from './node.ts'
import type { CreateKind } from './path-match.ts'
import { matchPath } from './path-match.ts'
import { readNode } from './read-nodes.ts'

interface TextReplacement {
  readonly value: Node
  readonly create: CreateKind
}

/** Replaces where a path goes through a text into what it holds; false where it does not. */
export function replaceInText(root: MappingNode, steps: readonly string[], replacement: TextReplacement): boolean {
  const found = findText(root, steps)
  if (found === undefined) return false
  try {
    const holder = { node: found.content }
    const root_ = { node: found.content, put: (node: Node) => void (holder.node = node) }
    const places = matchPath(root_, found.rest, replacement.create)
    if (places.length === 0) return false
    for (const place of places) {
      const { value } = replacement
      if (place.node.kind === 'scalar') place.put({ ...place.node, text: value.kind === 'scalar' ? value.text : '' })
      else place.put(cloneNode(value))
    }
    found.text.text = printedLike(found.text.text, holder.node)
    return true
  } catch (error) {
    // Whatever does not work out inside the text: the path is tried on the resource itself.
    if (error instanceof CapstanError) return false
    throw error
  }
}

interface FoundText {
  readonly text: ScalarNode
  readonly content: Node
  readonly rest: readonly string[]
}

function findText(root: MappingNode, steps: readonly string[]): FoundText | undefined {
  for (let length = 1; length < steps.length; length++) {
    const node = tryLookup(root, steps.slice(0, length))
    if (node?.kind !== 'scalar' || isNull(node)) continue
    const content = tryRead(node.text)
    if (content !== undefined) return { text: node, content, rest: steps.slice(length) }
  }
  return undefined
}

function tryLookup(root: MappingNode, steps: readonly string[]): Node | undefined {
  try {
    return lookupPath(root, steps)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

function tryRead(text: string): Node | undefined {
  try {
    return readNode(text)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

/** JSON stays JSON, on several lines where it was. */
function printedLike(original: string, node: Node): string {
  const first = original.trim().charAt(0)
  if (first !== '{' && first !== '[') return printNode(node, '').trim()
  return sortedStringify(valueOfNode(node), original.includes('\n') && original.includes('  ') ? '  ' : '')
}

/** YAML with the keys in their order. */
function printNode(node: Node, indent: string): string {
  if (node.kind === 'mapping' && node.entries.length > 0) {
    return node.entries.map(({ key, value }) => `${indent}${oneLine(key)}:${printValue(value, indent)}`).join('')
  }
  if (node.kind === 'sequence' && node.items.length > 0) {
    return node.items.map((item) => `${indent}- ${printNode(item, `${indent}  `).trimStart()}`).join('')
  }
  return indent + stringifyYaml(valueOfNode(node)).trimEnd().replaceAll('\n', `\n${indent}`) + '\n'
}

function printValue(value: Node, indent: string): string {
  const isNested =
    value.kind === 'mapping' ? value.entries.length > 0 : value.kind === 'sequence' && value.items.length > 0
  if (!isNested) return ` ${printNode(value, `${indent}  `).trimStart()}`
  return `\n${printNode(value, value.kind === 'mapping' ? `${indent}  ` : indent)}`
}

function oneLine(key: ScalarNode): string {
  return stringifyYaml(valueOfNode(key)).trimEnd()
}
