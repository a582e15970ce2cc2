// Reading metadata from a tree.
import type { Node } from './node.ts'
import { fieldAt, textOf } from './node.ts'

/** A text of metadata; empty where there is none. */
export function textOfMeta(node: Node, name: string): string {
  return textOf(fieldAt(node, ['metadata', name]))
}
