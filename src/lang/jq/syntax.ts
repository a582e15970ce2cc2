// The tree of a jq program.
import type { Json } from './values.ts'

export type Node =
  | { readonly type: 'identity' | 'recurse' }
  | { readonly type: 'literal'; readonly value: Json }
  | { readonly type: 'text'; readonly format: string; readonly parts: readonly (string | Node)[] }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'index'; readonly target: Node; readonly key: Node }
  | { readonly type: 'slice'; readonly target: Node; readonly from: Node | undefined; readonly to: Node | undefined }
  | { readonly type: 'iterate'; readonly target: Node }
  | { readonly type: 'array'; readonly items: Node | undefined }
  | { readonly type: 'object'; readonly fields: readonly { readonly key: Node; readonly value: Node }[] }
  | { readonly type: 'negate'; readonly value: Node }
  | { readonly type: 'pipe' | 'comma'; readonly left: Node; readonly right: Node }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly type: 'if'; readonly test: Node; readonly yes: Node; readonly no: Node }
  | { readonly type: 'try'; readonly body: Node; readonly handler: Node | undefined }
  | {
      readonly type: 'reduce'
      readonly source: Node
      readonly variable: string
      readonly start: Node
      readonly update: Node
    }
  | {
      readonly type: 'foreach'
      readonly source: Node
      readonly variable: string
      readonly start: Node
      readonly update: Node
      readonly extract: Node
    }
  | { readonly type: 'bind'; readonly source: Node; readonly variable: string; readonly body: Node }
  | { readonly type: 'label'; readonly name: string; readonly body: Node }
  | { readonly type: 'break'; readonly name: string }
  | { readonly type: 'define'; readonly definition: Definition; readonly body: Node }
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Node[] }

export interface Definition {
  readonly name: string
  /** `f`, or `$x` for one that is also given as a value. */
  readonly params: readonly string[]
  readonly body: Node
}

export const IDENTITY: Node = { type: 'identity' }
