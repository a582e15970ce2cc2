// The tokens that the scanner hands to the composer.
import type { Mark } from './error.ts'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export type TokenType =
  | 'stream-end'
  | 'version'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-sequence'
  | 'block-mapping'
  | 'block-end'
  | '['
  | ']'
  | '{'
  | '}'
  | '-'
  | ','
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

export interface Token extends Mark {
  readonly type: TokenType
  /** Content of a scalar, name of an anchor or alias, handle of a tag, version. */
  readonly text: string
  /** Suffix of a tag, prefix of a tag directive. */
  readonly suffix: string
  readonly style: ScalarStyle
}
