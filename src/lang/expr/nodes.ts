// The tree of an expression: plain data, each node with the place its errors name.
import type { GoRegexp } from '../go/regexp/regexp.ts'
import type { GoValue } from '../go/values.ts'

/** `at` is where an error of the node is shown, in characters from 0. */
export type Node =
  | { readonly kind: 'nil'; readonly at: number }
  | { readonly kind: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'integer'; readonly at: number; readonly value: bigint }
  | { readonly kind: 'float'; readonly at: number; readonly value: number }
  | { readonly kind: 'string'; readonly at: number; readonly value: string }
  | { readonly kind: 'bytes'; readonly at: number; readonly value: string }
  /** What folding has made of literals. */
  | { readonly kind: 'constant'; readonly at: number; readonly value: GoValue }
  | { readonly kind: 'identifier'; readonly at: number; readonly name: string }
  /** `#`, `#acc`, `#index`; the name is empty for the element itself. */
  | { readonly kind: 'pointer'; readonly at: number; readonly name: string }
  | UnaryNode
  | BinaryNode
  /** Where `?.` found nil, the whole of it is nil. */
  | { readonly kind: 'chain'; readonly at: number; readonly node: Node }
  | MemberNode
  | SliceNode
  | CallNode
  | BuiltinNode
  | { readonly kind: 'predicate'; readonly at: number; readonly node: Node }
  | { readonly kind: 'let'; readonly at: number; readonly name: string; readonly value: Node; readonly body: Node }
  | { readonly kind: 'sequence'; readonly at: number; readonly nodes: readonly Node[] }
  | ConditionalNode
  | { readonly kind: 'array'; readonly at: number; readonly nodes: readonly Node[] }
  | { readonly kind: 'map'; readonly at: number; readonly pairs: readonly Pair[] }

export interface UnaryNode {
  readonly kind: 'unary'
  readonly at: number
  readonly operator: string
  readonly node: Node
}

export interface BinaryNode {
  readonly kind: 'binary'
  readonly at: number
  readonly operator: string
  readonly left: Node
  readonly right: Node
  /** The pattern of `matches` where it is written out. */
  readonly pattern?: GoRegexp
}

export interface MemberNode {
  readonly kind: 'member'
  readonly at: number
  readonly node: Node
  readonly property: Node
  readonly isOptional: boolean
}

export interface SliceNode {
  readonly kind: 'slice'
  readonly at: number
  readonly node: Node
  readonly from: Node | undefined
  readonly to: Node | undefined
}

export interface CallNode {
  readonly kind: 'call'
  readonly at: number
  readonly callee: Node
  readonly args: readonly Node[]
}

export interface BuiltinNode {
  readonly kind: 'builtin'
  readonly at: number
  readonly name: string
  readonly args: readonly Node[]
}

export interface ConditionalNode {
  readonly kind: 'conditional'
  readonly at: number
  readonly condition: Node
  readonly whenTrue: Node
  readonly whenFalse: Node
}

export interface Pair {
  readonly key: Node
  readonly value: Node
}
