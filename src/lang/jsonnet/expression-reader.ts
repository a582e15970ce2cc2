// What the readers of objects, statements and bindings need of the reader of expressions.
import type { Span } from './source.ts'
import type { Node, NodeOf } from './syntax.ts'
import type { TokenCursor } from './token-cursor.ts'

export interface ExpressionReader {
  readonly cursor: TokenCursor
  expression(): Node
}

/** A node from where something began to the last token taken. */
export function spanned<T extends Omit<NodeOf<Node['kind']>, 'at'>>(
  { cursor }: ExpressionReader,
  begin: Span,
  node: T,
): T & { readonly at: Span } {
  return { ...node, at: cursor.since(begin) }
}
