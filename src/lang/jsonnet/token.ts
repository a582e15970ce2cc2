// The words of a program.
import type { Span } from './source.ts'

export type TokenKind = 'identifier' | 'keyword' | 'number' | 'string' | 'block' | 'operator' | 'symbol' | 'end'

export interface Token extends Span {
  readonly kind: TokenKind
  /** The word itself; of a string its value, escapes resolved. */
  readonly text: string
}

export const KEYWORDS: ReadonlySet<string> = new Set([
  'assert',
  'else',
  'error',
  'false',
  'for',
  'function',
  'if',
  'import',
  'importstr',
  'importbin',
  'in',
  'local',
  'null',
  'self',
  'super',
  'tailstrict',
  'then',
  'true',
])

/** A token as errors name it. */
export function shown(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'end of file'
    case 'identifier':
      return `(IDENTIFIER, "${token.text}")`
    case 'number':
      return `(NUMBER, "${token.text}")`
    case 'string':
      return `(STRING, "${token.text}")`
    case 'block':
      return `(STRING_BLOCK, "${token.text}")`
    case 'operator':
      return `(OPERATOR, "${token.text}")`
    case 'keyword':
      return token.text
    case 'symbol':
      return `"${token.text}"`
  }
}
