// The tree of a program: plain data, every node with its place.
import type { Span } from './source.ts'

export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||'
  | 'in'

export type UnaryOperator = '!' | '~' | '+' | '-'

/** How a field shows: as the one it overrides, hidden, or visible in any case. */
export type Visibility = ':' | '::' | ':::'

export interface Bind {
  readonly name: string
  readonly body: Node
  readonly at: Span
}

export interface Parameter {
  readonly name: string
  readonly fallback: Node | undefined
}

export interface FieldSyntax {
  readonly key: Node
  readonly visibility: Visibility
  /** `+:`, which adds to the field of the object below. */
  readonly adds: boolean
  readonly value: Node
}

export interface AssertSyntax {
  readonly condition: Node
  readonly message: Node | undefined
  readonly at: Span
}

export type Clause =
  | { readonly kind: 'for'; readonly name: string; readonly list: Node }
  | { readonly kind: 'if'; readonly condition: Node }

interface Syntax {
  literal: { readonly value: null | boolean | number | string }
  array: { readonly items: readonly Node[] }
  'array-comprehension': { readonly body: Node; readonly clauses: readonly Clause[] }
  object: {
    readonly fields: readonly FieldSyntax[]
    readonly asserts: readonly AssertSyntax[]
    readonly locals: readonly Bind[]
  }
  'object-comprehension': {
    readonly field: FieldSyntax
    readonly locals: readonly Bind[]
    readonly clauses: readonly Clause[]
  }
  index: { readonly target: Node; readonly key: Node }
  slice: { readonly target: Node; readonly bounds: readonly (Node | undefined)[] }
  'super-index': { readonly key: Node }
  'in-super': { readonly key: Node }
  self: object
  /** `$`, the outermost object. */
  root: object
  variable: { readonly name: string }
  local: { readonly binds: readonly Bind[]; readonly body: Node }
  function: { readonly parameters: readonly Parameter[]; readonly body: Node; readonly name: string | undefined }
  apply: {
    readonly target: Node
    readonly positional: readonly Node[]
    readonly named: readonly { readonly name: string; readonly value: Node; readonly at: Span }[]
    readonly tailstrict: boolean
  }
  if: { readonly condition: Node; readonly whenTrue: Node; readonly whenFalse: Node | undefined }
  assert: AssertSyntax & { readonly body: Node }
  error: { readonly message: Node }
  binary: { readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  unary: { readonly operator: UnaryOperator; readonly operand: Node }
  import: { readonly form: 'code' | 'text' | 'bytes'; readonly path: string }
}

export type NodeKind = keyof Syntax
/** The node of one kind; of several kinds, one of theirs. */
export type NodeOf<K extends NodeKind> = K extends NodeKind
  ? { readonly kind: K; readonly at: Span } & Syntax[K]
  : never
export type Node = NodeOf<NodeKind>
