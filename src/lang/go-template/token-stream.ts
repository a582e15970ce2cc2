// The parser's window on the tokens: look ahead, step back, and errors at the line it has read to.
import { parseError } from './error.ts'
import type { TemplateError } from './error.ts'
import { tokenText } from './token.ts'
import type { Token, TokenType } from './token.ts'

export interface TokenStream {
  readonly parseName: string
  readonly tokens: readonly Token[]
  /** The next token to read. */
  index: number
  /** How far tokens were looked at: errors name this token's line, as Go's do. */
  reached: number
  /** The line where the action being read began, 0 outside of one. */
  actionLine: number
}

export function nextToken(stream: TokenStream): Token {
  const token = peekToken(stream)
  stream.index += 1
  return token
}

export function peekToken(stream: TokenStream): Token {
  const { tokens } = stream
  let { index } = stream
  if (index >= tokens.length) index = tokens.length - 1 // eof or error: reading goes no further
  if (index > stream.reached) stream.reached = index
  const token = tokens[index]
  if (token === undefined) throw parseError(stream.parseName, 1, 'unexpected EOF')
  return token
}

export function nextNonSpace(stream: TokenStream): Token {
  skipSpace(stream)
  return nextToken(stream)
}

export function peekNonSpace(stream: TokenStream): Token {
  skipSpace(stream)
  return peekToken(stream)
}

function skipSpace(stream: TokenStream): void {
  while (peekToken(stream).type === 'space') stream.index += 1
}

/** The next token that is no space, which must be of the type; `context` names the place in the error. */
export function expectToken(stream: TokenStream, type: TokenType, context: string): Token {
  const token = nextNonSpace(stream)
  if (token.type !== type) throw unexpectedToken(stream, token, context)
  return token
}

export function parseFault(stream: TokenStream, reason: string): TemplateError {
  return parseError(stream.parseName, stream.tokens[stream.reached]?.line ?? 1, reason)
}

export function unexpectedToken(stream: TokenStream, token: Token, context: string): TemplateError {
  if (token.type !== 'error') return parseFault(stream, `unexpected ${tokenText(token)} in ${context}`)
  const isElsewhere = stream.actionLine !== 0 && stream.actionLine !== token.line
  const started = ` started at ${stream.parseName}:${stream.actionLine}`
  const where = token.value.endsWith(' action') ? started : ` in action${started}`
  return parseFault(stream, isElsewhere ? token.value + where : token.value)
}
