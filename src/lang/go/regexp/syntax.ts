// What a regular expression consists of once it is read, and why one cannot be read.
import { GoError } from '../error.ts'

export type RegexpNode =
  | { readonly kind: 'empty' }
  /** One character: a JavaScript expression that matches exactly one. */
  | { readonly kind: 'set'; readonly source: string }
  /** A condition on the place: a JavaScript assertion. */
  | { readonly kind: 'assert'; readonly source: string; readonly test: Assertion }
  | { readonly kind: 'concat' | 'alternate'; readonly nodes: readonly RegexpNode[] }
  | {
      readonly kind: 'repeat'
      readonly node: RegexpNode
      readonly min: number
      readonly max: number
      readonly isLazy: boolean
    }
  | { readonly kind: 'group'; readonly index: number; readonly node: RegexpNode }

export type Assertion = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'word' | 'noWord'

/** How often one thing may be repeated, and how deep groups may nest (regexp/syntax). */
export const MAX_REPEAT = 1000
export const MAX_NESTING = 1000
/** The longest pattern that is read: those of charts have some hundred characters. */
export const MAX_PATTERN_LENGTH = 65_536

/** An error of regexp/syntax: its message, then the part that is wrong. */
export function syntaxError(message: string, part: string): GoError {
  return new GoError(`error parsing regexp: ${message}: \`${part}\``)
}
