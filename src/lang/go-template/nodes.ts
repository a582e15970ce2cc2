// The tree of a parsed template: plain data, each node with its offset in the text.
import type { GoComplex } from '../go/values.ts'

interface At {
  /** Offset in UTF-16 units. */
  readonly pos: number
}

export interface TextNode extends At {
  readonly kind: 'text'
  readonly text: string
}

export interface ActionNode extends At {
  readonly kind: 'action'
  readonly pipe: PipeNode
}

export interface PipeNode extends At {
  readonly kind: 'pipe'
  readonly isAssign: boolean
  readonly declarations: readonly VariableNode[]
  readonly commands: readonly CommandNode[]
}

export interface CommandNode extends At {
  readonly kind: 'command'
  readonly args: readonly OperandNode[]
}

export interface FieldNode extends At {
  readonly kind: 'field'
  readonly names: readonly string[]
}

/** `$x.a.b`: the first name is the variable with its `$`. */
export interface VariableNode extends At {
  readonly kind: 'variable'
  readonly names: readonly string[]
}

/** Fields on what is neither field nor variable: `(pipe).a.b`. */
export interface ChainNode extends At {
  readonly kind: 'chain'
  readonly node: OperandNode
  readonly names: readonly string[]
}

export interface IdentifierNode extends At {
  readonly kind: 'identifier'
  readonly name: string
}

export interface DotNode extends At {
  readonly kind: 'dot'
}

export interface NilNode extends At {
  readonly kind: 'nil'
}

export interface BoolNode extends At {
  readonly kind: 'bool'
  readonly value: boolean
}

/** A number can be several kinds at once: `1` is an int and a float. */
export interface NumberNode extends At {
  readonly kind: 'number'
  readonly text: string
  readonly int?: bigint
  readonly uint?: bigint
  readonly float?: number
  readonly complex?: GoComplex
}

export interface StringNode extends At {
  readonly kind: 'string'
  readonly quoted: string
  readonly text: string
}

export interface ListNode extends At {
  readonly kind: 'list'
  readonly nodes: readonly Node[]
}

export interface BranchNode extends At {
  readonly kind: 'if' | 'with' | 'range'
  readonly pipe: PipeNode
  readonly list: ListNode
  readonly elseList: ListNode | undefined
}

export interface TemplateNode extends At {
  readonly kind: 'template'
  readonly name: string
  readonly pipe: PipeNode | undefined
}

/** `else` and `end` exist only while parsing. */
export interface MarkNode extends At {
  readonly kind: 'break' | 'continue' | 'else' | 'end'
}

export type OperandNode =
  | PipeNode
  | FieldNode
  | VariableNode
  | ChainNode
  | IdentifierNode
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode

export type Node = OperandNode | TextNode | ActionNode | CommandNode | ListNode | BranchNode | TemplateNode | MarkNode
