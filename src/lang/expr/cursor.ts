// Where a parser stands: the tokens, what is left of the limits, and how an error is made.
import { quoteText } from '../go/quote.ts'
import { ExprError } from './error.ts'
import { tokenize } from './lexer.ts'
import { MAX_NESTING, MAX_NODES } from './limits.ts'
import { isToken } from './token.ts'
import type { Token, TokenKind } from './token.ts'

export interface Cursor {
  readonly text: string
  readonly tokens: readonly Token[]
  /** Stands in place of the token after the last. */
  readonly fault: ExprError | undefined
  /** Functions of the environment that stand before built-in ones of their name. */
  readonly overridden: ReadonlySet<string>
  pos: number
  nodes: number
  nesting: number
  /** How many predicates stand around: `#` means something in one. */
  predicates: number
}

export function openCursor(text: string, overridden: ReadonlySet<string>): Cursor {
  const cursor = { text, ...tokenize(text), overridden, pos: 0, nodes: 0, nesting: 0, predicates: 0 }
  return moved(cursor, 0)
}

const END: Token = { kind: 'EOF', value: '', at: 0 }

export function current(cursor: Cursor): Token {
  return cursor.tokens[cursor.pos] ?? END
}

/** True where the token at hand is this one. */
export function stands(cursor: Cursor, kind: TokenKind, value?: string): boolean {
  return isToken(current(cursor), kind, value)
}

/** The token at hand; the next one is then at hand. */
export function take(cursor: Cursor): Token {
  const token = current(cursor)
  if (token.kind === 'EOF') throw fault(cursor, 'unexpected end of expression')
  moved(cursor, 1)
  return token
}

/** So many tokens on; throws where what is then at hand is none. */
export function moved(cursor: Cursor, count: number): Cursor {
  cursor.pos += count
  if (cursor.fault !== undefined && cursor.pos >= cursor.tokens.length) throw cursor.fault
  return cursor
}

export function expect(cursor: Cursor, kind: TokenKind, value?: string): Token {
  if (!stands(cursor, kind, value)) throw unexpected(cursor)
  return take(cursor)
}

/** An error at a token, without one at the token at hand. */
export function fault(cursor: Cursor, reason: string, token: Token = current(cursor)): ExprError {
  return new ExprError(reason, { text: cursor.text, at: token.at })
}

export function unexpected(cursor: Cursor, token: Token = current(cursor)): ExprError {
  return fault(cursor, `unexpected token ${describe(token)}`, token)
}

export function describe(token: Token): string {
  return token.value === '' ? token.kind : `${token.kind}(${quoteText(token.value)})`
}

/** Counts a node; too many are refused, as upstream does. */
export function count(cursor: Cursor): void {
  cursor.nodes += 1
  if (cursor.nodes > MAX_NODES) throw fault(cursor, 'compilation failed: expression exceeds maximum allowed nodes')
}

/** Runs a part of the grammar one level deeper. */
export function deeper<Result>(cursor: Cursor, part: () => Result): Result {
  cursor.nesting += 1
  if (cursor.nesting > MAX_NESTING) throw fault(cursor, `expression is nested more than ${MAX_NESTING} levels deep`)
  const result = part()
  cursor.nesting -= 1
  return result
}
