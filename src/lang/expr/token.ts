// The words of an expression.

export type TokenKind = 'Identifier' | 'Number' | 'String' | 'Bytes' | 'Operator' | 'Bracket' | 'EOF'

export interface Token {
  readonly kind: TokenKind
  /** What was written; of a string what it stands for. */
  readonly value: string
  /** Where it begins, in characters from 0. */
  readonly at: number
}

/** True for a token of this kind and, where values are given, one of them. */
export function isToken(token: Token, kind: TokenKind, value?: string): boolean {
  return token.kind === kind && (value === undefined || token.value === value)
}
