// What reads the pieces of a program needs of a parser.
import type { CapstanError } from '../../base/errors.ts'
import type { Token } from './lexer.ts'
import type { Node } from './syntax.ts'

export interface Cursor {
  peek(): Token
  next(): Token
  isSymbol(text: string): boolean
  /** Takes the symbol or word where it is next. */
  takes(text: string): boolean
  expect(text: string): void
  expectVariable(): string
  end(): void
  unexpected(): CapstanError
  /** Reads with more names in scope. */
  within<T>(names: readonly string[], read: () => T): T
  /** Throws where a name is not in scope. */
  require(name: string, what: string): void
  /** The whole of what may stand between parentheses. */
  pipe(): Node
  /** Operators that bind at least as strongly as `least`. */
  binary(least: number): Node
  /** A cursor over what a string interpolates, with the same names. */
  inner(tokens: readonly Token[]): Cursor
}
