// A node as Go's `%#v` prints the value it would become: only messages about bad map keys need it.
import { goNumber, quoteGo } from './go-text.ts'
import type { YamlNode } from './node.ts'
import { isIntegerText } from './resolve.ts'
import { resolveScalarNode } from './tags.ts'

/** Longest text such a message carries; what is nested in a key may be large. */
const MAX_LENGTH = 4096

/** `top` marks a value that stands alone rather than inside a list or map, where Go prints nil differently. */
export function goSyntax(node: YamlNode, { top }: { top?: boolean } = {}): string {
  const text = print(node, top === true, 0)
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text
}

function print(node: YamlNode, top: boolean, depth: number): string {
  if (depth > 20) return '…'
  switch (node.kind) {
    case 'alias':
      return print(node.target, top, depth + 1)
    case 'sequence':
      return `[]interface {}{${node.items.map((item) => print(item, false, depth + 1)).join(', ')}}`
    case 'mapping': {
      const entries = node.entries.map(({ key, value }) => ({
        key: print(key, false, depth + 1),
        value: print(value, false, depth + 1),
      }))
      entries.sort((a, b) => (a.key < b.key ? -1 : 1))
      return `map[interface {}]interface {}{${entries.map(({ key, value }) => `${key}:${value}`).join(', ')}}`
    }
    case 'scalar': {
      const value = resolveScalarNode(node)
      if (value === null) return top ? '<nil>' : 'interface {}(nil)'
      if (typeof value === 'string') return quoteGo(value)
      if (typeof value === 'bigint') return value > 2n ** 63n - 1n ? `0x${value.toString(16)}` : String(value)
      if (typeof value === 'number' && !isIntegerText(node.text)) return goNumber(value)
      return String(value)
    }
  }
}
