// The tokens of a template, and how error messages show them.
import { quoteText } from '../go/quote.ts'

export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'define'
  | 'dot'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with'

export interface Token {
  readonly type: TokenType
  readonly pos: number
  readonly value: string
  /** The line on which it starts, from 1. */
  readonly line: number
}

export const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  (['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'nil', 'range', 'template', 'with'] as const).map(
    (word) => [word, word],
  ),
)

const SHOWN_CHARS = 10

/** As `unexpected …` names a token. */
export function tokenText(token: Token): string {
  if (token.type === 'eof') return 'EOF'
  if (token.type === 'error') return token.value
  if (token.type === 'dot' || KEYWORDS.has(token.type)) return `<${token.value}>`
  const chars = Array.from(token.value)
  if (chars.length > SHOWN_CHARS) return `${quoteText(chars.slice(0, SHOWN_CHARS).join(''))}...`
  return quoteText(token.value)
}
