// What a YAML text says before its scalars are given types.
import type { ScalarStyle } from './token.ts'

/** Line and column count from 0 and name where the node's content begins. */
interface Place {
  readonly line: number
  readonly column: number
  readonly anchor?: string | undefined
}

export interface ScalarNode extends Place {
  readonly kind: 'scalar'
  readonly text: string
  readonly style: ScalarStyle
  /** In full (`tag:yaml.org,2002:int`); empty where none is written. */
  readonly tag: string
}

export interface SequenceNode extends Place {
  readonly kind: 'sequence'
  readonly tag: string
  readonly flow: boolean
  readonly items: YamlNode[]
}

export interface MappingNode extends Place {
  readonly kind: 'mapping'
  readonly tag: string
  readonly flow: boolean
  /** In the order of the text; keys may be any node and may repeat. */
  readonly entries: { readonly key: YamlNode; readonly value: YamlNode }[]
}

export interface AliasNode extends Place {
  readonly kind: 'alias'
  readonly name: string
  /** The node with that anchor; the alias may stand inside it. */
  readonly target: YamlNode
}

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode
